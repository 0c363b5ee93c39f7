"""The dashboard of an operation: its tables, in the scope of whoever reads it, as they are now or as they were frozen.

The figures are those of `workflows.application.figures`; a dashboard only sets them side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.activities import JourneyMonth
from casework.applications import Application
from casework.assessments import STAGES
from casework.deadlines import Deadline
from casework.french import short_date
from casework.participants import Journey, JourneyWarning
from casework.people import Actor, Territory
from casework.permissions import PERMISSIONS, covers, visible_journeys
from workflows.application.figures import Indicator, indicators_in, operation_of
from workflows.application.reading import posts_of
from workflows.journey.reading import has_participants
from workflows.rules import conditions
from workflows.rules import dashboard as rules
from workflows.rules.dashboard import Column, Table
from workflows.rules.figures import OF_PEOPLE, Operation
from workflows.rules.milestones import LABELS
from workflows.rules.outside import parts_of, shared_out
from workflows.versions import scheme_of

OF_JOURNEYS = ("milestone", "college_limit")
"""Kinds of deadlines that are steps of one person: they are counted, never listed."""
COUNTED = (*OF_JOURNEYS, "grids", "childcare")
"""Kinds of deadlines that say how many people wait: a small number is not said outside the service."""
WARNINGS = {
    "age": "Âge au-delà de celui de la fiche",
    "before_orientation": "Entrée avant l’orientation",
    "before_validation": "Entrée avant la validation du SLAI",
    "youth_near": "Part de jeunes proche du plafond",
    "youth_over": "Part de jeunes au-delà du plafond",
    "capacity": "Capacité de la fiche dépassée",
}
OTHER_WARNING = "Autre alerte à l’entrée"
_ELSEWHERE = ("written", "by_sex", "by_age", "exit_rate")
"""Measures that are no line of a dashboard: texts, what its columns give, what its exits give."""
_UNITS = {"hours": "hours", "clause_hours": "hours", "activity_hours": "hours", "average_months": "months"}


@dataclass(frozen=True)
class Facts:
    """What a dashboard is made of. By territory (its name): the months said, the warnings raised at entry."""

    operation: Operation
    months: Mapping[tuple[str, date], tuple[int, int]]
    warnings: Mapping[tuple[str, str], int]
    deadlines: Sequence[Deadline]

    @property
    def territories(self) -> list[str]:
        return sorted({trace.territory for trace in self.operation.traces})

    def within(self, territory: str) -> Facts:
        """The same, of one territory; the deadlines of the operation stay."""
        traces = [trace for trace in self.operation.traces if trace.territory == territory]
        return Facts(
            replace(self.operation, traces=traces),
            {key: said for key, said in self.months.items() if key[0] == territory},
            {key: number for key, number in self.warnings.items() if key[0] == territory},
            self.deadlines,
        )


def reads_all(actor: Actor, application: Application) -> bool:
    """True for who reads the whole operation; false for an SLAI, who reads its territories only."""
    roles = actor.roles & PERMISSIONS["dashboard.read"] - {"slai"}
    return any(covers(role, actor, application) for role in roles)


def reads_counts_only(actor: Actor, application: Application) -> bool:
    """True for a partner: it follows nobody, so no small count is said to it."""
    return not any(covers(role, actor, application) for role in actor.roles & PERMISSIONS["journey.read"])


def facts_of(
    session: Session, application: Application, today: date, deadlines: Sequence[Deadline], actor: Actor | None = None
) -> Facts:
    """What the dashboard needs, in three queries whatever the people; of those whom this actor sees when one is given.

    A partner sees nobody, and counts everybody.
    """
    scope = None if actor is None or reads_all(actor, application) else actor
    operation = operation_of(session, application, today, scope)
    months: dict[tuple[str, date], tuple[int, int]] = {}
    warnings: dict[tuple[str, str], int] = {}
    for what, territory, month, code, number, minutes in session.execute(_counts(application, scope)):
        if what == "month":
            months[territory, month] = (number, int(minutes))
        else:
            warnings[territory, code] = number
    return Facts(operation, months, warnings, deadlines)


def _counts(application: Application, scope: Actor | None) -> sa.CompoundSelect[Any]:
    """(what, territory, month, code, number, minutes): the months said and the warnings at entry that still wait."""
    present = sa.func.count(sa.case((JourneyMonth.present, 1)))
    months = sa.select(
        sa.literal("month"),
        Territory.name,
        JourneyMonth.month,
        sa.cast(sa.null(), sa.String),
        present,
        sa.func.sum(JourneyMonth.minutes),
    ).join(Journey, Journey.id == JourneyMonth.journey_id)
    nothing = sa.cast(sa.null(), sa.Date)
    warnings = sa.select(
        sa.literal("warning"),
        Territory.name,
        nothing,
        JourneyWarning.code,
        sa.func.count(),
        sa.cast(sa.null(), sa.BigInteger),
    ).join(Journey, Journey.id == JourneyWarning.journey_id)
    waiting = (JourneyWarning.to_accept, JourneyWarning.accepted_at.is_(None))
    return sa.union_all(
        _scoped(months, application, scope).group_by(Territory.name, JourneyMonth.month),
        _scoped(warnings.where(*waiting), application, scope).group_by(Territory.name, JourneyWarning.code),
    )


def _scoped(query: Any, application: Application, scope: Actor | None) -> sa.Select[Any]:
    own: sa.Select[Any] = query.join(Territory, Territory.id == Journey.territory_id).where(
        Journey.application_id == application.id
    )
    return own if scope is None else visible_journeys(own, scope, application)


def tables_of(
    session: Session, application: Application, facts: Facts, today: date, *, partial: bool = False
) -> list[Table]:
    """The dashboard, table by table. `partial`: of some territories only, so without what is foreseen of the whole."""
    found: list[Table] = [_late(facts.deadlines, today)]
    if has_participants(application):
        found += _of_people(application, facts, today, partial=partial)
    found.append(_indicators(indicators_in(session, application, facts.operation, {}), partial=partial))
    found.append(_committees(facts.deadlines, today))
    return [table for table in found if table.rows]


def _of_people(application: Application, facts: Facts, today: date, *, partial: bool) -> list[Table]:
    operation, convention = facts.operation, application.convention
    first = convention.starts_on if convention is not None else today
    months = _added(facts.months)
    found = [rules.people(operation), rules.months(operation, first, months)]
    if not partial:
        found.insert(1, _gauges(application, operation))
    return [
        *found,
        *rules.shares(operation),
        _objectives(application, months, partial=partial),
        rules.activities(operation),
        *rules.exits(operation),
        _steps(application, facts, today),
        _grids(application, operation),
        _warnings(facts),
    ]


def _added(months: Mapping[tuple[str, date], tuple[int, int]]) -> dict[date, tuple[int, int]]:
    """The months said, all territories together."""
    found: dict[date, tuple[int, int]] = {}
    for (_, month), (number, minutes) in months.items():
        known = found.get(month, (0, 0))
        found[month] = (known[0] + number, known[1] + minutes)
    return found


def _gauges(application: Application, operation: Operation) -> Table:
    """The people accompanied, and the young among them, against the ceilings of the sheet."""
    scheme = scheme_of(application)
    rows: list[tuple[Any, ...]] = []
    entered = [trace for trace in operation.traces if trace.entered_on is not None]
    everybody = len({trace.person_id for trace in entered})
    young = len({trace.person_id for trace in entered if trace.age is not None and trace.age < scheme.youth_age})
    if scheme.youth_cap_pct is not None:
        label = f"Moins de {scheme.youth_age} ans à l’entrée"
        rows.append((label, young, everybody, f"{scheme.youth_cap_pct} % des personnes au plus"))
    capacity = scheme.funding.capacity_participants_per_year
    if capacity is not None:
        rows.append(("Personnes accompagnées", everybody, None, f"{capacity} prévues par la fiche"))
    columns = (Column("Personnes", "people"), Column("Sur", "people"), Column("Repère de la fiche", "text"))
    return Table("gauges", "Repères de la fiche", "Jauge", columns, tuple(rows))


def _objectives(application: Application, months: Mapping[date, tuple[int, int]], *, partial: bool) -> Table:
    done = {
        "months": float(sum(number for number, _ in months.values())),
        "hours": sum(minutes for _, minutes in months.values()) / 60,
    }
    setting = "rural" if application.answers.get("setting") in ("rural", "Rural") else "urban"
    wanted = {} if partial else conditions.objectives(scheme_of(application), posts_of(application), setting)
    return rules.objectives(done, {unit: float(value) for unit, value in wanted.items()})


def _steps(application: Application, facts: Facts, today: date) -> Table:
    followed = {trace.journey_id for trace in facts.operation.traces}
    known = [one for one in facts.deadlines if one.kind in OF_JOURNEYS and one.journey_id in followed]
    waiting = [one for one in known if one.status == "open"]
    late = Counter(_step_of(one) for one in waiting if one.due_on < today)
    coming = Counter(_step_of(one) for one in waiting if one.due_on >= today)
    asked = [milestone.code for milestone in scheme_of(application).milestones]
    planned = {code: (LABELS[code], coming[LABELS[code]], late[LABELS[code]]) for code in asked}
    return rules.steps(facts.operation, planned)


def _grids(application: Application, operation: Operation) -> Table:
    grid = scheme_of(application).assessments
    return rules.grids(operation, {stage: STAGES[stage] for stage in (grid.stages if grid is not None else ())})


def _step_of(deadline: Deadline) -> str:
    """The step that a deadline of a journey is about: its title begins with it."""
    return next((label for label in LABELS.values() if deadline.label.startswith(label)), deadline.label)


def _warnings(facts: Facts) -> Table:
    counts: Counter[str] = Counter()
    for (_, code), number in facts.warnings.items():
        counts[WARNINGS.get(code, OTHER_WARNING)] += number
    rows = tuple((label, counts[label]) for label in (*WARNINGS.values(), OTHER_WARNING) if counts[label])
    column = (Column("Personnes", "people"),)
    return Table("warnings", "Alertes à l’entrée qui attendent une décision", "Alerte", column, rows)


def _indicators(found: Sequence[Indicator], *, partial: bool) -> Table:
    rows, figures = [], []
    for one in found:
        if one.figure.measure in _ELSEWHERE or (partial and one.figure.measure == "entered"):
            continue
        figures.append(one.figure)
        unit = "people" if one.figure.measure in OF_PEOPLE else _UNITS.get(one.figure.measure, "number")
        value = one.tally.value
        done = None if value is None else round(value, 2)
        rows.append((one.figure.label, None if partial else one.forecast, done, one.obtained, unit))
    columns = (
        Column("Prévu", "number"),
        Column("Réalisé", "row"),
        Column("Comment il est obtenu", "text"),
        Column("", "unit"),
    )
    title, together = "Indicateurs de la fiche", shared_out(figures)
    return Table("indicators", title, "Indicateur", columns, tuple(rows), together, within=parts_of(figures))


def _committees(deadlines: Sequence[Deadline], today: date) -> Table:
    known = [one for one in deadlines if one.kind == "committee" and one.status != "cancelled"]
    rows = tuple((one.label, short_date(one.due_on), _standing(one, today)) for one in known)
    columns = (Column("Prévu le", "text"), Column("Où il en est", "text"))
    return Table("committees", "Comités", "Comité", columns, rows)


def _standing(deadline: Deadline, today: date) -> str:
    if deadline.status == "met":
        return f"Tenu le {short_date(deadline.done_on)}" if deadline.done_on else "Tenu"
    return "En retard" if deadline.late(today) else "À venir"


def _late(deadlines: Sequence[Deadline], today: date) -> Table:
    late = [one for one in deadlines if one.late(today) and one.kind not in COUNTED]
    rows = tuple((one.label, short_date(one.due_on), str((today - one.due_on).days)) for one in late)
    columns = (Column("Attendu le", "text"), Column("Jours de retard", "text"))
    return Table("late", "Ce qui est en retard", "Échéance", columns, rows)
