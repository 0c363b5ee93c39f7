"""The job that sends: what leaves, in which form, and what each refusal of a mail server leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.outbox import Message, enqueue
from casework.people import Grant, User
from casework.settings import Settings
from jobs import outbox
from jobs.outbox import CLAIM, CLAIMED, DELAYS, LONGEST, claim
from tests.support import people
from tests.support.mailserver import Inbox, free_port, mail_server, silent_server
from tests.support.means import letters, means
from tests.support.template import NOW


def messages(sessions: sessionmaker[Session]) -> list[Message]:
    with sessions() as session:
        return list(session.scalars(sa.select(Message).order_by(Message.id)))


def statuses(sessions: sessionmaker[Session]) -> list[str]:
    return [message.status for message in messages(sessions)]


def test_what_waits_is_sent_once_over_one_connection(sessions: sessionmaker[Session], settings: Settings) -> None:
    inbox, addresses = Inbox(), letters(sessions, 30)
    with mail_server(inbox) as port:
        assert outbox.run(means(sessions, settings, port=port)).done == 30
        assert outbox.run(means(sessions, settings, port=port)).done == 0
    assert sorted(inbox.recipients) == sorted(addresses)
    assert inbox.connections == 1
    assert set(statuses(sessions)) == {"sent"}


def test_a_mail_carries_text_html_and_calendar(sessions: sessionmaker[Session], settings: Settings) -> None:
    inbox = Inbox()
    letters(sessions, 1, subject="2024-3.5-0001 – échéance", body="Bonjour é", html="<p>é</p>", ics="BEGIN:VCALENDAR")
    with mail_server(inbox) as port:
        outbox.run(means(sessions, settings, port=port))
    (mail,) = inbox.received
    assert mail["Subject"] == "2024-3.5-0001 – échéance"
    assert mail["Auto-Submitted"] == "auto-generated"
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert {"text/plain", "text/html", "text/calendar"} <= parts.keys()
    assert parts["text/plain"].get_content().strip() == "Bonjour é"
    assert parts["text/calendar"].get_filename() == "echeances.ics"


def test_a_refused_address_among_good_ones_stops_nothing_and_is_said(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        bearer = people.organisation(session)
        bad, good = (people.user(session, Grant(role="applicant", organisation_id=bearer.id)) for _ in range(2))
        manager = people.user(session, Grant(role="manager"))
        for subject in ("premier", "second"):
            enqueue(session, [bad, good], subject=subject, body="Bonjour", at=NOW)
    inbox = Inbox(rcpt=lambda address: "550 5.1.1 inconnu ici" if address == bad.email else None)
    with mail_server(inbox) as port:
        outcome = outbox.run(means(sessions, settings, port=port))
    assert outcome.failed >= 1
    assert "550 5.1.1 inconnu ici" in outcome.error
    with sessions() as session:
        marked = session.get_one(User, bad.id)
        assert (marked.mail_refused_at, marked.mail_refused_reason) == (NOW, "550 5.1.1 inconnu ici")
        own = list(session.scalars(sa.select(Message).where(Message.user_id == bad.id)))
    assert {message.status for message in own} <= {"failed", "suppressed"}
    assert inbox.recipients.count(good.email) == 4
    assert inbox.recipients.count(manager.email) == 2
    assert bad.email not in inbox.recipients


def test_a_4xx_is_tried_again_later_each_time_later_then_given_up_in_the_open(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, 1)
    inbox, now, waited = Inbox(rcpt=lambda address: "451 plus tard"), NOW, []
    with mail_server(inbox) as port:
        while statuses(sessions) == ["waiting"]:
            assert outbox.run(means(sessions, settings, now=now, port=port)).failed == 1
            (message,) = messages(sessions)
            if message.next_try_at is not None:
                waited.append(message.next_try_at - now)
                now = message.next_try_at
    assert tuple(waited) == DELAYS
    assert (statuses(sessions), messages(sessions)[0].error) == (["failed"], "451 plus tard")


def test_a_message_that_a_server_refuses_fails_at_once_without_blaming_the_address(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, 1)
    with mail_server(Inbox(data=lambda address: "554 contenu refusé")) as port:
        outbox.run(means(sessions, settings, port=port))
    assert statuses(sessions) == ["failed"]
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).where(User.mail_refused_at.is_not(None))) == 0


def test_a_message_that_cannot_be_written_stops_nothing(sessions: sessionmaker[Session], settings: Settings) -> None:
    letters(sessions, 2)
    with transaction(sessions) as session:
        session.scalars(sa.select(Message).order_by(Message.id)).first().recipient = "elise\n@exemple.invalid"
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert outbox.run(means(sessions, settings, port=port)).done == 1
    assert statuses(sessions) == ["failed", "sent"]


def test_a_server_down_for_a_day_costs_no_message_any_attempt(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    addresses, port = letters(sessions, 25), free_port()
    for hour in range(25):
        outcome = outbox.run(means(sessions, settings, now=NOW + timedelta(hours=hour), port=port))
        assert (outcome.done, outcome.failed) == (0, 1)
        assert "injoignable" in outcome.error
    assert {message.attempts for message in messages(sessions)} == {0}
    inbox = Inbox()
    with mail_server(inbox, port):
        outbox.run(means(sessions, settings, now=NOW + timedelta(days=1), port=port))
    assert sorted(inbox.recipients) == sorted(addresses)


def test_a_server_that_accepts_and_hangs_is_left_after_the_timeout(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, 3)
    with silent_server() as port:
        given = means(sessions, settings, port=port)
        object.__setattr__(given.settings, "smtp_timeout_seconds", 1)
        outcome = outbox.run(given)
    assert (outcome.done, outcome.failed) == (0, 1)
    assert {message.attempts for message in messages(sessions)} == {0}


def test_a_server_that_breaks_at_each_message_is_left_alone_after_three(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, 10)
    with mail_server(Inbox(data=lambda address: "421 je ferme")) as port:
        outcome = outbox.run(means(sessions, settings, port=port))
    assert outcome.failed == 3
    assert sorted(message.attempts for message in messages(sessions)) == [0] * 7 + [1] * 3
    inbox = Inbox()
    with mail_server(inbox) as port:
        outbox.run(means(sessions, settings, now=NOW + DELAYS[0], port=port))
    assert max(inbox.identifiers.values()) == 1
    assert len(inbox.received) == 10


def test_what_one_worker_claimed_another_one_leaves_until_the_claim_expires(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, CLAIMED + 5)
    first = {message.id for message in claim(means(sessions, settings), CLAIMED)}
    second = {message.id for message in claim(means(sessions, settings), CLAIMED)}
    assert (len(first), len(second), first & second) == (CLAIMED, 5, set())
    assert claim(means(sessions, settings), CLAIMED) == []
    later = means(sessions, settings, now=NOW + CLAIM)
    assert len(claim(later, 100)) == CLAIMED + 5


def test_a_worker_asked_to_stop_gives_back_what_it_had_not_sent(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, 15)
    inbox = Inbox()
    with mail_server(inbox) as port:
        outbox.run(means(sessions, settings, port=port, stopping=lambda: len(inbox.received) >= 4))
        assert len(inbox.received) == 4
        assert outbox.run(means(sessions, settings, port=port)).done == 11


def test_a_slow_server_makes_a_run_leave_before_the_next_one_which_goes_on(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, 25)
    clock, inbox = FixedClock(NOW), Inbox(data=lambda _: clock.advance(timedelta(seconds=5)))  # type: ignore[func-returns-value]
    with mail_server(inbox) as port:
        given = replace(means(sessions, settings, port=port), clock=clock)
        assert outbox.run(given).done == LONGEST / timedelta(seconds=5)
        assert outbox.run(replace(given, now=clock.now())).done == 10
    assert inbox.repeated == 0


def test_a_rehearsal_counts_and_sends_nothing(sessions: sessionmaker[Session], settings: Settings) -> None:
    letters(sessions, 3)
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert outbox.run(means(sessions, settings, port=port, rehearsal=True)).done == 3
    assert inbox.received == []


def test_without_a_server_in_the_settings_messages_wait_and_it_is_said(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, 1)
    assert "smtp_host" in outbox.run(means(sessions, settings)).note
    assert statuses(sessions) == ["waiting"]


@pytest.mark.database("sqlite")
def test_a_wrong_password_costs_no_message_any_attempt(sessions: sessionmaker[Session], settings: Settings) -> None:
    letters(sessions, 2)
    with mail_server(Inbox()) as port:
        given = means(sessions, settings, port=port)
        object.__setattr__(given.settings, "smtp_user", "quelqu’un")
        assert outbox.run(given).failed == 1
    assert {message.attempts for message in messages(sessions)} == {0}
