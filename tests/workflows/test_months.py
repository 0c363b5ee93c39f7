"""The months of an operation's participants: saved whole or not at all, each line at fault said."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.activities import JourneyMonth
from casework.clock import paris_instant
from casework.errors import Forbidden, InvalidInput, Refused, Stale
from casework.identities import Person
from casework.participants import Journey
from casework.people import Actor
from casework.progress_records import ProgressRecord
from tests.support import people
from tests.support.journeys import Roster, roster
from tests.support.queries import counted
from tests.support.stories import Teller
from workflows.engine import Act
from workflows.journey.months import Row, grid_of, months_of, save_months
from workflows.rules.calendar import add_months
from workflows.rules.hours import usual_minutes

STATEMENTS = 12


@pytest.fixture
def operation(teller: Teller) -> Roster:
    return roster(teller, "3.10")


def month_of(operation: Roster, rank: int) -> date:
    """The first day of the n-th month of the operation, from 0."""
    return add_months(operation.starts_on.replace(day=1), rank)


def save(operation: Roster, month: date, *rows: Row, at: datetime | None = None, **options: Any) -> int:
    session, case = operation.teller.session, operation.application
    act = Act(options.get("actor", operation.operator), at or operation.late, operation.teller.settings)
    seen = options.get("seen") or grid_of(session, case, month).seen
    return save_months(session, case, month, rows, seen=seen, act=act)


def said(journey: Journey, present: str = "", hours: str = "") -> Row:
    return Row(str(journey.id), journey.id, present, hours)


def stored(session: Session) -> list[tuple[int, bool, int]]:
    query = sa.select(JourneyMonth.journey_id, JourneyMonth.present, JourneyMonth.minutes)
    return [tuple(row) for row in session.execute(query.order_by(JourneyMonth.journey_id))]


def refusals(operation: Roster, month: date, *rows: Row) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as refused:
        save(operation, month, *rows)
    assert stored(operation.teller.session) == []
    return {name: list(sentences) for name, sentences in refused.value.errors.items()}


def test_a_month_is_saved_with_its_hours_and_opens_the_progress_records(operation: Roster, session: Session) -> None:
    first, second, third = (operation.entered(40) for _ in range(3))
    month = month_of(operation, 2)
    rows = (said(first, hours="12,5"), said(second, "non"), said(third))
    assert save(operation, month, *rows) == 2
    assert stored(session) == [(first.id, True, 750), (second.id, False, 0)]
    records = session.scalars(sa.select(ProgressRecord).order_by(ProgressRecord.journey_id)).all()
    assert [(one.journey_id, one.month, one.state) for one in records] == [
        (first.id, month, "to_write"),
        (second.id, month, "to_write"),
    ]
    assert save(operation, month, *rows) == 0
    assert save(operation, month, said(first, "oui", "10 h 15")) == 1
    assert stored(session)[0] == (first.id, True, 615)


def test_a_sheet_without_progress_records_has_months_all_the_same(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.9")
    journey = operation.entered(40)
    assert save(operation, month_of(operation, 2), said(journey, "oui")) == 1
    assert session.scalar(sa.select(sa.func.count(ProgressRecord.id))) == 0


def test_the_entry_of_the_journal_says_what_changed_by_number_and_names_nobody(
    operation: Roster, session: Session
) -> None:
    journey = operation.entered(40)
    month = month_of(operation, 2)
    save(operation, month, said(journey, hours="5"))
    save(operation, month, said(journey, hours="6"))
    event = journal.timeline(session, "application", operation.application.id)[0]
    assert (event.kind, event.actor_name) == ("application.months_recorded", operation.operator.name)
    assert event.payload is not None
    assert event.payload.content["months"] == [[journey.id, True, 360, [True, 300]]]
    assert session.get_one(Person, journey.person_id).family_name not in str(event.payload.content)


def test_each_line_at_fault_is_said_and_nothing_is_written(operation: Roster) -> None:
    right, stranger = operation.entered(40), operation.orient()
    month = month_of(operation, 2)
    lines = [operation.entered(40) for _ in range(5)]
    rows = (
        said(right, "oui", "10"),
        said(lines[0], "peut-être"),
        said(lines[1], hours="-4"),
        said(lines[2], "non", "3"),
        said(lines[3], hours="800"),
        said(lines[4], "oui"),
        Row("twice", lines[4].id, "oui"),
        said(stranger, "oui"),
        Row("nobody", None, "oui"),
    )
    found = refusals(operation, month, *rows)
    assert set(found) == {
        f"present-{lines[0].id}",
        f"hours-{lines[1].id}",
        f"present-{lines[2].id}",
        f"hours-{lines[3].id}",
        "line-twice",
        f"line-{stranger.id}",
        "line-nobody",
    }
    assert found[f"hours-{lines[1].id}"] == ["Un nombre d’heures ne peut pas être négatif."]
    assert "au plus" in found[f"hours-{lines[3].id}"][0]


def test_a_month_holds_no_more_hours_than_the_days_of_the_journey_in_it(operation: Roster) -> None:
    """Entered on the last day of a month: 24 hours at most, so never 25 in a day."""
    month = month_of(operation, 1)
    last = add_months(month, 1) - timedelta(days=1)
    journey = operation.entered((last - operation.starts_on).days)
    assert list(refusals(operation, month, said(journey, hours="25"))) == [f"hours-{journey.id}"]
    assert save(operation, month, said(journey, hours="24")) == 1


def test_a_month_that_runs_holds_the_hours_of_its_days_so_far(operation: Roster) -> None:
    """On the fifth of the month, five days: 120 hours, and not 744."""
    month = month_of(operation, 2)
    journey, today = operation.entered(10), paris_instant(month + timedelta(days=4), time(9))
    with pytest.raises(InvalidInput) as refused:
        save(operation, month, said(journey, hours="120:01"), at=today)
    assert "5 jours de parcours passés ce mois" in refused.value.errors[f"hours-{journey.id}"][0]
    assert save(operation, month, said(journey, hours="120"), at=today) == 1


def test_hours_are_to_be_read_again_well_before_they_are_impossible(operation: Roster) -> None:
    month = month_of(operation, 2)
    journey, today = operation.entered(10), month + timedelta(days=4)
    for hours, warned in (("48", False), ("48:01", True)):
        save(operation, month, said(journey, hours=hours))
        (line,) = grid_of(operation.teller.session, operation.application, month).lines
        assert ("plus de 10 h par jour ou 48 h par semaine" in line.many_hours(today)) is warned


@pytest.mark.parametrize(("days", "hours"), [(0, 0), (1, 10), (4, 40), (5, 48), (8, 80), (15, 144), (31, 240)])
@pytest.mark.database("sqlite")
def test_ten_hours_a_day_and_forty_eight_a_week_are_usual_at_most(days: int, hours: int) -> None:
    assert usual_minutes(days) == hours * 60


def test_who_is_not_there_yet_or_any_more_has_no_line(operation: Roster) -> None:
    late, gone = operation.entered(70), operation.exited(day=40)
    before, after = month_of(operation, 1), month_of(operation, 3)
    assert list(refusals(operation, before, said(late, "oui"))) == [f"line-{late.id}"]
    assert list(refusals(operation, after, said(gone, "oui"))) == [f"line-{gone.id}"]


def test_a_month_wholly_suspended_has_nobody_present(operation: Roster) -> None:
    journey = operation.entered(5)
    operation.fire(journey, operation.operator, "suspend", started_on=operation.day(20), reason="Absence longue.")
    month = month_of(operation, 2)
    assert list(refusals(operation, month, said(journey, "oui"))) == [f"present-{journey.id}"]
    assert save(operation, month, said(journey, "non")) == 1


@pytest.mark.parametrize(("rank", "why"), [(-1, "n’en fait pas partie"), (12, "n’en fait pas partie")])
def test_a_month_outside_the_convention_is_refused(operation: Roster, rank: int, why: str) -> None:
    journey = operation.entered(10)
    with pytest.raises(Refused, match=why):
        save(operation, month_of(operation, rank), said(journey, "oui"), seen="0.0")


def test_a_month_that_has_not_begun_is_refused(operation: Roster) -> None:
    journey = operation.entered(10)
    early = paris_instant(month_of(operation, 2))
    with pytest.raises(Refused, match="n’a pas commencé"):
        save(operation, month_of(operation, 3), said(journey, "oui"), at=early, seen="0.0")
    assert months_of(operation.application, date.max)[0] == month_of(operation, 11)


def test_the_second_of_two_people_at_the_same_grid_is_told_who_came_first(operation: Roster) -> None:
    journey = operation.entered(10)
    month = month_of(operation, 2)
    seen = grid_of(operation.teller.session, operation.application, month).seen
    save(operation, month, said(journey, "oui"), seen=seen)
    with pytest.raises(Stale, match=operation.operator.name):
        save(operation, month, said(journey, "non"), seen=seen)


def test_only_the_operator_of_the_operation_says_its_months(operation: Roster, teller: Teller) -> None:
    journey = operation.entered(10)
    stranger = people.applicant(teller.session, people.organisation(teller.session))
    actors: list[Actor] = [stranger, operation.slai, teller.cast.officer, teller.cast.manager]
    for actor in actors:
        with pytest.raises(Forbidden):
            save(operation, month_of(operation, 2), said(journey, "oui"), actor=actor)


def test_the_database_refuses_to_change_a_month_whose_record_was_sent(operation: Roster, session: Session) -> None:
    journey = operation.entered(10)
    save(operation, month_of(operation, 2), said(journey, "oui"))
    session.execute(sa.update(ProgressRecord).values(state="submitted", submitted_at=operation.late))
    assert list(errors_of(operation, said(journey, "oui", "3"))) == [f"line-{journey.id}"]
    for change in ("UPDATE journey_month SET minutes = 60", "DELETE FROM journey_month"):
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.execute(sa.text(change))


def errors_of(operation: Roster, row: Row) -> dict[str, Any]:
    with pytest.raises(InvalidInput) as refused:
        save(operation, month_of(operation, 2), row)
    return dict(refused.value.errors)


def test_a_grid_of_many_lines_is_saved_in_a_handful_of_statements(operation: Roster, session: Session) -> None:
    journeys = [operation.entered(10) for _ in range(20)]
    month = month_of(operation, 2)
    seen = grid_of(session, operation.application, month).seen
    rows = [said(journey, hours="10") for journey in journeys]
    with counted(session.connection().engine) as statements:
        assert save(operation, month, *rows, seen=seen) == len(journeys)
    assert len(statements) <= STATEMENTS, statements


def test_the_dates_of_a_journey_leave_nothing_that_was_said_outside_of_them(operation: Roster) -> None:
    journey = operation.entered(10)
    save(operation, month_of(operation, 3), said(journey, "oui"))
    last = (month_of(operation, 3) - operation.starts_on).days - 1
    with pytest.raises(InvalidInput) as refused:
        operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(last), exit_kind="durable-1")
    assert "notée présente" in refused.value.errors["exited_on"][0]
    late = operation.day(last + 40)
    with pytest.raises(InvalidInput) as moved:
        operation.fire(journey, operation.operator, "correct_entry", entered_on=late, reason="Erreur de saisie.")
    assert "notée présente" in moved.value.errors["entered_on"][0]
    operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(last + 1), exit_kind="durable-1")
    assert journey.state == "exited"
