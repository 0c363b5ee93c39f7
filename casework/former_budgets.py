"""The budgets of the years before: what the same organisation asked, was granted and spent for the same scheme.

Two statements, however many years there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.expenses import ExpenseLine
from casework.money import BudgetLine
from casework.people import Actor
from casework.permissions import visible
from casework.reviews import LineReview

MOST_YEARS = 2
_COLUMNS = ("id", "reference", "campaign", "starts_on", "decided_on", "requested_cents", "granted_cents")
_UNFOLLOWED = ("draft", "deposited", "lapsed", "inadmissible", "withdrawn", "rejected")


@dataclass(frozen=True)
class FormerBudget:
    """One earlier application: cents by category of expense, `asked`, `retained` and `spent`.

    `decided`: what is retained is known to everybody. `spent` is empty before the final report is written.
    """

    id: int
    reference: str
    campaign: str
    starts_on: date | None
    decided: bool
    requested_cents: int
    granted_cents: int | None
    asked: dict[str, int] = field(default_factory=dict)
    retained: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)

    @property
    def year(self) -> str:
        """The year of the operation, else its campaign."""
        return str(self.starts_on.year) if self.starts_on else self.campaign


def former_budgets(session: Session, application: Application, actor: Actor) -> list[FormerBudget]:
    """Those of the applications that came before this one and were examined, the latest first, as far as the actor
    may see them.
    """
    query = sa.select(*(getattr(Application, name) for name in _COLUMNS)).where(
        Application.organisation_id == application.organisation_id,
        Application.scheme_code == application.scheme_code,
        Application.id != application.id,
        Application.created_at < application.created_at,
        Application.state.not_in(_UNFOLLOWED),
    )
    query = visible(query, actor).order_by(Application.created_at.desc(), Application.id.desc()).limit(MOST_YEARS)
    found = [
        FormerBudget(key, reference, campaign, starts_on, decided_on is not None, requested, granted)
        for key, reference, campaign, starts_on, decided_on, requested, granted in session.execute(query)
    ]
    if found:
        _fill(session, {former.id: former for former in found})
    return found


def _fill(session: Session, found: Mapping[int, FormerBudget]) -> None:
    """Cents by category of each, for the three columns at once."""
    stands = sa.and_(LineReview.id.is_not(None), LineReview.asked_cents == BudgetLine.amount_cents)
    retained = sa.case((stands, LineReview.retained_cents), else_=BudgetLine.amount_cents)
    planned = BudgetLine.side == "expense"
    reviewed = _sums("retained", BudgetLine, retained, found).where(planned)
    parts = (
        _sums("asked", BudgetLine, BudgetLine.amount_cents, found).where(planned),
        reviewed.outerjoin(LineReview, LineReview.budget_line_id == BudgetLine.id),
        _sums("spent", ExpenseLine, ExpenseLine.spent_cents, found),
    )
    for key, column, category, cents in session.execute(sa.union_all(*parts)):
        getattr(found[key], column)[category] = int(cents)


def _sums(column: str, line: Any, cents: Any, found: Iterable[int]) -> sa.Select[Any]:
    """The sum of these cents by application and category, under the name of a column."""
    of_case, category = line.application_id, line.category
    query: sa.Select[Any] = sa.select(of_case, sa.literal(column), category, sa.func.sum(cents)).select_from(line)
    return query.where(of_case.in_(found)).group_by(of_case, category)
