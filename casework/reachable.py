"""Who can be reached by mail, who is told instead of somebody who cannot, and putting an address right."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.clock import paris_day
from casework.french import short_date
from casework.people import Grant, User, members


def why_unreachable(user: User) -> str | None:
    """Why a mail cannot reach this person, in words; None when it can."""
    if not user.active:
        return "son compte est fermé"
    if user.mail_refused_at is not None:
        return f"son adresse est refusée depuis le {short_date(paris_day(user.mail_refused_at))}"
    return None


def substitutes(session: Session, user: User) -> list[User]:
    """Those who share a role and its scope with this person, then the managers: only people who can be reached."""
    grants = session.scalars(sa.select(Grant).where(Grant.user_id == user.id)).all()
    found = [other for grant in grants for other in _group(session, grant)] + members(session, "manager")
    return [
        other
        for other in {other.id: other for other in found}.values()
        if other.id != user.id and why_unreachable(other) is None
    ]


def _group(session: Session, grant: Grant) -> list[User]:
    """An auditor or an administrator answers for nobody's cases: only the manager is told for them."""
    if grant.role in ("auditor", "admin"):
        return []
    return members(
        session,
        grant.role,
        organisation_ids=None if grant.organisation_id is None else frozenset({grant.organisation_id}),
        territory_id=grant.territory_id,
        partner=grant.partner,
        scheme_code=grant.scheme_code,
    )


def mark_refused(user: User, reason: str, *, at: datetime) -> None:
    """A mail server has refused this address for good."""
    if user.mail_refused_at is None:
        user.mail_refused_at, user.mail_refused_reason = at, reason[:300]


def refused_people(session: Session) -> list[User]:
    """The people whose account is open and whose address is refused, by name."""
    query = sa.select(User).where(User.active, User.mail_refused_at.is_not(None))
    return list(session.scalars(query.order_by(User.name, User.id)))
