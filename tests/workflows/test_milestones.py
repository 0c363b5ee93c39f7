"""The dated steps of journeys: planned by the entry or the hiring, met by what is recorded, cancelled by the exit."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.activities import Activity
from casework.applications import Application
from casework.clock import paris_instant
from casework.deadlines import Deadline
from casework.errors import InvalidInput, Refused
from casework.participants import Journey
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows.application.figures import indicators_of
from workflows.engine import offered
from workflows.journey.milestones import replan_operation


def steps(session: Session, journey: Journey) -> list[tuple[str, date, str]]:
    query = sa.select(Deadline).where(Deadline.journey_id == journey.id).order_by(Deadline.due_on, Deadline.id)
    return [(one.title, one.due_on, one.status) for one in session.scalars(query)]


def only(session: Session, journey: Journey) -> Deadline:
    return session.scalars(sa.select(Deadline).where(Deadline.journey_id == journey.id)).one()


def fire(operation: Roster, journey: Journey, trigger: str, **data: str) -> None:
    operation.fire(journey, operation.operator, trigger, **data)


def test_a_corrected_entry_moves_its_step_and_the_case_stays_as_it_was_seen(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.9")
    seen = operation.application.version
    journey = operation.entered(day=30)
    before = only(session, journey).due_on
    fire(operation, journey, "correct_entry", entered_on=operation.day(50), reason="Erreur de saisie.")
    assert only(session, journey).due_on == before + timedelta(days=10)
    assert session.get_one(Application, operation.application.id).version == seen


def test_a_hiring_dates_the_two_points_and_each_says_who_is_still_in_work(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.2")
    journey = operation.entered(day=20)
    assert steps(session, journey) == []
    fire(operation, journey, "record_hiring", hired_on=operation.day(30), trial_ends_on=operation.day(90))
    waiting = [title.partition(" – ")[0] for title, _, _ in steps(session, journey)]
    assert waiting == ["Entretien à l’issue de la période d’essai", "Point à six mois de contrat"]
    trial = session.scalars(
        sa.select(Deadline).where(Deadline.journey_id == journey.id).order_by(Deadline.due_on).limit(1)
    ).one()
    done = {"milestone": str(trial.id), "done_on": operation.day(92)}
    with pytest.raises(InvalidInput) as refused:
        fire(operation, journey, "record_milestone", **done)
    assert "in_work" in refused.value.errors
    with pytest.raises(InvalidInput) as refused:
        fire(operation, journey, "record_milestone", in_work="yes", **done)
    assert refused.value.errors.keys() == {"mode", "minutes"}
    fire(operation, journey, "record_milestone", in_work="yes", mode="present", minutes="45", **done)
    assert trial.outcome == "Toujours en activité."
    fire(operation, journey, "record_hiring", hired_on=operation.day(35), trial_ends_on=operation.day(95))
    assert [status for _, _, status in steps(session, journey)] == ["met", "open"]


def test_the_interview_that_ends_a_trial_is_in_person_or_explained_and_is_typed_once(
    teller: Teller, session: Session
) -> None:
    operation = roster(teller, "3.2")
    journey = operation.entered(day=20)
    fire(operation, journey, "record_hiring", hired_on=operation.day(30), trial_ends_on=operation.day(90))
    trial = session.scalars(sa.select(Deadline).where(Deadline.rank == 1, Deadline.journey_id == journey.id)).one()
    done = {"milestone": str(trial.id), "done_on": operation.day(92), "in_work": "yes", "mode": "telephone"}
    for minutes in ("0", "1441"):
        with pytest.raises(InvalidInput) as refused:
            fire(operation, journey, "record_milestone", minutes=minutes, **done)
        assert refused.value.errors.keys() == {"minutes", "not_in_person"}
    assert session.scalars(sa.select(Activity)).all() == []
    why = "Empêchée par un arrêt de travail."
    fire(operation, journey, "record_milestone", minutes="30", not_in_person=why, **done)
    kept = session.scalars(sa.select(Activity)).one()
    assert (kept.journey_id, kept.kind, kept.mode, kept.minutes) == (journey.id, "interview", "telephone", 30)
    assert kept.done_on.isoformat() == operation.day(92)
    told = journal.timeline(session, "journey", journey.id)[0]
    assert told.payload is not None
    assert told.payload.content["not_in_person"] == why


def test_the_point_at_six_months_may_be_made_without_an_interview_and_one_already_typed_is_not_doubled(
    teller: Teller, session: Session
) -> None:
    operation = roster(teller, "3.2")
    journey = operation.entered(day=20)
    fire(operation, journey, "record_hiring", hired_on=operation.day(30), trial_ends_on=operation.day(90))
    query = sa.select(Deadline).where(Deadline.journey_id == journey.id).order_by(Deadline.rank)
    trial, later = session.scalars(query)
    day = date.fromisoformat(operation.day(92))
    entered = {"mode": "present", "minutes": 50, "entered_at": operation.late, "done_on": day}
    session.add(Activity(journey_id=journey.id, kind="interview", **entered))
    done = {"done_on": day.isoformat(), "in_work": "yes"}
    fire(operation, journey, "record_milestone", milestone=str(trial.id), mode="present", **done)
    with pytest.raises(InvalidInput) as refused:
        fire(operation, journey, "record_milestone", milestone=str(later.id), **done | {"minutes": "20"})
    assert refused.value.errors.keys() == {"mode"}
    fire(operation, journey, "record_milestone", milestone=str(later.id), **done)
    assert session.scalar(sa.select(sa.func.count()).select_from(Activity)) == 1
    assert {one.status for one in session.scalars(query)} == {"met"}


@pytest.mark.parametrize(
    ("hired", "trial_ends", "field", "said"),
    [
        (30, 29, "trial_ends_on", "l’essai finit après"),
        (30, 430, "trial_ends_on", "pas plus d’un an"),
        (-400, -300, "hired_on", "précède de plus d’un an l’entrée"),
    ],
)
def test_a_hiring_that_is_not_likely_dates_nothing(
    teller: Teller, session: Session, hired: int, trial_ends: int, field: str, said: str
) -> None:
    operation = roster(teller, "3.2")
    journey = operation.entered(day=20)
    with pytest.raises(InvalidInput) as refused:
        fire(
            operation, journey, "record_hiring", hired_on=operation.day(hired), trial_ends_on=operation.day(trial_ends)
        )
    assert said in refused.value.errors[field][0]
    assert steps(session, journey) == []


def test_two_months_after_a_college_the_exit_is_owed_and_a_return_meets_it(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.10")
    journey = operation.entered(day=20)
    fire(operation, journey, "enter_college", college_entered_on=operation.day(40))
    limit = only(session, journey)
    assert limit.kind == "college_limit"
    assert limit.due_on == date(2024, 4, 10)
    with pytest.raises(Refused, match="déjà fait"):
        fire(operation, journey, "enter_college", college_entered_on=operation.day(41))
    with pytest.raises(InvalidInput) as refused:
        fire(operation, journey, "leave_college", college_left_on=operation.day(39))
    assert "précède" in refused.value.errors["college_left_on"][0]
    fire(operation, journey, "leave_college", college_left_on=operation.day(80))
    with pytest.raises(InvalidInput) as refused:
        fire(operation, journey, "enter_college", college_entered_on=operation.day(79))
    assert "premier collège" in refused.value.errors["college_entered_on"][0]
    fire(operation, journey, "enter_college", college_entered_on=operation.day(120))
    assert [status for _, _, status in steps(session, journey)] == ["met", "open"]


@pytest.mark.parametrize(
    ("code", "step", "more"),
    [
        ("3.10", "enter_college", {"college_entered_on": 40}),
        ("3.2", "record_hiring", {"hired_on": 40, "trial_ends_on": 90}),
    ],
)
def test_the_dates_of_a_journey_leave_no_step_outside_of_it(
    teller: Teller, code: str, step: str, more: dict[str, int]
) -> None:
    operation = roster(teller, code)
    journey = operation.entered(day=20)
    fire(operation, journey, step, **{name: operation.day(day) for name, day in more.items()})
    with pytest.raises(InvalidInput) as refused:
        fire(operation, journey, "record_exit", exited_on=operation.day(39), exit_kind="dropped")
    assert "la sortie ne peut pas la précéder" in refused.value.errors["exited_on"][0]
    assert journey.state == "accompanied"
    moved = {"entered_on": operation.day(41), "reason": "Erreur de saisie."}
    if code == "3.10":
        with pytest.raises(InvalidInput) as refused:
            fire(operation, journey, "correct_entry", **moved)
        assert "l’entrée ne peut pas la suivre" in refused.value.errors["entered_on"][0]
    else:
        fire(operation, journey, "correct_entry", **moved)
        assert journey.entered_on is not None, "somebody may be hired before she enters"


def test_an_exit_closes_the_stay_in_a_college_and_what_nobody_waits_for(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.10")
    stays = operation.entered(day=20)
    fire(operation, stays, "enter_college", college_entered_on=operation.day(40))
    fire(operation, stays, "record_exit", exited_on=operation.day(90), exit_kind="durable-1")
    assert [status for _, _, status in steps(session, stays)] == ["met"]
    operation = roster(teller, "3.16")
    leaves = operation.exited()
    assert [status for _, _, status in steps(session, leaves)] == ["cancelled"]


def test_an_exit_leaves_to_note_what_was_due_by_its_day_and_cancels_the_rest(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.2")
    journey = operation.entered(day=20)
    fire(operation, journey, "record_hiring", hired_on=operation.day(30), trial_ends_on=operation.day(90))
    fire(operation, journey, "record_exit", exited_on=operation.day(90), exit_kind="durable-1")
    trial, later = session.scalars(sa.select(Deadline).where(Deadline.journey_id == journey.id).order_by(Deadline.rank))
    assert (trial.status, later.status, later.outcome) == (
        "open",
        "cancelled",
        "La personne est sortie avant cette date.",
    )
    done = {"milestone": str(trial.id), "in_work": "yes", "mode": "present", "minutes": "45"}
    with pytest.raises(InvalidInput) as refused:
        fire(operation, journey, "record_milestone", done_on=operation.day(91), **done)
    assert "jour de la sortie" in refused.value.errors["done_on"][0]
    fire(operation, journey, "record_milestone", done_on=operation.day(90), **done)
    assert (trial.status, trial.outcome) == ("met", "Toujours en activité.")
    found = indicators_of(session, operation.application, date.fromisoformat(operation.day(200)))
    counted = {one.figure.key: one.tally.value for one in found}
    assert (counted["after_trial_rsa"], counted["still_in_work"]) == (1, 1)


def test_what_did_not_take_place_before_an_exit_is_said_so_and_comes_back_no_more(
    teller: Teller, session: Session
) -> None:
    operation = roster(teller, "3.2")
    journey = operation.entered(day=20)
    fire(operation, journey, "record_hiring", hired_on=operation.day(30), trial_ends_on=operation.day(90))
    left = {"exit_kind": "durable-1"}
    fire(operation, journey, "record_exit", exited_on=operation.day(95), **left)
    trial = session.scalars(sa.select(Deadline).where(Deadline.journey_id == journey.id, Deadline.rank == 1)).one()
    fire(operation, journey, "miss_milestone", milestone=str(trial.id))
    assert (trial.status, trial.outcome) == ("cancelled", "N’a pas eu lieu avant la sortie.")
    fire(operation, journey, "correct_exit", exited_on=operation.day(97), reason="Erreur de saisie.", **left)
    assert {status for _, _, status in steps(session, journey)} == {"cancelled"}
    with pytest.raises(Refused, match="déjà fait"):
        fire(operation, journey, "miss_milestone", milestone=str(trial.id))


def test_a_corrected_exit_brings_back_the_steps_that_now_come_before_it(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.2")
    journey = operation.entered(day=20)
    fire(operation, journey, "record_hiring", hired_on=operation.day(30), trial_ends_on=operation.day(90))
    left = {"exit_kind": "durable-1"}
    fire(operation, journey, "record_exit", exited_on=operation.day(60), **left)
    assert [status for _, _, status in steps(session, journey)] == ["cancelled", "cancelled"]
    fire(operation, journey, "correct_exit", exited_on=operation.day(95), reason="Erreur de saisie.", **left)
    owed = [(due, status) for _, due, status in steps(session, journey) if status == "open"]
    assert owed == [(date.fromisoformat(operation.day(90)), "open")]
    fire(operation, journey, "correct_exit", exited_on=operation.day(89), reason="Erreur de saisie.", **left)
    assert {status for _, _, status in steps(session, journey)} == {"cancelled"}


def test_an_operation_that_ends_earlier_brings_its_steps_back(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.15")
    journey = operation.entered(day=30)
    before = only(session, journey).due_on
    convention = operation.application.convention
    assert convention is not None
    convention.ended_on = convention.ends_on - timedelta(days=60)
    replan_operation(session, operation.application, at=operation.late)
    assert only(session, journey).due_on == before - timedelta(days=30)


@pytest.mark.parametrize("code", ["3.7", "3.12"])
def test_where_the_sheet_has_no_step_nothing_is_offered(teller: Teller, code: str) -> None:
    operation = roster(teller, code)
    journey = operation.entered(day=20)
    at = paris_instant(operation.starts_on + timedelta(days=60), time(9, 0))
    offers = offered(teller.session, journey, operation.operator, at=at, settings=teller.settings)
    names = {offer.move.trigger for offer in offers}
    assert not names & {"record_hiring", "record_milestone", "enter_college", "leave_college"}
