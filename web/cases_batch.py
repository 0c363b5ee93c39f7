"""The same action on several cases ticked in the list: each through the gate, each in its own transaction.

One that is refused does not stop the others; the page that follows says of each what happened, and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request
from sqlalchemy.orm.exc import StaleDataError

from casework.applications import Application
from casework.errors import CaseworkError, NotFound
from casework.permissions import holds, visible
from casework.queries import PAGE
from web.access import needs, safe_address
from web.forms import ticked
from web.render import back_to, page
from web.session import own_transaction, settings, writing
from workflows.application import APPLICATION
from workflows.engine import Act, fire

pages = Blueprint("cases_batch", __name__)

TRIGGERS = {"claim": "application.claim", "admit": "application.instruct"}
"""What may be done to several cases at once, and the permission it asks: nothing that needs an answer."""


@dataclass(frozen=True)
class Outcome:
    """What became of one case; `reasons` is empty when it was done."""

    case_id: int
    reference: str
    title: str
    reasons: tuple[str, ...] = ()


@pages.post("/dossiers/lot")
@needs(*TRIGGERS.values())
@own_transaction
def run() -> Any:
    trigger = request.form.get("action", "")
    if trigger not in TRIGGERS or not holds(g.actor, TRIGGERS[trigger]):
        raise NotFound("Cette action n’existe pas pour plusieurs dossiers à la fois.")
    seen = ticked(request.form.getlist("dossier"), most=PAGE)
    if not seen:
        return back_to("cases_list.index", "Cochez d’abord au moins un dossier.", kind="warning")
    outcomes = [_fire(trigger, case_id, version) for case_id, version in seen.items()]
    return page(
        "cases_list/batch.html",
        label=APPLICATION.moves[trigger].label,
        done=[outcome for outcome in outcomes if not outcome.reasons],
        refused=[outcome for outcome in outcomes if outcome.reasons],
        back=safe_address(request.form.get("retour")),
    )


def _fire(trigger: str, case_id: int, version: int) -> Outcome:
    outcome = Outcome(case_id, f"n° {case_id}", "", ("Ce dossier n’existe pas, ou il ne vous est pas ouvert.",))
    try:
        with writing() as session:
            query = visible(sa.select(Application).where(Application.id == case_id), g.actor)
            case = session.scalars(query).one_or_none()
            if case is None:
                return outcome
            outcome = Outcome(case.id, case.reference, case.title)
            fire(session, case, trigger, Act(g.actor, g.now, settings(), version=version))
    except CaseworkError as error:
        return Outcome(outcome.case_id, outcome.reference, outcome.title, getattr(error, "reasons", (error.sentence,)))
    except StaleDataError:
        return Outcome(outcome.case_id, outcome.reference, outcome.title, ("Quelqu’un l’a modifié au même instant.",))
    return outcome
