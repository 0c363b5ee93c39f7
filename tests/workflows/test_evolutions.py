"""The changes of path of 3.8: the situation at the entry compared with that at the exit, from what was really noted."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from casework.clock import paris_day
from casework.errors import InvalidInput
from casework.participants import Journey
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows.application.figures import behind, indicators_of
from workflows.engine import Act
from workflows.journey.tracks import record_fact

LEFT = "dropped"


@pytest.fixture
def operation(teller: Teller) -> Roster:
    return roster(teller, "3.8")


def note(operation: Roster, journey: Journey, track: str, choice: str, day: int) -> None:
    data = {"choice": choice, "since_on": operation.day(day)}
    act = Act(operation.operator, operation.late, operation.teller.settings, data)
    record_fact(operation.teller.session, journey, track, act)


def leave(operation: Roster, journey: Journey, kind: str = LEFT) -> None:
    operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(120), exit_kind=kind)


def counted(session: Session, operation: Roster, key: str) -> float | None:
    today = paris_day(operation.late)
    return next(
        one.tally.value for one in indicators_of(session, operation.application, today) if one.figure.key == key
    )


def test_a_person_evolved_whose_situation_at_the_exit_is_not_that_of_the_entry(
    session: Session, operation: Roster
) -> None:
    able, placed, hired, same, back, still = (operation.entered(30) for _ in range(6))
    note(operation, able, "evaluation", "negative", 30)
    note(operation, able, "evaluation", "positive", 60)
    note(operation, placed, "evaluation", "positive", 30)
    note(operation, placed, "phase", "placement", 70)
    note(operation, same, "evaluation", "positive", 30)
    note(operation, same, "phase", "support", 50)
    note(operation, back, "evaluation", "positive", 60)
    note(operation, back, "evaluation", "negative", 90)
    note(operation, still, "evaluation", "positive", 60)
    for journey in (able, placed, same, back):
        leave(operation, journey)
    leave(operation, hired, "job")
    assert counted(session, operation, "changes") == 3
    found = behind(session, operation.application, "changes", paris_day(operation.late))
    assert found == [able.id, placed.id, hired.id]


def test_the_kinds_of_support_are_those_that_each_was_given(session: Session, operation: Roster) -> None:
    first, second = operation.entered(30), operation.entered(30)
    note(operation, first, "phase", "reception", 30)
    note(operation, first, "phase", "support", 50)
    note(operation, second, "phase", "reception", 31)
    assert counted(session, operation, "formula_reception") == 2
    assert counted(session, operation, "formula_support") == 1
    assert counted(session, operation, "formula_placement") == 0


def test_a_request_of_before_the_entry_is_no_change_of_path_and_lets_the_entry_be_corrected(
    session: Session, operation: Roster
) -> None:
    journey = operation.entered(30)
    note(operation, journey, "requests", "rqth", -200)
    note(operation, journey, "requests", "aah", 60)
    operation.fire(journey, operation.operator, "correct_entry", entered_on=operation.day(50), reason="Erreur.")
    assert journey.entered_on is not None
    assert journey.entered_on.isoformat() == operation.day(50)
    with pytest.raises(InvalidInput) as early:
        operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(55), exit_kind=LEFT)
    assert "la sortie ne peut pas le précéder" in str(early.value.errors)
    leave(operation, journey)
    assert counted(session, operation, "changes") == 0
    with pytest.raises(InvalidInput) as late:
        note(operation, journey, "requests", "orientation", 121)
    assert "La personne est sortie" in str(late.value.errors)


def test_who_is_oriented_to_3_8_is_counted_by_rsa_or_by_age(session: Session, operation: Roster) -> None:
    """Everybody has made a request (l.1763-1764): a situation of its own would take them off the count of the RSA."""
    operation.entered(30)
    operation.entered(30, public="young", birth_date="2003-05-20")
    assert counted(session, operation, "accompanied_rsa") == 1
    assert counted(session, operation, "accompanied_young") == 1
