"""The calendar feed of each person: a secret address that its owner may change or close. Only its digest is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, selectinload

from casework.db import Base, Instant
from casework.people import User


class CalendarFeed(Base):
    """At most one address for each person. Who reads it sees references, titles and dates, and nobody's name."""

    __tablename__ = "calendar_feed"
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


def open_feed(session: Session, user_id: int, *, at: datetime) -> str:
    """A new secret for this person; the address that stood before answers no more. It is shown once."""
    close_feed(session, user_id)
    token = secrets.token_urlsafe(32)
    session.add(CalendarFeed(user_id=user_id, token_digest=_digest(token), created_at=at))
    session.flush()
    return token


def close_feed(session: Session, user_id: int) -> None:
    session.execute(sa.delete(CalendarFeed).where(CalendarFeed.user_id == user_id))
    session.expire_all()


def feed_of(session: Session, user_id: int) -> CalendarFeed | None:
    return session.get(CalendarFeed, user_id)


def owner_of(session: Session, token: str) -> User | None:
    """The person, with its grants, whose feed has this secret; None when it is unknown, closed, or the account is."""
    query = (
        sa.select(User)
        .join(CalendarFeed, CalendarFeed.user_id == User.id)
        .where(CalendarFeed.token_digest == _digest(token), User.active)
        .options(selectinload(User.grants))
    )
    return session.scalars(query).one_or_none()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
