"""The progress record of each participant and month (CRE, 3.10–3.12), from its month to the Département."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.clock import paris_instant
from casework.deadlines import Deadline, deadlines_of
from casework.errors import Forbidden, InvalidInput, Refused
from casework.participants import Journey
from casework.people import Actor, Territory
from casework.progress_records import ProgressRecord
from tests.support import people
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows.checking import faults
from workflows.engine import Act, fire
from workflows.inbox import inbox_of
from workflows.journey.activities import record_activity
from workflows.journey.months import Row, grid_of, save_months
from workflows.progress import PROGRESS
from workflows.progress.guards import NOTHING_TOLD
from workflows.progress.reading import validated_results
from workflows.rules.calendar import add_months

INTERVIEW = {"kind": "interview", "mode": "present", "minutes": "60"}


@pytest.fixture
def operation(teller: Teller) -> Roster:
    return roster(teller, "3.10")


def month(operation: Roster, rank: int = 2) -> date:
    return add_months(operation.starts_on.replace(day=1), rank)


def day_after(operation: Roster, rank: int = 2, day: int = 5) -> datetime:
    """A day of the month that follows, when the records of this one are due."""
    return paris_instant(month(operation, rank + 1).replace(day=day), time(10, 0))


def opened(operation: Roster, journey: Journey, hours: str = "12,5", rank: int = 2) -> ProgressRecord:
    """The record of this person for the n-th month, opened by its grid."""
    session, case = operation.teller.session, operation.application
    seen = grid_of(session, case, month(operation, rank)).seen
    act = Act(operation.operator, day_after(operation, rank), operation.teller.settings)
    save_months(session, case, month(operation, rank), [Row("1", journey.id, "", hours)], seen=seen, act=act)
    query = sa.select(ProgressRecord).where(ProgressRecord.journey_id == journey.id)
    return session.scalars(query.where(ProgressRecord.month == month(operation, rank))).one()


def act_on(
    operation: Roster, record: ProgressRecord, trigger: str, actor: Actor, at: datetime | None = None, **data: Any
) -> None:
    when = at or day_after(operation)
    fire(operation.teller.session, record, trigger, Act(actor, when, operation.teller.settings, data, record.version))


def due(operation: Roster, kind: str, rank: int = 3) -> Deadline:
    known = deadlines_of(operation.teller.session, operation.application.id)
    return next(one for one in known if (one.kind, one.rank) == (kind, rank))


def test_the_machine_leaves_nobody_stuck() -> None:
    assert faults(PROGRESS) == []


def test_a_record_is_submitted_validated_and_transmitted_each_step_with_its_author(
    operation: Roster, session: Session
) -> None:
    record = opened(operation, operation.entered(10))
    act_on(operation, record, "submit_record", operation.operator, themes=["mobility"], comment="Permis engagé.")
    assert (record.state, record.themes, record.comment) == ("submitted", ["mobility"], "Permis engagé.")
    act_on(operation, record, "validate_record", operation.slai)
    assert (record.state, record.validated_by_id) == ("transmitted", operation.slai.user_id)
    told = [(one.label, one.actor_name) for one in journal.timeline(session, "progress_record", record.id)]
    assert told[::-1] == [
        ("CRE remis au SLAI", operation.operator.name),
        ("CRE validé par le SLAI", operation.slai.name),
        ("CRE transmis au Département", "Déroulement automatique"),
    ]


def test_a_returned_record_is_corrected_with_its_month_and_sent_again(operation: Roster, session: Session) -> None:
    journey = operation.entered(10)
    record = opened(operation, journey)
    act_on(operation, record, "submit_record", operation.operator)
    with pytest.raises(InvalidInput):
        opened(operation, journey, hours="20")
    with pytest.raises(InvalidInput) as unsaid:
        act_on(operation, record, "return_record", operation.slai)
    assert set(unsaid.value.errors) == {"reason"}
    act_on(operation, record, "return_record", operation.slai, reason="Les heures ne suivent pas le planning.")
    assert (record.state, record.return_reason) == ("returned", "Les heures ne suivent pas le planning.")
    assert opened(operation, journey, hours="20").id == record.id
    act_on(operation, record, "submit_record", operation.operator)
    assert (record.state, record.return_reason) == ("submitted", "")


def test_a_record_is_about_a_whole_month_or_about_its_part_before_the_exit(operation: Roster) -> None:
    staying, leaving = operation.entered(10), operation.entered(10)
    during = paris_instant(month(operation) + timedelta(days=20), time(10, 0))
    records = [opened(operation, journey) for journey in (staying, leaving)]
    day = (month(operation) - operation.starts_on).days + 15
    operation.fire(leaving, operation.operator, "record_exit", exited_on=operation.day(day), exit_kind="durable-1")
    with pytest.raises(Refused, match="une fois le mois fini"):
        act_on(operation, records[0], "submit_record", operation.operator, at=during)
    act_on(operation, records[1], "submit_record", operation.operator, at=during)
    assert records[1].state == "submitted"


def test_a_record_that_tells_nothing_is_refused_and_one_without_hours_is_written(operation: Roster) -> None:
    silent, busy, met = (opened(operation, operation.entered(10), hours="0") for _ in range(3))
    with pytest.raises(InvalidInput) as unsaid:
        act_on(operation, silent, "submit_record", operation.operator)
    assert unsaid.value.errors == {"comment": (NOTHING_TOLD,)}
    with pytest.raises(InvalidInput):
        act_on(operation, silent, "write_record", operation.operator)
    act_on(operation, silent, "write_record", operation.operator, comment="Arrêt de travail tout le mois.")
    with pytest.raises(InvalidInput):
        act_on(operation, silent, "submit_record", operation.operator, comment="")
    act_on(operation, silent, "submit_record", operation.operator, comment="Arrêt de travail tout le mois.")
    act_on(operation, busy, "submit_record", operation.operator, themes=["digital"])
    act = Act(
        operation.operator, day_after(operation), operation.teller.settings, INTERVIEW | {"done_on": operation.day(70)}
    )
    record_activity(operation.teller.session, operation.application, [met.journey_id], act)
    act_on(operation, met, "submit_record", operation.operator)
    assert {record.state for record in (silent, busy, met)} == {"submitted"}


def test_only_the_slai_of_the_territory_validates_and_only_the_operator_submits(
    operation: Roster, teller: Teller
) -> None:
    record = opened(operation, operation.entered(10))
    elsewhere = teller.session.scalars(sa.select(Territory).where(Territory.id != record.territory_id)).first()
    assert elsewhere is not None
    stranger = people.applicant(teller.session, people.organisation(teller.session))
    for actor in (stranger, operation.slai, teller.cast.officer):
        with pytest.raises(Forbidden):
            act_on(operation, record, "submit_record", actor)
    act_on(operation, record, "submit_record", operation.operator)
    for actor in (operation.operator, people.slai(teller.session, elsewhere), teller.cast.manager):
        with pytest.raises(Forbidden):
            act_on(operation, record, "validate_record", actor)
    with pytest.raises(Forbidden):
        act_on(operation, record, "transmit_record", operation.operator)


def test_the_last_record_of_a_month_meets_its_deadline_then_the_slai_has_ten_days(operation: Roster) -> None:
    records = [opened(operation, operation.entered(10)) for _ in range(2)]
    act_on(operation, records[0], "submit_record", operation.operator)
    assert due(operation, "cre").status == "open"
    assert due(operation, "cre_validation").awaits_id is not None
    late = day_after(operation, day=18)
    act_on(operation, records[1], "submit_record", operation.operator, at=late)
    sent, waited = due(operation, "cre"), due(operation, "cre_validation")
    assert (sent.status, sent.done_on, sent.met_late) == ("met", late.date(), True)
    assert (waited.awaits_id, waited.due_on) == (None, late.date() + timedelta(days=10))
    act_on(operation, records[0], "validate_record", operation.slai, at=late)
    assert due(operation, "cre_validation").status == "open"
    act_on(operation, records[1], "validate_record", operation.slai, at=late)
    assert due(operation, "cre_validation").status == "met"
    assert [one.status for one in (due(operation, "cre", 4), due(operation, "cre_validation", 4))] == ["open", "open"]


def test_a_record_sent_again_gives_the_slai_ten_days_again(operation: Roster) -> None:
    record = opened(operation, operation.entered(10))
    act_on(operation, record, "submit_record", operation.operator)
    act_on(operation, record, "return_record", operation.slai, reason="Heures à revoir.")
    again = day_after(operation, day=25)
    act_on(operation, record, "submit_record", operation.operator, at=again)
    assert due(operation, "cre_validation").due_on == again.date() + timedelta(days=10)


def test_who_is_suspended_the_whole_month_needs_no_record(operation: Roster) -> None:
    present, away = operation.entered(10), operation.entered(10)
    operation.fire(away, operation.operator, "suspend", started_on=operation.day(20), reason="Absence longue.")
    act_on(operation, opened(operation, present), "submit_record", operation.operator)
    assert due(operation, "cre").status == "met"


def test_a_transmitted_record_is_reopened_by_the_services_with_a_reason(operation: Roster, teller: Teller) -> None:
    record = opened(operation, operation.entered(10))
    act_on(operation, record, "submit_record", operation.operator)
    act_on(operation, record, "validate_record", operation.slai)
    assert validated_results(teller.session, operation.application) == {"months_done": 1, "hours_done": 13}
    with pytest.raises(Forbidden):
        act_on(operation, record, "reopen_record", operation.operator, reason="Erreur.")
    act_on(operation, record, "reopen_record", teller.cast.officer, reason="Heures d’un autre mois.")
    assert record.state == "returned"
    assert validated_results(teller.session, operation.application) == {"months_done": 0, "hours_done": 0}


def test_results_are_those_of_validated_months_where_the_person_was_present(operation: Roster, teller: Teller) -> None:
    first, second, third = (operation.entered(10) for _ in range(3))
    for journey, hours in ((first, "10 h 20"), (second, "7,5"), (third, "9")):
        record = opened(operation, journey, hours)
        if journey is not third:
            act_on(operation, record, "submit_record", operation.operator)
            act_on(operation, record, "validate_record", operation.slai)
    assert validated_results(teller.session, operation.application) == {"months_done": 2, "hours_done": 18}


def tasks(operation: Roster, actor: Actor, day: date) -> list[str]:
    groups = inbox_of(operation.teller.session, actor, today=day)
    return [task.verb for group in groups for task in group.tasks if "CRE" in task.verb]


def since(operation: Roster, actor: Actor, day: date) -> date:
    groups = inbox_of(operation.teller.session, actor, today=day)
    (found,) = (task.since for group in groups for task in group.tasks if "CRE" in task.verb)
    return found


def test_what_is_to_send_to_validate_or_to_correct_waits_for_the_right_person(
    operation: Roster, teller: Teller
) -> None:
    record = opened(operation, operation.entered(65))
    during, after = month(operation) + timedelta(days=20), day_after(operation).date()
    elsewhere = teller.session.scalars(sa.select(Territory).where(Territory.id != record.territory_id)).first()
    assert elsewhere is not None
    assert tasks(operation, operation.operator, during) == []
    assert tasks(operation, operation.operator, after) == ["Remettre les CRE du mois"]
    assert tasks(operation, operation.slai, after) == []
    act_on(operation, record, "submit_record", operation.operator)
    assert tasks(operation, operation.operator, after) == []
    assert tasks(operation, operation.slai, after) == ["Valider des CRE"]
    assert since(operation, operation.slai, after) == after
    assert tasks(operation, people.slai(teller.session, elsewhere), after) == []
    later = day_after(operation, day=8)
    act_on(operation, record, "return_record", operation.slai, at=later, reason="Heures à revoir.")
    assert tasks(operation, operation.slai, after) == []
    assert tasks(operation, operation.operator, later.date()) == ["Corriger des CRE"]
    assert since(operation, operation.operator, later.date()) == later.date()


def test_records_have_been_there_to_send_since_their_month_ended(operation: Roster) -> None:
    operation.entered((month(operation, 5) - operation.starts_on).days + 3)
    assert since(operation, operation.operator, day_after(operation, 5).date()) == month(operation, 6)
