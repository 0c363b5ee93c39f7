"""The demonstration's participants come from real transitions, and stop at the simulated day."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.clock import paris_instant
from casework.participants import Journey
from casework.settings import Settings
from tests.support.stories import FAR, Teller
from workflows.journey.stories import tell_journeys
from workflows.progress.stories import PeopledStory
from workflows.stories import Plan


def test_participants_come_and_go_before_the_operation_ends(
    session: Session, settings: Settings, teller: Teller
) -> None:
    case = PeopledStory(session, teller.storage, settings, teller.cast, Plan("3.12", "closed"), FAR).tell()
    found = session.execute(sa.select(Journey.state, sa.func.count()).group_by(Journey.state)).all()
    assert case.state == "closed"
    assert {state: number for state, number in found} == {"exited": 4, "declined": 1, "accompanied": 1}  # noqa: C416
    assert journal.verify(session)[1] is None


def test_nothing_is_told_after_the_simulated_day_nor_without_participants(
    session: Session, settings: Settings, teller: Teller
) -> None:
    case = teller.tell("3.12", "execution")
    assert case.convention is not None
    day = case.updated_at + timedelta(days=7)
    assert len(tell_journeys(session, settings, teller.cast, case, day)) == 2
    assert all(journey.updated_at <= day for journey in session.scalars(sa.select(Journey)))
    support = teller.tell("3.13", "execution")
    late = paris_instant(case.convention.ends_on)
    assert tell_journeys(session, settings, teller.cast, support, late) == []
