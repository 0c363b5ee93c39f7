"""Two years after the last contact nobody is named any more, the figures stay, and what is held is held."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import holds, journal, retention
from casework.applications import Application
from casework.clock import FixedClock, paris_instant
from casework.db import transaction
from casework.documents import Document
from casework.errors import NotFound
from casework.holds import LegalHold
from casework.identities import Person, people_like
from casework.outbox import Message
from casework.participants import Journey
from casework.people import User
from casework.progress_records import ProgressRecord
from casework.settings import Settings
from casework.storage import Storage
from jobs import foretelling, orphans
from jobs import retention as forgetting
from jobs.runner import rehearse
from jobs.schedule import JOBS
from tests.support import people
from tests.support.databases import everything
from tests.support.means import means
from tests.support.pages import town
from tests.support.stories import FAR
from workflows.application.figures import frozen
from workflows.application.files import ADDED, find_document
from workflows.progress.stories import PeopledStory
from workflows.rights.foretelling import letter, tell
from workflows.stories import PDF, Cast, Plan

LATER = paris_instant(date(2029, 6, 1), time(4, 15))


@dataclass(frozen=True)
class World:
    """A closed operation of 2024 whose people all left, one of them with a contract as evidence."""

    case: int
    people: list[int]
    exited: int
    evidence: int
    key: str
    cast: Cast


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    place = town(sessions, settings, clock)
    assert place.told is not None
    case_id, _ = place.told.tell(("people to forget",), lambda: _told(sessions, settings, place.cast))
    with sessions() as session:
        proven = sa.select(Journey).join(Document, Document.id == Journey.evidence_id)
        exited = session.scalars(proven.where(Document.name == "contrat-de-la-personne.pdf")).one()
        people = list(session.scalars(sa.select(Person.id).order_by(Person.id)))
        document = session.get_one(Document, exited.evidence_id)
        assert len(people) > 3
        return World(case_id, people, exited.id, document.id, document.storage_key, place.cast)


def _told(sessions: sessionmaker[Session], settings: Settings, cast: Cast) -> tuple[int, datetime]:
    """A closed operation, and the evidence of an exit joined to it."""
    with transaction(sessions) as session:
        plan = replace(Plan("3.10", "closed"), posts=4, delivers=True)
        case = PeopledStory(session, _storage(settings), settings, cast, plan, FAR).tell()
        exited = session.scalars(sa.select(Journey).where(Journey.state == "exited").order_by(Journey.id)).first()
        assert exited is not None
        stored = _storage(settings).put(io.BytesIO(PDF), name="contrat-de-la-personne.pdf", limit=10**6, at=FAR)
        document = Document(
            application_id=case.id,
            slot="exit_evidence",
            name=stored.name,
            media_type=stored.media_type,
            size=stored.size,
            digest=stored.digest,
            storage_key=stored.key,
            added_at=case.updated_at,
        )
        session.add(document)
        session.flush()
        exited.evidence_id = document.id
        added = {"document": document.id, "name": stored.name}
        journal.record(session, "application", case.id, ADDED, actor=cast.applicant, at=FAR, **added)
        return case.id, case.updated_at


def test_everybody_is_forgotten_and_no_figure_moves(
    world: World, sessions: sessionmaker[Session], settings: Settings
) -> None:
    before, words = _figures(sessions, world), _words(sessions)
    names = _names(sessions)
    assert any(name in words for name in ("contrat-de-la-personne",))
    outcome = forgetting.run(means(sessions, settings, now=LATER))
    assert (outcome.done, outcome.failed) == (len(world.people), 0), outcome
    assert _figures(sessions, world) == before
    with sessions() as session:
        for person in session.scalars(sa.select(Person)):
            assert person.identity is None
            assert person.name == "Identité effacée le 1er juin 2029"
        assert people_like(session, **names[0]) == []
        assert {record.comment for record in session.scalars(sa.select(ProgressRecord))} == {""}
        events = sa.select(journal.Event).where(journal.Event.subject.in_(("journey", "progress_record")))
        told = [event for event in session.scalars(events) if event.kind != "journey.erased"]
        assert told
        assert all(event.erased for event in told)
        assert journal.verify(session)[1] is None
        document = session.get_one(Document, world.evidence)
        assert document.name == "Justificatif effacé le 1er juin 2029"
        assert session.get_one(Journey, world.exited).evidence_id == world.evidence
        with pytest.raises(NotFound):
            find_document(session, world.cast.officer, world.evidence)
        others = sa.select(Document).where(Document.slot != "exit_evidence")
        assert all(one.removed_at is None for one in session.scalars(others))
    assert not _storage(settings).exists(world.key)
    assert forgetting.run(means(sessions, settings, now=LATER)).done == 0
    after = _words(sessions)
    assert "contrat-de-la-personne" not in after
    assert not [one["family_name"] for one in names if one["family_name"] in after]


def test_a_rehearsal_counts_and_leaves_everything(
    world: World, sessions: sessionmaker[Session], settings: Settings, engine: sa.Engine
) -> None:
    before = everything(engine)
    outcome = rehearse(JOBS["retention"], engine, settings, _storage(settings), FixedClock(LATER))
    assert outcome.done == len(world.people)
    assert everything(engine) == before
    assert _storage(settings).exists(world.key)


def test_nobody_goes_before_two_years_have_passed(
    world: World, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions() as session:
        contacts = retention.last_contacts(session, world.people)
        first = min(contacts.values())
        day = first.replace(year=first.year + retention.RETENTION_YEARS)
        early = retention.scan(session, day - timedelta(days=1)).due
        assert early == []
        assert [one.person_id for one in retention.scan(session, day).due] == [
            key for key, contact in contacts.items() if contact == first
        ]
        journeys = session.scalars(sa.select(Journey).where(Journey.exited_on.is_not(None)))
        for journey in journeys:
            assert journey.exited_on is not None
            assert contacts[journey.person_id] >= journey.exited_on


def test_nobody_is_forgotten_while_a_case_is_held_or_not_settled(
    world: World, sessions: sessionmaker[Session], settings: Settings
) -> None:
    manager = world.cast.manager.user_id
    with transaction(sessions) as session:
        hold = LegalHold(application_id=world.case, reason="Contentieux.", placed_at=FAR, placed_by_id=manager)
        session.add(hold)
    assert forgetting.run(means(sessions, settings, now=LATER)).done == 0
    with transaction(sessions) as session:
        hold = session.scalars(sa.select(LegalHold)).one()
        hold.lifted_at, hold.lifted_by_id = LATER, manager
    for state in ("execution", "bilan", "balance"):
        _reopened(sessions, world, state)
        assert forgetting.run(means(sessions, settings, now=LATER)).done == 0, state
    _reopened(sessions, world, "closed")
    assert forgetting.run(means(sessions, settings, now=LATER)).done == len(world.people)


def test_who_comes_back_is_not_due_and_a_hold_placed_meanwhile_is_seen(
    world: World, sessions: sessionmaker[Session]
) -> None:
    with transaction(sessions) as session:
        session.execute(
            sa.update(Journey).where(Journey.id == world.exited).values(oriented_at=LATER - timedelta(days=30))
        )
        back = session.get_one(Journey, world.exited).person_id
    day = LATER.date()
    with transaction(sessions) as session:
        due = [one.person_id for one in retention.scan(session, day).due]
        assert set(due) == set(world.people) - {back}
        manager = world.cast.manager.user_id
        session.add(LegalHold(application_id=world.case, reason="Contrôle.", placed_at=FAR, placed_by_id=manager))
        session.flush()
        asked: dict[str, Any] = {"actor": world.cast.manager, "at": LATER, "day": day}
        assert retention.forget(session, due[0], **asked) is None
        assert session.get_one(Person, due[0]).identity is not None


def test_a_process_that_dies_between_two_people_loses_nothing_and_repeats_nothing(
    world: World, sessions: sessionmaker[Session], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        """Nothing catches this."""

    real, done = retention.forget, list[int]()

    def dying(session: Session, person_id: int, **given: Any) -> Any:
        if len(done) == 2:
            raise Died
        done.append(person_id)
        return real(session, person_id, **given)

    monkeypatch.setattr("casework.retention.forget", dying)
    with pytest.raises(Died):
        forgetting.run(means(sessions, settings, now=LATER))
    with sessions() as session:
        erased = sa.select(Person.id).where(Person.erased_at.is_not(None))
        assert list(session.scalars(erased.order_by(Person.id))) == done
    monkeypatch.setattr("casework.retention.forget", real)
    assert forgetting.run(means(sessions, settings, now=LATER)).done == len(world.people) - 2
    with sessions() as session:
        once = sa.select(sa.func.count()).select_from(journal.Event).where(journal.Event.kind == "journey.erased")
        assert session.scalar(once) == session.scalar(sa.select(sa.func.count()).select_from(Journey))
        assert journal.verify(session)[1] is None


def test_bytes_that_a_dead_process_left_are_orphans(
    world: World, sessions: sessionmaker[Session], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Storage, "delete", lambda storage, key: None)
    forgetting.run(means(sessions, settings, now=LATER))
    monkeypatch.undo()
    assert _storage(settings).exists(world.key)
    orphans.run(means(sessions, settings, now=LATER + timedelta(days=2)))
    assert not _storage(settings).exists(world.key)


def test_evidence_that_no_exit_names_goes_with_the_last_person_of_its_case(
    world: World, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        session.execute(sa.update(Journey).where(Journey.id == world.exited).values(evidence_id=None))
    outcome = forgetting.run(means(sessions, settings, now=LATER))
    assert outcome.done == len(world.people) + 1, "the evidence goes in one more transaction, with the last of them"
    assert not _storage(settings).exists(world.key)
    with sessions() as session:
        assert session.get_one(Document, world.evidence).erased_at == LATER


def _reopened(sessions: sessionmaker[Session], world: World, state: str) -> None:
    """The case as it was while it stood there: only its state matters to who is forgotten."""
    with transaction(sessions) as session:
        session.execute(sa.update(Application).where(Application.id == world.case).values({"state": state}))


def _figures(sessions: sessionmaker[Session], world: World) -> Any:
    with sessions() as session:
        case = session.get_one(Application, world.case)
        return json.loads(json.dumps(frozen(session, case, FAR.date()), default=str))


def _names(sessions: sessionmaker[Session]) -> list[dict[str, Any]]:
    with sessions() as session:
        fields = ("family_name", "given_name", "birth_date")
        return [{name: getattr(one, name) for name in fields} for one in session.scalars(sa.select(Person))]


def _words(sessions: sessionmaker[Session]) -> str:
    """All that the database says in clear about participants, files and what happened."""
    with sessions() as session:
        tables = (Document, ProgressRecord, journal.EventPayload, Journey)
        return "\n".join(str(row) for table in tables for row in session.execute(sa.select(table.__table__)))


def _storage(settings: Settings) -> Storage:
    return Storage(Path(settings.files_dir))


def _foretold(session: Session) -> list[Message]:
    query = sa.select(Message).where(Message.message_id.startswith("<oubli-")).order_by(Message.id)
    return list(session.scalars(query))


def test_who_may_still_keep_an_identity_is_told_once_a_month_whatever_the_day(
    world: World, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        readers = {people.data_officer(session).user_id, people.manager(session).user_id, world.cast.manager.user_id}
        reference = session.get_one(Application, world.case).reference
        names = session.scalars(sa.select(Person)).all()
        contact = max(retention.last_contacts(session, world.people).values())
    goes = retention.forgotten_on(contact)
    days = [goes.replace(day=1) - timedelta(days=ago) for ago in (20, 19)]
    missed, again = (paris_instant(day, time(4, 40)) for day in days)
    assert foretelling.run(means(sessions, settings, now=missed)).done == len(readers)
    assert foretelling.run(means(sessions, settings, now=again)).done == 0, "told once for this month"
    with sessions() as session:
        told = _foretold(session)
        assert {one.user_id for one in told} == readers
        for one in told:
            assert one.subject.startswith(f"{len(world.people)} personnes : identité effacée d’ici le ")
            assert reference in one.body
            assert "/conservation" in one.body
            assert not any(name.family_name.lower() in one.body.lower() for name in names)


def test_a_mail_about_few_people_does_not_count_them(settings: Settings) -> None:
    said = letter(settings, people=6, cases={"2024-3.10-0001": 5, "2024-3.10-0002": 1}, until=date(2027, 1, 31))
    assert said.subject.startswith("6 personnes : ")
    assert [number for _, number in said.facts] == ["5 personnes", "moins de 5 personnes"]
    few = letter(settings, people=1, cases={"2024-3.10-0002": 1}, until=date(2027, 1, 31))
    assert few.subject.startswith("Moins de 5 personnes : ")


def test_nobody_is_told_when_nobody_goes_or_the_case_is_held(
    world: World, sessions: sessionmaker[Session], settings: Settings
) -> None:
    assert foretelling.run(means(sessions, settings, now=paris_instant(date(2025, 6, 2)))).done == 0
    with transaction(sessions) as session:
        case = session.get_one(Application, world.case)
        holds.place(session, case, "Contentieux.", actor=world.cast.manager, at=LATER)
    assert foretelling.run(means(sessions, settings, now=LATER)).done == 0
    with sessions() as session:
        assert _foretold(session) == []


def test_a_process_that_dies_while_it_tells_tells_everybody_the_next_day(
    world: World, sessions: sessionmaker[Session], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("workflows.rights.foretelling.enqueue", _dies)
        with pytest.raises(ConnectionError):
            foretelling.run(means(sessions, settings, now=LATER))
    assert foretelling.run(means(sessions, settings, now=LATER + timedelta(days=1))).done == 1
    with pytest.raises(sa.exc.IntegrityError), transaction(sessions) as session:
        tell(
            session, settings, [session.get_one(User, world.cast.manager.user_id)],
            people=1, cases={}, until=LATER.date(), today=LATER.date(), at=LATER,
        )  # fmt: skip


def _dies(*_: Any, **__: Any) -> None:
    raise ConnectionError("the process died")


@pytest.mark.parametrize(
    ("contact", "goes"),
    [
        (date(2026, 5, 3), date(2028, 5, 3)),
        (date(2028, 2, 29), date(2030, 3, 1)),
        (date(2026, 2, 28), date(2028, 2, 28)),
    ],
)
def test_somebody_goes_on_the_first_day_when_she_is_due(contact: date, goes: date) -> None:
    assert retention.forgotten_on(contact) == goes
    assert contact <= retention.limit_of(goes)
    assert contact > retention.limit_of(goes - timedelta(days=1))


def test_the_month_that_follows_is_foretold_to_its_last_day() -> None:
    days = {
        date(2026, 1, 31): date(2026, 2, 28),
        date(2026, 12, 1): date(2027, 1, 31),
        date(2027, 12, 31): date(2028, 1, 31),
    }
    assert {day: retention.foretold_until(day) for day in days} == days


def test_a_day_that_the_year_does_not_have_is_the_one_before() -> None:
    assert retention.limit_of(date(2028, 2, 29)) == date(2026, 2, 28)
    assert isinstance(LATER, datetime)
