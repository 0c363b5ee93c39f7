"""The job that recalls deadlines, on both databases: once, to the right people, whatever happened in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import paris_day, paris_instant
from casework.db import transaction
from casework.deadlines import Deadline, Reminder, deadlines_of
from casework.people import User
from casework.recipients import Directory
from casework.settings import Settings
from casework.storage import Storage
from jobs import deadlines
from jobs.work import Means
from tests.support import people
from tests.support.journeys import roster
from tests.support.stories import Teller, cast_of
from workflows.forecast import forecast
from workflows.stories import Cast


class World:
    """One case in correction, a job to run on any morning, and the reminders it left."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self.sessions, self.settings = sessions, settings
        with transaction(sessions) as session:
            self.cast: Cast = cast_of(session)
            teller = Teller(session, settings, self.cast)
            case = teller.tell("3.12", "submitted")
            teller.fire(case, self.cast.officer, "claim")
            teller.fire(case, self.cast.officer, "request_correction", reason="Statuts.", due_on="2024-03-29")
            self.case_id, self.asked = case.id, case.updated_at
        self.due = date(2024, 3, 29)

    def run(self, day: date, at: time = time(6, 0)) -> int:
        means = Means(self.sessions, self.settings, Storage(Path(self.settings.files_dir)), paris_instant(day, at))
        outcome = deadlines.run(means)
        assert outcome.failed == 0, outcome.error
        return outcome.done

    def run_daily(self, first: date, last: date) -> None:
        for number in range((last - first).days + 1):
            self.run(first + timedelta(days=number))

    def rows(self) -> list[Reminder]:
        with self.sessions() as session:
            query = sa.select(Reminder).join(Deadline, Deadline.id == Reminder.deadline_id)
            found = query.where(Deadline.kind == "correction").order_by(Reminder.planned_on, Reminder.id)
            return list(session.scalars(found))

    def told(self) -> list[tuple[int, str, int | None]]:
        return [(row.step, row.role, row.user_id) for row in self.rows() if row.skipped is None]

    def fire(self, trigger: str, at: datetime, **data: str) -> None:
        with transaction(self.sessions) as session:
            case = session.get_one(Application, self.case_id)
            actor = self.cast.manager if trigger == "extend_deadline" else self.cast.applicant
            Teller(session, self.settings, self.cast).fire(case, actor, trigger, at, **data)

    def deadline_id(self) -> str:
        with self.sessions() as session:
            known = deadlines_of(session, self.case_id)
            return str(next(one.id for one in known if one.kind == "correction"))


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings) -> World:
    return World(sessions, settings)


def test_the_right_people_are_told_step_after_step_and_once(world: World) -> None:
    cast = world.cast
    start = paris_day(world.asked)
    world.run_daily(start, world.due + timedelta(days=40))
    world.run_daily(world.due, world.due + timedelta(days=20))
    applicant, officer, manager = cast.applicant.user_id, cast.officer.user_id, cast.manager.user_id
    before = [(step, "applicant", applicant) for step in (-30, -15, -7, -1, 0, 1) if step > (start - world.due).days]
    assert world.told() == [
        *before,
        (7, "applicant", applicant),
        (7, "officer", officer),
        (15, "applicant", applicant),
        (15, "officer", officer),
        (15, "manager", manager),
    ]


def test_the_same_run_twice_writes_nothing_twice(world: World) -> None:
    day = world.due
    assert world.run(day) == 1
    before = len(world.rows())
    assert world.run(day, time(6, 5)) == 0
    assert world.run(day, time(23, 0)) == 0
    assert len(world.rows()) == before


def test_after_three_days_without_the_job_the_latest_step_goes_out_and_the_others_are_noted(world: World) -> None:
    world.run(world.due - timedelta(days=2))
    first = len(world.told())
    world.run(world.due + timedelta(days=4))
    told = world.told()[first:]
    assert [step for step, *_ in told] == [1]
    noted = [row for row in world.rows() if row.skipped and "Remplacé par le rappel" in row.skipped]
    assert {row.step for row in noted} >= {-1, 0}
    assert all(row.user_id is None for row in noted)


def test_what_is_answered_is_not_recalled_any_more(world: World) -> None:
    world.run(world.due - timedelta(days=7))
    world.fire("answer_correction", paris_instant(world.due - timedelta(days=6)), answer="Les voici.")
    assert all(row.skipped == "L’échéance a été honorée." for row in world.rows() if row.user_id)
    before = len(world.rows())
    world.run_daily(world.due - timedelta(days=6), world.due + timedelta(days=20))
    assert len(world.rows()) == before


def test_reminders_follow_an_extension_granted_after_a_reminder_went_out(world: World) -> None:
    world.run(world.due)
    new = world.due + timedelta(days=14)
    at = paris_instant(world.due, time(15, 0))
    world.fire("extend_deadline", at, deadline=world.deadline_id(), new_on=new.isoformat(), reason="Demande motivée.")
    assert {row.skipped for row in world.rows() if row.due_on == world.due and row.user_id} == {
        "Prolongée au 12/04/2024."
    }
    world.run_daily(world.due, new + timedelta(days=1))
    after = [row for row in world.rows() if row.due_on == new and row.skipped is None]
    assert [row.step for row in after] == [-7, -1, 0]
    assert all(row.planned_on > world.due for row in after)


