"""The orientations that wait, one task for each operation, saying how many: to accept by an SLAI, then to let in."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.applications import Application
from casework.participants import Journey, awaiting_validation
from casework.people import Actor
from workflows.inbox.kind import Condition, Find, Kind, always, cases
from workflows.journey.reading import OPEN_STATES

_NOWHERE = sa.null().cast(sa.Date)
_READY = sa.func.coalesce(Journey.validated_at, Journey.oriented_at)
_TO_LET_IN = (
    Journey.application_id == Application.id,
    Journey.state == "oriented",
    sa.or_(~Journey.to_validate, Journey.validated_at.is_not(None)),
)


def orientations() -> tuple[Kind, ...]:
    accept = "Personnes orientées sur votre territoire qui attendent : {detail}"
    let_in = "Personnes orientées, à accueillir ou à classer sans suite : {detail}"
    return (
        _kind("slai", "orientations", _to_accept, "Valider des orientations", accept, "orientations"),
        _kind("applicant", "entries", _to_let_in(), "Enregistrer des entrées", let_in, "oriented"),
    )


def _to_accept(actor: Actor, today: date) -> sa.Select[Any]:
    """What waits on these territories is found first, by its index: it is little, whatever there is besides."""
    number, last = sa.func.count().label("number"), sa.func.max(Journey.oriented_at).label("last")
    found = sa.select(Journey.application_id, number, last).where(Journey.territory_id.in_(actor.territories))
    waiting = found.where(awaiting_validation()).group_by(Journey.application_id).subquery()
    detail = sa.cast(waiting.c.number, sa.String)
    running = cases("slai", OPEN_STATES, always, due=_NOWHERE, since=waiting.c.last, detail=detail)
    return running(actor, today).join(waiting, waiting.c.application_id == Application.id)


def _to_let_in() -> Find:
    def some(actor: Actor, today: date) -> Condition:
        return sa.exists().where(*_TO_LET_IN)

    number = sa.cast(sa.select(sa.func.count()).where(*_TO_LET_IN).scalar_subquery(), sa.String)
    last = sa.select(sa.func.max(_READY)).where(*_TO_LET_IN).scalar_subquery()
    return cases("applicant", OPEN_STATES, some, due=_NOWHERE, since=last, detail=number)


def _kind(role: str, code: str, find: Find, verb: str, why: str, page: str) -> Kind:
    acts: dict[str, tuple[str, str | None]] = {"": (verb, None)}
    return Kind(f"{role}.{code}", role, "mine", find, acts, {"": why}, page=page, states=OPEN_STATES, grows=True)
