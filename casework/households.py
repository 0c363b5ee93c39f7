"""The children of a participant's household, and which journeys are of one household (3.6: families are counted).

Of a child, only the month of birth is kept, sealed: no name, no day. A family is one household: two parents followed by
the same operation are joined, and counted once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.db import Base, Instant, Key
from casework.sealed import Sealed


class HouseholdChild(Base):
    """A child, told by the parent of this journey. `born`: « 2023-05 ». `prepared_on`: the day when it was said that
    what follows the age limit of the sheet is prepared."""

    __tablename__ = "household_child"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"), index=True)
    born: Mapped[str | None] = mapped_column(Sealed("household_child.born"))
    prepared_on: Mapped[date | None] = mapped_column(sa.Date)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    @property
    def month(self) -> date | None:
        return None if self.born is None else date.fromisoformat(f"{self.born}-01")


class HouseholdLink(Base):
    """This journey is of the household of another one, which itself is linked to none."""

    __tablename__ = "household_link"
    __table_args__ = (sa.CheckConstraint("journey_id <> with_id", name="two"),)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"), primary_key=True, autoincrement=False)
    with_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"), index=True)


def household_of(session: Session, journey_id: int) -> list[int]:
    """The journeys of the household of this one, itself included, the one that they are joined to first."""
    head = session.scalar(sa.select(HouseholdLink.with_id).where(HouseholdLink.journey_id == journey_id)) or journey_id
    joined = sa.select(HouseholdLink.journey_id).where(HouseholdLink.with_id == head)
    return [head, *session.scalars(joined.order_by(HouseholdLink.journey_id))]


def children_of(session: Session, journeys: Iterable[int]) -> list[HouseholdChild]:
    """The children told by these journeys, in the order in which they were told."""
    query = sa.select(HouseholdChild).where(HouseholdChild.journey_id.in_(list(journeys)))
    return list(session.scalars(query.order_by(HouseholdChild.id)))
