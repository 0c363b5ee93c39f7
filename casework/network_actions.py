"""What the bearer of a network does for it (3.13): no participant, nobody named; each action is counted by its kind."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.activities import MINUTES_A_DAY
from casework.db import Base, Instant, Key

LONGEST_DAYS = 31


class NetworkAction(Base):
    """One action. `kind` and `theme` are codes of the sheet; `reached`: how many people it reached; `structures`: how
    many structures; `met`: the companies and partners met, by the names of their organisations.
    """

    __tablename__ = "network_action"
    __table_args__ = (
        sa.CheckConstraint(f"minutes >= 0 AND minutes <= {LONGEST_DAYS * MINUTES_A_DAY}", name="minutes"),
        sa.CheckConstraint("reached >= 0 AND structures >= 0", name="counts"),
        sa.Index("ix_network_action_application", "application_id", "done_on", "id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    kind: Mapped[str] = mapped_column(sa.String(40))
    theme: Mapped[str] = mapped_column(sa.String(40))
    done_on: Mapped[date] = mapped_column(sa.Date)
    title: Mapped[str] = mapped_column(sa.String(160))
    met: Mapped[str] = mapped_column(sa.String(300), default="")
    structures: Mapped[int] = mapped_column(sa.Integer, default=0)
    reached: Mapped[int] = mapped_column(sa.Integer, default=0)
    minutes: Mapped[int] = mapped_column(sa.Integer, default=0)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
