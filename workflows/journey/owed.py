"""The deadlines of what an operation owes of its participants together: planned, moved and met as the facts change.

They are brought to what the facts give in the transaction that changes one of them, the case locked after the journey:
no job looks for them. When the last thing of a month is done its deadline is met; when nobody is concerned any more (an
entry moved to another month, a child told by mistake) it is cancelled.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, extensions
from casework.applications import Application
from casework.assessments import Assessment
from casework.details import JourneyDetails
from casework.errors import NotFound
from casework.extensions import Computed
from casework.households import HouseholdChild, HouseholdLink
from casework.participants import Journey
from casework.settings import Settings
from workflows.engine import Context
from workflows.journey.milestones import FOLLOWED
from workflows.journey.reading import why_not_assessed
from workflows.rules.explanation import line_source
from workflows.rules.owed import Missing, Owed, childcare_owed, grids_owed
from workflows.versions import scheme_of

GONE = "Plus personne n’est concerné."


def replan(context: Context) -> None:
    """After a move of a journey: what its operation owes now."""
    case: Application = context.case.application
    if _concerned(case):
        bring(context.session, case, context.act.settings, at=context.act.at)


def replan_operation(context: Context) -> None:
    """After a move of the case: its report is given or comes back, or its last day moves."""
    if context.case.convention is not None and _concerned(context.case):
        bring(context.session, context.case, context.act.settings, at=context.act.at)


def describe(context: Context) -> None:
    """Obstacles were said: what they were awaited for is met."""
    case: Application = context.case.application
    if _concerned(case):
        bring(context.session, case, context.act.settings, at=context.act.at, met_on=context.day)


def bring(
    session: Session, application: Application, settings: Settings, *, at: datetime, met_on: date | None = None
) -> None:
    """Bring the deadlines of a case, locked here, to what is missing now. `met_on`: what is no longer missing was done
    that day; else nobody is concerned any more."""
    session.flush()
    case: Application | None = db.lock(session, Application, application.id)
    if case is None:
        raise NotFound()
    for kind, owed in (("grids", _grids(session, case, settings)), ("childcare", _childcare(session, case))):
        wanted = [_computed(case, kind, one) for one in owed]
        extensions.recompute(
            session, case, wanted, at=at, kind=kind, gone="" if met_on else GONE, keep_extended=False, met_on=met_on
        )


def _concerned(case: Application) -> bool:
    scheme = scheme_of(case)
    return scheme.assessments is not None or scheme.child_age_limit is not None


def _computed(case: Application, kind: str, one: Owed) -> Computed:
    scheme = scheme_of(case)
    line = scheme.child_line if kind == "childcare" else scheme.assessments.line if scheme.assessments else None
    return Computed(
        kind=kind,
        rank=one.rank,
        due_on=one.due,
        owed_by="applicant",
        title=one.label,
        source=f"Fiche {scheme.code}, {line_source(line or 0)}",
        computed=one.computed,
    )


def _grids(session: Session, case: Application, settings: Settings) -> list[Owed]:
    grid = scheme_of(case).assessments
    if grid is None or why_not_assessed(case) is not None:
        return []
    asked = set(grid.stages)
    if "evaluation" in asked:
        asked.add("handing")
    if "entry" in asked:
        asked |= {"obstacles", "obstacles_left"}
    queries = [query for what, query in _missing(case.id).items() if what in asked]
    rows = session.execute(sa.union_all(*queries))
    return grids_owed([Missing(*row) for row in rows], days_of(settings))


def days_of(settings: Settings) -> dict[str, int]:
    """How many days each thing may take, by its code."""
    return {
        "entry": settings.entry_grid_days,
        "obstacles": settings.entry_grid_days,
        "exit": settings.exit_grid_days,
        "obstacles_left": settings.exit_grid_days,
        "evaluation": settings.evaluation_days,
        "handing": settings.handing_days,
    }


def _missing(case_id: int) -> dict[str, sa.Select[Any]]:
    """Who lacks what since when, counted by day: one range of the journeys of the case for each thing."""

    def since(what: str, day: Any, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
        columns = (sa.literal(what).label("what"), day.label("since_on"), sa.func.count().label("people"))
        mine = sa.select(*columns).select_from(Journey).where(Journey.application_id == case_id, day.is_not(None))
        return mine.where(*where).group_by(day)

    def undone(stage: str) -> sa.ColumnElement[bool]:
        return ~sa.exists().where(Assessment.journey_id == Journey.id, Assessment.stage == stage)

    def unsaid(column: Any) -> sa.ColumnElement[bool]:
        return ~sa.exists().where(JourneyDetails.journey_id == Journey.id, column.is_not(None))

    unhanded = since("handing", Assessment.done_on, Assessment.stage == "evaluation", Assessment.handed_on.is_(None))
    return {
        "entry": since("entry", Journey.entered_on, undone("entry")),
        "exit": since("exit", Journey.exited_on, undone("exit")),
        "evaluation": since("evaluation", Journey.entered_on, undone("evaluation")),
        "handing": unhanded.join(Assessment, Assessment.journey_id == Journey.id),
        "obstacles": since("obstacles", Journey.entered_on, unsaid(JourneyDetails.obstacles)),
        "obstacles_left": since("obstacles_left", Journey.exited_on, unsaid(JourneyDetails.obstacles_left)),
    }


def _childcare(session: Session, case: Application) -> list[Owed]:
    """A family is followed while one of its parents is."""
    limit, convention = scheme_of(case).child_age_limit, case.convention
    if limit is None or convention is None or why_not_assessed(case) is not None:
        return []
    household: Any = sa.func.coalesce(HouseholdLink.with_id, Journey.id)
    mine = (
        sa.select(household)
        .select_from(Journey)
        .outerjoin(HouseholdLink, HouseholdLink.journey_id == Journey.id)
        .where(Journey.application_id == case.id)
    )
    followed = mine.add_columns(sa.func.min(Journey.entered_on)).where(Journey.state.in_(FOLLOWED)).group_by(household)
    entered = {row[0]: row[1] for row in session.execute(followed)}
    children = mine.add_columns(HouseholdChild.born).join(HouseholdChild, HouseholdChild.journey_id == Journey.id)
    waiting = children.where(HouseholdChild.born.is_not(None), HouseholdChild.prepared_on.is_(None))
    births = [
        (key, date.fromisoformat(f"{born}-01"), entered[key])
        for key, born in session.execute(waiting)
        if key in entered
    ]
    return childcare_owed(births, limit=limit, ends_on=convention.last_on)
