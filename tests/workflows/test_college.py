"""3.10 and the colleges (l.2425-2446): two months count, then the person is out until she comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework.errors import InvalidInput
from casework.participants import Journey
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows.engine import Act
from workflows.journey.months import Row, grid_of, save_months
from workflows.journey.reading import measured
from workflows.rules.calendar import add_months


@pytest.fixture
def operation(teller: Teller) -> Roster:
    return roster(teller, "3.10")


def days(operation: Roster, rank: int) -> int:
    """How many days of the n-th month count for the only participant."""
    month = add_months(operation.starts_on.replace(day=1), rank)
    return len(grid_of(operation.teller.session, operation.application, month).lines[0].days)


def months(operation: Roster) -> int:
    operation.teller.session.flush()
    return measured(operation.teller.session, operation.application)["months_done"]


def say_present(operation: Roster, journey: Journey, rank: int) -> None:
    """Note the participant present in the n-th month."""
    session, month = operation.teller.session, add_months(operation.starts_on.replace(day=1), rank)
    act = Act(operation.operator, operation.late, operation.teller.settings)
    seen = grid_of(session, operation.application, month).seen
    save_months(session, operation.application, month, [Row("1", journey.id, "oui")], seen=seen, act=act)


def test_who_is_placed_directly_in_a_college_does_not_enter(operation: Roster) -> None:
    journey = operation.orient()
    operation.fire(journey, operation.slai, "validate_orientation")
    with pytest.raises(InvalidInput) as refusal:
        operation.fire(journey, operation.operator, "admit", entered_on=operation.day(10), in_college="yes")
    assert "l.2446" in refusal.value.errors["in_college"][0]
    assert journey.state == "oriented"
    operation.fire(journey, operation.operator, "admit", entered_on=operation.day(10), in_college="no")
    assert journey.state == "accompanied"


def test_two_months_count_then_nothing_until_the_return(operation: Roster) -> None:
    journey = operation.entered(0)
    whole = months(operation)
    operation.fire(journey, operation.operator, "enter_college", college_entered_on=operation.day(0))
    limit = add_months(operation.starts_on, 2)
    assert months(operation) == 3
    assert days(operation, 1) >= 28
    assert days(operation, 4) == 0
    with pytest.raises(InvalidInput) as refusal:
        say_present(operation, journey, 4)
    assert "deux mois après l’entrée au collège (l.2431-2443)" in str(refusal.value.errors)
    back = add_months(limit, 3) + timedelta(days=1)
    operation.fire(journey, operation.operator, "leave_college", college_left_on=back.isoformat())
    assert months(operation) == whole - 2
    assert [(one.started_on, one.ended_on) for one in journey.suspensions] == [
        (limit + timedelta(days=1), back - timedelta(days=1))
    ]
    assert journey.state == "accompanied"


def test_a_second_stay_does_not_bring_back_the_days_of_the_first(operation: Roster) -> None:
    journey = operation.entered(0)
    operation.fire(journey, operation.operator, "enter_college", college_entered_on=operation.day(0))
    operation.fire(journey, operation.operator, "leave_college", college_left_on=operation.day(150))
    once = days(operation, 3)
    operation.fire(journey, operation.operator, "enter_college", college_entered_on=operation.day(160))
    assert days(operation, 3) == once == 0
    operation.fire(journey, operation.operator, "leave_college", college_left_on=operation.day(170))
    assert len(journey.suspensions) == 1
