"""How far each person went, by the stages that the sheet follows: reached, and held at the exit but not at the entry.

3.8 counts the changes of path by the situation at the entry and at the exit (l.1953), and the kinds of support given
(l.1963). A stage is named « track.choice », as in `workflows.scheme.Track`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.journey_facts import JourneyFact
from casework.participants import Journey
from workflows.journey.tracks import held_on


def noted_stages(session: Session, applications: Sequence[int]) -> dict[int, list[JourneyFact]]:
    """The stages noted in these operations, by journey, in one query; none where no operation is named."""
    if not applications:
        return {}
    query = sa.select(JourneyFact).join(Journey, Journey.id == JourneyFact.journey_id)
    query = query.where(Journey.application_id.in_(applications), JourneyFact.status == "noted")
    found: dict[int, list[JourneyFact]] = {}
    for fact in session.scalars(query.order_by(JourneyFact.id)):
        found.setdefault(fact.journey_id, []).append(fact)
    return found


def reached(facts: Iterable[JourneyFact]) -> tuple[str, ...]:
    """Every stage that somebody was in, once each."""
    return tuple(sorted({f"{fact.track}.{fact.choice}" for fact in facts}))


def changed(facts: Sequence[JourneyFact], entered_on: date | None, exited_on: date | None) -> tuple[str, ...]:
    """The stages held on the day of the exit that were not on the day of the entry; none before the exit."""
    if entered_on is None or exited_on is None:
        return ()
    return tuple(sorted(_held(facts, exited_on) - _held(facts, entered_on)))


def _held(facts: Sequence[JourneyFact], day: date) -> set[str]:
    return {f"{track}.{noted.choice}" for track, noted in held_on(facts, day).items()}
