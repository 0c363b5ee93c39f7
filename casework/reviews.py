"""The officer's sheet of an application under instruction: verdicts on criteria and documents, budget line by line.

A verdict on a document is given on the files seen (`seen`), a review of a line on the amount asked: once these change,
after a correction, it has lapsed, and the point is to be examined again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.db import Base, Cents, Key, one_of
from casework.documents import Document
from casework.money import BudgetLine

KINDS = ("criterion", "document")
CRITERION_VERDICTS = {"met": "Satisfait", "partly": "En partie", "not_met": "Non satisfait", "none": "Sans objet"}
DOCUMENT_VERDICTS = {"met": "Conforme", "partly": "À compléter", "not_met": "Non conforme", "none": "Sans objet"}
VERDICTS = {"criterion": CRITERION_VERDICTS, "document": DOCUMENT_VERDICTS}
UNEXPLAINED = ("met", "none")
"""The verdicts that need no remark."""
LONGEST_REMARK = 1000


class InstructionPoint(Base):
    """What the officer says of one criterion of the scheme, or of one expected document: `code` names it.

    `verdict` is None while there is only a remark. `seen`: the files that the verdict was given on.
    """

    __tablename__ = "instruction_point"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "kind", "code"),
        sa.CheckConstraint(one_of("kind", KINDS), name="kind"),
        sa.CheckConstraint("verdict IS NULL OR " + one_of("verdict", tuple(CRITERION_VERDICTS)), name="verdict"),
        sa.CheckConstraint(
            f"verdict IS NULL OR {one_of('verdict', UNEXPLAINED)} OR remark <> ''", name="verdict_is_explained"
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    code: Mapped[str] = mapped_column(sa.String(60))
    verdict: Mapped[str | None] = mapped_column(sa.String(10))
    remark: Mapped[str] = mapped_column(sa.String(LONGEST_REMARK), default="")
    seen: Mapped[str] = mapped_column(sa.Text, default="")


class LineReview(Base):
    """What the officer retains of one expense of the budget, in cents, and why when it is less than what is asked."""

    __tablename__ = "line_review"
    __table_args__ = (
        sa.CheckConstraint("retained_cents >= 0 AND retained_cents <= asked_cents", name="retained"),
        sa.CheckConstraint("retained_cents = asked_cents OR reason <> ''", name="reduction_is_explained"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    budget_line_id: Mapped[int] = mapped_column(sa.ForeignKey("budget_line.id", ondelete="CASCADE"), unique=True)
    asked_cents: Mapped[int] = mapped_column(Cents)
    retained_cents: Mapped[int] = mapped_column(Cents)
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REMARK), default="")

    def stands_for(self, line: BudgetLine) -> bool:
        """False once the amount asked is no longer the one that was reviewed."""
        return self.budget_line_id == line.id and self.asked_cents == line.amount_cents


def points_of(session: Session, application_id: int) -> list[InstructionPoint]:
    query = sa.select(InstructionPoint).where(InstructionPoint.application_id == application_id)
    return list(session.scalars(query.order_by(InstructionPoint.id)))


def reviews_of(session: Session, application_id: int) -> list[LineReview]:
    query = sa.select(LineReview).where(LineReview.application_id == application_id).order_by(LineReview.id)
    return list(session.scalars(query))


def seen_in(slot: str, documents: Iterable[Document]) -> str:
    """The files of a slot, as a verdict remembers what it was given on."""
    return " ".join(str(document.id) for document in documents if document.slot == slot)


def standing_reviews(lines: Iterable[BudgetLine], reviews: Iterable[LineReview]) -> dict[int, LineReview]:
    """The reviews that still hold, by the id of their budget line."""
    known = {review.budget_line_id: review for review in reviews}
    return {line.id: known[line.id] for line in lines if line.id in known and known[line.id].stands_for(line)}


def retained_budget(lines: Sequence[BudgetLine], reviews: Iterable[LineReview]) -> list[BudgetLine]:
    """The budget as the instruction retains it: copies out of the session, same ids, an amount not reviewed as asked.

    A copy says no gross nor share: they make the amount asked, not the one retained.
    """
    standing = standing_reviews(lines, reviews)
    return [
        BudgetLine(
            id=line.id,
            application_id=line.application_id,
            side=line.side,
            category=line.category,
            label=line.label,
            amount_cents=standing[line.id].retained_cents if line.id in standing else line.amount_cents,
        )
        for line in lines
    ]
