"""Showing an identity: who may see it, and the trace that each display leaves."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.strategy_options import _AbstractLoad as Load
from sqlalchemy.sql.base import ExecutableOption

from casework import db
from casework.identities import Person
from casework.participants import Journey, record_looks, record_person_looks
from casework.permissions import PERMISSIONS, may_journey
from web.session import undo, writing


def person_of() -> list[ExecutableOption]:
    """Load the person with each journey, only for a role that may see identities somewhere."""
    return [joinedload(Journey.person)] if g.actor.roles & PERMISSIONS["journey.identity"] else []


def person_through(journey: Load) -> list[ExecutableOption]:
    """The same, for rows that lead to a journey (`joinedload(ProgressRecord.journey)`)."""
    return [journey.joinedload(Journey.person)] if g.actor.roles & PERMISSIONS["journey.identity"] else []


def shown(journeys: Sequence[Journey], purpose: str) -> set[int]:
    """The journeys of this page whose identity is shown to this person; the look is recorded before the page is sent.

    The trace is written in a transaction of its own: a request that refused
    something calls `undo_to_read()` first, or both would wait for each other.
    """
    open_here: dict[tuple[int, int], bool] = {}
    seen = [one for one in journeys if _opens(one, open_here) and not _is_erased(one)]
    if seen:
        with writing() as own:
            record_looks(own, seen, user_id=g.actor.user_id, at=g.now, purpose=purpose)
    return {journey.id for journey in seen}


def looked_at(people: Sequence[int], purpose: str) -> None:
    """Keep that this person learnt something of these people, by their numbers: that the service knows them."""
    if people:
        with writing() as own:
            record_person_looks(own, people, user_id=g.actor.user_id, at=g.now, purpose=purpose)


def _opens(journey: Journey, known: dict[tuple[int, int], bool]) -> bool:
    """Whether this person may see who it is: asked once for the journeys of one operation and territory."""
    place = (journey.application_id, journey.territory_id)
    if place not in known:
        known[place] = may_journey(g.actor, "journey.identity", journey)
    return known[place]


def erasure_of() -> list[ExecutableOption]:
    """Load whether the identity of each journey is erased, for a role that may not see identities."""
    return person_of() or [joinedload(Journey.person).load_only(Person.erased_at, raiseload=True)]


def _is_erased(journey: Journey) -> bool:
    """What was not loaded is not shown by name: the look is kept all the same."""
    person = journey.__dict__.get("person")
    return person is not None and person.erased_at is not None


def undo_to_read() -> None:
    """Undo what the request did and go on reading, so that its page may be drawn again and its looks recorded."""
    undo()
    db.reading(g.db)
