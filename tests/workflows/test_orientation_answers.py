"""Orientations wait in « À faire » of whoever answers them, and the operator is told of each answer, never of whom."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.clock import paris_day
from casework.identities import Person
from casework.outbox import Message
from casework.participants import Journey
from casework.people import Actor, User
from tests.support import people
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows import digests
from workflows.engine import Act
from workflows.inbox import Task, inbox_of
from workflows.journey.answers import accept_together


def tasks(session: Session, actor: Actor, operation: Roster, verb: str) -> list[Task]:
    session.flush()
    groups = inbox_of(session, actor, today=paris_day(operation.late))
    own = [task for group in groups for task in group.tasks if task.case_id == operation.application.id]
    return [task for task in own if task.verb == verb]


def letters(session: Session, operation: Roster) -> list[Message]:
    session.flush()
    mine = (Message.application_id == operation.application.id, Message.user_id == operation.operator.user_id)
    return list(
        session.scalars(sa.select(Message).where(*mine, Message.subject.contains("orient")).order_by(Message.id))
    )


def accept(operation: Roster, *journeys: Journey) -> tuple[int, list[str]]:
    act = Act(operation.slai, operation.early, operation.teller.settings)
    return accept_together(operation.teller.session, {one.id: one.version for one in journeys}, act)


def test_orientations_wait_for_the_agents_of_their_territory_one_task_for_each_operation(
    teller: Teller, session: Session
) -> None:
    operation = roster(teller, "3.12")
    waiting = [operation.orient() for _ in range(3)]
    elsewhere = people.slai(session)
    verb = "Valider des orientations"
    (task,) = tasks(session, operation.slai, operation, verb)
    assert (task.page, task.due_on, task.why.rpartition(" : ")[2]) == ("orientations", None, "3")
    assert task.since == paris_day(waiting[-1].oriented_at)
    assert tasks(session, elsewhere, operation, verb) == []
    accept(operation, *waiting[:2])
    (task,) = tasks(session, operation.slai, operation, verb)
    assert task.why.endswith(" : 1")
    operation.fire(waiting[2], operation.slai, "refuse_orientation", reason="Déjà suivie ailleurs.")
    assert tasks(session, operation.slai, operation, verb) == []


def test_who_is_accepted_waits_for_the_operator_until_she_enters(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.12")
    journey = operation.orient()
    verb = "Enregistrer des entrées"
    assert tasks(session, operation.operator, operation, verb) == []
    accept(operation, journey)
    (task,) = tasks(session, operation.operator, operation, verb)
    assert task.why.endswith(" : 1")
    operation.fire(journey, operation.operator, "admit", entered_on=operation.day(3))
    assert tasks(session, operation.operator, operation, verb) == []


def test_an_orientation_of_the_day_before_is_in_the_morning_summary_of_the_agent(
    teller: Teller, session: Session
) -> None:
    operation = roster(teller, "3.12")
    day = paris_day(operation.orient().oriented_at)
    user = session.get_one(User, operation.slai.user_id)
    content = digests.gather(session, user, today=day + timedelta(days=1), since=day)
    letter = digests.letter_of(content, teller.settings, day + timedelta(days=1))
    said = [item for section in letter.sections for _, items in section.groups for item in items]
    assert f"{teller.settings.public_url}/orientations" in {item.href for item in said}


def test_several_accepted_together_are_one_letter_for_each_operation(teller: Teller, session: Session) -> None:
    first, second = roster(teller, "3.12"), roster(teller, "3.10")
    several, alone = [first.orient() for _ in range(2)], second.orient()
    gone = first.orient()
    first.fire(gone, first.operator, "decline", cause="absent", reason="Pas venue.")
    done, reasons = accept(first, *several, alone, gone)
    assert (done, len(reasons)) == (3, 1)
    (both,), (one,) = letters(session, first), letters(session, second)
    assert both.subject.endswith("2 orientations acceptées")
    assert f"n° {several[0].id} et n° {several[1].id}" in both.body
    assert f"/dossiers/{first.application.id}/participants" in both.body
    assert one.subject.endswith(f"orientation acceptée, parcours n° {alone.id}")
    assert f"/participants/{alone.id}" in one.body


def test_a_refusal_says_where_its_reason_is_read_and_nothing_of_the_person(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.12")
    journey = operation.orient()
    reason = "Elle élève seule deux enfants."
    operation.fire(journey, operation.slai, "refuse_orientation", reason=reason)
    (letter,) = letters(session, operation)
    assert letter.subject.endswith(f"orientation refusée, parcours n° {journey.id}")
    assert f"/participants/{journey.id}" in letter.body
    person = session.get_one(Person, journey.person_id)
    told = f"{letter.subject} {letter.body} {letter.html}"
    assert not [word for word in (reason, person.family_name, person.given_name) if word in told]


def test_an_answer_that_is_not_given_tells_nothing_and_an_orientation_by_the_agent_is_told(
    teller: Teller, session: Session
) -> None:
    operation = roster(teller, "3.12")
    operation.orient()
    assert letters(session, operation) == []
    journey = operation.orient(operation.slai)
    (letter,) = letters(session, operation)
    assert letter.subject.endswith(f"personne orientée par le SLAI, parcours n° {journey.id}")
