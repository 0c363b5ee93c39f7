"""Messages: written in the transaction of the change that causes them, sent afterwards by a job, kept with the case.

A person who has no working address is never left out in silence: the message is kept as suppressed, and those who
share the person's work, with the managers, receive it instead, with a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import cast
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.db import Base, Instant, Key, one_of
from casework.people import User
from casework.preferences import CATEGORIES, NEVER, SUMMARY, manner
from casework.reachable import substitutes, why_unreachable

NOTICE = "<!-- notice -->"
"""Where the HTML of a message receives the sentence that says for whom it was meant."""


class Message(Base):
    """One mail to one person. `message_id` never changes, whatever the number of attempts.

    `next_try_at` stands while the message waits to be sent, and only then; a worker that claims it moves it to the
    end of its claim. `in_digest_id`: the daily summary that tells it, for whoever prefers that; `held` until then.
    `instead_of_id`: the message that could not reach the person it was meant for.
    """

    __tablename__ = "message"
    __table_args__ = (
        sa.CheckConstraint(one_of("category", tuple(CATEGORIES)), name="category"),
        sa.CheckConstraint(
            "next_try_at IS NULL OR (sent_at IS NULL AND failed_at IS NULL AND suppressed_at IS NULL AND NOT held)",
            name="waiting",
        ),
        sa.Index("ix_message_waiting", "next_try_at", "id"),
        sa.Index("ix_message_application", "application_id", "id"),
        sa.Index("ix_message_user", "user_id", "id"),
        sa.Index("ix_message_failed", "failed_at", "id"),
        sa.Index("ix_message_suppressed", "suppressed_at", "id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    category: Mapped[str] = mapped_column(sa.String(20), default="request")
    recipient: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str | None] = mapped_column(sa.Text)
    ics: Mapped[str | None] = mapped_column(sa.Text)
    message_id: Mapped[str] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)
    suppressed_at: Mapped[datetime | None] = mapped_column(Instant)
    held: Mapped[bool] = mapped_column(default=False)
    in_digest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"))
    instead_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"))
    error: Mapped[str] = mapped_column(sa.String(500), default="")

    @property
    def status(self) -> str:
        """sent, failed, suppressed, held or waiting."""
        if self.sent_at:
            return "sent"
        if self.suppressed_at:
            return "suppressed"
        return "failed" if self.failed_at else "held" if self.held or self.in_digest_id else "waiting"

    @property
    def status_label(self) -> str:
        return STATUSES[self.status]


_MESSAGES = cast(sa.Table, Message.__table__)
SENT = (
    sa.update(_MESSAGES)
    .where(_MESSAGES.c.id == sa.bindparam("key"))
    .values(sent_at=sa.bindparam("at"), next_try_at=None, error="")
)
"""Says that a message (`key`) left (`at`): one cheap statement, for it is made for each message."""
STATUSES = {
    "waiting": "En attente d’envoi",
    "sent": "Envoyé",
    "failed": "En échec",
    "suppressed": "Non envoyé : pas d’adresse utilisable",
    "held": "Dans le récapitulatif",
}


def enqueue(
    session: Session,
    recipients: Iterable[User],
    *,
    subject: str,
    body: str,
    at: datetime,
    application_id: int | None = None,
    html: str | None = None,
    ics: str | None = None,
    category: str = "request",
    key: str = "",
) -> list[Message]:
    """Write one message per person (once each), in the caller's transaction, as each one prefers to be told.

    `key` names what is said once and for all, and its time: the database refuses a second message of it to somebody.
    Gives the messages of these people, not those of who receives them instead of one of them. Messages about an
    account (links to choose a password) are always tried at its own address, and never shown to somebody else.
    """
    written: list[Message] = []
    for user in {user.id: user for user in recipients}.values():
        how = manner(user, category)
        if how == NEVER:
            continue
        message = Message(
            application_id=application_id,
            user_id=user.id,
            category=category,
            recipient=user.email,
            subject=subject[:200],
            body=body,
            html=html,
            ics=ics,
            message_id=keyed(key, user.id) if key else new_message_id(),
            created_at=at,
            next_try_at=at,
            attempts=0,
            held=False,
        )
        session.add(message)
        written.append(message)
        reason = why_unreachable(user) if category != "account" else None
        if reason is not None:
            suppress(session, message, user, reason, at=at)
        elif how == SUMMARY and category == "news":
            message.held, message.next_try_at = True, None
    return written


def enqueue_to(
    session: Session, address: str, *, subject: str, body: str, at: datetime, application_id: int, html: str, ics: str
) -> None:
    """Write one message to somebody without an account, whose address somebody gave, in the caller's transaction."""
    session.add(
        Message(
            application_id=application_id,
            category="request",
            recipient=address,
            subject=subject[:200],
            body=body,
            html=html,
            ics=ics,
            message_id=new_message_id(),
            created_at=at,
            next_try_at=at,
            attempts=0,
            held=False,
        )
    )


def keyed(key: str, user_id: int) -> str:
    return f"<{key}.{user_id}@casework>"


def new_message_id() -> str:
    return f"<{uuid4().hex}@casework>"


def suppress(session: Session, message: Message, user: User, reason: str, *, at: datetime) -> None:
    """Keep the message without sending it, and tell those who share the person's work instead."""
    message.suppressed_at, message.next_try_at, message.held, message.error = at, None, False, reason[:500]
    tell_instead(session, message, user, reason, at=at)


def tell_instead(session: Session, message: Message, user: User, reason: str, *, at: datetime) -> list[Message]:
    """Copies of a message that cannot reach its person, for the group and the managers; a copy has no copy."""
    if message.category == "account" or message.instead_of_id is not None:
        return []
    session.flush()
    meant = f"Ce message était destiné à {user.name}, qui ne peut pas le recevoir ({reason})."
    notice = f"{meant} Il vous est adressé à sa place."
    copies = [
        Message(
            application_id=message.application_id,
            user_id=other.id,
            category=message.category,
            recipient=other.email,
            subject=message.subject,
            body=f"{notice}\n\n{message.body}",
            html=message.html.replace(NOTICE, f"<p><strong>{escape(notice)}</strong></p>") if message.html else None,
            ics=message.ics,
            message_id=new_message_id(),
            created_at=at,
            next_try_at=at,
            attempts=0,
            held=False,
            instead_of_id=message.id,
        )
        for other in substitutes(session, user)
    ]
    session.add_all(copies)
    return copies


def fail(message: Message, error: str, *, at: datetime) -> None:
    """This message will not be tried again by itself: somebody must look at it."""
    message.failed_at, message.next_try_at, message.error = at, None, error[:500]


def retry(message: Message, *, at: datetime) -> None:
    """Give a failed or suppressed message another chance, at once, under the same Message-ID."""
    message.failed_at, message.suppressed_at, message.attempts, message.error = None, None, 0, ""
    message.next_try_at = at
