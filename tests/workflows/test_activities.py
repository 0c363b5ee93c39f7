"""What is done with participants: entered once for several, each person at fault named, nothing half written."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.activities import KINDS, Activity
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.participants import Journey
from casework.people import Actor
from casework.progress_records import ProgressRecord
from tests.support import people
from tests.support.journeys import Roster, roster
from tests.support.queries import counted
from tests.support.stories import Teller
from workflows.engine import Act
from workflows.journey.activities import kinds_of, record_activity, withdraw_activity
from workflows.scheme import Scheme

STATEMENTS = 12


@pytest.fixture
def operation(teller: Teller) -> Roster:
    return roster(teller, "3.10")


def record(operation: Roster, *journeys: Journey, actor: Actor | None = None, day: int = 60, **changes: str) -> int:
    data = {"kind": "workshop", "mode": "present", "done_on": operation.day(day), "minutes": "90", **changes}
    act = Act(actor or operation.operator, operation.late, operation.teller.settings, data)
    return record_activity(operation.teller.session, operation.application, [one.id for one in journeys], act)


def refusal(operation: Roster, *journeys: Journey, **changes: Any) -> dict[str, list[str]]:
    before = stored(operation)
    with pytest.raises(InvalidInput) as refused:
        record(operation, *journeys, **changes)
    assert stored(operation) == before
    return {name: list(sentences) for name, sentences in refused.value.errors.items()}


def stored(operation: Roster) -> list[tuple[int, int]]:
    query = sa.select(Activity.journey_id, Activity.minutes).order_by(Activity.id)
    return [tuple(row) for row in operation.teller.session.execute(query)]


def test_one_workshop_is_entered_once_for_everybody_there(operation: Roster, session: Session) -> None:
    first, second = operation.entered(10), operation.entered(10)
    assert record(operation, first, second) == 2
    assert stored(operation) == [(first.id, 90), (second.id, 90)]
    event = journal.timeline(session, "application", operation.application.id)[0]
    assert event.payload is not None
    assert event.payload.content["activities"] == [first.id, second.id]
    assert event.actor_name == operation.operator.name


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": 400}, "done_on"),
        ({"day": -3}, "done_on"),
        ({"minutes": "1500"}, "minutes"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "-30"}, "minutes"),
        ({"minutes": "une heure"}, "minutes"),
        ({"kind": "nap"}, "kind"),
        ({"mode": ""}, "mode"),
    ],
)
def test_what_is_not_understood_names_its_field(operation: Roster, changes: dict[str, Any], field: str) -> None:
    assert list(refusal(operation, operation.entered(10), **changes)) == [field]


def test_nobody_has_more_than_a_day_in_a_day(operation: Roster) -> None:
    """Twenty hours, then five: 25 hours in a day."""
    full, free = operation.entered(10), operation.entered(10)
    record(operation, full, minutes="1200")
    found = refusal(operation, full, free, minutes="300")
    assert [text.replace("\u00a0", " ") for text in found["participants"]] == [
        f"{full.label} : cela ferait 25 h dans la journée."
    ]
    assert record(operation, full, day=61, minutes="300") == 1


def test_everybody_at_fault_is_named_with_why(operation: Roster, session: Session) -> None:
    late, gone, there = operation.entered(90), operation.exited(day=50), operation.entered(10)
    found = refusal(operation, late, gone, there)["participants"]
    assert len(found) == 2
    assert any(text.startswith(f"{late.label} : l’entrée ne date que du") for text in found)
    assert any(text.startswith(f"{gone.label} : la sortie date du") for text in found)


def test_somebody_of_another_operation_is_refused(operation: Roster, teller: Teller) -> None:
    other = roster(teller, "3.9")
    assert list(refusal(operation, other.entered(10))) == ["participants"]
    assert list(refusal(operation)) == ["participants"]
    assert list(refusal(operation, operation.orient())) == ["participants"]


def test_a_month_whose_record_was_sent_takes_no_more_activity(operation: Roster, session: Session) -> None:
    journey = operation.entered(10)
    record(operation, journey)
    activity = session.scalars(sa.select(Activity)).one()
    session.add(sent(operation, journey, activity))
    session.flush()
    assert "est remis" in refusal(operation, journey)["participants"][0]
    with pytest.raises(Refused, match="est remis"):
        withdraw(operation, activity.id)


def sent(operation: Roster, journey: Journey, activity: Activity) -> ProgressRecord:
    return ProgressRecord(
        journey_id=journey.id,
        application_id=operation.application.id,
        territory_id=journey.territory_id,
        month=activity.done_on.replace(day=1),
        state="submitted",
        submitted_at=operation.late,
        updated_at=operation.late,
        state_since=operation.late,
    )


def withdraw(operation: Roster, key: int, actor: Actor | None = None) -> None:
    act = Act(actor or operation.operator, operation.late, operation.teller.settings)
    withdraw_activity(operation.teller.session, operation.application, key, act)


def test_an_activity_entered_by_mistake_is_withdrawn_and_the_journal_keeps_it(
    operation: Roster, session: Session
) -> None:
    record(operation, operation.entered(10))
    key = session.scalars(sa.select(Activity.id)).one()
    with pytest.raises(Forbidden):
        withdraw(operation, key, operation.slai)
    withdraw(operation, key)
    assert stored(operation) == []
    assert journal.timeline(session, "application", operation.application.id)[0].label == "Activité retirée"
    with pytest.raises(NotFound):
        withdraw(operation, key)


def test_only_the_operator_of_the_operation_enters_activities(operation: Roster, teller: Teller) -> None:
    journey = operation.entered(10)
    stranger = people.applicant(teller.session, people.organisation(teller.session))
    for actor in (stranger, operation.slai, teller.cast.officer):
        with pytest.raises(Forbidden):
            record(operation, journey, actor=actor)


def test_a_workshop_for_many_takes_a_handful_of_statements(operation: Roster, session: Session) -> None:
    journeys = [operation.entered(10) for _ in range(20)]
    with counted(session.connection().engine) as statements:
        record(operation, *journeys)
    assert len(statements) <= STATEMENTS, statements


def test_the_kinds_that_a_sheet_names_come_first_with_their_line(schemes: dict[str, Scheme]) -> None:
    named = {code: [one.code for one in scheme.activities] for code, scheme in schemes.items() if scheme.activities}
    assert named == {
        "3.2": ["interview", "visit", "employer"],
        "3.3": ["interview", "immersion", "employer", "review"],
        "3.4": ["workshop"],
        "3.7": ["visit", "immersion"],
        "3.8": ["interview", "partner"],
        "3.9": ["interview"],
        "3.14": ["workshop"],
        "3.16": ["workshop", "immersion"],
    }
    kinds = kinds_of(schemes["3.8"])
    assert list(kinds) == ["interview", "partner", "employer", "review", "workshop", "immersion", "visit"]
    assert "1961" in kinds["partner"]
    assert kinds_of(schemes["3.13"]) == KINDS
