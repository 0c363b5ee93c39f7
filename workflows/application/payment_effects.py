"""What follows from the moves of money.

A payment is ordered, verified by somebody else, paid, and never changed: another row cancels it.
"""

from __future__ import annotations

from casework.bank import confirmed, details_of
from casework.errors import Refused
from casework.money import Payment, live, payments_of
from workflows.application.guards import awaiting_verification, difference_due, payment
from workflows.engine import Context, Effect


def _order(context: Context, kind: str, cents: int, *, account: bool = True) -> None:
    """`account`: what leaves goes to the account confirmed now, and keeps it whatever is entered later."""
    standing = confirmed(details_of(context.session, context.case.organisation_id)) if account else None
    context.session.add(
        Payment(
            application_id=context.case.id,
            kind=kind,
            amount_cents=cents,
            ordered_at=context.act.at,
            ordered_by_id=context.act.actor.user_id,
            order_reference=context.answers.get("order_reference") or "",
            bank_details_id=standing.id if standing else None,
        )
    )
    context.session.flush()


def order_advance(context: Context) -> None:
    _order(context, "advance", context.answers["amount"])


def order_balance(context: Context) -> None:
    _order(context, "balance", difference_due(context))


def order_recovery(context: Context) -> None:
    _order(context, "recovery", context.answers.get("amount") or -difference_due(context), account=False)


def verify_payment(context: Context) -> None:
    """Another person than the one who ordered it has checked it: the database refuses the same one."""
    ordered = awaiting_verification(context)
    if ordered is None:
        raise Refused(["Aucun versement n’attend d’être vérifié."])
    ordered.verified_at, ordered.verified_by_id = context.act.at, context.act.actor.user_id
    context.session.flush()
    context.session.expire(ordered, ["verified_by"])


def records_payment(kind: str) -> Effect:
    """The ordered payment of this kind is paid (or received), on a date, with its reference."""

    def pay(context: Context) -> None:
        ordered = payment(context, kind)
        if ordered is not None:
            ordered.paid_on = context.answers["paid_on"]
            ordered.paid_reference = context.answers["paid_reference"]

    return pay


def reverse_payment(context: Context) -> None:
    """The payment stays as it is; another row cancels it, and both keep the reason."""
    payments = payments_of(context.session, context.case.id)
    _reverse(context, next(p for p in payments if str(p.id) == context.answers["payment"]))


def rectify_advance(context: Context) -> None:
    """A wrong date or reference: the row is cancelled by another, and the same amount is written again.

    The order is the same one, so it keeps who wrote it and who verified it; whoever rectifies a payment made before
    orders were verified is the second person who sees it.
    """
    wrong = live(payments_of(context.session, context.case.id), "advance")
    if wrong is None:
        raise Refused(["Aucune avance n’est enregistrée."])
    _reverse(context, wrong)
    context.session.add(
        Payment(
            application_id=context.case.id,
            kind="advance",
            amount_cents=wrong.amount_cents,
            ordered_at=context.act.at,
            ordered_by_id=wrong.ordered_by_id,
            order_reference=wrong.order_reference,
            bank_details_id=wrong.bank_details_id,
            export_batch_id=wrong.export_batch_id,
            verified_at=context.act.at,
            verified_by_id=wrong.verified_by_id or context.act.actor.user_id,
            paid_on=context.answers["paid_on"],
            paid_reference=context.answers["paid_reference"],
        )
    )
    context.session.flush()


def _reverse(context: Context, payment_row: Payment) -> None:
    reversal = Payment(
        application_id=context.case.id,
        kind="reversal",
        amount_cents=payment_row.amount_cents,
        ordered_at=context.act.at,
        ordered_by_id=context.act.actor.user_id,
        reverses_id=payment_row.id,
        reason=context.answers["reason"],
    )
    context.session.add(reversal)
    context.session.flush()
    payment_row.reversed_by_id = reversal.id
    context.session.flush()
