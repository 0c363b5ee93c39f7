"""Verified payments handed to the finance system, in files that are kept: a payment leaves in one file, once.

The file is written when the batch is made, and is given again word for word. Its columns are documented in
`docs/exploitation.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import csvfiles, journal
from casework.applications import Application
from casework.bank import BankDetails, record_looks
from casework.clock import paris_day
from casework.errors import Refused
from casework.export_batches import ExportBatch
from casework.french import short_date
from casework.money import KINDS, Payment
from casework.people import Actor
from casework.permissions import visible

EXPORTED = journal.register("application.payment_exported", "Versement transmis au système financier", internal=True)
MOST = 500
"""Payments of one file."""
COLUMNS = (
    "numero_versement",
    "sens",
    "nature",
    "dossier",
    "convention",
    "objet",
    "organisme",
    "siret",
    "titulaire",
    "iban",
    "bic",
    "montant",
    "reference_ordre",
    "decision",
    "date_decision",
    "ordonne_le",
    "verifie_le",
    "lot",
)
OUT, BACK = "D", "R"
"""« sens »: a spending of the Département, or a receipt."""


def export(
    session: Session, payment_ids: Sequence[int] | None, *, actor: Actor, at: datetime
) -> tuple[ExportBatch, int]:
    """Write in one file the verified payments, not paid nor exported yet, of these (None: all of them, MOST at most).

    Gives the batch, and how many of those asked it leaves out. Raises Refused when nothing is left to export.
    """
    rows = _locked(session, payment_ids, actor)
    if not rows:
        raise Refused(["Aucun de ces versements n’est à transmettre : ils ne sont plus à payer, ou l’ont déjà été."])
    batch = ExportBatch(
        made_at=at,
        made_by_id=actor.user_id,
        payments=len(rows),
        out_cents=_sum(rows, ("advance", "balance")),
        back_cents=_sum(rows, ("recovery",)),
        content="",
    )
    session.add(batch)
    session.flush()
    accounts = _accounts(session, rows)
    lines = [_line(batch, payment, accounts.get(payment.bank_details_id or 0)) for payment in rows]
    batch.content = csvfiles.write(COLUMNS, lines)
    for payment in rows:
        payment.export_batch_id = batch.id
    session.flush()
    if actor.user_id is not None:
        record_looks(session, accounts.values(), user_id=actor.user_id, at=at, purpose="export")
    for payment in rows:
        journal.record(
            session,
            "application",
            payment.application_id,
            EXPORTED,
            actor=actor,
            at=at,
            exported=payment.number,
            batch=batch.number,
        )
    return batch, 0 if payment_ids is None else len(set(payment_ids)) - len(rows)


def _locked(session: Session, payment_ids: Sequence[int] | None, actor: Actor) -> list[Payment]:
    """What may leave, its cases locked first, in the order of their ids, then read afresh."""
    waiting = (
        Payment.verified_at.is_not(None),
        Payment.paid_on.is_(None),
        Payment.reversed_by_id.is_(None),
        Payment.kind != "reversal",
        Payment.export_batch_id.is_(None),
    )
    asked = () if payment_ids is None else (Payment.id.in_(payment_ids),)
    seen = visible(sa.select(Application.id).join(Payment, Payment.application_id == Application.id), actor)
    found = session.execute(
        seen.add_columns(Payment.id).where(*waiting, *asked).order_by(Payment.ordered_at, Payment.id).limit(MOST)
    ).all()
    cases = sa.select(Application).where(Application.id.in_({case_id for case_id, _ in found}))
    session.scalars(cases.order_by(Application.id).with_for_update(of=Application)).all()
    fresh = sa.select(Payment).where(Payment.id.in_([key for _, key in found]), *waiting).order_by(Payment.id)
    return list(session.scalars(fresh.with_for_update(of=Payment).execution_options(populate_existing=True)))


def _accounts(session: Session, rows: Sequence[Payment]) -> dict[int, BankDetails]:
    keys = {payment.bank_details_id for payment in rows if payment.bank_details_id is not None}
    return {found.id: found for found in session.scalars(sa.select(BankDetails).where(BankDetails.id.in_(keys)))}


def _sum(rows: Sequence[Payment], kinds: tuple[str, ...]) -> int:
    return sum(payment.amount_cents for payment in rows if payment.kind in kinds)


def _line(batch: ExportBatch, payment: Payment, account: BankDetails | None) -> tuple[str, ...]:
    case, convention = payment.application, payment.application.convention
    return (
        payment.number,
        BACK if payment.kind == "recovery" else OUT,
        KINDS[payment.kind],
        case.reference,
        convention.number if convention else "",
        case.title,
        case.organisation.name,
        case.organisation.siret,
        account.holder if account else "",
        account.iban if account else "",
        account.bic if account else "",
        csvfiles.decimal_comma(payment.amount_cents),
        payment.order_reference,
        case.decision_reference,
        short_date(case.decided_on) if case.decided_on else "",
        short_date(paris_day(payment.ordered_at)),
        short_date(paris_day(payment.verified_at)) if payment.verified_at else "",
        batch.number,
    )


def batches(session: Session, *, before: int | None = None, size: int = 50) -> list[ExportBatch]:
    """The last batches, the newest first; `before`: an id to page on from."""
    query = sa.select(ExportBatch).order_by(ExportBatch.id.desc()).limit(size)
    return list(session.scalars(query if before is None else query.where(ExportBatch.id < before)))


def lines_of(session: Session, actor: Actor, batch_id: int) -> list[Any]:
    """(payment, reference, title, case id) of a batch as they stand now, those of this actor's scope."""
    query: Any = sa.select(Payment, Application.reference, Application.title, Application.id)
    query = query.join(Application, Application.id == Payment.application_id).where(Payment.export_batch_id == batch_id)
    return list(session.execute(visible(query, actor).order_by(Payment.id)).all())
