"""What a deciding assembly has before it, and what it decided: cases by deposit window, then by decision.

A window is a campaign, a scheme and a closing day. A sitting is what one decision (its reference and its day) settled.
Amounts in cents. Every list is narrowed to the actor's scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application, Opinion
from casework.people import Actor, Organisation
from casework.permissions import visible

AWAITING = "instructed"
LONGEST = 200
"""Cases on one page of decisions: what an assembly reads in one sitting for one window."""
LONGEST_FILE = 2_000
_SITTINGS = 20


@dataclass(frozen=True)
class Window:
    """The cases of one scheme deposited for one closing day."""

    campaign: str
    scheme_code: str
    closes_on: date
    cases: int


@dataclass(frozen=True)
class Sitting:
    """One decision: what it is called, when it was taken, how many cases it settled."""

    reference: str
    decided_on: date
    cases: int


@dataclass(frozen=True)
class DecisionRow:
    """One case before or after its decision. `granted_cents` is None until then, and when it was refused."""

    id: int
    version: int
    reference: str
    title: str
    organisation: str
    campaign: str
    scheme_code: str
    closes_on: date
    state: str
    requested_cents: int
    proposed_cents: int | None
    granted_cents: int | None
    decision_reference: str
    decided_on: date | None
    state_since: datetime


def windows(session: Session, actor: Actor) -> list[Window]:
    """Where cases await a decision: the newest campaign first, then by scheme and closing day."""
    columns: tuple[Any, ...] = (Application.campaign, Application.scheme_code, Application.closes_on)
    query = sa.select(*columns, sa.func.count()).where(Application.state == AWAITING).group_by(*columns)
    found = sorted(
        (Window(*row) for row in session.execute(visible(query, actor))),
        key=lambda one: (scheme_rank(one.scheme_code), one.closes_on),
    )
    return sorted(found, key=lambda one: one.campaign, reverse=True)


def awaiting(
    session: Session,
    actor: Actor,
    campaign: str,
    *,
    scheme: str | None = None,
    closes_on: date | None = None,
    most: int = LONGEST,
) -> list[DecisionRow]:
    """The cases of a campaign that await a decision, by scheme then in the order of their deposit."""
    query = _shown().where(Application.state == AWAITING, Application.campaign == campaign)
    if scheme is not None:
        query = query.where(Application.scheme_code == scheme)
    if closes_on is not None:
        query = query.where(Application.closes_on == closes_on)
    return _read(session, query, actor, most)


def decided(session: Session, actor: Actor, reference: str, decided_on: date, *, most: int) -> list[DecisionRow]:
    """The cases that this decision settled."""
    same = (Application.decided_on == decided_on, Application.decision_reference == reference)
    return _read(session, _shown().where(*same), actor, most)


def sittings(session: Session, actor: Actor) -> list[Sitting]:
    """The last decisions taken, the newest first."""
    columns: tuple[Any, ...] = (Application.decision_reference, Application.decided_on, sa.func.count())
    query = (
        sa.select(*columns)
        .where(Application.decided_on.is_not(None))
        .group_by(Application.decided_on, Application.decision_reference)
        .order_by(Application.decided_on.desc(), Application.decision_reference)
        .limit(_SITTINGS)
    )
    return [Sitting(*row) for row in session.execute(visible(query, actor))]


def opinions_of(session: Session, application_ids: Sequence[int]) -> dict[int, list[Opinion]]:
    """The opinions of these cases, in the order in which they were asked."""
    found: dict[int, list[Opinion]] = {}
    if application_ids:
        query = sa.select(Opinion).where(Opinion.application_id.in_(application_ids)).order_by(Opinion.id)
        for opinion in session.scalars(query):
            found.setdefault(opinion.application_id, []).append(opinion)
    return found


def scheme_rank(code: str) -> tuple[int, ...]:
    """3.2 before 3.10."""
    return tuple(int(part) for part in code.split(".") if part.isdigit())


def by_scheme(rows: Iterable[DecisionRow]) -> dict[str, list[DecisionRow]]:
    found: dict[str, list[DecisionRow]] = {}
    for row in rows:
        found.setdefault(row.scheme_code, []).append(row)
    return found


def _shown() -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        Application.id,
        Application.version,
        Application.reference,
        Application.called,
        Organisation.name,
        Application.campaign,
        Application.scheme_code,
        Application.closes_on,
        Application.state,
        Application.requested_cents,
        Application.proposed_cents,
        Application.granted_cents,
        Application.decision_reference,
        Application.decided_on,
        Application.state_since,
    )
    return sa.select(*columns).join(Organisation, Organisation.id == Application.organisation_id)


def _read(session: Session, query: sa.Select[Any], actor: Actor, most: int) -> list[DecisionRow]:
    ordered = visible(query, actor).order_by(Application.scheme_code, Application.id).limit(most)
    rows = [DecisionRow(*row) for row in session.execute(ordered)]
    return sorted(rows, key=lambda row: (scheme_rank(row.scheme_code), row.id))
