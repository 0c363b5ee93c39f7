"""The deadlines of progress records: owed of the months in which somebody is accompanied, of no other."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from casework.clock import paris_instant
from casework.deadlines import RECORD_KINDS, Deadline, deadlines_of
from casework.french import short_date
from casework.participants import Journey
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows.engine import Act, fire
from workflows.inbox import inbox_of
from workflows.journey.months import Row, grid_of, save_months
from workflows.journey.record_deadlines import NOBODY, bring, month_of_rank
from workflows.rules.results import end_of_month


@pytest.fixture
def operation(teller: Teller) -> Roster:
    return roster(teller, "3.11")


def of_records(operation: Roster, status: str) -> list[Deadline]:
    known = deadlines_of(operation.teller.session, operation.application.id)
    return [one for one in known if one.kind in RECORD_KINDS and one.status == status]


def ranks(operation: Roster, kind: str = "cre", status: str = "open") -> list[int]:
    return sorted(one.rank for one in of_records(operation, status) if one.kind == kind)


def first_of(operation: Roster, rank: int) -> int:
    """The number of the day that begins the month of this rank."""
    return (month_of_rank(operation.application, rank) - operation.starts_on).days


def leave(operation: Roster, journey: Journey, day: int) -> None:
    operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(day), exit_kind="durable-1")


def submit(operation: Roster, journey: Journey, rank: int, at: datetime) -> None:
    session, case = operation.teller.session, operation.application
    month, act = month_of_rank(case, rank), Act(operation.operator, at, operation.teller.settings)
    save_months(session, case, month, [Row("1", journey.id, "", "9")], seen=grid_of(session, case, month).seen, act=act)
    line = next(one for one in grid_of(session, case, month).lines if one.journey.id == journey.id)
    assert line.record is not None
    fire(session, line.record, "submit_record", Act(operation.operator, at, operation.teller.settings, {}, 1))


def test_an_operation_that_nobody_entered_owes_no_record(operation: Roster) -> None:
    assert of_records(operation, "open") == []
    operation.orient()
    assert of_records(operation, "open") == []
    groups = inbox_of(operation.teller.session, operation.operator, today=operation.late.date())
    assert not any("CRE" in task.verb for group in groups for task in group.tasks)


def test_records_are_owed_from_the_month_of_the_first_entry_to_the_last_exit(operation: Roster) -> None:
    first = operation.entered(first_of(operation, 4) + 3)
    assert ranks(operation) == ranks(operation, "cre_validation") == list(range(4, 13))
    leave(operation, first, first_of(operation, 6) + 1)
    assert ranks(operation) == [4, 5, 6]
    gone = of_records(operation, "cancelled")
    assert {one.kind for one in gone} == set(RECORD_KINDS)
    assert {one.outcome for one in gone} == {NOBODY}
    operation.entered(first_of(operation, 9))
    assert ranks(operation) == [4, 5, 6, 9, 10, 11, 12]
    held = {one.rank: one.id for one in of_records(operation, "open") if one.kind == "cre"}
    waiting = [one for one in of_records(operation, "open") if one.kind == "cre_validation"]
    assert {one.awaits_id for one in waiting} == set(held.values())


def test_a_date_of_entry_that_is_corrected_moves_the_months_that_owe(operation: Roster) -> None:
    journey = operation.entered(first_of(operation, 2))
    operation.fire(
        journey,
        operation.operator,
        "correct_entry",
        entered_on=operation.day(first_of(operation, 5)),
        reason="Reprise du contrat.",
    )
    assert ranks(operation)[0] == 5
    leave(operation, journey, first_of(operation, 8))
    operation.fire(
        journey,
        operation.operator,
        "correct_exit",
        exited_on=operation.day(first_of(operation, 7)),
        exit_kind="durable-1",
        reason="Date reprise du contrat.",
    )
    assert ranks(operation) == [5, 6, 7]


def test_a_month_in_which_everybody_is_suspended_owes_nothing_until_somebody_comes_back(operation: Roster) -> None:
    journey = operation.entered(first_of(operation, 1))
    started, resumed = operation.day(first_of(operation, 3) + 4), operation.day(first_of(operation, 6) + 2)
    operation.fire(journey, operation.operator, "suspend", started_on=started, reason="Absence longue.")
    assert ranks(operation) == [1, 2, 3]
    operation.fire(journey, operation.operator, "resume", resumed_on=resumed)
    assert ranks(operation) == [1, 2, 3, *range(6, 13)]


def test_the_last_one_to_miss_leaves_and_the_month_is_met(operation: Roster) -> None:
    here, leaving = (operation.entered(first_of(operation, 1)) for _ in range(2))
    submit(operation, here, 2, operation.late)
    assert 2 in ranks(operation)
    leave(operation, leaving, 5)
    assert 2 in ranks(operation, status="met")
    (waited,) = (one for one in of_records(operation, "open") if (one.kind, one.rank) == ("cre_validation", 2))
    assert waited.awaits_id is None


def test_an_extension_of_a_month_without_people_does_not_keep_it(operation: Roster, teller: Teller) -> None:
    journey = operation.entered(first_of(operation, 1))
    last = next(one for one in of_records(operation, "open") if (one.kind, one.rank) == ("cre", 12))
    new_on = (last.due_on + timedelta(days=30)).isoformat()
    teller.fire(
        operation.application, teller.cast.manager, "extend_deadline", deadline=str(last.id), new_on=new_on, reason="x"
    )
    leave(operation, journey, 40)
    assert last.status == "cancelled"


def test_nothing_is_due_before_the_convention_is_signed(operation: Roster, session: Session) -> None:
    """The rule gives the 10th of the next month; nobody could meet it when the convention came later."""
    convention = operation.application.convention
    assert convention is not None
    signed_on = end_of_month(month_of_rank(operation.application, 4))
    convention.applicant_signed_on = convention.funder_signed_on = signed_on
    operation.entered(first_of(operation, 1))
    due = {(one.kind, one.rank): one for one in of_records(operation, "open")}
    caught_up = month_of_rank(operation.application, 5).replace(day=10)
    assert {due["cre", rank].due_on for rank in (1, 2, 3, 4)} == {caught_up}
    assert {due["cre_validation", rank].due_on for rank in (1, 2, 3, 4)} == {caught_up + timedelta(days=10)}
    assert due["cre", 1].computed.endswith(f"de la signature de la convention, le {short_date(signed_on)}")
    assert due["cre", 5].due_on == month_of_rank(operation.application, 6).replace(day=10)


def test_the_night_cancels_what_an_older_calendar_planned(operation: Roster, session: Session) -> None:
    journey = operation.entered(first_of(operation, 1))
    journey.entered_on = month_of_rank(operation.application, 3)
    bring(session, operation.application, at=paris_instant(operation.late.date(), time(4, 0)))
    assert ranks(operation) == list(range(3, 13))
    assert {one.outcome for one in of_records(operation, "cancelled")} == {NOBODY}
