"""Messages: written in the transaction of the change that causes them, sent afterwards by a job, kept with the case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.db import Base, Instant, Key
from casework.people import User


class Message(Base):
    """One mail to one person. `message_id` never changes, whatever the number of attempts."""

    __tablename__ = "message"
    __table_args__ = (
        sa.Index("ix_message_waiting", "sent_at", "failed_at", "next_try_at", "id"),
        sa.Index("ix_message_application", "application_id", "id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    recipient: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    message_id: Mapped[str] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    next_try_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(sa.String(500), default="")

    @property
    def status_label(self) -> str:
        if self.sent_at:
            return "Envoyé"
        return "En échec" if self.failed_at else "En attente d’envoi"


def enqueue(
    session: Session,
    recipients: Iterable[User],
    *,
    subject: str,
    body: str,
    at: datetime,
    application_id: int | None = None,
) -> list[Message]:
    """Write one message per person (once each), in the caller's transaction."""
    messages = [
        Message(
            application_id=application_id,
            user_id=user.id,
            recipient=user.email,
            subject=subject[:200],
            body=body,
            message_id=f"<{uuid4().hex}@casework>",
            created_at=at,
            next_try_at=at,
            attempts=0,
        )
        for user in {user.id: user for user in recipients}.values()
    ]
    session.add_all(messages)
    return messages


def retry(message: Message) -> None:
    """Give a failed message another chance, at once."""
    message.failed_at, message.attempts = None, 0
    message.next_try_at = message.created_at
