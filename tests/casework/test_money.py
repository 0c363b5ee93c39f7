"""What the database itself holds about payments: within the grant, one of each kind, never changed, never deleted."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application, Convention, FinalReport
from casework.bank import BankDetails, confirmed, details_of
from casework.money import BudgetLine, Payment, budget_of, live, payments_of, staff_cost, totals
from casework.people import Actor
from tests.support import people, rows
from tests.support.template import NOW

GRANT = 1_000_000


@pytest.fixture
def payer(session: Session) -> Actor:
    return people.finance(session)


@pytest.fixture
def case(session: Session) -> Application:
    application = rows.application(session)
    rows.convention(session, application, grant_cents=GRANT)
    return application


def account_of(session: Session, case: Application) -> BankDetails:
    known = confirmed(details_of(session, case.organisation_id))
    return known or rows.bank_account(session, case.organisation_id)


def pay(session: Session, case: Application, payer: Actor, kind: str, cents: int, **columns: object) -> Payment:
    """Ordered by this person, on the organisation's confirmed account unless it comes back."""
    facts = {"ordered_at": NOW, "ordered_by_id": payer.user_id, **columns}
    if kind in ("advance", "balance") and "bank_details_id" not in facts:
        facts["bank_details_id"] = account_of(session, case).id
    payment = Payment(application_id=case.id, kind=kind, amount_cents=cents, **facts)
    session.add(payment)
    session.flush()
    return payment


def paid_advance(session: Session, case: Application, payer: Actor, cents: int) -> Payment:
    """Ordered, verified by somebody else, paid."""
    advance = pay(session, case, payer, "advance", cents)
    advance.verified_at, advance.verified_by_id = NOW, people.finance(session).user_id
    advance.paid_on, advance.paid_reference = date(2024, 4, 2), "M-1"
    session.flush()
    return advance


def refused(session: Session, statement: sa.Executable, message: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=message), session.begin_nested():
        session.execute(statement)


def test_advance_and_balance_may_reach_the_grant(session: Session, case: Application, payer: Actor) -> None:
    pay(session, case, payer, "advance", 600_000)
    pay(session, case, payer, "balance", 400_000)
    assert sum(payment.amount_cents for payment in payments_of(session, case.id)) == GRANT


@pytest.mark.parametrize(("first", "second"), [("advance", "balance"), ("balance", "advance")])
def test_advance_and_balance_never_exceed_the_grant_by_a_cent(
    session: Session, case: Application, payer: Actor, first: str, second: str
) -> None:
    pay(session, case, payer, first, 600_000)
    with pytest.raises(sa.exc.IntegrityError, match="exceed the grant"), session.begin_nested():
        pay(session, case, payer, second, 400_001)


def test_nothing_is_paid_without_a_convention(session: Session, payer: Actor) -> None:
    case = rows.application(session)
    with pytest.raises(sa.exc.IntegrityError, match="exceed the grant"), session.begin_nested():
        pay(session, case, payer, "advance", 1)


def test_the_grant_is_never_lowered_under_what_is_paid(session: Session, case: Application, payer: Actor) -> None:
    pay(session, case, payer, "advance", 600_000)
    change = sa.update(Convention).where(Convention.application_id == case.id)
    refused(session, change.values(grant_cents=599_999), "exceed the grant")
    session.execute(change.values(grant_cents=600_000))


def test_a_recovery_is_not_counted_against_the_grant(session: Session, case: Application, payer: Actor) -> None:
    paid_advance(session, case, payer, GRANT)
    assert pay(session, case, payer, "recovery", 250_000).live


@pytest.mark.parametrize("kind", ["advance", "balance", "recovery"])
def test_one_payment_of_a_kind_stands_at_a_time(session: Session, case: Application, payer: Actor, kind: str) -> None:
    if kind == "recovery":
        paid_advance(session, case, payer, 2_000)
    pay(session, case, payer, kind, 1_000)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        pay(session, case, payer, kind, 1_000)


def test_a_reversed_payment_frees_its_place_and_its_amount(session: Session, case: Application, payer: Actor) -> None:
    wrong = pay(session, case, payer, "advance", GRANT)
    reversal = pay(session, case, payer, "reversal", GRANT, reverses_id=wrong.id, reason="Montant erroné")
    wrong.reversed_by_id = reversal.id
    session.flush()
    right = pay(session, case, payer, "advance", 600_000)
    assert live(payments_of(session, case.id), "advance") is right


