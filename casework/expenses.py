"""The execution part of the final report: each expense with its proof, what its control decided, what was answered.

It is written as a draft first (`ReportDraft` and the lines); the final report is made of it the day it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.db import Base, Cents, Json, Key, one_of
from casework.money import CATEGORIES

DECISIONS = {"accepted": "Acceptée", "reduced": "Réduite", "refused": "Refusée"}
REASONS = {
    "not_planned": "Non prévue au budget, ou non financée par le dispositif",
    "out_of_period": "Hors de la période de la convention",
    "not_paid": "Non acquittée le jour de l’envoi du bilan",
    "no_evidence": "Justificatif absent, illisible ou non probant",
    "not_linked": "Sans lien avec l’opération",
    "above_evidence": "Montant supérieur à celui du justificatif",
    "share": "Part qui revient à une autre activité",
    "double": "Déjà financée par ailleurs",
    "other": "Autre motif, à préciser",
}


class ReportDraft(Base):
    """What the applicant is writing of its final report, before it is sent and while a correction of it is asked.

    `income`: cents really received, by category of INCOMES. `results`: months, hours, exits, as in FinalReport.
    `sections`: the text of each section of the pedagogical part, by its key in the sheet.
    """

    __tablename__ = "report_draft"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    narrative: Mapped[str] = mapped_column(sa.Text, default="")
    income: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    results: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sections: Mapped[dict[str, str] | None] = mapped_column(Json)


class ExpenseLine(Base):
    """One expense, in cents. `budget_line_id`: the line of the budget it comes from, None when there is none, or no
    longer; `planned_cents`: what that line foresaw, 0 when it has none.

    The control decides how much of it is accepted, never above what was spent, and says why when it is less.
    `intended_cents`: what the applicant was told would be accepted; `answer`: its observations on it.
    """

    __tablename__ = "expense_line"
    __table_args__ = (
        sa.CheckConstraint("planned_cents >= 0 AND spent_cents >= 0", name="amount"),
        sa.CheckConstraint(one_of("category", tuple(CATEGORIES)), name="category"),
        sa.CheckConstraint(
            "(decision IS NULL AND accepted_cents IS NULL)"
            " OR (decision = 'accepted' AND accepted_cents IS NOT NULL AND accepted_cents = spent_cents)"
            " OR (decision = 'reduced' AND accepted_cents IS NOT NULL AND accepted_cents > 0"
            " AND accepted_cents < spent_cents AND reason <> '')"
            " OR (decision = 'refused' AND accepted_cents IS NOT NULL AND accepted_cents = 0 AND reason <> '')",
            name="decision",
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    budget_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("budget_line.id", ondelete="SET NULL"), index=True)
    category: Mapped[str] = mapped_column(sa.String(20))
    label: Mapped[str] = mapped_column(sa.String(200))
    planned_cents: Mapped[int] = mapped_column(Cents, default=0)
    spent_cents: Mapped[int] = mapped_column(Cents, default=0)
    invoice_reference: Mapped[str] = mapped_column(sa.String(80), default="")
    invoice_on: Mapped[date | None] = mapped_column(sa.Date)
    paid_on: Mapped[date | None] = mapped_column(sa.Date)
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    decision: Mapped[str | None] = mapped_column(sa.String(10))
    accepted_cents: Mapped[int | None] = mapped_column(Cents)
    reason: Mapped[str] = mapped_column(sa.String(20), default="")
    comment: Mapped[str] = mapped_column(sa.String(1000), default="")
    intended_cents: Mapped[int | None] = mapped_column(Cents)
    answer: Mapped[str] = mapped_column(sa.Text, default="")

    @property
    def lowered(self) -> bool:
        """True once the control accepts less than what was spent."""
        return self.accepted_cents is not None and self.accepted_cents < self.spent_cents

    @property
    def why(self) -> str:
        """The reason of the control in words, with what was added to it."""
        return " – ".join(text for text in (REASONS.get(self.reason, ""), self.comment) if text)

    def forget_control(self) -> None:
        """The line is to be controlled afresh."""
        self.decision, self.accepted_cents, self.intended_cents = None, None, None
        self.reason, self.comment, self.answer = "", "", ""


def expenses_of(session: Session, application_id: int) -> list[ExpenseLine]:
    query = sa.select(ExpenseLine).where(ExpenseLine.application_id == application_id).order_by(ExpenseLine.id)
    return list(session.scalars(query))


def draft_of(session: Session, application_id: int) -> ReportDraft | None:
    return session.scalars(sa.select(ReportDraft).where(ReportDraft.application_id == application_id)).one_or_none()


def spent(lines: Iterable[ExpenseLine]) -> list[ExpenseLine]:
    """The lines on which something was spent: the only ones that are controlled."""
    return [line for line in lines if line.spent_cents]


def spent_by_category(lines: Iterable[ExpenseLine]) -> dict[str, int]:
    """Cents spent by category; every category is present."""
    amounts = dict.fromkeys(CATEGORIES, 0)
    for line in lines:
        amounts[line.category] += line.spent_cents
    return amounts


def accepted_by_category(lines: Iterable[ExpenseLine]) -> dict[str, int]:
    """Cents accepted by category, what is not decided yet counting for nothing; every category is present."""
    amounts = dict.fromkeys(CATEGORIES, 0)
    for line in lines:
        amounts[line.category] += line.accepted_cents or 0
    return amounts
