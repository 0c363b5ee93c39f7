"""Lists of opinions: those still expected from a person's territories or body, and those they have given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import BODIES, Application, Opinion, application_territory
from casework.people import Actor, Organisation, Territory, User
from casework.permissions import visible
from casework.queries import PAGE


@dataclass(frozen=True)
class WaitingOpinion:
    """One opinion to give, with what is needed to form it. `answers`: the public part of the file. Amounts in cents."""

    id: int
    application_id: int
    reference: str
    title: str
    organisation: str
    scheme_code: str
    scheme_version_id: int
    requested_cents: int
    starts_on: date | None
    ends_on: date | None
    answers: dict[str, Any]
    name: str
    due_on: date
    territories: tuple[str, ...] = ()


@dataclass(frozen=True)
class GivenOpinion:
    """One opinion given by this person's service."""

    application_id: int
    reference: str
    title: str
    organisation: str
    state: str
    name: str
    verdict: str
    given_at: datetime
    given_by: str | None


def waiting_opinions(
    session: Session, actor: Actor, *, after: tuple[date, int] | None = None, size: int = PAGE
) -> tuple[list[WaitingOpinion], tuple[date, int] | None]:
    """The opinions this actor is asked for, the first due first, and the key of the next page. Two queries."""
    query = (
        sa.select(*_WAITING)
        .where(Application.state == "slai_opinion", Opinion.given_at.is_(None), Opinion.skipped_at.is_(None))
        .order_by(Opinion.due_on, Opinion.id)
        .limit(size + 1)
    )
    if after is not None:
        there = sa.tuple_(sa.literal(after[0], sa.Date), sa.literal(after[1], Opinion.id.type))
        query = query.where(sa.tuple_(Opinion.due_on, Opinion.id) > there)
    rows = session.execute(_asked_of(query, actor)).all()
    shown = rows[:size]
    places = _territories(session, [row.application_id for row in shown])
    found = [_waiting(row, places) for row in shown]
    return found, (found[-1].due_on, found[-1].id) if len(rows) > size else None


def given_opinions(session: Session, actor: Actor, *, size: int = PAGE) -> list[GivenOpinion]:
    """The last opinions given for this actor's territories or body."""
    query = (
        sa.select(
            Application.id,
            Application.reference,
            Application.title,
            Organisation.name,
            Application.state,
            _NAME,
            Opinion.verdict,
            Opinion.given_at,
            User.name,
        )
        .outerjoin(User, User.id == Opinion.given_by_id)
        .where(Opinion.given_at.is_not(None))
        .order_by(Opinion.given_at.desc(), Opinion.id.desc())
        .limit(size)
    )
    return [GivenOpinion(*row) for row in session.execute(_asked_of(query, actor))]


_NAME = sa.case(
    (Opinion.body == "slai", sa.literal("SLAI ") + Territory.name),
    *((Opinion.body == code, label) for code, label in BODIES.items() if code != "slai"),
)


_WAITING: tuple[Any, ...] = (
    Opinion.id,
    Application.id.label("application_id"),
    Application.reference,
    Application.title,
    Organisation.name.label("organisation"),
    Application.scheme_code,
    Application.scheme_version_id,
    Application.requested_cents,
    Application.starts_on,
    Application.ends_on,
    Application.answers,
    _NAME.label("name"),
    Opinion.due_on,
)


def _asked_of(query: sa.Select[Any], actor: Actor) -> sa.Select[Any]:
    """Narrowed to the opinions of this actor's territories and bodies, on cases in its scope."""
    query = query.join_from(Opinion, Application, Application.id == Opinion.application_id)
    query = query.join(Organisation, Organisation.id == Application.organisation_id)
    query = query.outerjoin(Territory, Territory.id == Opinion.territory_id)
    own = sa.and_(Opinion.body == "slai", Opinion.territory_id.in_(actor.territories))
    return visible(query.where(sa.or_(own, Opinion.body.in_(actor.partners))), actor)


def _waiting(row: Any, places: dict[int, list[str]]) -> WaitingOpinion:
    return WaitingOpinion(**row._mapping, territories=tuple(places.get(row.application_id, ())))


def _territories(session: Session, application_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    if not application_ids:
        return found
    link = application_territory.c
    query = sa.select(link.application_id, Territory.name).join(Territory, Territory.id == link.territory_id)
    for key, name in session.execute(query.where(link.application_id.in_(application_ids)).order_by(Territory.name)):
        found.setdefault(key, []).append(name)
    return found
