"""What an operation owes of its participants together: one deadline a month for each thing, moved as the facts move."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.deadlines import Deadline, deadlines_of
from casework.households import children_of
from casework.participants import Journey
from tests.support.grids import assess
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows.application.dashboard import facts_of, tables_of
from workflows.engine import Act
from workflows.inbox import KINDS, Task, inbox_of
from workflows.journey.households import join_household, prepare_next, tell_child, withdraw_child
from workflows.rules.calendar import add_months


def owed(operation: Roster, kind: str = "grids") -> list[tuple[str, date, str]]:
    """The deadlines of this operation, without the month that their title ends with."""
    query = sa.select(Deadline).where(Deadline.application_id == operation.application.id, Deadline.kind == kind)
    found = operation.teller.session.scalars(query.order_by(Deadline.id))
    return [(one.title.partition(" (")[0], one.due_on, one.status) for one in found]


def waiting(operation: Roster, kind: str = "grids") -> dict[str, date]:
    return {title: due for title, due, status in owed(operation, kind) if status == "open"}


def day(operation: Roster, number: int) -> date:
    return operation.starts_on + timedelta(days=number)


def describe(operation: Roster, journey: Journey, **said: Any) -> None:
    operation.fire(journey, operation.operator, "describe", **said)


def act(operation: Roster, **data: str) -> Act:
    return Act(operation.operator, operation.late, operation.teller.settings, data)


def tasks(operation: Roster, today: date) -> list[Task]:
    groups = inbox_of(operation.teller.session, operation.operator, today=today)
    mine = [task for group in groups for task in group.tasks if task.case_id == operation.application.id]
    return [task for task in mine if task.kind.code in ("applicant.grids", "applicant.childcare", "applicant.steps")]


def test_the_grids_of_a_month_are_one_deadline_that_says_how_many_and_is_met_by_the_last(teller: Teller) -> None:
    operation = roster(teller, "3.9")
    first, second = operation.entered(day=10), operation.entered(day=14)
    due = day(operation, 40)
    expected = {"2 grilles d’entrée à remplir": due, "2 relevés des freins à l’entrée à faire": due}
    assert waiting(operation) == expected
    assess(operation, first, "entry", 12)
    assert waiting(operation)["1 grille d’entrée à remplir"] == day(operation, 44)
    describe(operation, first, obstacles=["housing"])
    describe(operation, second, obstacles=[])
    assert list(waiting(operation)) == ["1 grille d’entrée à remplir"]
    assess(operation, second, "entry", 15)
    assert waiting(operation) == {}
    assert {status for _, _, status in owed(operation)} == {"met"}
    query = sa.select(Deadline.done_on).where(Deadline.kind == "grids", Deadline.title.contains("grille"))
    assert teller.session.scalars(query).one() == day(operation, 15)


def test_a_corrected_entry_moves_the_day_and_leaves_nothing_in_the_month_that_was_wrong(teller: Teller) -> None:
    operation = roster(teller, "3.14")
    journey = operation.entered(day=10)
    operation.fire(journey, operation.operator, "correct_entry", entered_on=operation.day(12), reason="Erreur.")
    assert set(waiting(operation).values()) == {day(operation, 42)}
    assert len(owed(operation)) == 2
    operation.fire(journey, operation.operator, "correct_entry", entered_on=operation.day(80), reason="Erreur.")
    assert set(waiting(operation).values()) == {day(operation, 110)}
    assert [status for _, _, status in owed(operation)].count("cancelled") == 2


def test_an_exit_asks_for_its_grid_and_follows_the_day_when_it_is_corrected(teller: Teller) -> None:
    operation = roster(teller, "3.15")
    journey = operation.entered(day=10)
    assess(operation, journey, "entry", 12)
    describe(operation, journey, obstacles=["mobility"])
    leaving = {"exit_kind": "durable-1", "reason": "Erreur."}
    operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(90), **leaving)
    assert waiting(operation)["1 grille de sortie à remplir"] == day(operation, 105)
    operation.fire(journey, operation.operator, "correct_exit", exited_on=operation.day(92), **leaving)
    assert waiting(operation)["1 grille de sortie à remplir"] == day(operation, 107)
    assess(operation, journey, "exit", 92)
    describe(operation, journey, obstacles=["mobility"], obstacles_left=[])
    assert waiting(operation) == {}


def test_an_orientation_without_entry_owes_nothing(teller: Teller) -> None:
    operation = roster(teller, "3.16")
    journey = operation.orient()
    operation.fire(journey, operation.operator, "decline", cause="refused", reason="Ne vient pas.")
    assert owed(operation) == []


def test_an_evaluation_is_owed_then_its_grid_to_the_prescriber(teller: Teller) -> None:
    operation = roster(teller, "3.4")
    journey = operation.entered(day=10)
    assert waiting(operation) == {"1 évaluation des compétences à enregistrer": day(operation, 40)}
    assess(operation, journey, "evaluation", 20, result="ready")
    assert waiting(operation) == {"1 grille d’évaluation à remettre au prescripteur": day(operation, 35)}
    handed = {"result": "ready", "handed_on": operation.day(25), "handed_to": "Référent RSA"}
    assess(operation, journey, "evaluation", 20, seen=1, **handed)
    assert waiting(operation) == {}
    assert {status for _, _, status in owed(operation)} == {"met"}


def test_what_is_refused_leaves_the_deadlines_as_they_were(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.9")
    journey = operation.entered(day=10)
    before = owed(operation)
    undone = session.begin_nested()
    assess(operation, journey, "entry", 12)
    assert owed(operation) != before
    undone.rollback()
    session.expire_all()
    assert owed(operation) == before


def test_a_day_that_a_manager_gave_stays_until_the_last_grid(teller: Teller) -> None:
    operation = roster(teller, "3.9")
    first, second = operation.entered(day=10), operation.entered(day=12)
    query = sa.select(Deadline).where(Deadline.kind == "grids", Deadline.title.contains("grilles d’entrée"))
    deadline = teller.session.scalars(query).one()
    given = day(operation, 60)
    extension = {"deadline": str(deadline.id), "new_on": given.isoformat(), "reason": "Arrêt de travail."}
    teller.fire(operation.application, teller.cast.manager, "extend_deadline", operation.early, **extension)
    assess(operation, first, "entry", 12)
    assert waiting(operation)["1 grille d’entrée à remplir"] == given
    assess(operation, second, "entry", 13)
    assert deadline.status == "met"


def test_one_task_for_an_operation_says_what_is_missing_and_leads_to_who_lacks_it(teller: Teller) -> None:
    operation = roster(teller, "3.9")
    people = [operation.entered(day=10 + number) for number in range(3)]
    for journey in people:
        describe(operation, journey, obstacles=[])
    found = tasks(operation, day(operation, 20))
    assert [(task.page, task.due_on) for task in found if task.kind.code == "applicant.grids"] == [
        ("unfinished", day(operation, 40))
    ]
    assert found[0].why == "Des grilles ou des freins manquent, échéances : 1"
    midway = [task.why for task in tasks(operation, day(operation, 200)) if task.kind.code == "applicant.steps"]
    assert midway == ["Étapes attendues : 3"]


def test_how_many_grids_are_late_is_not_told_in_the_dashboard_that_leaves_the_service(teller: Teller) -> None:
    operation = roster(teller, "3.9")
    operation.entered(day=10)
    case, late_on = operation.application, day(operation, 50)
    known = deadlines_of(teller.session, case.id)
    assert any(one.kind == "grids" and one.late(late_on) for one in known)
    facts = facts_of(teller.session, case, late_on, known)
    late = [table.rows for table in tables_of(teller.session, case, facts, late_on) if table.key == "late"]
    assert not any("grilles d’entrée" in str(row) or "freins" in str(row) for row in late)


@pytest.mark.parametrize(
    ("ready", "due", "since"), [("2025-01-10", "2025-06-30", "2025-05-01"), ("2025-06-02", "2025-06-30", "2025-06-02")]
)
def test_a_task_has_been_there_since_its_day_came_near_or_since_it_could_be_done(
    ready: str, due: str, since: str
) -> None:
    (kind,) = (kind for kind in KINDS if kind.code == "applicant.grids")
    assert kind.since(date.fromisoformat(ready), date.fromisoformat(due)) == date.fromisoformat(since)


def family(operation: Roster, months: int, day: int = 10) -> tuple[Journey, date]:
    """A family whose child is three so many months after the start, and that month."""
    reached = add_months(operation.starts_on.replace(day=1), months)
    return operation.entered(day=day, born=f"{add_months(reached, -36):%m/%Y}"), reached


def test_the_third_birthdays_of_a_month_are_one_deadline_without_the_number_of_a_journey(teller: Teller) -> None:
    operation = roster(teller, "3.6")
    _, reached = family(operation, 5)
    family(operation, 5)
    family(operation, 14)
    family(operation, -2)
    found = owed(operation, "childcare")
    assert [(due, status) for _, due, status in found] == [(reached, "open")]
    assert found[0][0].endswith("2 familles")
    assert "n°" not in found[0][0]


def test_a_child_told_again_moves_the_deadline_and_what_is_prepared_meets_it(teller: Teller) -> None:
    operation = roster(teller, "3.6")
    journey, reached = family(operation, 5)
    child = children_of(teller.session, [journey.id])[0]
    withdraw_child(teller.session, journey, child.id, act(operation))
    assert [status for *_, status in owed(operation, "childcare")] == ["cancelled"]
    later = add_months(reached, 1)
    told = tell_child(teller.session, journey, act(operation, born=f"{add_months(later, -36):%m/%Y}"))
    assert list(waiting(operation, "childcare").values()) == [later]
    assert tasks(operation, later - timedelta(days=61)) == []
    assert [task.due_on for task in tasks(operation, later - timedelta(days=60))] == [later]
    prepare_next(teller.session, journey, told.id, act(operation))
    assert [status for *_, status in owed(operation, "childcare")] == ["cancelled", "met"]


def test_a_family_is_waited_for_while_one_of_its_parents_is_followed(teller: Teller) -> None:
    operation = roster(teller, "3.6")
    first, reached = family(operation, 8)
    second = operation.entered(day=12, born="")
    join_household(teller.session, second, act(operation, **{"with": str(first.id), "confirmed": str(first.id)}))
    leaving = {"exited_on": operation.day(90), "exit_kind": "dropped"}
    operation.fire(first, operation.operator, "record_exit", **leaving)
    assert list(waiting(operation, "childcare").values()) == [reached]
    operation.fire(second, operation.operator, "record_exit", **leaving)
    assert [status for *_, status in owed(operation, "childcare")] == ["cancelled"]
