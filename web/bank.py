"""An organisation gives its bank account, takes it back while nobody has looked at it, reads its proof again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, send_file
from werkzeug.wrappers import Response

from casework.bank import BankDetails
from casework.errors import InvalidInput, NotFound, Refused, TooLarge
from web.access import needs
from web.document_form import storage
from web.errors import status_of
from web.forms import FormSchema, Text, read
from web.organisation import organisation_page, own_account
from web.render import back_to
from web.session import own_transaction, settings, writing
from workflows import bank
from workflows.engine import Act

pages = Blueprint("bank", __name__, url_prefix="/organisation/<int:organisation_id>/coordonnees-bancaires")


class AccountForm(FormSchema):
    """What is wrong with the account itself is said by `workflows.bank`."""

    holder = Text(limit=140)
    iban = Text(limit=60)
    bic = Text(limit=20)


@pages.post("")
@needs("organisation.manage")
@own_transaction
def enter(organisation_id: int) -> Any:
    """The proof is kept first, so that nobody waits for a slow copy; it is deleted when the account is refused."""
    if organisation_id not in g.actor.organisations:
        raise NotFound()
    try:
        _enter(organisation_id)
    except (InvalidInput, TooLarge, Refused) as error:
        return organisation_page(organisation_id, request.form, _errors(error), status_of(error))
    return back_to(
        "organisation.index",
        "Ces coordonnées bancaires sont transmises. Vous serez prévenu quand le Département les aura confirmées.",
        _anchor=f"banque-{organisation_id}",
    )


def _enter(organisation_id: int) -> None:
    answers = read(AccountForm(), request.form)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput({**bank.faults_of(answers), "file": ["Joignez le RIB : un fichier de votre appareil."]})
    stored = storage().put(sent.stream, name=sent.filename, limit=settings().upload_max_bytes, at=g.now)
    with writing() as database:
        bank.enter(database, storage(), organisation_id, answers, stored, Act(g.actor, g.now, settings()))


def _errors(error: InvalidInput | TooLarge | Refused) -> dict[str, Any]:
    if isinstance(error, InvalidInput):
        return dict(error.errors)
    return {"file" if isinstance(error, TooLarge) else "iban": list(getattr(error, "reasons", (error.sentence,)))}


@pages.post("/<int:details_id>/retirer")
@needs("organisation.manage")
def withdraw(organisation_id: int, details_id: int) -> Response:
    own_account(organisation_id, details_id)
    bank.withdraw(g.db, organisation_id, details_id, Act(g.actor, g.now, settings()))
    return back_to("organisation.index", "Ce compte est retiré.", _anchor=f"banque-{organisation_id}")


@pages.get("/<int:details_id>/justificatif")
@needs("organisation.manage")
def proof(organisation_id: int, details_id: int) -> Response:
    return proof_file(own_account(organisation_id, details_id))


def proof_file(details: BankDetails) -> Response:
    """The RIB, always as a download: a browser never shows what somebody uploaded."""
    response = send_file(
        storage().open(details.proof_key),
        mimetype=details.proof_type,
        as_attachment=True,
        download_name=details.proof_name,
        etag=False,
    )
    response.content_length = details.proof_size
    return response
