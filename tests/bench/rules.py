"""Rules and documents, without a server: a grant, a balance, a receipt, a convention."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.db import make_engine, make_sessions
from casework.money import budget_of
from casework.settings import Settings
from tests.bench.figures import Figure, median, milliseconds
from workflows.application.agreement import document_of
from workflows.application.reading import expenses_from, grant_from, results_of
from workflows.application.receipt import receipt_pdf
from workflows.rules.balance import BalanceInput, final_balance
from workflows.versions import scheme_of

GRANT_TARGET, BALANCE_TARGET, DOCUMENT_TARGET, MANY_TARGET = 1, 1, 100, 10
MANY = 10_000


def measure(url: str, rounds: int) -> Iterator[Figure]:
    """Over the cases told; `rounds` of each. The rules read nothing from the database."""
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        cases = list(session.scalars(sa.select(Application).where(Application.submitted_at.is_not(None))))
        budgets = {case.id: budget_of(session, case.id) for case in cases}
        accounts = [(scheme_of(case), _account(case)) for case in cases if case.report is not None]
        for case in cases:
            grant_from(case, budgets[case.id])
        grants = _times(lambda case: grant_from(case, budgets[case.id]), cases, rounds)
        yield Figure("a grant", "rules", median(grants), "ms", GRANT_TARGET)
        balances = _times(lambda pair: final_balance(*pair), accounts, rounds)
        yield Figure("a balance", "rules", median(balances), "ms", BALANCE_TARGET)
        many = milliseconds(lambda: _times(lambda pair: final_balance(*pair), accounts, MANY))
        yield Figure(f"{MANY:,} balances", "rules", many / 1000, "s", MANY_TARGET)
        yield _receipt(session, cases, max(5, rounds // 10))
        agreed = [case for case in cases if case.convention is not None]
        yield _convention(session, agreed, max(5, rounds // 10))
    engine.dispose()


def _account(case: Application) -> BalanceInput:
    report, granted = case.report, case.granted_cents or 0
    assert report is not None
    return BalanceInput(
        grant_cents=granted,
        advance_paid_cents=granted * 80 // 100,
        expenses=expenses_from(report.declared),
        other_funding_cents=0,
        results=results_of(scheme_of(case), case, report.results),
    )


def _receipt(session: Session, cases: list[Application], rounds: int) -> Figure:
    times = _times(lambda case: receipt_pdf(session, case), cases, rounds)
    return Figure("a receipt PDF", "documents", median(times), "ms", DOCUMENT_TARGET)


def _convention(session: Session, cases: list[Application], rounds: int) -> Figure:
    settings = Settings()
    times = _times(lambda case: document_of(session, case, settings).as_pdf(), cases, rounds)
    return Figure("a convention PDF", "documents", median(times), "ms", DOCUMENT_TARGET)


def _times(do: Callable[[Any], object], over: list[Any], rounds: int) -> list[float]:
    """Milliseconds of each of `rounds` calls, over each of these in turn."""
    return [milliseconds(lambda number=number: do(over[number % len(over)])) for number in range(rounds)]
