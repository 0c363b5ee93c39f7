"""The demonstration's participants come from real transitions, and stop at the simulated day."""

from __future__ import annotations

from datetime import timedelta

import pytest
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


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("code", ["3.2", "3.7", "3.9", "3.14"])
def test_an_operation_of_the_demonstration_reports_the_exits_of_the_people_it_followed(
    session: Session, settings: Settings, teller: Teller, code: str
) -> None:
    """Ten posts foresee more exits than six people: the report says those that happened, and is controlled."""
    plan = Plan(code, "closed", posts=15, delivers=True, goals=True)
    case = PeopledStory(session, teller.storage, settings, teller.cast, plan, FAR).tell()
    assert case.state == "closed"


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
