"""Who looked at whose identity: the list for the data officer, and the days on which somebody looked at many people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.clock import paris_instant
from casework.participants import PURPOSES, IdentityLook
from casework.people import User

PAGE = 50
BUSY_DAYS = 10
WATCHED = timedelta(days=30)


@dataclass(frozen=True)
class Wanted:
    """What is looked for: a person by number, a user by a part of the name, days both included."""

    person: int | None = None
    user: str = ""
    since: date | None = None
    until: date | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        if self.person is not None:
            found.append(IdentityLook.person_id == self.person)
        if self.user:
            found.append(User.name.icontains(self.user, autoescape=True))
        if self.since is not None:
            found.append(IdentityLook.at >= paris_instant(self.since, time()))
        if self.until is not None:
            found.append(IdentityLook.at < paris_instant(self.until + timedelta(days=1), time()))
        return found


@dataclass(frozen=True)
class Look:
    id: int
    at: datetime
    user: str
    person: int
    journey: int | None
    purpose: str

    @property
    def page(self) -> str:
        return PURPOSES[self.purpose]


@dataclass(frozen=True)
class Busy:
    """A user who looked at many people on one day."""

    day: date
    user: str
    people: int
    looks: int


@dataclass(frozen=True)
class Looks:
    """Looks, the newest first, and the id before which the next page starts."""

    rows: list[Look] = field(default_factory=list)
    before: int | None = None


def find_looks(session: Session, wanted: Wanted, *, before: int | None = None) -> Looks:
    """One page of the looks that are wanted."""
    columns: tuple[Any, ...] = (
        IdentityLook.id,
        IdentityLook.at,
        User.name,
        IdentityLook.person_id,
        IdentityLook.journey_id,
        IdentityLook.purpose,
    )
    query = sa.select(*columns).join(User, User.id == IdentityLook.user_id).where(*wanted.conditions())
    if before is not None:
        query = query.where(IdentityLook.id < before)
    rows = [Look(*row) for row in session.execute(query.order_by(IdentityLook.id.desc()).limit(PAGE + 1))]
    return Looks(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def busy_days(session: Session, *, most: int, now: datetime) -> list[Busy]:
    """The days of the last month on which somebody looked at more than `most` people, the busiest first.

    A day here is the database's own (UTC, or its time zone): near midnight a look may count for the day beside.
    """
    day, people = sa.func.date(IdentityLook.at), sa.func.count(IdentityLook.person_id.distinct())
    query = (
        sa.select(day.label("day"), User.name, people.label("people"), sa.func.count().label("looks"))
        .join(User, User.id == IdentityLook.user_id)
        .where(IdentityLook.at >= now - WATCHED)
        .group_by(day, IdentityLook.user_id, User.name)
        .having(people > most)
        .order_by(people.desc())
        .limit(BUSY_DAYS)
    )
    return [Busy(_day(row.day), row.name, row.people, row.looks) for row in session.execute(query)]


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
