"""Lists of money: what is to be ordered, verified, paid, and what is paid. Amounts in cents.

What is to be ordered has no payment yet: it is read from the cases that stand at the advance or at the balance. The
rest is read from the payments. Each list is paged by key, along an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from casework.applications import Application, Convention, FinalReport
from casework.money import Payment
from casework.people import Actor, Organisation
from casework.permissions import visible
from casework.queries import PAGE, PageKey, whole_number

KINDS = ("advance", "balance", "recovery")
STAGES = ("to_order", "to_verify", "ordered", "paid")


@dataclass(frozen=True)
class PaymentRow:
    """One line. `amount_cents` is None for an advance to order: the rules propose it, from `granted_cents`."""

    application_id: int
    reference: str
    title: str
    organisation: str
    state: str
    kind: str
    amount_cents: int | None
    granted_cents: int | None
    scheme_version_id: int
    due_on: date | None
    since: datetime
    order_reference: str
    paid_on: date | None
    paid_reference: str
    version: int
    payment_id: int | None
    ordered_by_id: int | None
    export_batch_id: int | None
    key: PageKey


@dataclass(frozen=True)
class PaymentPage:
    rows: tuple[PaymentRow, ...]
    next: PageKey | None = None
    prev: PageKey | None = None


def list_payments(
    session: Session,
    actor: Actor,
    stage: str,
    *,
    kind: str | None = None,
    overdue_on: date | None = None,
    after: PageKey | None = None,
    before: PageKey | None = None,
    size: int = PAGE,
) -> PaymentPage:
    """One page of a stage (STAGES) in this actor's scope: the oldest first, but the last paid first.

    `overdue_on`: only the cases whose next deadline had passed on that day (Europe/Paris).
    """
    query, value, number = _to_order(kind) if stage == "to_order" else _payments(stage, kind)
    query = visible(query, actor)
    if overdue_on is not None:
        query = query.where(Application.due_on < overdue_on)
    falling = (stage == "paid") != (before is not None)
    if (key := before or after) is not None:
        here = sa.tuple_(value, number)
        there = sa.tuple_(sa.literal(key.value, value.type), sa.literal(key.id, number.type))
        query = query.where(here < there if falling else here > there)
    order = (value.desc(), number.desc()) if falling else (value.asc(), number.asc())
    found = [_row(row) for row in session.execute(query.order_by(*order).limit(size + 1))]
    more, shown = len(found) > size, found[:size]
    if before is not None:
        shown.reverse()
    if not shown:
        return PaymentPage(())
    following = before is not None or more
    preceding = more if before is not None else after is not None
    return PaymentPage(tuple(shown), shown[-1].key if following else None, shown[0].key if preceding else None)


def read_key(stage: str, text: str) -> PageKey:
    """The key of a page as an address writes it. Raises ValueError when it is not one of this stage."""
    number, mark, value = text.partition("~")
    if not mark:
        raise ValueError("not a page key")
    if stage == "paid":
        return PageKey(date.fromisoformat(value), whole_number(number))
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return PageKey(instant, whole_number(number))


def _to_order(kind: str | None) -> tuple[sa.Select[Any], Any, Any]:
    standing = {"advance": ("advance",), "balance": ("balance",), "recovery": ("balance",)}
    states = standing[kind] if kind else ("advance", "balance")
    side = sa.case((Application.state == "advance", "advance"), else_=balance_side())
    amount = sa.case((Application.state == "balance", sa.func.abs(balance_due())), else_=sa.null())
    ordered = sa.exists().where(
        Payment.application_id == Application.id,
        Payment.reversed_by_id.is_(None),
        sa.or_(
            sa.and_(Application.state == "advance", Payment.kind == "advance"),
            sa.and_(Application.state == "balance", Payment.kind.in_(("balance", "recovery"))),
        ),
    )
    unordered = (sa.null(), sa.null(), sa.null())
    terminated = sa.exists().where(Convention.application_id == Application.id, Convention.terminated_on.is_not(None))
    query = _shown(
        side,
        amount,
        Application.state_since,
        sa.literal(""),
        sa.null(),
        sa.literal(""),
        unordered,
        Application.state_since,
    )
    query = query.add_columns(Application.id.label("key_id")).where(Application.state.in_(states), ~ordered)
    query = query.where(sa.or_(Application.state != "advance", ~terminated))
    if kind in ("balance", "recovery"):
        query = query.where(side == kind)
    return query, Application.state_since, Application.id


def _payments(stage: str, kind: str | None) -> tuple[sa.Select[Any], Any, Any]:
    value: Any = Payment.paid_on if stage == "paid" else Payment.ordered_at
    query = _shown(
        Payment.kind,
        Payment.amount_cents,
        Payment.ordered_at,
        Payment.order_reference,
        Payment.paid_on,
        Payment.paid_reference,
        (Payment.id, Payment.ordered_by_id, Payment.export_batch_id),
        value,
    )
    query = query.add_columns(Payment.id.label("key_id")).join(Payment, Payment.application_id == Application.id)
    query = query.where(Payment.kind.in_((kind,) if kind else KINDS), Payment.reversed_by_id.is_(None))
    if stage == "paid":
        return query.where(Payment.paid_on.is_not(None)), value, Payment.id
    seen = Payment.verified_at.is_(None) if stage == "to_verify" else Payment.verified_at.is_not(None)
    query = query.where(Payment.paid_on.is_(None), seen)
    return query, value, Payment.id


def _shown(
    kind: Any,
    amount: Any,
    since: Any,
    order_reference: Any,
    paid_on: Any,
    paid_reference: Any,
    payment: tuple[Any, Any, Any],
    value: Any,
) -> sa.Select[Any]:
    """`payment`: its id, who ordered it, the batch it left in."""
    payment_id, ordered_by_id, export_batch_id = payment
    return (
        sa.select(
            Application.id.label("application_id"),
            Application.reference,
            Application.title,
            Organisation.name.label("organisation"),
            Application.state,
            kind.label("kind"),
            amount.label("amount_cents"),
            Application.granted_cents,
            Application.scheme_version_id,
            Application.due_on,
            since.label("since"),
            order_reference.label("order_reference"),
            paid_on.label("paid_on"),
            paid_reference.label("paid_reference"),
            Application.version,
            payment_id.label("payment_id"),
            ordered_by_id.label("ordered_by_id"),
            export_batch_id.label("export_batch_id"),
            value.label("key_value"),
        )
        .select_from(Application)
        .join(Organisation, Organisation.id == Application.organisation_id)
    )


def _row(row: Any) -> PaymentRow:
    shown = dict(row._mapping)
    return PaymentRow(key=PageKey(shown.pop("key_value"), shown.pop("key_id")), **shown)


def balance_due() -> sa.ColumnElement[int]:
    """Cents still due to the applicant of an Application in `balance`: what the report gives less the advance paid."""
    paid = aliased(Payment)
    advance = (
        sa.select(sa.func.coalesce(sa.func.sum(paid.amount_cents), 0))
        .where(
            paid.application_id == Application.id,
            paid.kind == "advance",
            paid.reversed_by_id.is_(None),
            paid.paid_on.is_not(None),
        )
        .correlate(Application)
        .scalar_subquery()
    )
    due = (
        sa.select(sa.func.coalesce(sa.func.sum(FinalReport.due_cents), 0))
        .where(FinalReport.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    return due - advance


def balance_side() -> sa.ColumnElement[str]:
    """ "balance", "recovery" or "settled": which way the money goes once the report is validated."""
    difference = balance_due()
    return sa.case((difference > 0, "balance"), (difference < 0, "recovery"), else_="settled")
