"""What signing in needs to remember: sessions, failed attempts, single-use links. Only digests of secrets are kept."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Instant, Key, one_of
from casework.people import User


class WebSession(Base):
    """One signed-in browser; it ends when revoked, idle too long, or too old."""

    __tablename__ = "web_session"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    device: Mapped[str] = mapped_column(sa.String(120), default="")
    user: Mapped[User] = relationship()


class LoginFailure(Base):
    """A refused sign-in: the account tried (digest) and the address it came from (digest)."""

    __tablename__ = "login_failure"
    __table_args__ = (
        sa.Index("ix_login_failure_account", "account_digest", "at"),
        sa.Index("ix_login_failure_address", "address_digest", "at"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    account_digest: Mapped[str] = mapped_column(sa.String(64))
    address_digest: Mapped[str] = mapped_column(sa.String(64))


class Link(Base):
    """A single-use link sent by mail: to choose a new password, or to accept an invitation.

    `organisation_id`: what accepting opens; nothing more when the accesses were given with the account.
    """

    __tablename__ = "link"
    __table_args__ = (sa.CheckConstraint(one_of("kind", ("reset", "invitation")), name="kind"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    user: Mapped[User] = relationship()