def test_a_payment_is_reversed_once(session: Session, case: Application, payer: Actor) -> None:
    wrong = pay(session, case, payer, "advance", 1_000)
    pay(session, case, payer, "reversal", 1_000, reverses_id=wrong.id)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        pay(session, case, payer, "reversal", 1_000, reverses_id=wrong.id)


def test_a_payment_can_be_marked_as_paid_once(session: Session, case: Application, payer: Actor) -> None:
    payment = paid_advance(session, case, payer, 1_000)
    change = sa.update(Payment).where(Payment.id == payment.id)
    refused(session, change.values(paid_on=date(2024, 4, 3)), "reversed, never changed")
    refused(session, change.values(paid_on=None), "reversed, never changed")


@pytest.mark.parametrize("column", ["amount_cents", "kind", "ordered_at", "application_id", "ordered_by_id"])
def test_the_facts_of_a_payment_never_change(session: Session, case: Application, payer: Actor, column: str) -> None:
    payment = pay(session, case, payer, "advance", 1_000)
    others = {
        "amount_cents": 999,
        "kind": "balance",
        "ordered_at": NOW.replace(hour=11),
        "application_id": rows.application(session).id,
        "ordered_by_id": people.finance(session).user_id,
    }
    change = sa.update(Payment).where(Payment.id == payment.id).values({column: others[column]})
    refused(session, change, "reversed, never changed")


@pytest.mark.parametrize("column", ["order_reference", "reason"])
def test_what_was_written_of_a_payment_never_changes(
    session: Session, case: Application, payer: Actor, column: str
) -> None:
    payment = pay(session, case, payer, "advance", 1_000)
    refused(session, sa.update(Payment).where(Payment.id == payment.id).values({column: "x"}), "never changed")


def test_whoever_orders_a_payment_never_verifies_it(session: Session, case: Application, payer: Actor) -> None:
    payment = pay(session, case, payer, "advance", 1_000)
    change = sa.update(Payment).where(Payment.id == payment.id)
    refused(session, change.values(verified_at=NOW, verified_by_id=payer.user_id), "four_eyes")
    refused(session, change.values(verified_at=NOW), "verified")
    session.execute(change.values(verified_at=NOW, verified_by_id=people.finance(session).user_id))
    refused(session, change.values(verified_by_id=people.finance(session).user_id), "never changed")
    refused(session, change.values(verified_at=None, verified_by_id=None), "never changed")


def test_nothing_is_paid_before_a_second_person_has_verified_it(
    session: Session, case: Application, payer: Actor
) -> None:
    payment = pay(session, case, payer, "advance", 1_000)
    change = sa.update(Payment).where(Payment.id == payment.id)
    refused(session, change.values(paid_on=date(2024, 4, 2)), "verified before it is paid")
    with pytest.raises(sa.exc.IntegrityError, match="verified before it is paid"), session.begin_nested():
        pay(session, case, payer, "balance", 1_000, paid_on=date(2024, 4, 2))


def test_a_verified_payment_is_reversed_by_somebody_else(session: Session, case: Application, payer: Actor) -> None:
    wrong = paid_advance(session, case, payer, 1_000)
    with pytest.raises(sa.exc.IntegrityError, match="reversed by somebody else"), session.begin_nested():
        pay(session, case, payer, "reversal", 1_000, reverses_id=wrong.id)
    assert pay(session, case, people.finance(session), "reversal", 1_000, reverses_id=wrong.id).id


@pytest.mark.parametrize(("due", "most"), [(400_000, 200_000), (600_000, 0)])
def test_a_recovery_takes_no_more_than_the_advance_has_over_what_is_due(
    session: Session, case: Application, payer: Actor, due: int, most: int
) -> None:
    paid_advance(session, case, payer, 600_000)
    report = FinalReport(application_id=case.id, narrative="x", declared={}, submitted_at=NOW, validated_at=NOW)
    report.due_cents = due
    session.add(report)
    session.flush()
    with pytest.raises(sa.exc.IntegrityError, match="over what is due"), session.begin_nested():
        pay(session, case, payer, "recovery", most + 1)
    if most:
        assert pay(session, case, payer, "recovery", most).live


