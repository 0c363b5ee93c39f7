"""Grids: filled in at each stage, one way to say the point midway, held by the report, counted in the indicators."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.assessments import Assessment, assessments_of
from casework.deadlines import Deadline
from casework.errors import Forbidden, InvalidInput, NotFound, Refused, Stale
from casework.participants import Journey
from tests.support.grids import answers, assess
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows.application.figures import indicators_of
from workflows.engine import Act, offered
from workflows.journey.assessment_reading import distances, missing_stages
from workflows.journey.assessments import grid_of, record_assessment


def figure(operation: Roster, key: str) -> float | None:
    today = operation.starts_on + timedelta(days=300)
    found = indicators_of(operation.teller.session, operation.application, today)
    return next(one.tally.value for one in found if one.figure.key == key)


def midway(session: Session, journey: Journey) -> Deadline:
    return session.scalars(sa.select(Deadline).where(Deadline.journey_id == journey.id)).one()


def test_the_grid_filled_in_midway_is_the_step_of_the_sheet_and_the_only_way_to_say_it(
    teller: Teller, session: Session
) -> None:
    operation = roster(teller, "3.14")
    journey = operation.entered(day=30)
    step = midway(session, journey)
    assert (step.kind, step.status, step.source) == ("milestone", "open", "Fiche 3.14, l.3557")
    offers = offered(session, journey, operation.operator, at=operation.late, settings=teller.settings)
    assert "record_milestone" not in {offer.move.trigger for offer in offers}
    assess(operation, journey, "midway", 100)
    assert (step.status, step.done_on) == ("met", operation.starts_on + timedelta(days=100))
    session.refresh(journey)
    assert [(one.code, one.done_on) for one in journey.milestones] == [("midway", step.done_on)]
    assess(operation, journey, "midway", 104, seen=1)
    session.expire_all()
    assert [one.done_on for one in journey.milestones] == [operation.starts_on + timedelta(days=104)]


def test_what_a_person_s_grids_show_is_counted_and_told_area_by_area(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.14")
    grid = grid_of(operation.application)
    assert grid is not None
    first, second = operation.entered(day=10), operation.entered(day=10)
    for journey in (first, second):
        assess(operation, journey, "entry", 11, 2)
    assess(operation, first, "midway", 60, 3)
    assess(operation, first, "exit", 90, 2, **{"level-conduct": "4"})
    assess(operation, second, "exit", 90, 2, **{"level-conduct": "1"})
    assert figure(operation, "grids") == 5
    moved = distances(grid, assessments_of(session, [first, second]).values())
    assert [(one.up, one.same, one.down) for one in moved if one.label == "Savoir-être"] == [(1, 0, 1)]
    assert [(one.up, one.same, one.down) for one in moved if one.label == "Remobilisation"] == [(0, 2, 0)]


def test_a_corrected_grid_tells_the_journal_its_areas_and_never_their_levels(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.9")
    journey = operation.entered(day=10)
    assess(operation, journey, "entry", 12, 1)
    with pytest.raises(Stale):
        assess(operation, journey, "entry", 12, 2)
    assess(operation, journey, "entry", 12, 1, seen=1, **{"level-care": "3"})
    last = journal.timeline(session, "journey", journey.id, limit=1)[0]
    assert last.label == "Évaluation enregistrée"
    assert last.payload is not None
    assert last.payload.content["areas"] == ["Prise en charge et bien-être"]
    assert not any(str(name).startswith("level") for name in last.payload.content)
    kept = session.scalars(sa.select(Assessment)).one()
    assert (kept.levels["care"], kept.levels["plan"], kept.version) == (3, 1, 2)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("stage", "day", "changes", "field", "said"),
    [
        ("entry", 5, {}, "done_on", "ne peut pas la précéder"),
        ("exit", 500, {}, "done_on", "dans le futur"),
        ("entry", 60, {}, "done_on", "celle-ci vient avant"),
        ("exit", 40, {}, "done_on", "celle-ci vient après"),
        ("exit", 70, {"level-project": ""}, "level-project", "obligatoire"),
        ("exit", 70, {"level-project": "5"}, "level-project", "réponses proposées"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_at_its_field(
    teller: Teller, session: Session, stage: str, day: int, changes: dict[str, str], field: str, said: str
) -> None:
    operation = roster(teller, "3.14")
    journey = operation.entered(day=10)
    assess(operation, journey, "midway", 50)
    with pytest.raises(InvalidInput) as refused:
        assess(operation, journey, stage, day, **changes)
    assert said in refused.value.errors[field][0]
    assert len(session.scalars(sa.select(Assessment)).all()) == 1


def test_grids_hold_the_dates_of_the_journey(teller: Teller) -> None:
    operation = roster(teller, "3.16")
    journey = operation.entered(day=10)
    assess(operation, journey, "entry", 20)
    for trigger, name in (("correct_entry", "entered_on"), ("record_exit", "exited_on")):
        wrong = {name: operation.day(30 if name == "entered_on" else 15), "reason": "Erreur.", "exit_kind": "durable-1"}
        with pytest.raises(InvalidInput) as refused:
            operation.fire(journey, operation.operator, trigger, **wrong)
        assert "Une évaluation date du" in refused.value.errors[name][0]


def test_who_is_missing_which_grid_is_known_from_the_dates(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.15")
    journey = operation.entered(day=10)
    due = midway(session, journey).due_on

    def missing(days: int) -> list[str]:
        done = assessments_of(session, [journey])[journey.id]
        return missing_stages(journey, done, due + timedelta(days=days))

    assert missing(-1) == ["entry"]
    assess(operation, journey, "entry", 12)
    assert (missing(0), missing(1)) == ([], ["midway"])
    operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(300), exit_kind="durable-1")
    assert missing(1) == ["midway", "exit"]


def test_only_the_operator_assesses_and_no_more_once_the_report_is_sent(teller: Teller) -> None:
    operation = roster(teller, "3.14")
    journey = operation.entered(day=10)
    act = Act(operation.slai, operation.late, teller.settings, answers(operation, 12), 0)
    with pytest.raises(Forbidden):
        record_assessment(teller.session, journey, "entry", act)
    with pytest.raises(NotFound):
        assess(operation, journey, "evaluation", 12)
    waiting = operation.orient()
    with pytest.raises(Refused, match="d’abord l’entrée"):
        assess(operation, waiting, "entry", 12)
    operation.application.state = "balance"
    with pytest.raises(Refused, match="bilan contrôlé"):
        assess(operation, journey, "entry", 12)


def test_an_evaluation_of_skills_has_a_result_and_is_handed_to_the_prescriber(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.4")
    first, second = operation.entered(day=10), operation.entered(day=10)
    assert figure(operation, "evaluated") == 0
    with pytest.raises(InvalidInput) as refused:
        assess(operation, first, "evaluation", 12, 3, handed_on=operation.day(13))
    assert set(refused.value.errors) == {"result"}
    with pytest.raises(InvalidInput) as refused:
        assess(operation, first, "evaluation", 12, 3, result="ready", handed_on=operation.day(13))
    assert "l’un ne va pas sans l’autre" in refused.value.errors["handed_to"][0]
    assess(operation, first, "evaluation", 12, 3, result="ready", handed_on=operation.day(13), handed_to="SLAI")
    assess(operation, second, "evaluation", 12, 2, result="train")
    counts = [
        figure(operation, key) for key in ("evaluated", "evaluated_ready", "evaluated_upgrade", "evaluated_train")
    ]
    assert counts == [2, 1, 0, 1]
