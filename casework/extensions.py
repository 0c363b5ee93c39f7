"""Moving a deadline: a manager extends it, with a reason; or its source date moves and the rule gives another day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application, Correction, Opinion
from casework.clock import paris_day
from casework.deadlines import (
    OPERATION_KINDS,
    Deadline,
    DeadlineExtension,
    close,
    deadlines_of,
    new,
    refresh,
    reschedule,
)
from casework.french import short_date
from casework.people import Actor

FIXED_KINDS = ("deposit",)
"""The closing day of a window is the call's, the same for everybody: nobody extends it for one case."""

Known = Mapping[tuple[str, int], Deadline]


@dataclass(frozen=True)
class Computed:
    """What a rule gives for one deadline: see `casework.deadlines.Deadline`. `awaits`: the kind met before it."""

    kind: str
    rank: int
    due_on: date
    owed_by: str
    title: str
    source: str
    computed: str
    awaits: str | None = None


def extendable(deadline: Deadline) -> bool:
    """Open, or met too late: extending the latter says that it was in time after all."""
    return deadline.kind not in FIXED_KINDS and (deadline.status == "open" or deadline.met_late)


def extend(
    session: Session,
    application: Application,
    deadline: Deadline,
    new_on: date,
    *,
    actor: Actor,
    reason: str,
    at: datetime,
) -> DeadlineExtension:
    """Extend one deadline and keep who, why and from which day. Raises ValueError when `new_on` is not later."""
    if new_on <= deadline.due_on:
        raise ValueError("an extension gives a later day")
    extension = DeadlineExtension(
        deadline_id=deadline.id,
        old_on=deadline.due_on,
        new_on=new_on,
        author_id=actor.user_id,
        author_name=actor.name,
        reason=reason,
        at=at,
    )
    session.add(extension)
    deadline.extended = True
    reschedule(session, application, deadline, new_on, at=at, why=f"Prolongée au {short_date(new_on)}.")
    _follow(session, application, deadline)
    return extension


def _follow(session: Session, application: Application, deadline: Deadline) -> None:
    """What repeats the day of a deadline elsewhere: the request for corrections, the opinion asked."""
    if deadline.kind == "correction":
        waiting = (Correction.answered_at.is_(None), Correction.lifted_at.is_(None))
        found = sa.select(Correction).where(Correction.application_id == application.id, *waiting)
        for correction in session.scalars(found):
            correction.due_on = deadline.due_on
    if deadline.kind == "opinion":
        asked = sa.select(Opinion).where(
            Opinion.application_id == application.id,
            Opinion.given_at.is_(None),
            Opinion.skipped_at.is_(None),
            Opinion.territory_id == deadline.territory_id
            if deadline.territory_id
            else Opinion.body == deadline.partner,
        )
        for opinion in session.scalars(asked):
            opinion.due_on = deadline.due_on


def recompute(
    session: Session,
    application: Application,
    wanted: Sequence[Computed],
    *,
    at: datetime,
    journey_id: int | None = None,
    kind: str | None = None,
    kinds: Collection[str] = OPERATION_KINDS,
    gone: str = "Hors de la nouvelle période de l’opération.",
    keep_extended: bool = True,
    met_on: date | None = None,
) -> None:
    """Bring the deadlines of an operation, the dated steps of one journey, or those of one `kind`, to what the rules
    give now. `kinds`: which of those of an operation, by default those that its dates alone decide.

    `gone` says why those that the rules no longer give are cancelled; `met_on`: they are met that day instead.

    Those already met stay; the open ones move, except where a person extended them; those that the new dates no longer
    have are cancelled (except, unless told otherwise, where a person extended them); the new ones are planned.
    """
    known = {
        (deadline.kind, deadline.rank): deadline
        for deadline in session.scalars(_concerned(application, journey_id, kind, kinds))
    }
    added = {}
    for one in wanted:
        key = (one.kind, one.rank)
        if key not in known:
            added[key] = _new(application, one, at, journey_id)
        elif known[key].status == "open":
            _move(session, application, known[key], one, at)
    session.add_all(added.values())
    session.flush()
    _await(wanted, added, known | added)
    still = {(one.kind, one.rank) for one in wanted}
    gone_by = [deadline for key, deadline in known.items() if key not in still and deadline.status == "open"]
    left = [deadline for deadline in gone_by if not (deadline.extended and keep_extended)]
    status = "cancelled" if met_on is None else "met"
    close(session, application, left, status=status, at=at, done_on=met_on, outcome=gone)


def _concerned(
    application: Application, journey_id: int | None, kind: str | None, kinds: Collection[str]
) -> sa.Select[Deadline]:
    """Of a journey or of a kind, only what is still owed: it may come again (a second stay in a college)."""
    mine = sa.select(Deadline).where(Deadline.application_id == application.id).order_by(Deadline.due_on, Deadline.id)
    if journey_id is not None:
        return mine.where(Deadline.journey_id == journey_id, Deadline.status == "open")
    if kind is not None:
        return mine.where(Deadline.kind == kind, Deadline.status == "open")
    return mine.where(Deadline.kind.in_(kinds), Deadline.status != "cancelled")


def _new(application: Application, one: Computed, at: datetime, journey_id: int | None) -> Deadline:
    deadline = new(
        application,
        one.kind,
        due_on=one.due_on,
        owed_by=one.owed_by,
        source=one.source,
        computed=one.computed,
        title=one.title,
        rank=one.rank,
        at=at,
    )
    deadline.journey_id = journey_id
    return deadline


def _await(wanted: Sequence[Computed], added: Known, every: Known) -> None:
    """Nobody is reminded of what waits for another deadline."""
    for one in wanted:
        deadline, first = added.get((one.kind, one.rank)), every.get((one.awaits or "", one.rank))
        if deadline is not None and first is not None and first.status == "open":
            deadline.awaits_id, deadline.next_reminder_on = first.id, None


def _move(session: Session, application: Application, deadline: Deadline, one: Computed, at: datetime) -> None:
    deadline.title, deadline.source, deadline.computed = one.title, one.source, one.computed
    deadline.computed_on = one.due_on
    if not deadline.extended:
        why = f"Date recalculée : {short_date(one.due_on)}."
        reschedule(session, application, deadline, one.due_on, at=at, why=why)


def release(session: Session, application: Application, met: Deadline, *, days: int, at: datetime) -> None:
    """What waited for this deadline may be done now: within `days` of it, or at its own day when that is later."""
    if met.done_on is None:
        raise ValueError("release what a met deadline held")
    earliest = max(met.done_on, paris_day(at)) + timedelta(days=days)
    for deadline in deadlines_of(session, application.id):
        if deadline.awaits_id == met.id and deadline.status == "open":
            deadline.awaits_id, deadline.next_reminder_on = None, paris_day(at)
            due_on = max(deadline.due_on, earliest)
            reschedule(session, application, deadline, due_on, at=at, why="Ce qui était attendu avant est arrivé.")
    refresh(session, application)
