"""What an operator says of the figures that no fact gives: a number, or a text (`IndicatorEntry`)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.db import Base, Instant, Key
from casework.people import User


class IndicatorEntry(Base):
    """The last thing said of one figure (`workflows.scheme.Figure.key`) of one operation; the journal keeps the rest.

    An emptied figure keeps its row: neither a number nor a text.
    """

    __tablename__ = "indicator_entry"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "key"),
        sa.CheckConstraint("number IS NULL OR number >= 0", name="number"),
        sa.CheckConstraint("number IS NULL OR text = ''", name="one_kind"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    key: Mapped[str] = mapped_column(sa.String(40))
    number: Mapped[int | None] = mapped_column(sa.BigInteger)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    entered_by: Mapped[User] = relationship()


def entries_of(session: Session, application_id: int) -> dict[str, IndicatorEntry]:
    """What was said of each figure of an operation, by its key."""
    query = sa.select(IndicatorEntry).where(IndicatorEntry.application_id == application_id)
    return {entry.key: entry for entry in session.scalars(query)}
