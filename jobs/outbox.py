"""Send the messages that transactions have left: claim some, close the session, send, stamp each one.

A crash between sending and stamping may send one mail twice, with the same Message-ID; none is ever lost: what a dead
worker had claimed is free again when the claim expires. On PostgreSQL several workers share the queue (SKIP LOCKED).
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.db import transaction
from casework.mail import as_email, plain_address
from casework.outbox import SENT, Message, fail, suppress, tell_instead
from casework.people import User
from casework.reachable import mark_refused, why_unreachable
from jobs.smtp import Post, Verdict, in_words, unreachable, verdict_on
from jobs.work import Means, Outcome, log

NAME = "Envoi des messages"
CLAIM = timedelta(minutes=10)
CLAIMED = 20
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
LONGEST = timedelta(seconds=50)
"""A run leaves before its next time, which goes on: a slow server or a long queue never makes the job look silent."""
BROKEN_IN_A_ROW = 3
"""After so many broken connections the server is left alone until the next run."""
FAULTS = (OSError, smtplib.SMTPException, ValueError)
ABSENT = "Aucun serveur d’envoi n’est réglé (smtp_host) : les messages attendent."


def run(means: Means) -> Outcome:
    """Send everything that waits. A server that cannot be reached costs no attempt to any message."""
    waiting = _waiting(means)
    if means.rehearsal or not waiting:
        return Outcome(waiting)
    if not means.settings.smtp_host:
        return Outcome(note=ABSENT)
    until = means.clock.now() + LONGEST
    means = replace(means, stopping=lambda stopping=means.stopping: stopping() or means.clock.now() >= until)
    post, stamps = Post(means.settings), Stamps(means)
    try:
        return _send_all(means, post, stamps)
    finally:
        post.close()
        stamps.close()


class Stamps:
    """Says of each message that it left, in a transaction of its own, over one connection kept for the whole run.

    Never several at once: a worker that dies leaves at most one message sent and not stamped. A connection that broke
    meanwhile (the database was restarted) is opened again and the message stamped there.
    """

    def __init__(self, means: Means) -> None:
        self._clock = means.clock
        self._engine: sa.Engine = means.sessions.kw["bind"]
        self._connection: sa.Connection | None = None

    def sent(self, key: int) -> None:
        values = {"key": key, "at": self._clock.now()}
        try:
            self._stamp(values)
        except sa.exc.DBAPIError as fault:
            self.close()
            if not fault.connection_invalidated:
                raise
            self._stamp(values)

    def _stamp(self, values: dict[str, object]) -> None:
        self._connection = self._connection or self._engine.connect()
        with self._connection.begin():
            self._connection.execute(SENT, values)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _waiting(means: Means) -> int:
    with means.sessions() as session:
        query = sa.select(sa.func.count()).select_from(Message).where(Message.next_try_at <= means.clock.now())
        return session.scalar(query) or 0


def _send_all(means: Means, post: Post, stamps: Stamps) -> Outcome:
    outcome, broken = Outcome(), 0
    while not means.stopping() and broken < BROKEN_IN_A_ROW:
        try:
            post.open()
        except FAULTS as fault:
            log.warning("mail server out of reach", fault=type(fault).__name__)
            return outcome + Outcome(failed=1, error=unreachable(fault))
        claimed = claim(means, CLAIMED)
        if not claimed:
            break
        for rank, message in enumerate(claimed):
            if means.stopping():
                release(means, claimed[rank:])
                break
            verdict, told = _send(means, post, stamps, message)
            outcome += told
            broken = broken + 1 if verdict is Verdict.BROKEN else 0
            if verdict in (Verdict.BROKEN, Verdict.SERVER):
                post.close()
                release(means, claimed[rank + 1 :])
                broken = BROKEN_IN_A_ROW if verdict is Verdict.SERVER else broken
                break
    return outcome


def claim(means: Means, number: int) -> list[Message]:
    """Take the oldest messages that wait, for this worker alone until the claim expires."""
    now = means.clock.now()
    oldest = sa.select(Message.id).where(Message.next_try_at <= now).order_by(Message.next_try_at, Message.id)
    taken = oldest.limit(number).with_for_update(skip_locked=True).cte("taken")
    ours = Message.id.in_(sa.select(taken.c.id))
    claimed = sa.update(Message).where(ours).values(next_try_at=now + CLAIM).returning(Message)
    with transaction(means.sessions) as session:
        messages = session.scalars(claimed, execution_options={"synchronize_session": False}).all()
    return sorted(messages, key=lambda message: message.id)


def release(means: Means, messages: Sequence[Message]) -> None:
    """Give back what was claimed and not tried."""
    if messages:
        ours = Message.id.in_([message.id for message in messages])
        with transaction(means.sessions) as session:
            freed = sa.update(Message).where(ours, Message.next_try_at.is_not(None))
            session.execute(freed.values(next_try_at=means.clock.now()))


def _send(means: Means, post: Post, stamps: Stamps, message: Message) -> tuple[Verdict | None, Outcome]:
    try:
        mail, sender = as_email(message, sender=means.settings.mail_from), plain_address(means.settings.mail_from)
        post.give(mail, sender=sender, recipient=message.recipient)
    except FAULTS as fault:
        verdict = verdict_on(fault)
        _stamp_failure(means, message.id, verdict, in_words(fault))
        log.warning("message not sent", message_id=message.id, verdict=verdict.name)
        return verdict, Outcome(failed=1, error=in_words(fault))
    stamps.sent(message.id)
    return None, Outcome(1)


def _stamp_failure(means: Means, key: int, verdict: Verdict, words: str) -> None:
    now = means.clock.now()
    with transaction(means.sessions) as session:
        message = session.get_one(Message, key)
        if message.next_try_at is None:
            return
        message.attempts += 1
        if verdict is Verdict.ADDRESS:
            _refused(session, message, words, now)
        elif verdict is Verdict.MESSAGE or message.attempts > len(DELAYS):
            fail(message, words, at=now)
        else:
            message.error = words[:500]
            message.next_try_at = now + DELAYS[message.attempts - 1]


def _refused(session: Session, message: Message, words: str, now: datetime) -> None:
    """The address is dead: mark the person, tell the others instead, and do not try what else waits for it."""
    fail(message, words, at=now)
    user = session.get(User, message.user_id) if message.user_id is not None else None
    if user is None or user.email != message.recipient:
        return
    mark_refused(user, words, at=now)
    reason = why_unreachable(user) or words
    tell_instead(session, message, user, reason, at=now)
    others = sa.select(Message).where(
        Message.user_id == user.id,
        Message.recipient == user.email,
        Message.next_try_at.is_not(None),
        Message.category != "account",
    )
    for other in session.scalars(others.with_for_update(skip_locked=True)):
        suppress(session, other, user, reason, at=now)
