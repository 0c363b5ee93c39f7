"""The deadlines of what an operation owes of its participants follow the settings, and reach what ran before them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import paris_instant
from casework.db import transaction
from casework.deadlines import RECORD_KINDS, Deadline
from casework.settings import Settings
from jobs import owed
from tests.support.journeys import roster
from tests.support.means import means
from tests.support.stories import Teller, cast_of

GRIDS = Deadline.kind == "grids"


def told(sessions: sessionmaker[Session], settings: Settings) -> date:
    """An operation of 3.9 which somebody entered, and one that asks for no grid. The day when its grid is due."""
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        roster(teller, "3.5").entered(day=10)
        operation = roster(teller, "3.9")
        operation.entered(day=10)
        return operation.starts_on + timedelta(days=40)


def due_days(sessions: sessionmaker[Session]) -> set[date]:
    with sessions() as session:
        return set(session.scalars(sa.select(Deadline.due_on).where(GRIDS, Deadline.status == "open")))


def test_an_operation_that_ran_before_these_deadlines_gets_them(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    due = told(sessions, settings)
    with transaction(sessions) as session:
        session.execute(sa.delete(Deadline).where(GRIDS))
    night = means(sessions, settings, now=paris_instant(due))
    assert (owed.run(night).done, owed.run(night).failed) == (1, 0)
    assert due_days(sessions) == {due}


def test_a_number_of_days_that_changes_in_the_settings_moves_what_is_open(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    due = told(sessions, settings)
    later = replace(settings, entry_grid_days=settings.entry_grid_days + 20)
    assert owed.run(means(sessions, later, now=paris_instant(due))).failed == 0
    assert due_days(sessions) == {due + timedelta(days=20)}


def test_the_months_that_owe_progress_records_are_looked_at_too(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    records = Deadline.kind.in_(RECORD_KINDS)
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.12")
        operation.entered(day=70)
        owing = session.scalar(sa.select(sa.func.count()).where(records)) or 0
        session.execute(sa.delete(Deadline).where(records))
        night = means(sessions, settings, now=operation.late)
    assert (owed.run(night).done, owed.run(night).failed) == (1, 0)
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).where(records)) == owing > 0
