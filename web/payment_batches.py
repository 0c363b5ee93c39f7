"""Several payments at once: verified together, handed to the finance system in a file that is kept."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, request, url_for

from casework import csvfiles, payment_batches
from casework.bank import BankDetails
from casework.errors import NotFound, Refused
from casework.export_batches import ExportBatch
from casework.french import counted
from casework.money import Payment
from casework.queries import PAGE, whole_number
from web.access import needs
from web.batch import fire_one
from web.case_bank import shown
from web.case_convention import download
from web.forms import ticked
from web.render import back_to, page
from web.session import own_transaction
from workflows.application import APPLICATION

pages = Blueprint("payment_batches", __name__, url_prefix="/versements")
VERIFY = "verify_payment"


@pages.post("/verifier")
@needs("payment.order")
@own_transaction
def verify() -> Any:
    """The second person's look at several orders; those that this person wrote are refused, one by one."""
    seen = ticked(request.form.getlist("dossier"), most=PAGE)
    if not seen:
        return back_to("money.index", "Cochez d’abord au moins un versement.", kind="warning", etat="a-verifier")
    outcomes = [fire_one(VERIFY, case_id, version) for case_id, version in seen.items()]
    return page(
        "cases_list/batch.html",
        label=APPLICATION.moves[VERIFY].label,
        over="Plusieurs versements",
        done=[outcome for outcome in outcomes if not outcome.reasons],
        refused=[outcome for outcome in outcomes if outcome.reasons],
        back=url_for("money.index", etat="a-verifier"),
    )


@pages.post("/lots")
@needs("payment.order")
def make() -> Response:
    """A file of the payments ticked, or of everything that has not left yet."""
    everything = request.form.get("tout") == "1"
    asked = None if everything else _numbers(request.form.getlist("versement"))
    if asked is not None and not asked:
        return back_to("money.index", "Cochez d’abord au moins un versement.", kind="warning", etat="ordonnes")
    try:
        batch, left_out = payment_batches.export(g.db, asked, actor=g.actor, at=g.now)
    except Refused as error:
        return back_to("money.index", " ".join(error.reasons), kind="warning", etat="ordonnes")
    sentence = f"Le lot {batch.number} est prêt : {counted(batch.payments, 'versement')}."
    if left_out:
        sentence += (
            f" {counted(left_out, 'versement coché n’était', 'versements cochés n’étaient')} plus à transmettre."
        )
    return back_to("payment_batches.show", sentence, batch_id=batch.id)


@pages.get("/lots")
@needs("payment.read")
def index() -> Any:
    after = request.args.get("avant", "")
    key = int(after) if after.isascii() and after.isdigit() and len(after) < 15 else None
    found = payment_batches.batches(g.db, before=key, size=PAGE + 1)
    following = found[PAGE - 1].id if len(found) > PAGE else None
    return page(
        "money/batches.html",
        batches=found[:PAGE],
        next=url_for("payment_batches.index", avant=following) if following else None,
    )


@pages.get("/lots/<int:batch_id>")
@needs("payment.read")
def show(batch_id: int) -> Any:
    batch = _batch(batch_id)
    return page("money/batch.html", batch=batch, lines=payment_batches.lines_of(g.db, g.actor, batch.id))


@pages.get("/lots/<int:batch_id>/versements.csv")
@needs("payment.order")
def file(batch_id: int) -> Response:
    """The file as it was made, the same bytes each time; it holds whole accounts, and each look is kept."""
    batch = _batch(batch_id)
    accounts = sa.select(BankDetails).join(Payment).where(Payment.export_batch_id == batch.id)
    shown(g.db.scalars(accounts).unique().all(), "export")
    return download(csvfiles.encoded(batch.content), f"versements-{batch.number}.csv", csvfiles.MEDIA_TYPE)


def _batch(batch_id: int) -> ExportBatch:
    batch: ExportBatch | None = g.db.get(ExportBatch, batch_id)
    if batch is None:
        raise NotFound("Ce lot n’existe pas.")
    return batch


def _numbers(values: list[str]) -> list[int]:
    found = []
    for value in values[:PAGE]:
        with suppress(ValueError):
            found.append(whole_number(value))
    return list(dict.fromkeys(found))
