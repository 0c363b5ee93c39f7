"""Messages are committed with the change that causes them, once to each person."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.db import transaction
from casework.outbox import NOTICE, SENT, Message, enqueue, fail, retry, tell_instead
from casework.people import Grant, User
from casework.preferences import choose
from casework.reachable import mark_refused
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
    fail(message, "554 refused", at=NOW)
    session.flush()
    assert (message.status_label, message.next_try_at) == ("En échec", None)
    retry(message, at=NOW)
    session.flush()
    assert (message.status_label, message.attempts, message.error) == ("En attente d’envoi", 0, "")
    session.execute(SENT, {"key": message.id, "at": NOW})
    session.refresh(message)
    assert (message.status_label, message.next_try_at) == ("Envoyé", None)


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


def colleagues(session: Session, *, refused: bool = True) -> tuple[User, User, User]:
    """Somebody whose address is refused, somebody of the same organisation, and a manager."""
    bearer = people.organisation(session)
    gone, other = (people.user(session, Grant(role="applicant", organisation_id=bearer.id)) for _ in range(2))
    manager = people.user(session, Grant(role="manager"))
    if refused:
        mark_refused(gone, "550 unknown", at=NOW)
    return gone, other, manager


def all_messages(session: Session) -> list[Message]:
    session.flush()
    return list(session.scalars(sa.select(Message).order_by(Message.id)))


def test_the_group_and_the_manager_are_told_instead_of_somebody_who_has_no_address(session: Session) -> None:
    gone, other, manager = colleagues(session)
    enqueue(session, [gone], html=f"<main>{NOTICE}</main>", **LETTER)
    kept, *copies = all_messages(session)
    assert (kept.status, kept.next_try_at) == ("suppressed", None)
    assert "refusée depuis le 15/01/2024" in kept.error
    assert {copy.recipient for copy in copies} == {other.email, manager.email}
    for copy in copies:
        assert copy.status == "waiting"
        assert copy.body.startswith(f"Ce message était destiné à {gone.name}, qui ne peut pas le recevoir (son adresse")
        assert gone.name in (copy.html or "")
        assert copy.instead_of_id == kept.id


def test_somebody_who_has_left_is_replaced_in_the_same_way(session: Session) -> None:
    gone, other, manager = colleagues(session, refused=False)
    gone.active = False
    enqueue(session, [gone], **LETTER)
    kept, *copies = all_messages(session)
    assert kept.error == "son compte est fermé"
    assert {copy.recipient for copy in copies} == {other.email, manager.email}


def test_a_link_to_a_password_is_never_given_to_somebody_else(session: Session) -> None:
    gone, _, _ = colleagues(session)
    enqueue(session, [gone], category="account", **LETTER)
    (only,) = all_messages(session)
    assert (only.recipient, only.status) == (gone.email, "waiting")


def test_a_copy_that_reaches_nobody_either_makes_no_other_copy(session: Session) -> None:
    gone, other, _ = colleagues(session)
    enqueue(session, [gone], **LETTER)
    copy = next(message for message in all_messages(session) if message.recipient == other.email)
    assert tell_instead(session, copy, other, "refusée", at=NOW) == []


def test_news_come_as_each_person_prefers_and_requests_always(session: Session) -> None:
    user = people.user(session)
    choose(user, {"news": "never", "request": "never", "decision": "summary"})
    assert enqueue(session, [user], category="news", **LETTER) == []
    assert [m.status for m in enqueue(session, [user], category="request", **LETTER)] == ["waiting"]
    assert [m.status for m in enqueue(session, [user], category="decision", **LETTER)] == ["waiting"]
    choose(user, {"news": "summary"})
    (held,) = enqueue(session, [user], category="news", **LETTER)
    assert (held.status, held.next_try_at, held.status_label) == ("held", None, "Dans le récapitulatif")
