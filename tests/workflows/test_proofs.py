"""Exits are proven one by one: named before the report is sent, retained by the control once proven, people once."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy.orm import Session

from casework import journal
from casework.documents import Document
from casework.errors import InvalidInput
from casework.identities import Person
from casework.participants import Journey
from casework.people import Territory
from tests.support import people
from tests.support.journeys import Roster, roster
from tests.support.stories import Teller
from workflows.application.files import attach, remove, visible_documents
from workflows.application.reporting import exit_lacks
from workflows.engine import Act
from workflows.journey.proofs import proofs_of, valued
from workflows.journey.reading import measured
from workflows.stories import PDF


def prove(operation: Roster, *journeys: Journey) -> Document:
    teller, case = operation.teller, operation.application
    act = Act(operation.operator, operation.late, teller.settings, {}, case.version)
    joined = attach(teller.session, teller.storage, case, BytesIO(PDF), name="c.pdf", slot="exit_evidence", act=act)
    for journey in journeys:
        operation.fire(journey, operation.operator, "link_evidence", evidence=str(joined.document.id))
    return joined.document


def test_exits_without_evidence_are_named_and_only_proven_people_count(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.14")
    assert not proofs_of(session, operation.application).followed
    job, training = operation.exited("durable-1"), operation.exited("positive-1")
    operation.exited("dropped")
    found = proofs_of(session, operation.application)
    assert (found.followed, found.unproven, found.proven) == (True, (job.id, training.id), 0)
    assert exit_lacks(found) == ["2 sorties sans justificatif"]
    document = prove(operation, job)
    found = proofs_of(session, operation.application)
    assert (found.unproven, found.proven) == ((training.id,), 1)
    removing = Act(operation.operator, operation.late, teller.settings, {}, operation.application.version)
    remove(session, operation.application, document, removing)
    assert proofs_of(session, operation.application).unproven == (job.id, training.id)


def test_an_slai_reads_what_proves_the_exits_of_its_territories_and_no_other(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.14", territories=("Arrageois", "Ternois"))
    here, there = operation.application.territories
    first, second = (operation.entered(territory=str(place.id)) for place in (here, there))
    for journey in (first, second):
        left = {"exited_on": operation.day(90), "exit_kind": "durable-1"}
        operation.fire(journey, operation.operator, "record_exit", **left)
    own = prove(operation, first)

    def read_by(document: Document, *places: Territory) -> bool:
        session.flush()
        found = visible_documents(people.slai(session, *places)).where(Document.id == document.id)
        return session.scalar(found) is not None

    assert (read_by(own, here), read_by(own, there), read_by(own, here, there)) == (True, False, True)
    both = prove(operation, first, second)
    assert (read_by(both, here), read_by(both, there), read_by(both, here, there)) == (False, False, True)


def test_somebody_who_came_back_and_left_twice_is_one_exit(teller: Teller, session: Session) -> None:
    operation = roster(teller, "3.14")
    first = operation.exited("transition-1", day=60)
    person = session.get_one(Person, first.person_id)
    known = {"family_name": person.family_name, "given_name": person.given_name, "person": str(person.id)}
    again = operation.orient(birth_date=person.birth_date.isoformat(), **known)
    operation.fire(again, operation.operator, "admit", entered_on=operation.day(80))
    operation.fire(again, operation.operator, "record_exit", exited_on=operation.day(120), exit_kind="durable-1")
    assert measured(session, operation.application)["dynamic_exits"] == 1
    prove(operation, first, again)
    assert proofs_of(session, operation.application).proven == 1


def test_an_exit_keeps_where_people_work_and_what_follows_and_the_journal_repeats_neither(
    teller: Teller, session: Session
) -> None:
    operation = roster(teller, "3.9")
    job = {"employer_name": "Atelier Aubépine", "working_time": "part", "weekly_hours": "17,33"}
    journey = operation.exited("transition-1", next_step="insertion", **job)
    session.expire_all()
    assert (journey.weekly_minutes, journey.next_step) == (1040, "insertion")
    said = {"obstacles": ["health", "mobility"]}
    operation.fire(journey, operation.operator, "describe", **said, obstacles_left=["health"])
    steps, lifted = valued([journey, journey])
    assert (steps[0][1], lifted) == (1, [("Mobilité", 1)])
    told = journal.timeline(session, "journey", journey.id, limit=2)[1].payload
    assert told is not None
    assert not {"employer_name", "next_step"} & set(told.content)
    wrong = {"exited_on": operation.day(90), "exit_kind": "transition-1", "reason": "Erreur."}
    hours = {"working_time": "part", "weekly_hours": "40"}
    with pytest.raises(InvalidInput) as refused:
        operation.fire(journey, operation.operator, "correct_exit", **wrong, **hours)
    assert "en dessous de 35 heures" in refused.value.errors["weekly_hours"][0]


def test_where_the_sheet_values_no_next_step_none_is_asked(teller: Teller) -> None:
    operation = roster(teller, "3.12")
    journey = operation.exited("durable-1", next_step="insertion")
    assert journey.next_step is None
    assert journey.exited_on == operation.starts_on + timedelta(days=90)
