"""The bank account of a case's organisation, for the services: whole for those who need it, confirmed or refused.

Each whole account shown leaves a trace, written before the page is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from casework.applications import Application
from casework.bank import BankDetails, confirmed, details_of, pending, record_looks
from casework.errors import InvalidInput, NotFound, Refused
from web.access import application_in_scope, on_application
from web.bank import proof_file
from web.case_layout import case_page, view_of
from web.errors import status_of
from web.forms import FormSchema, Text, Ticked, read
from web.identities import undo_to_read
from web.render import back_to
from web.session import settings, writing
from workflows import bank
from workflows.engine import Act

pages = Blueprint("case_bank", __name__, url_prefix="/dossiers/<int:application_id>/coordonnees-bancaires")
_UNSEEN = "Cochez cette case une fois le RIB ouvert et comparé."


class ConfirmationForm(FormSchema):
    seen = Ticked()


class RefusalForm(FormSchema):
    reason = Text(limit=1000)


@pages.get("")
@on_application("bank.read")
def show(application: Application) -> Any:
    return _page(application)


@pages.get("/<int:details_id>/justificatif")
@on_application("bank.read")
def proof(application: Application, details_id: int) -> Response:
    details = g.db.get(BankDetails, details_id)
    if details is None or details.organisation_id != application.organisation_id:
        raise NotFound()
    shown([details], "proof")
    return proof_file(details)


@pages.post("/<int:details_id>/confirmer")
@on_application("bank.confirm")
def confirm(application: Application, details_id: int) -> Any:
    key, organisation_id = application.id, application.organisation_id
    try:
        if not read(ConfirmationForm(), request.form)["seen"]:
            raise InvalidInput({"seen": [_UNSEEN]})
        bank.confirm(g.db, organisation_id, details_id, Act(g.actor, g.now, settings()))
    except (InvalidInput, Refused) as error:
        return _again(key, error)
    return back_to("case_bank.show", "Ces coordonnées bancaires sont confirmées.", application_id=key)


@pages.post("/<int:details_id>/refuser")
@on_application("bank.confirm")
def refuse(application: Application, details_id: int) -> Any:
    key, organisation_id = application.id, application.organisation_id
    try:
        reason = read(RefusalForm(), request.form)["reason"]
        bank.refuse(g.db, organisation_id, details_id, reason, Act(g.actor, g.now, settings()))
    except (InvalidInput, Refused) as error:
        return _again(key, error)
    return back_to(
        "case_bank.show", "Ces coordonnées bancaires sont refusées ; le porteur est prévenu.", application_id=key
    )


def shown(known: Sequence[BankDetails], purpose: str) -> None:
    """Keep the trace of these whole accounts, in a transaction of its own."""
    if known:
        with writing() as own:
            record_looks(own, known, user_id=g.actor.user_id, at=g.now, purpose=purpose)


def _again(key: int, error: InvalidInput | Refused) -> Any:
    undo_to_read()
    errors = error.errors if isinstance(error, InvalidInput) else {}
    reasons = error.reasons if isinstance(error, Refused) else ()
    return _page(application_in_scope(key), status=status_of(error), errors=errors, reasons=reasons)


def _page(
    application: Application,
    *,
    status: int = 200,
    errors: Mapping[str, Sequence[str]] | None = None,
    reasons: Sequence[str] = (),
) -> Any:
    view = view_of(application)
    known = details_of(g.db, application.organisation_id)
    waiting, standing = pending(known), confirmed(known)
    shown([details for details in (waiting, standing) if details is not None], "check")
    return case_page(
        view,
        "payments",
        "cases/bank.html",
        status=status,
        pending=waiting,
        confirmed=standing,
        history=known,
        confirms=view.may("bank.confirm") and application.organisation_id not in g.actor.organisations,
        errors=errors or {},
        reasons=reasons,
        typed=request.form,
    )
