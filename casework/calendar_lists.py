"""The deadlines a person looks at: hers, her service's, all that she may see; by day, by kind, by sheet.

« À moi » is what one of my roles owes on my own cases (an officer: those in my charge); « À mon service » what it owes
on every case in my scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.committees import Committee
from casework.deadlines import Deadline
from casework.people import Actor, Organisation
from casework.permissions import PERMISSIONS, in_scope, names_no_other_journey, visible

SCOPES = ("mine", "service", "all")
STATES = ("open", "late", "met")
PAGE = 100
MONTH_MOST = 1000
_OWING = ("applicant", "slai", "partner", "officer", "manager", "finance")


@dataclass(frozen=True)
class Wanted:
    """Which deadlines. `first` and `last`: days, included. `state`: open (late or not), late or met.

    `with_meetings`: the committees that are convened are shown too, and stand for their deadlines.
    """

    scope: str = "all"
    state: str = "open"
    first: date | None = None
    last: date | None = None
    kind: str | None = None
    scheme: str | None = None
    extendable: bool = False
    with_meetings: bool = False


@dataclass(frozen=True)
class Line:
    """One deadline with what is shown of its case."""

    deadline: Deadline
    case_id: int
    version: int
    reference: str
    title: str
    organisation: str
    state: str


def list_deadlines(
    session: Session,
    actor: Actor,
    wanted: Wanted,
    *,
    today: date,
    after: tuple[date, int] | None = None,
    limit: int = PAGE,
) -> tuple[list[Line], tuple[date, int] | None]:
    """The deadlines, the earliest first, from `after` (day, id of the last one seen), and the key of what follows."""
    query = _query(actor, wanted, today)
    if after is not None:
        query = query.where(sa.tuple_(Deadline.due_on, Deadline.id) > sa.tuple_(*map(sa.literal, after)))
    rows = session.execute(query.order_by(Deadline.due_on, Deadline.id).limit(limit + 1)).all()
    lines = [Line(*row) for row in rows[:limit]]
    following = (lines[-1].deadline.due_on, lines[-1].deadline.id) if len(rows) > limit else None
    return lines, following


@dataclass(frozen=True)
class Planned:
    """A committee that is convened: the instant at which it starts."""

    id: int
    title: str
    starts_at: datetime
    reference: str


def convened(session: Session, actor: Actor, wanted: Wanted) -> list[Planned]:
    """The committees convened on the days that are wanted, in cases of the scope, the earliest first."""
    roles = actor.roles & PERMISSIONS["committee.read"]
    if wanted.state != "open" or wanted.kind not in (None, "committee") or not roles:
        return []
    columns: tuple[Any, ...] = (Committee.id, Committee.title, Committee.starts_at, Application.reference)
    query = sa.select(*columns).join(Application, Application.id == Committee.application_id)
    query = visible(query.where(Committee.state == "convened", Committee.starts_at.is_not(None)), actor)
    if wanted.first is not None:
        query = query.where(Committee.day >= wanted.first)
    if wanted.last is not None:
        query = query.where(Committee.day <= wanted.last)
    if wanted.scheme:
        query = query.where(Application.scheme_code == wanted.scheme)
    if wanted.scope != "all":
        query = query.where(sa.or_(*(_of_role(role, actor, own=wanted.scope == "mine") for role in sorted(roles))))
    rows = session.execute(query.order_by(Committee.starts_at, Committee.id).limit(MONTH_MOST))
    return [Planned(*row) for row in rows]


def _of_role(role: str, actor: Actor, *, own: bool) -> sa.ColumnElement[bool]:
    """The cases of one role; an officer's own ones are those in their charge."""
    if role == "officer" and own:
        return sa.and_(in_scope(role, actor), Application.officer_id == actor.user_id)
    return in_scope(role, actor)


def count_late(session: Session, actor: Actor, scope: str, *, today: date) -> int:
    """How many open deadlines of this scope have passed, at most MONTH_MOST."""
    found = _query(actor, Wanted(scope, "late"), today).limit(MONTH_MOST).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def owes_something(actor: Actor) -> bool:
    """False for who only looks (an auditor): nothing is ever theirs."""
    return bool(actor.roles & set(_OWING))


def _query(actor: Actor, wanted: Wanted, today: date) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        Deadline,
        Application.id,
        Application.version,
        Application.reference,
        Application.called,
        Organisation.name,
        Application.state,
    )
    query = (
        sa.select(*columns)
        .select_from(Deadline)
        .join(Application, Application.id == Deadline.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
    )
    query = visible(query, actor).where(*_days(wanted, today), names_no_other_journey(Deadline.journey_id, actor))
    if wanted.kind:
        query = query.where(Deadline.kind == wanted.kind)
    if wanted.scheme:
        query = query.where(Application.scheme_code == wanted.scheme)
    if wanted.extendable:
        query = query.where(Deadline.kind != "deposit", Deadline.awaits_id.is_(None))
    if wanted.with_meetings and actor.roles & PERMISSIONS["committee.read"]:
        query = query.where(~_has_a_meeting(today))
    return query if wanted.scope == "all" else query.where(owed_by(actor, own=wanted.scope == "mine"))


def _has_a_meeting(today: date) -> sa.ColumnElement[bool]:
    """True of the deadline of a committee convened for a day that has not passed."""
    meeting = sa.exists().where(
        Committee.application_id == Deadline.application_id,
        Committee.rank == Deadline.rank,
        Committee.state == "convened",
        Committee.day >= today,
    )
    return sa.and_(Deadline.kind == "committee", Deadline.status == "open", meeting)


def _days(wanted: Wanted, today: date) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Deadline.status == ("met" if wanted.state == "met" else "open")]
    if wanted.state == "late":
        conditions += [Deadline.due_on < today, Deadline.awaits_id.is_(None)]
    if wanted.first is not None:
        conditions.append(Deadline.due_on >= wanted.first)
    if wanted.last is not None:
        conditions.append(Deadline.due_on <= wanted.last)
    return conditions


def owed_by(actor: Actor, *, own: bool) -> sa.ColumnElement[bool]:
    """What one of the actor's roles owes, in the scope of that very role; `own`: an officer's own cases only."""
    parts = []
    for role in sorted(actor.roles & set(_OWING)):
        part = sa.and_(Deadline.owed_by == role, _of_role(role, actor, own=own))
        if role == "slai":
            part = sa.and_(part, Deadline.territory_id.is_(None) | Deadline.territory_id.in_(actor.territories))
        if role == "partner":
            part = sa.and_(part, Deadline.partner.is_(None) | Deadline.partner.in_(actor.partners))
        parts.append(part)
    return sa.or_(sa.false(), *parts)
