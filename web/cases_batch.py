"""The same action on several cases ticked in the list: each through the gate, each in its own transaction.

One that is refused does not stop the others; the page that follows says of each what happened, and why.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from casework.errors import NotFound
from casework.permissions import holds
from casework.queries import PAGE
from web.access import needs, safe_address
from web.batch import fire_one
from web.forms import ticked
from web.render import back_to, page
from web.session import own_transaction
from workflows.application import APPLICATION

pages = Blueprint("cases_batch", __name__)

TRIGGERS = {"claim": "application.claim", "admit": "application.instruct"}
"""What may be done to several cases at once, and the permission it asks: nothing that needs an answer."""


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
    outcomes = [fire_one(trigger, case_id, version) for case_id, version in seen.items()]
    return page(
        "cases_list/batch.html",
        label=APPLICATION.moves[trigger].label,
        done=[outcome for outcome in outcomes if outcome.done],
        refused=[outcome for outcome in outcomes if not outcome.done],
        back=safe_address(request.form.get("retour")),
    )
