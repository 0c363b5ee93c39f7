"""What keeps the identities of a case from being erased: a manager's decision, with its reason, until it is lifted."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.db import Base, Instant, Key
from casework.people import User


class LegalHold(Base):
    """One hold on one case (a dispute, an inspection): at most one is open at a time."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        sa.CheckConstraint("length(reason) > 0", name="reason"),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifted"),
        sa.Index(
            "ix_legal_hold_open",
            "application_id",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
    placed_at: Mapped[datetime] = mapped_column(Instant)
    placed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    placed_by: Mapped[User] = relationship(foreign_keys=[placed_by_id])
    lifted_by: Mapped[User | None] = relationship(foreign_keys=[lifted_by_id])


def holds_of(session: Session, application_id: int) -> list[LegalHold]:
    """Every hold of a case, the newest first."""
    query = sa.select(LegalHold).where(LegalHold.application_id == application_id)
    return list(session.scalars(query.order_by(LegalHold.id.desc())))