def test_nothing_is_recovered_of_an_advance_that_was_never_paid(
    session: Session, case: Application, payer: Actor
) -> None:
    pay(session, case, payer, "advance", 600_000)
    with pytest.raises(sa.exc.IntegrityError, match="over what is due"), session.begin_nested():
        pay(session, case, payer, "recovery", 1)


def test_a_reversal_is_never_undone(session: Session, case: Application, payer: Actor) -> None:
    wrong = pay(session, case, payer, "advance", 1_000)
    wrong.reversed_by_id = pay(session, case, payer, "reversal", 1_000, reverses_id=wrong.id).id
    session.flush()
    change = sa.update(Payment).where(Payment.id == wrong.id)
    refused(session, change.values(reversed_by_id=None), "never changed")
    refused(session, change.values(reversed_by_id=wrong.id), "never changed")


def test_a_payment_is_never_deleted(session: Session, case: Application, payer: Actor) -> None:
    payment = pay(session, case, payer, "advance", 1_000)
    refused(session, sa.delete(Payment).where(Payment.id == payment.id), "reversed, never")


def test_the_budget_is_totalled_by_category_with_the_absent_ones_at_zero(session: Session, case: Application) -> None:
    for category, cents in (("personnel", 300), ("personnel", 50), ("indirect", 20)):
        session.add(
            BudgetLine(application_id=case.id, side="expense", category=category, label="x", amount_cents=cents)
        )
    session.add(BudgetLine(application_id=case.id, side="income", category="own", label="x", amount_cents=70))
    session.flush()
    expenses = totals(budget_of(session, case.id), "expense")
    assert (expenses["personnel"], expenses["indirect"], expenses["operating"]) == (350, 20, 0)
    assert totals(budget_of(session, case.id), "income")["own"] == 70


@pytest.mark.parametrize(
    ("side", "category", "cents"), [("expense", "own", 1), ("income", "personnel", 1), ("expense", "personnel", -1)]
)
def test_a_budget_line_out_of_place_is_refused(
    session: Session, case: Application, side: str, category: str, cents: int
) -> None:
    line = {"application_id": case.id, "side": side, "category": category, "label": "x", "amount_cents": cents}
    refused(session, sa.insert(BudgetLine).values(line), "budget_line")


@pytest.mark.parametrize(
    ("category", "cents", "post"),
    [
        ("personnel", 5_001, (80, 10_000, 5_000)),
        ("personnel", 5_000, (None, 10_000, 5_000)),
        ("personnel", 0, (0, 10_000, 0)),
        ("personnel", 10_001, (80, 10_000, 10_001)),
        ("rent", 5_000, (80, 10_000, 5_000)),
    ],
    ids=["another amount", "no time", "zero time", "beyond the whole", "not a post"],
)
def test_a_post_whose_amount_is_not_its_gross_times_its_share_is_refused(
    session: Session, case: Application, category: str, cents: int, post: tuple[int | None, int, int]
) -> None:
    known = dict(zip(("fte_hundredths", "gross_cents", "share_hundredths"), post, strict=True))
    line = {"application_id": case.id, "side": "expense", "category": category, "label": "x", "amount_cents": cents}
    refused(session, sa.insert(BudgetLine).values(**line, **known), "budget_line")


@pytest.mark.parametrize(
    ("gross", "share"), [(1, 5_000), (3_333_333, 3_333), (10**12 - 1, 9_999), (7, 0), (99, 10_000)]
)
def test_the_service_and_the_database_round_a_post_alike(
    session: Session, case: Application, gross: int, share: int
) -> None:
    line = BudgetLine(application_id=case.id, side="expense", category="personnel", label="x")
    line.amount_cents, line.fte_hundredths = staff_cost(gross, share), 100
    line.gross_cents, line.share_hundredths = gross, share
    session.add(line)
    session.flush()


@pytest.mark.database("sqlite")
def test_the_payments_of_a_case_are_found_without_reading_those_of_the_others(session: Session) -> None:
    """Even in a young database, whose statistics were never gathered."""
    standing = sa.select(Payment.id).where(
        Payment.application_id == 1, Payment.kind.in_(("advance", "balance")), Payment.reversed_by_id.is_(None)
    )
    text = str(standing.compile(session.connection(), compile_kwargs={"literal_binds": True}))
    plan = session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")).all()
    assert [step.detail.partition("(")[2] for step in plan] == ["application_id=?)"]
