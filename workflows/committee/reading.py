"""Committees as lists show them: those of an operation, those in somebody's scope, what must be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from casework.applications import Application
from casework.committees import ATTENDED, HELD_STATES, Committee, CommitteeSeat
from casework.french import counted, short_date
from casework.people import Actor
from casework.permissions import in_scope, visible
from workflows.committee.guards import RUNNING_STATES
from workflows.scheme import Scheme

WITHOUT = "committee_without"
SCOPES = {
    "coming": "À venir",
    "minutes": "Comptes rendus à accepter",
    "without": "Tenus sans un membre obligatoire",
    "held": "Tenus",
}
PAGE = 50


def has_committees(scheme: Scheme) -> bool:
    """True where the sheet speaks of committees or of meetings (all but 3.1)."""
    return scheme.followup.committee != "none_stated"


def without_sentence(committees: Sequence[Committee]) -> str:
    """What is said of an operation whose committees were held without a mandatory body; empty when none was."""
    found = [one for one in committees if one.held and one.absent]
    if not found:
        return ""
    last = found[-1]
    if len(found) == 1:
        return f"Comité du {short_date(last.day)} tenu sans {last.absent}"
    many = counted(len(found), "comité tenu", "comités tenus")
    return f"{many} sans un membre obligatoire, le dernier le {short_date(last.day)} sans {last.absent}"


@dataclass(frozen=True)
class Scoped:
    """Some committees of a list, and the place (day, id) from which the rest follows, None at the end."""

    committees: list[Committee]
    following: tuple[date, int] | None


def list_committees(
    session: Session, actor: Actor, scope: str, today: date, *, after: tuple[date, int] | None = None
) -> Scoped:
    """The committees of the operations that this actor may see: the next ones first, or the last held ones first."""
    query = sa.select(Committee).join(Application, Application.id == Committee.application_id)
    query = visible(query, actor).options(contains_eager(Committee.application)).where(_scoped(scope))
    place = sa.tuple_(Committee.day, Committee.id)
    if scope == "coming":
        query = query.order_by(Committee.day, Committee.id)
        query = query if after is None else query.where(place > sa.tuple_(*map(sa.literal, after)))
    else:
        query = query.order_by(Committee.day.desc(), Committee.id.desc())
        query = query if after is None else query.where(place < sa.tuple_(*map(sa.literal, after)))
    found = list(session.scalars(query.limit(PAGE + 1)))
    rest = found[PAGE - 1] if len(found) > PAGE else None
    return Scoped(found[:PAGE], (rest.day, rest.id) if rest else None)


def _scoped(scope: str) -> sa.ColumnElement[bool]:
    match scope:
        case "coming":
            return Committee.state.in_(("planned", "convened"))
        case "minutes":
            return (Committee.state == "minuted") & Application.state.in_(RUNNING_STATES)
        case "without":
            return Committee.state.in_(HELD_STATES) & (Committee.absent != "")
    return Committee.state.in_(HELD_STATES)


def convened_for(session: Session, actor: Actor, *, since: date, most: int) -> list[Committee]:
    """The meetings to which one of this actor's bodies is invited, for its own calendar."""
    query = sa.select(Committee).join(Application, Application.id == Committee.application_id)
    query = query.options(contains_eager(Committee.application)).where(
        Committee.starts_at.is_not(None), Committee.state != "cancelled", Committee.day >= since, _invited(actor)
    )
    return list(session.scalars(query.order_by(Committee.day, Committee.id).limit(most)))


def _invited(actor: Actor) -> sa.ColumnElement[bool]:
    seats: dict[str, tuple[Any, ...]] = {
        "applicant": (CommitteeSeat.body == "operator",),
        "slai": (CommitteeSeat.territory_id.in_(actor.territories),),
        "partner": (CommitteeSeat.body.in_(actor.partners),),
        "officer": (CommitteeSeat.body == "officer", Application.officer_id == actor.user_id),
    }
    own = [
        in_scope(role, actor)
        & sa.exists().where(CommitteeSeat.committee_id == Committee.id, CommitteeSeat.invited, *conditions)
        for role, conditions in seats.items()
        if role in actor.roles
    ]
    return sa.or_(sa.false(), *own)


def composition_of(session: Session, application_id: int) -> str:
    """Each committee held with the bodies that sat, one line each: « 12/03/2024 : SLAI Arrageois, CAF »."""
    query = (
        sa.select(Committee.id, Committee.day, CommitteeSeat.label)
        .join(CommitteeSeat, CommitteeSeat.committee_id == Committee.id)
        .where(
            Committee.application_id == application_id,
            Committee.state.in_(HELD_STATES),
            CommitteeSeat.presence.in_(ATTENDED),
            CommitteeSeat.key.not_like("came-%"),
            CommitteeSeat.key.not_like("other-%"),
        )
        .order_by(Committee.day, Committee.id, CommitteeSeat.id)
    )
    found: dict[tuple[date, int], list[str]] = {}
    for key, day, label in session.execute(query):
        found.setdefault((day, key), []).append(label)
    return "\n".join(f"{short_date(day)} : {', '.join(labels)}" for (day, _), labels in found.items())
