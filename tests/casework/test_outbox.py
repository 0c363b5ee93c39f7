"""Messages are committed with the change that causes them, once to each person."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.db import transaction
from casework.outbox import Message, enqueue
from tests.support import people
from tests.support.template import NOW

LETTER = {"subject": "Avance payée", "body": "Bonjour", "at": NOW}


def test_a_person_named_twice_is_told_once(session: Session) -> None:
    first, second = people.user(session), people.user(session)
    messages = enqueue(session, [first, second, first], **LETTER)
    assert [message.recipient for message in messages] == [first.email, second.email]


def test_each_message_has_its_own_identifier(session: Session) -> None:
    messages = enqueue(session, [people.user(session) for _ in range(20)], **LETTER)
    session.flush()
    assert len({message.message_id for message in messages}) == 20
    change = sa.update(Message).where(Message.id == messages[0].id).values(message_id=messages[1].message_id)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(change)


def test_a_message_waits_until_it_is_sent_or_fails(session: Session) -> None:
    (message,) = enqueue(session, [people.user(session)], **LETTER)
    session.flush()
    assert (message.attempts, message.status_label) == (0, "En attente d’envoi")
    message.failed_at = NOW
    assert message.status_label == "En échec"
    message.sent_at = NOW
    assert message.status_label == "Envoyé"


def test_a_long_subject_is_cut_to_what_is_kept(session: Session) -> None:
    (message,) = enqueue(session, [people.user(session)], subject="x" * 500, body="", at=NOW)
    session.flush()
    assert len(message.subject) == 200


def test_a_change_that_fails_sends_nothing(sessions: sessionmaker[Session]) -> None:
    def interrupted() -> None:
        with transaction(sessions) as session:
            enqueue(session, [people.user(session)], **LETTER)
            session.flush()
            raise RuntimeError("the machine stops here")

    with pytest.raises(RuntimeError):
        interrupted()
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count(Message.id))) == 0
