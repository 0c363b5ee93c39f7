"""The messages of the service: what waits, what was sent, what failed; correct an address, send again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from casework import message_lists
from casework.errors import InvalidInput
from casework.french import counted
from casework.message_lists import FILTERS
from web.access import needs
from web.admin import sections
from web.forms import Email, FormSchema, read
from web.render import back_to, page

pages = Blueprint("admin_messages", __name__, url_prefix="/admin/messages")


class AddressForm(FormSchema):
    email = Email(required=True)


@pages.get("")
@needs("admin")
def index() -> Any:
    return _list_page()


@pages.post("/<int:message_id>/renvoi")
@needs("admin")
def resend(message_id: int) -> Response:
    message = message_lists.resend(g.db, message_id, actor=g.actor, at=g.now)
    return back_to("admin_messages.index", f"Le message repart vers {message.recipient}.", etat="waiting")


@pages.post("/<int:message_id>/adresse")
@needs("admin")
def correct(message_id: int) -> Any:
    try:
        email = read(AddressForm(), request.form)["email"]
        number = message_lists.correct_address(g.db, message_id, email, actor=g.actor, at=g.now)
    except InvalidInput as error:
        g.db.rollback()
        return _list_page(422, wrong=message_id, errors=error.errors)
    sentence = f"L’adresse est corrigée ; {counted(number, 'message repart', 'messages repartent')} vers {email}."
    return back_to("admin_messages.index", sentence, etat="waiting")


def _list_page(status: int = 200, *, wrong: int | None = None, errors: Any = None) -> Any:
    numbers = message_lists.counts(g.db)
    first = next((code for code in ("failed", "suppressed", "waiting") if numbers[code]), "sent")
    kind = request.args.get("etat", first)
    kind = kind if kind in FILTERS else first
    text = request.args.get("q", "").strip()[:100]
    before = request.args.get("avant", type=int)
    found = message_lists.find_messages(g.db, kind, text, before=before if before and 0 < before < 2**63 else None)
    return page(
        "admin/messages.html",
        status,
        sections=sections("admin_messages.index"),
        filters=[
            {
                "label": label,
                "href": url_for("admin_messages.index", etat=code, q=text or None),
                "current": code == kind,
                "count": numbers.get(code),
            }
            for code, label in FILTERS.items()
        ],
        kind=kind,
        messages=found.rows,
        q=text,
        wrong=wrong,
        errors=errors or {},
        form=request.form,
        first=url_for("admin_messages.index", etat=kind, q=text or None) if before else None,
        next=url_for("admin_messages.index", etat=kind, q=text or None, avant=found.before) if found.before else None,
    )
