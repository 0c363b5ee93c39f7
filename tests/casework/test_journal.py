"""The journal: append-only by the database itself, chained, verifiable, and erasable without breaking."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.people import Actor, job
from tests.support import people
from tests.support.template import NOW

KIND = journal.register("test.happened", "Il s’est passé quelque chose")
SUBJECT = ("application", 990_001)


@pytest.fixture
def author(session: Session) -> Actor:
    return people.manager(session)


@pytest.fixture
def chain(session: Session, author: Actor) -> list[journal.Event]:
    return [
        journal.record(session, *SUBJECT, KIND, actor=author, at=NOW, reason=f"Motif {number}") for number in (1, 2, 3)
    ]


def refused(session: Session, statement: str, message: str = "append-only") -> None:
    with pytest.raises(sa.exc.DBAPIError, match=message), session.begin_nested():
        session.execute(sa.text(statement))


def without_trigger(session: Session, name: str, table: str) -> None:
    """What an intruder with every right would do first."""
    on = f" ON {table}" if session.get_bind().dialect.name == "postgresql" else ""
    session.execute(sa.text(f"DROP TRIGGER {name}{on}"))


def tamper(session: Session, table: str, statement: str) -> None:
    verb = statement.partition(" ")[0].lower()
    without_trigger(session, f"{table}_refuses_{verb}", table)
    session.execute(sa.text(statement))
    session.expire_all()


def test_each_event_follows_the_previous_one_of_its_subject(session: Session, chain: list[journal.Event]) -> None:
    assert [event.sequence for event in chain] == [1, 2, 3]
    assert [event.previous for event in chain] == [journal.GENESIS, chain[0].digest, chain[1].digest]
    assert journal.verify(session)[1] is None


def test_the_timeline_shows_the_newest_first_and_pages_on(session: Session, chain: list[journal.Event]) -> None:
    newest = journal.timeline(session, *SUBJECT, limit=2)
    older = journal.timeline(session, *SUBJECT, before=newest[-1].sequence)
    assert [event.reason for event in (*newest, *older)] == ["Motif 3", "Motif 2", "Motif 1"]
    assert newest[0].label == "Il s’est passé quelque chose"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor_name = 'Personne' WHERE subject_id = 990001",
        "DELETE FROM event WHERE subject_id = 990001",
        "UPDATE event_payload SET content = '{}'",
        "DELETE FROM event_payload",
    ],
)
def test_the_database_refuses_to_rewrite_history(session: Session, chain: list[journal.Event], statement: str) -> None:
    refused(session, statement)
    assert journal.verify(session)[1] is None


@pytest.mark.parametrize("statement", ["UPDATE event_erasure SET reason = 'autre'", "DELETE FROM event_erasure"])
def test_an_erasure_cannot_be_hidden(
    session: Session, chain: list[journal.Event], author: Actor, statement: str
) -> None:
    journal.erase(session, chain[0], actor=author, at=NOW, reason="Demande de la personne")
    refused(session, statement)


@pytest.mark.database("postgres")
def test_postgresql_refuses_to_empty_the_journal(session: Session, chain: list[journal.Event]) -> None:
    refused(session, "TRUNCATE event CASCADE")


def test_an_announced_erasure_removes_the_detail_and_keeps_the_chain(
    session: Session, chain: list[journal.Event], author: Actor
) -> None:
    journal.erase(session, chain[1], actor=author, at=NOW, reason="Demande de la personne")
    assert chain[1].erased
    assert chain[1].reason is None
    assert journal.verify(session)[1] is None
    assert session.get_one(journal.Erasure, chain[1].id).actor_name == author.name


@pytest.mark.parametrize(
    ("table", "statement", "fault"),
    [
        ("event", "UPDATE event SET actor_name = 'Personne' WHERE id = {id}", "son contenu a été modifié"),
        ("event", "UPDATE event SET at = '2020-01-01 00:00:00+00' WHERE id = {id}", "son contenu a été modifié"),
        ("event", "UPDATE event SET previous = '0' WHERE id = {id}", "elle ne suit pas l’entrée précédente"),
        ("event_payload", "UPDATE event_payload SET content = '{{}}' WHERE event_id = {id}", "détail a été modifié"),
        ("event_payload", "DELETE FROM event_payload WHERE event_id = {id}", "sans effacement enregistré"),
    ],
)
def test_verification_names_the_first_entry_that_was_tampered_with(
    session: Session, chain: list[journal.Event], table: str, statement: str, fault: str
) -> None:
    if table == "event" and "at =" in statement and session.get_bind().dialect.name == "sqlite":
        statement = statement.replace("+00", ".000000")
    tamper(session, table, statement.format(id=chain[1].id))
    broken = journal.verify(session)[1]
    assert broken is not None
    assert (broken.event_id, broken.sequence) == (chain[1].id, 2)
    assert fault in broken.fault


def test_verification_sees_a_removed_entry(session: Session, chain: list[journal.Event]) -> None:
    without_trigger(session, "event_payload_refuses_delete", "event_payload")
    session.execute(sa.text(f"DELETE FROM event_payload WHERE event_id = {chain[1].id}"))
    tamper(session, "event", f"DELETE FROM event WHERE id = {chain[1].id}")
    broken = journal.verify(session)[1]
    assert broken is not None
    assert broken.fault == "il manque l’entrée n° 2 de la chaîne"


def test_a_fork_of_a_chain_is_refused(session: Session, chain: list[journal.Event]) -> None:
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(
            sa.insert(journal.Event).values(
                subject=SUBJECT[0],
                subject_id=SUBJECT[1],
                sequence=3,
                at=NOW,
                actor_name="Quelqu’un",
                kind=KIND,
                payload_digest="0" * 64,
                previous=chain[1].digest,
                digest="1" * 64,
            )
        )


def test_an_event_needs_an_actor(session: Session) -> None:
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        journal.record(session, *SUBJECT, KIND, actor=job(""), at=NOW)


def test_a_job_is_named(session: Session) -> None:
    event = journal.record(session, *SUBJECT, KIND, actor=job("Échéances"), at=NOW)
    assert (event.actor_id, event.actor_name) == (None, "Échéances")


def test_an_undeclared_event_cannot_be_recorded(session: Session, author: Actor) -> None:
    with pytest.raises(LookupError):
        journal.record(session, *SUBJECT, "test.unheard_of", actor=author, at=NOW)


def test_an_event_has_one_meaning() -> None:
    with pytest.raises(ValueError, match="already registered"):
        journal.register(KIND, "Autre chose")


def test_what_is_rolled_back_leaves_no_event(session: Session, author: Actor) -> None:
    savepoint = session.begin_nested()
    journal.record(session, *SUBJECT, KIND, actor=author, at=NOW)
    savepoint.rollback()
    assert journal.last_event(session, *SUBJECT) is None
