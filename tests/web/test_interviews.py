"""The interviews that 3.2 wants with who was hired: awaited in the list of people, counted on the page of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock, paris_instant
from casework.db import transaction
from casework.deadlines import Deadline
from casework.durations import said_hours
from casework.french import short_date
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser, errors_in
from tests.support.journeys import roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once

SignIn = Callable[[Actor], Browser]


@dataclass(frozen=True)
class World:
    """A 3.2 after the end of a trial period: one person hired two months ago and never met, another not hired yet."""

    case: int
    hired: int
    waiting: int
    operator: Actor
    trial_ends_on: str
    first_awaited: str
    step: int

    @property
    def journey(self) -> str:
        return f"/participants/{self.hired}"


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.2")
        hired, waiting = operation.entered(10), operation.entered(12, family_name="Bergenia")
        dates = {"hired_on": operation.day(20), "trial_ends_on": operation.day(80)}
        operation.fire(hired, operation.operator, "record_hiring", **dates)
        clock.move_to(paris_instant(operation.starts_on + timedelta(days=85)))
        first_awaited = short_date(operation.starts_on + timedelta(days=35))
        trial = session.scalars(sa.select(Deadline).where(Deadline.journey_id == hired.id, Deadline.rank == 1)).one()
        case, last = operation.application.id, operation.day(80)
        return World(case, hired.id, waiting.id, operation.operator, last, first_awaited, trial.id)


def roster_line(browser: Browser, world: World, journey: int) -> str:
    page = opened(browser, f"/dossiers/{world.case}/participants")
    return next(line for line in page.split('<tr role="row">') if f"/participants/{journey}" in line)


def test_the_list_says_for_whom_an_interview_is_awaited(world: World, signed_in: SignIn, engine: sa.Engine) -> None:
    browser = signed_in(world.operator)
    line = roster_line(browser, world, world.hired)
    assert f"Entretien avant le {world.first_awaited}" in line
    assert "À regarder" in line
    assert "Entretien avant" not in roster_line(browser, world, world.waiting)
    assert queries_of(engine, browser, f"/dossiers/{world.case}/participants") <= MOST_QUERIES


def test_the_page_of_a_journey_counts_its_interviews_and_the_step_adds_one(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.operator)
    page = opened(browser, world.journey)
    assert "Un entretien était attendu." in page
    assert "plus rapprochés pendant la période d’essai" in page
    assert "La prise de poste n’est pas encore enregistrée." in opened(browser, f"/participants/{world.waiting}")
    version = page.split('name="version" value="')[1].split('"')[0]
    form = {"milestone": str(world.step), "done_on": world.trial_ends_on, "in_work": "yes", "version": version}
    wrong = browser.post(f"{world.journey}/actions/record_milestone", {**form, "mode": "video", "minutes": "40"})
    assert wrong.status_code == 422
    assert any("entretien en présence" in sentence for sentence in errors_in(wrong))
    done = browser.post(f"{world.journey}/actions/record_milestone", {**form, "mode": "present", "minutes": "40"})
    assert done.status_code == 303
    page = opened(browser, world.journey)
    assert "En présence" in page
    assert said_hours(40) in page
    assert "1 entretien" in page
