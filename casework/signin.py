"""Signing in: sessions of browsers, throttling of refused attempts, single-use links.

Instants here are the real time, even in a demonstration: moving its clock must not sign everybody out. Only digests of
tokens are stored; digests of accounts and addresses are keyed, since they could be guessed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from casework.accounts import Link, LoginFailure, WebSession
from casework.people import User
from casework.settings import Settings

SEEN_EVERY = timedelta(minutes=1)
KEPT_FAILURES = timedelta(days=1)


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_digest(settings: Settings, text: str) -> str:
    """What is stored of an e-mail or a network address: of no use without the secret key."""
    return hmac.new(settings.secret_key.encode(), text.strip().lower().encode(), hashlib.sha256).hexdigest()


def open_session(session: Session, user: User, *, at: datetime, device: str) -> str:
    """A new session of this person; the token returned is for the cookie alone."""
    token = secrets.token_urlsafe(32)
    session.add(WebSession(token_digest=digest(token), user_id=user.id, created_at=at, seen_at=at, device=device[:120]))
    user.last_login_at = at
    session.flush()
    return token


def find_session(session: Session, token: str, *, at: datetime, settings: Settings) -> WebSession | None:
    """The session of this token with its person and grants, unless ended, idle, too old or of a closed account."""
    since = {
        "token_digest": digest(token),
        "seen_since": at - timedelta(minutes=settings.session_idle_minutes),
        "opened_since": at - timedelta(hours=settings.session_max_hours),
    }
    return session.scalars(_living_session(), since).unique().one_or_none()


@cache
def _living_session() -> sa.Select[WebSession]:
    """Asked by every request of somebody who is signed in, so built once."""
    query = sa.select(WebSession).where(
        WebSession.token_digest == sa.bindparam("token_digest"),
        WebSession.ended_at.is_(None),
        WebSession.seen_at > sa.bindparam("seen_since"),
        WebSession.created_at > sa.bindparam("opened_since"),
    )
    loaded = contains_eager(WebSession.user).joinedload(User.grants)
    return query.join(WebSession.user).where(User.active).options(loaded)


def _alive(at: datetime, settings: Settings) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        WebSession.ended_at.is_(None),
        WebSession.seen_at > at - timedelta(minutes=settings.session_idle_minutes),
        WebSession.created_at > at - timedelta(hours=settings.session_max_hours),
    )


def sessions_of(session: Session, user_id: int, *, at: datetime, settings: Settings) -> list[WebSession]:
    """The living sessions of a person, the last seen first."""
    query = sa.select(WebSession).where(WebSession.user_id == user_id, *_alive(at, settings))
    return list(session.scalars(query.order_by(WebSession.seen_at.desc(), WebSession.id.desc())))


def mark_seen(session: Session, session_id: int, *, at: datetime) -> None:
    """Write that the browser was seen; nothing when another request just did."""
    change = sa.update(WebSession).where(WebSession.id == session_id, WebSession.seen_at <= at - SEEN_EVERY)
    session.execute(change.values(seen_at=at), execution_options={"synchronize_session": False})


def end_session(session: Session, session_id: int, *, user_id: int, at: datetime) -> bool:
    """End one session of this person; False when it is not theirs or already over."""
    mine = (WebSession.id == session_id, WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    ended = session.execute(
        sa.update(WebSession).where(*mine).values(ended_at=at).returning(WebSession.id),
        execution_options={"synchronize_session": False},
    )
    return ended.first() is not None


def end_sessions(session: Session, user_id: int, *, at: datetime, keep: int | None = None) -> None:
    """End every session of a person, except the one to `keep`."""
    change = sa.update(WebSession).where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    if keep is not None:
        change = change.where(WebSession.id != keep)
    session.execute(change.values(ended_at=at), execution_options={"synchronize_session": False})


def retry_at(
    session: Session, *, address: str, account: str | None = None, at: datetime, settings: Settings
) -> datetime | None:
    """When this address, and this account if any, may try again; None when it may now. Both are keyed digests."""
    window = timedelta(minutes=settings.login_window_minutes)
    limits = [(LoginFailure.address_digest == address, settings.login_failures_per_address)]
    if account is not None:
        limits.append((LoginFailure.account_digest == account, settings.login_failures_per_account))
    waits = []
    for which, limit in limits:
        recent = sa.select(LoginFailure.at).where(which, LoginFailure.at > at - window)
        oldest_that_counts = session.scalar(recent.order_by(LoginFailure.at.desc()).offset(limit - 1).limit(1))
        if oldest_that_counts is not None:
            waits.append(oldest_that_counts + window)
    return max(waits, default=None)


def record_failure(session: Session, *, account: str, address: str, at: datetime) -> None:
    """Remember a refused attempt, and forget those too old to count."""
    session.execute(sa.delete(LoginFailure).where(LoginFailure.at < at - KEPT_FAILURES))
    session.add(LoginFailure(at=at, account_digest=account, address_digest=address))


def forgive(session: Session, *, account: str) -> None:
    """Forget the refused attempts on an account whose owner has just proved who they are."""
    session.execute(sa.delete(LoginFailure).where(LoginFailure.account_digest == account))


def make_link(
    session: Session, user: User, kind: str, *, at: datetime, lasts: timedelta, organisation_id: int | None = None
) -> str:
    """A single-use link of this kind ("reset" or "invitation"); earlier ones for the same purpose stop working."""
    same_purpose = Link.organisation_id.is_not_distinct_from(organisation_id)
    earlier = (Link.user_id == user.id, Link.kind == kind, same_purpose, Link.used_at.is_(None))
    session.execute(sa.update(Link).where(*earlier).values(used_at=at))
    token = secrets.token_urlsafe(32)
    made = Link(kind=kind, token_digest=digest(token), user_id=user.id, created_at=at, expires_at=at + lasts)
    made.organisation_id = organisation_id
    session.add(made)
    session.flush()
    return token


def find_link(session: Session, token: str, kind: str, *, at: datetime) -> Link | None:
    """The link of this token while it can be used: not used, not expired, of an account still open."""
    query = sa.select(Link).join(Link.user).where(Link.token_digest == digest(token), Link.kind == kind)
    query = query.where(Link.used_at.is_(None), Link.expires_at > at, User.active)
    return session.scalars(query.options(joinedload(Link.user))).one_or_none()


def use_link(session: Session, link: Link, *, at: datetime) -> bool:
    """Use the link up; False when somebody used it in the meantime."""
    used = session.execute(
        sa.update(Link).where(Link.id == link.id, Link.used_at.is_(None)).values(used_at=at).returning(Link.id),
        execution_options={"synchronize_session": False},
    )
    return used.first() is not None
