"""The information given to a participant on what is recorded of her, and on her rights: when, how, by whom."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Instant, Key, one_of
from casework.participants import Journey
from casework.people import User

WAYS = {"handed": "Remise en main propre", "read": "Lue à voix haute", "sent": "Envoyée"}
INFORMED_STATES = ("oriented", "accompanied", "suspended", "exited")
"""The states of a journey of which the person must have been informed; who never came is not looked for."""


class InformationGiven(Base):
    """The notice of the scheme was given to this participant, once more when it is given again."""

    __tablename__ = "information_given"
    __table_args__ = (
        sa.CheckConstraint(one_of("way", tuple(WAYS)), name="way"),
        sa.Index("ix_information_given_journey", "journey_id", "given_on"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"))
    given_on: Mapped[date] = mapped_column(sa.Date)
    way: Mapped[str] = mapped_column(sa.String(10))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    recorded_by: Mapped[User | None] = relationship()


def uninformed() -> sa.ColumnElement[bool]:
    """The condition on Journey that no information was recorded for a person who should have had it."""
    given = sa.exists().where(InformationGiven.journey_id == Journey.id)
    return sa.and_(Journey.state.in_(INFORMED_STATES), ~given)
