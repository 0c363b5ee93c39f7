"""The paid references that the finance system gives back: read, shown line by line, then recorded one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, request
from sqlalchemy.orm.exc import StaleDataError

from casework import csvfiles
from casework.errors import CaseworkError, InvalidInput
from casework.paid_references import COLUMNS, MATCHED, MOST, STATUSES, Checked, check
from web.access import needs
from web.batch import AT_ONCE, reasons_of
from web.render import page
from web.session import own_transaction, settings, writing
from workflows.application.paid_imports import record
from workflows.engine import Act

pages = Blueprint("payment_imports", __name__, url_prefix="/versements/import")


@pages.get("")
@needs("payment.order")
def index() -> Any:
    return _form()


@pages.post("")
@needs("payment.order")
@own_transaction
def read() -> Any:
    """What the file comes to. Nothing is written."""
    try:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise InvalidInput({"file": ["Choisissez d’abord le fichier sur votre appareil."]})
        lines = csvfiles.read(csvfiles.decoded(sent.stream.read(csvfiles.LARGEST_BYTES + 1)), COLUMNS, most=MOST)
    except InvalidInput as error:
        return _form(error.errors, 422)
    found = check(g.db, g.actor, lines, today=g.today)
    matched = [one for one in found if one.matched]
    return page(
        "money/import_preview.html",
        found=found,
        counts=_counts(found),
        matched=len(matched),
        lines=csvfiles.rewritten(COLUMNS, [one.line for one in matched]),
    )


@pages.post("/enregistrer")
@needs("payment.order")
@own_transaction
def save() -> Any:
    """The lines that matched, checked again, each recorded in its own transaction; one refused stops no other."""
    try:
        lines = csvfiles.read(request.form.get("lignes", ""), COLUMNS, most=MOST)
    except InvalidInput as error:
        return _form(error.errors, 422)
    found = [_recorded(one) if one.matched else one for one in check(g.db, g.actor, lines, today=g.today)]
    return page(
        "money/import_result.html",
        done=[one for one in found if one.matched],
        refused=[one for one in found if not one.matched],
    )


def _recorded(one: Checked) -> Checked:
    """The same line: still matched once it is recorded, else why it was not."""
    try:
        with writing() as session:
            record(session, one, Act(g.actor, g.now, settings()))
    except CaseworkError as error:
        return replace(one, status="refused", why=" ".join(reasons_of(error)))
    except StaleDataError:
        return replace(one, status="refused", why=AT_ONCE)
    return one


def _counts(found: Sequence[Checked]) -> list[tuple[str, int, bool]]:
    """(label, how many lines, whether they will be recorded), in the order of STATUSES."""
    numbers = Counter(one.status for one in found)
    return [(label, numbers[code], code == MATCHED) for code, label in STATUSES.items() if numbers[code]]


def _form(errors: Any = None, status: int = 200) -> Any:
    return page("money/import.html", status, errors=errors or {}, columns=COLUMNS, most=MOST)
