"""The demonstration's two doors: signing in as somebody, and moving the simulated date. Registered nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from casework.clock import paris_day, paris_instant
from casework.errors import InvalidInput, NotFound, Refused
from casework.french import long_date
from casework.people import User
from web import identity
from web.access import public, safe_address
from web.forms import FormSchema, FrenchDate, Number, Text, read
from web.session import own_transaction, services

pages = Blueprint("demo", __name__, url_prefix="/demo")
FURTHEST = timedelta(days=800)


class PersonForm(FormSchema):
    user_id = Number(low=1, required=True)
    suite = Text(limit=2000)


class ClockForm(FormSchema):
    days = Number(low=1, high=800, load_default=None)
    to = FrenchDate(load_default=None)


@pages.post("/connexion")
@public
def sign_in_as() -> Response:
    answers = read(PersonForm(), request.form)
    user = g.db.get(User, answers["user_id"])
    if user is None or not user.active:
        raise NotFound("Cette personne n’existe pas dans la démonstration.")
    identity.sign_in(g.db, user)
    return redirect(safe_address(answers["suite"]) or url_for("auth.sign_in"), 303)


@pages.post("/horloge")
@public
@own_transaction
def move_clock() -> Any:
    """Moves forward only: what was done stays done. The jobs of the days passed run before the answer."""
    answers = read(ClockForm(), request.form)
    if answers["to"] is None and answers["days"] is None:
        raise InvalidInput({"to": ["Choisissez une date."]})
    target = paris_instant(answers["to"]) if answers["to"] else g.now + timedelta(days=answers["days"])
    if target <= g.now:
        raise Refused([f"La date simulée ne peut qu’avancer : nous sommes le {long_date(paris_day(g.now))}."])
    if target > g.now + FURTHEST:
        raise Refused(["Avancez de deux ans au plus à la fois."])
    move = services().move_demo_clock
    if move is None:
        raise Refused(["Cette démonstration a été lancée sans ses tâches : sa date ne peut pas avancer."])
    move(services().sessions, services().settings, target)
    back = safe_address(request.form.get("retour"))
    return redirect(back or url_for("auth.sign_in"), 303)
