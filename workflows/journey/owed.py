"""The deadlines of what an operation owes of its participants together: planned, moved and met as the facts change.

They are brought to what the facts give in the transaction that changes one of them, the case locked after the journey:
no job looks for them. When the last thing of a month is done its deadline is met; when nobody is concerned any more (an
entry moved to another month, a child told by mistake) it is cancelled.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from casework import db, extensions
from casework.applications import Application
from casework.errors import NotFound
from casework.extensions import Computed
from casework.settings import Settings
from workflows.engine import Context
from workflows.journey.lacking import asks, families, undone
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
    return asks(scheme_of(case))


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
    query = undone(scheme_of(case), case.id)
    if query is None or why_not_assessed(case) is not None:
        return []
    return grids_owed([Missing(*row) for row in session.execute(query)], days_of(settings))


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


def _childcare(session: Session, case: Application) -> list[Owed]:
    """A family is followed while one of its parents is."""
    limit, convention = scheme_of(case).child_age_limit, case.convention
    if limit is None or convention is None or why_not_assessed(case) is not None:
        return []
    found = families(session, case)
    births = [(one.journeys[0], born, one.entered_on) for one in found for born in one.births]
    return childcare_owed(births, limit=limit, ends_on=convention.last_on)