def test_a_night_of_clock_change_loses_and_doubles_nothing(world: World) -> None:
    for day in (date(2024, 3, 30), date(2024, 3, 31), date(2024, 4, 1)):
        for at in (time(0, 30), time(1, 55), time(4, 0), time(23, 55)):
            world.run(day, at)
    keys = [(row.due_on, row.step, row.user_id) for row in world.rows()]
    assert len(keys) == len(set(keys))
    assert [step for step, *_ in world.told()] == [0]


def test_when_nobody_is_left_the_services_are_told_and_it_is_said(world: World) -> None:
    with transaction(world.sessions) as session:
        session.get_one(User, world.cast.applicant.user_id).active = False
    world.run(world.due)
    told = [row for row in world.rows() if row.skipped is None]
    assert {row.role for row in told} == {"officer", "manager"}
    assert all("Personne ne peut être prévenu du côté de : Porteur de projet" in row.note for row in told)


def test_a_case_that_fails_stops_no_other(
    world: World, sessions: sessionmaker[Session], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(sessions) as session:
        other = Teller(session, settings, world.cast).tell("3.12", "draft").id
    honest = deadlines.remind

    def fragile(session: Session, case_id: int, directory: Directory, **more: object) -> int:
        if case_id == world.case_id:
            raise RuntimeError("broken")
        return honest(session, case_id, directory, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(deadlines, "remind", fragile)
    means = Means(sessions, settings, Storage(Path(settings.files_dir)), paris_instant(date(2024, 4, 2)))
    outcome = deadlines.run(means)
    assert (outcome.done, outcome.failed) == (1, 1)
    assert f"dossier {world.case_id}" in outcome.error
    with sessions() as session:
        waiting = sa.select(Deadline.next_reminder_on).where(Deadline.application_id == other)
        assert session.scalars(waiting).one() != paris_day(means.now)


def test_a_setting_changes_the_ladder(world: World) -> None:
    world.settings = replace(world.settings, reminder_ladder="-3 0")
    world.run_daily(paris_day(world.asked), world.due + timedelta(days=30))
    assert [step for step, *_ in world.told()] == [-3, 0]


def test_what_is_forecast_is_what_is_then_written_and_changes_nothing(world: World) -> None:
    start = paris_day(world.asked) + timedelta(days=1)
    with world.sessions() as session:
        said = forecast(session, today=start, days=100)
        assert not session.dirty
    assert world.rows() == []
    assert [one.due_on for one in said.deadlines if one.kind == "correction"] == [world.due]
    world.run_daily(start, start + timedelta(days=100))
    written = {(row.step, row.planned_on) for row in world.rows()}
    assert {(one.step, one.on) for one in said.reminders if one.due_on == world.due} == written


def test_two_workers_at_once_write_each_reminder_once(world: World, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        directory = Directory(session)
        directory.read_cases(session, [world.case_id])
        at = paris_instant(world.due, time(6, 0))
        assert deadlines.remind(session, world.case_id, directory, at=at) == 1
        if session.get_bind().dialect.name == "postgresql":
            with transaction(sessions) as second:
                assert deadlines.remind(second, world.case_id, directory, at=at) == 0
    assert world.run(world.due) == 0
    assert len(world.told()) == 1


def test_another_organisation_is_never_told(world: World) -> None:
    with transaction(world.sessions) as session:
        stranger = people.applicant(session, people.organisation(session)).user_id
    world.run_daily(paris_day(world.asked), world.due + timedelta(days=30))
    assert stranger not in {row.user_id for row in world.rows()}


def test_after_nights_without_the_job_the_grids_of_a_month_are_recalled_once_without_any_journey(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.9")
        people_there = [operation.entered(day=10) for _ in range(4)]
        case_id, due = operation.application.id, operation.starts_on + timedelta(days=40)
        numbers = [str(journey.label) for journey in people_there]
        known = sa.update(Deadline).where(Deadline.kind == "grids")
        session.execute(known.values(since_on=operation.starts_on, next_reminder_on=operation.starts_on))
    at = paris_instant(due + timedelta(days=4), time(6))
    means = Means(sessions, settings, Storage(Path(settings.files_dir)), at)
    deadlines.run(means)
    deadlines.run(means)
    with sessions() as session:
        query = sa.select(Reminder, Deadline).join(Deadline, Deadline.id == Reminder.deadline_id)
        told = session.execute(query.where(Deadline.kind == "grids", Reminder.skipped.is_(None))).all()
    assert {deadline.application_id for _, deadline in told} == {case_id}
    assert sorted((reminder.step, deadline.title) for reminder, deadline in told) == [
        (1, f"4 grilles d’entrée à remplir ({due - timedelta(days=30):%m/%Y})"),
        (1, f"4 relevés des freins à l’entrée à faire ({due - timedelta(days=30):%m/%Y})"),
    ]
    assert not any(number in deadline.title for _, deadline in told for number in numbers)
