"""What journeys still lack: grids, obstacles, a grid to hand over, the point midway, what follows a third birthday.

One place says it: the list of people from it, and the deadlines of an operation (`owed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.assessments import Assessment
from casework.deadlines import Deadline
from casework.details import JourneyDetails
from casework.households import HouseholdChild, HouseholdLink
from casework.participants import Journey
from casework.people import Actor
from casework.permissions import may, visible_journeys
from workflows.journey.milestones import FOLLOWED
from workflows.journey.reading import why_not_assessed
from workflows.rules.calendar import add_months
from workflows.rules.owed import PREPARED_DAYS, THINGS
from workflows.scheme import Scheme
from workflows.versions import scheme_of

MIDWAY = "point intermédiaire"


@dataclass(frozen=True)
class Family:
    """The followed journeys of one household, its first entry, the months of birth for which nothing is prepared."""

    journeys: tuple[int, ...]
    entered_on: date
    births: tuple[date, ...]


def asks(scheme: Scheme) -> bool:
    """True where the sheet has something that a participant may lack."""
    return scheme.assessments is not None or scheme.child_age_limit is not None


def lacking(session: Session, case: Application, actor: Actor, today: date) -> dict[int, list[str]]:
    """What each journey of a case that this actor may see still lacks, in words; nothing once the report is given.

    The age of a child is told only to whom the person is.
    """
    scheme = scheme_of(case)
    if not asks(scheme) or why_not_assessed(case) is not None:
        return {}
    found: dict[int, list[str]] = {}
    parts = [*_undone(scheme, case.id).items(), *_midway(scheme, case.id, today)]
    queries = [visible_journeys(query, actor, case) for _, query in parts]
    for journey_id, what, _ in session.execute(sa.union_all(*queries)) if queries else ():
        found.setdefault(journey_id, []).append(THINGS[what].noun if what in THINGS else MIDWAY)
    birthdays = _birthdays(session, case, today) if may(actor, "journey.identity", case) else []
    for journey_id, month in birthdays:
        found.setdefault(journey_id, []).append(f"suite des {scheme.child_age_limit} ans d’un enfant ({month:%m/%Y})")
    return found


def undone(scheme: Scheme, case_id: int) -> sa.Select[Any] | None:
    """How many journeys of a case lack each thing that its sheet asks: (what, since which day, how many)."""
    queries = _undone(scheme, case_id).values()
    if not queries:
        return None
    every = sa.union_all(*queries).subquery()
    return sa.select(every.c.what, every.c.since_on, sa.func.count()).group_by(every.c.what, every.c.since_on)


def families(session: Session, case: Application) -> list[Family]:
    """The households of a case of which a parent is followed and a child waits."""
    household: Any = sa.func.coalesce(HouseholdLink.with_id, Journey.id)
    mine = sa.select(household).select_from(Journey).where(Journey.application_id == case.id)
    mine = mine.outerjoin(HouseholdLink, HouseholdLink.journey_id == Journey.id)
    children = mine.add_columns(HouseholdChild.born).join(HouseholdChild, HouseholdChild.journey_id == Journey.id)
    births: dict[int, list[date]] = {}
    waiting = children.where(HouseholdChild.born.is_not(None), HouseholdChild.prepared_on.is_(None))
    for key, born in session.execute(waiting):
        births.setdefault(key, []).append(date.fromisoformat(f"{born}-01"))
    parents: dict[int, list[tuple[int, date]]] = {}
    for key, *parent in session.execute(
        mine.add_columns(Journey.id, Journey.entered_on).where(Journey.state.in_(FOLLOWED))
    ):
        parents.setdefault(key, []).append((parent[0], parent[1]))
    return [
        Family(tuple(one for one, _ in known), min(day for _, day in known), tuple(births[key]))
        for key, known in parents.items()
        if key in births
    ]


def _birthdays(session: Session, case: Application, today: date) -> list[tuple[int, date]]:
    """Each followed journey whose child reaches the age of the sheet by the day when it must be prepared."""
    limit, convention = scheme_of(case).child_age_limit, case.convention
    if limit is None or convention is None:
        return []
    until, found = min(today + timedelta(days=PREPARED_DAYS), convention.last_on), []
    for family in families(session, case):
        for month in sorted(add_months(born, limit * 12).replace(day=1) for born in family.births):
            if family.entered_on.replace(day=1) <= month <= until:
                found += [(journey_id, month) for journey_id in family.journeys]
    return found


def _undone(scheme: Scheme, case_id: int) -> Mapping[str, sa.Select[Any]]:
    """The journeys that lack each thing and since when, by what it is: one range of those of the case for each."""
    grid = scheme.assessments
    if grid is None:
        return {}

    def those(what: str, day: Any, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
        columns = (Journey.id, sa.literal(what).label("what"), day.label("since_on"))
        mine = sa.select(*columns).select_from(Journey).where(Journey.application_id == case_id, day.is_not(None))
        return mine.where(*where)

    def empty(stage: str) -> sa.ColumnElement[bool]:
        return ~sa.exists().where(Assessment.journey_id == Journey.id, Assessment.stage == stage)

    def unsaid(column: Any) -> sa.ColumnElement[bool]:
        return ~sa.exists().where(JourneyDetails.journey_id == Journey.id, column.is_not(None))

    asked = dict.fromkeys(grid.stages)
    found: dict[str, sa.Select[Any]] = {}
    if "entry" in asked:
        found["entry"] = those("entry", Journey.entered_on, empty("entry"))
        found["obstacles"] = those("obstacles", Journey.entered_on, unsaid(JourneyDetails.obstacles))
        found["obstacles_left"] = those("obstacles_left", Journey.exited_on, unsaid(JourneyDetails.obstacles_left))
    if "exit" in asked:
        found["exit"] = those("exit", Journey.exited_on, empty("exit"))
    if "evaluation" in asked:
        found["evaluation"] = those("evaluation", Journey.entered_on, empty("evaluation"))
        unhanded = (Assessment.stage == "evaluation", Assessment.handed_on.is_(None))
        handing = those("handing", Assessment.done_on, *unhanded)
        found["handing"] = handing.join(Assessment, Assessment.journey_id == Journey.id)
    return found


def _midway(scheme: Scheme, case_id: int, today: date) -> list[tuple[str, sa.Select[Any]]]:
    """The points midway that are late, each a deadline of its own."""
    if scheme.assessments is None or "midway" not in scheme.assessments.stages:
        return []
    columns: tuple[Any, ...] = (Journey.id, sa.literal("midway"), Deadline.due_on)
    late = (Deadline.kind == "milestone", Deadline.status == "open", Deadline.due_on < today)
    mine: sa.Select[Any] = sa.select(*columns).join(Deadline, Deadline.journey_id == Journey.id)
    return [("midway", mine.where(Journey.application_id == case_id, Deadline.application_id == case_id, *late))]
