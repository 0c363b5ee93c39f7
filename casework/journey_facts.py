"""What the sheet of an operation follows for each participant, as dated facts: phases, hours, solutions, requests …

One shape for all of them: which track, what was chosen, since when, how many hours. A track and its choices are data
of the scheme (`workflows.scheme.Track`), so that their codes are not listed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.db import Base, Instant, Key, one_of
from casework.participants import Journey
from casework.sealed import Sealed

STATUSES = {
    "noted": "Notée",
    "proposed": "Proposée",
    "obtained": "Obtenue",
    "dropped": "Sans suite",
    "deposited": "Déposée",
}
SETTLED = ("obtained", "dropped")
MINUTES_A_WEEK = 7 * 24 * 60


class JourneyFact(Base):
    """One fact. `noted`: a stage that holds until the next one; `proposed`: a solution, then obtained or dropped;
    `deposited`: a request, maybe before the entry.

    `choice`: a code of the track, sealed: what is requested or evaluated may tell a health condition. `since_on`: the
    day it begins, was proposed or deposited. `minutes`: a week, where the track has hours. `marked`: the answer to the
    yes/no question of the track.
    """

    __tablename__ = "journey_fact"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", tuple(STATUSES)), name="status"),
        sa.CheckConstraint(f"({one_of('status', SETTLED)}) = (settled_on IS NOT NULL)", name="settled"),
        sa.CheckConstraint("settled_on IS NULL OR since_on <= settled_on", name="dates"),
        sa.CheckConstraint(f"minutes IS NULL OR (minutes > 0 AND minutes <= {MINUTES_A_WEEK})", name="minutes"),
        sa.Index(
            "ix_journey_fact_stage",
            "journey_id",
            "track",
            "since_on",
            unique=True,
            sqlite_where=sa.text("status = 'noted'"),
            postgresql_where=sa.text("status = 'noted'"),
        ),
        sa.Index("ix_journey_fact_journey", "journey_id", "since_on"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"))
    track: Mapped[str] = mapped_column(sa.String(30))
    choice: Mapped[str] = mapped_column(Sealed("journey_fact.choice"), default="")
    status: Mapped[str] = mapped_column(sa.String(10))
    since_on: Mapped[date] = mapped_column(sa.Date)
    settled_on: Mapped[date | None] = mapped_column(sa.Date)
    minutes: Mapped[int | None] = mapped_column(sa.Integer)
    marked: Mapped[bool | None] = mapped_column()
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    journey: Mapped[Journey] = relationship()


def facts_of(session: Session, journeys: Iterable[int]) -> dict[int, list[JourneyFact]]:
    """The facts of these journeys, by journey, the earliest first."""
    query = sa.select(JourneyFact).where(JourneyFact.journey_id.in_(list(journeys)))
    found: dict[int, list[JourneyFact]] = {}
    for fact in session.scalars(query.order_by(JourneyFact.since_on, JourneyFact.id)):
        found.setdefault(fact.journey_id, []).append(fact)
    return found


def newest(facts: Iterable[JourneyFact], track: str, on: date | None = None) -> JourneyFact | None:
    """The stage of a track that holds on this day (the last one when no day is given)."""
    known = [fact for fact in facts if fact.track == track and fact.status == "noted"]
    begun = [fact for fact in known if on is None or fact.since_on <= on]
    return max(begun, key=lambda fact: fact.since_on, default=None)
