"""Orienting a person towards an operation: the form, and the choice between somebody known and a new identity."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request

from casework.applications import Application
from casework.clock import paris_day
from casework.errors import InvalidInput, Refused
from casework.french import short_date
from casework.identities import Person
from casework.participants import Journey
from casework.permissions import visible_journeys
from web.access import application_in_scope, on_application
from web.actions import typed_in
from web.case_layout import case_page, view_of
from web.fields import drawn
from web.identities import looked_at, person_of, shown, undo_to_read
from web.participants import followed_case, menu_of
from web.render import back_to
from web.session import settings
from workflows.engine import Act
from workflows.journey.orienting import (
    NEW_PERSON,
    KnownPerson,
    orient,
    orientation_confirmation,
    orientation_inputs,
    territories_for,
)
from workflows.journey.reading import why_no_orientation
from workflows.rules.entry import act_of
from workflows.versions import scheme_of

pages = Blueprint("orienting", __name__)
ADDRESS = "/dossiers/<int:application_id>/participants/orienter"


@pages.get(ADDRESS)
@on_application("journey.orient")
def show(application: Application) -> Any:
    return _page(application)


@pages.post(ADDRESS)
@on_application("journey.orient")
def open_journey(application: Application) -> Any:
    """Orient a person. Somebody known by this name and birth date is proposed before a second identity is made."""
    key, typed = application.id, typed_in(request.form)
    try:
        journey = orient(g.db, application, Act(g.actor, g.now, settings(), typed))
    except InvalidInput as error:
        undo_to_read()
        return _page(application_in_scope(key), 422, typed=typed, errors=error.errors)
    except Refused as error:
        undo_to_read()
        return _page(application_in_scope(key), 409, typed=typed, reasons=error.reasons)
    except KnownPerson as error:
        found = {one.person.id: one.exact for one in error.found}
        undo_to_read()
        return _page(application_in_scope(key), 409, typed=typed, known=_known(found))
    if journey.awaits_validation:
        verb = act_of(scheme_of(journey.application))[0]
        following = f"Le SLAI {journey.territory.name} doit maintenant {verb} cette orientation."
    else:
        following = "L’entrée peut être enregistrée dès que la personne commence."
    return back_to("participants.index", f"{journey.label} ouvert. {following}", application_id=key)


def _page(
    application: Application,
    status: int = 200,
    *,
    typed: dict[str, Any] | None = None,
    errors: dict[str, Any] | None = None,
    reasons: Any = (),
    known: Any = (),
) -> Any:
    followed_case(application)
    territories = territories_for(g.db, application, g.actor)
    inputs = orientation_inputs(application, territories)
    if typed is not None:
        inputs += orientation_confirmation(application, territories, typed, g.today)
    return case_page(
        view_of(application, outline=True),
        "participants",
        "participants/orientation.html",
        status=status,
        menu=menu_of(application, ""),
        closed=why_no_orientation(application),
        fields=[drawn(item, typed) for item in inputs],
        labels={item.name: item.label for item in inputs},
        errors=errors or {},
        reasons=reasons,
        known=known,
        new=NEW_PERSON,
    )


def _known(keys: dict[int, bool]) -> list[tuple[str, str]]:
    """Who may be the person that was typed, exactly or not; where they live, for who follows them already."""
    query = visible_journeys(sa.select(Journey).where(Journey.person_id.in_(keys)), g.actor)
    followed = {j.person_id: j for j in g.db.scalars(query.options(*person_of()).order_by(Journey.id))}
    visible = shown(list(followed.values()), "match")
    people = {one.id: one for one in g.db.scalars(sa.select(Person).where(Person.id.in_(keys)))}
    looked_at([key for key in keys if key not in followed or followed[key].id not in visible], "match")
    return [(str(key), _described(people[key], exact, followed.get(key), visible)) for key, exact in keys.items()]


def _described(person: Person, exact: bool, journey: Journey | None, visible: set[int]) -> str:
    since = f"connue du service depuis le {short_date(paris_day(person.created_at))}"
    if journey is None or journey.id not in visible:
        return f"C’est la même personne, {since} par une autre opération"
    place = f"{person.postcode} {person.town}"
    if exact:
        return f"C’est la même personne, {since} : {place}"
    return f"C’est {person.name}, né(e) le {short_date(person.birth_date)}, {place}, {since}"
