"""The information given to a participant on what is recorded of her, and on her rights: when, how, by whom."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

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


def last_information(session: Session, journey_id: int) -> InformationGiven | None:
    """The last time this participant was informed, with who recorded it."""
    query = sa.select(InformationGiven).where(InformationGiven.journey_id == journey_id)
    latest = query.order_by(InformationGiven.given_on.desc(), InformationGiven.id.desc()).limit(1)
    return session.scalars(latest.options(joinedload(InformationGiven.recorded_by))).one_or_none()


def uninformed() -> sa.ColumnElement[bool]:
    """The condition on Journey that no information was recorded for a person who should have had it."""
    given = sa.exists().where(InformationGiven.journey_id == Journey.id)
    return sa.and_(Journey.state.in_(INFORMED_STATES), ~given)
