"""The indicators of an operation: forecast at the application, achieved until now, and frozen with its final report.

Facts give most of them (`workflows.rules.figures`); the operator says the others (`casework.indicators`), each marked
with how it was obtained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from casework.activities import Activity, JourneyMonth
from casework.applications import Application
from casework.assessments import Assessment
from casework.clauses import ClauseHours
from casework.clock import paris_day
from casework.committees import HELD_STATES, Committee
from casework.details import EDUCATION, TRAINING, JourneyDetails
from casework.households import HouseholdLink
from casework.identities import Person
from casework.indicators import IndicatorEntry, entries_of
from casework.journey_facts import JourneyFact
from casework.network_actions import NetworkAction
from casework.participants import Journey, JourneyMilestone
from casework.people import Actor, Territory
from casework.permissions import visible_journeys
from workflows.application.form import goal_key
from workflows.committee.reading import composition_of
from workflows.journey.evolutions import changed, noted_stages, reached
from workflows.rules import figures as rules
from workflows.rules.figures import MEASURES, Operation, Tally, Trace, added
from workflows.scheme import Figure, Scheme
from workflows.versions import scheme_of

_SPLITS = {"territory": rules.by_territory, "level": rules.by_level}


_HEAD = aliased(Journey)


@dataclass(frozen=True)
class Indicator:
    """One figure of an operation: forecast, achieved, with its groups; `text` when it is written."""

    figure: Figure
    forecast: int | None
    tally: Tally
    text: str = ""

    @property
    def obtained(self) -> str:
        """How it is obtained, in French."""
        return MEASURES[self.figure.measure]


def indicators_of(
    session: Session, application: Application, today: date, *, split: str = "", actor: Actor | None = None
) -> list[Indicator]:
    """Every figure of the sheet of this operation, in its order; of the people whom this actor may see.

    `split`: "territory" or "level", else the groups of people.
    """
    operation = operation_of(session, application, today, actor)
    groups = _SPLITS[split](operation.traces) if split in _SPLITS else None
    return indicators_in(session, application, operation, groups)


def indicators_in(
    session: Session,
    application: Application,
    operation: Operation,
    groups: Mapping[str, Callable[[Trace], bool]] | None = None,
) -> list[Indicator]:
    """The same, of what was read of the operation. `groups`: what to split the figures by, by default people."""
    said = entries_of(session, application.id)
    found = []
    for figure in scheme_of(application).figures:
        entry = said.get(figure.key)
        tally = rules.tally(operation, figure, groups)
        if figure.measure == "entered":
            tally = Tally(entry.number if entry else None)
        text = entry.text if entry else ""
        if figure.measure == "composition":
            text = composition_of(session, application.id) or text
        found.append(Indicator(figure, forecast_of(application, figure), tally, text))
    return found


def campaign_indicators(
    session: Session, actor: Actor, applications: Sequence[Application], scheme: Scheme, today: date
) -> list[Indicator]:
    """Every figure of a sheet over several operations; a person followed by two of them is counted once."""
    operations = operations_of(session, applications, today, actor).values()
    whole = Operation(
        [trace for operation in operations for trace in operation.traces],
        today,
        scheme.youth_age,
        sum(operation.committees for operation in operations),
        added(operation.network for operation in operations),
    )
    said = _sums(session, [application.id for application in applications])
    found = []
    for figure in scheme.figures:
        foreseen = [goal for application in applications if (goal := forecast_of(application, figure)) is not None]
        average = figure.measure == "average_months"
        tally = Tally(said.get(figure.key)) if figure.measure == "entered" else rules.tally(whole, figure)
        found.append(Indicator(figure, None if average or not foreseen else sum(foreseen), tally))
    return found


def _sums(session: Session, keys: Sequence[int]) -> dict[str, int]:
    """What the operators of these operations entered, added up by figure."""
    query = sa.select(IndicatorEntry.key, sa.func.sum(IndicatorEntry.number)).where(
        IndicatorEntry.application_id.in_(keys), IndicatorEntry.number.is_not(None)
    )
    return {row[0]: int(row[1] or 0) for row in session.execute(query.group_by(IndicatorEntry.key))}


def forecast_of(application: Application, figure: Figure) -> int | None:
    """What the applicant foresaw: its answer for this figure, else the people whom its project is for."""
    answers = application.answers
    known = answers.get(goal_key(figure))
    if known is None and figure.measure in ("accompanied", "families", "worked") and figure.public is None:
        known = answers.get("young_participants" if figure.young else "participants")
    return known if isinstance(known, int) else None


def behind(session: Session, application: Application, key: str, today: date, *, group: str = "") -> list[int] | None:
    """The ids of the journeys that a figure counts (those of one group when it is named); None: no such figure.

    Not narrowed to anybody's scope: the list that shows them is.
    """
    figure = next((one for one in scheme_of(application).figures if one.key == key), None)
    if figure is None or figure.measure not in rules.OF_JOURNEYS:
        return None
    operation = operation_of(session, application, today)
    every = rules.groups_of(operation.young_age)
    for split in _SPLITS.values():
        every |= split(operation.traces)
    belongs = every.get(group)
    return [trace.journey_id for trace in rules.behind(operation, figure) if belongs is None or belongs(trace)]


def operation_of(session: Session, application: Application, today: date, actor: Actor | None = None) -> Operation:
    """Everything that the figures of this operation need, in two queries whatever its people; three where the sheet
    counts the stages of a path (3.8)."""
    return operations_of(session, [application], today, actor)[application.id]


def operations_of(
    session: Session, applications: Sequence[Application], today: date, actor: Actor | None = None
) -> dict[int, Operation]:
    """The same for several operations at once, in as many queries."""
    keys = [application.id for application in applications]
    facts, held, network = _facts(session, keys)
    noted = noted_stages(session, [one.id for one in applications if _follows_stages(scheme_of(one))])
    traces = _traces(session, keys, facts, noted, actor)
    return {
        application.id: Operation(
            traces.get(application.id, []),
            _last_day(application, today),
            scheme_of(application).youth_age,
            held.get(application.id, 0),
            network.get(application.id, {}),
        )
        for application in applications
    }


def _follows_stages(scheme: Scheme) -> bool:
    return any(figure.measure in rules.OF_STAGES for figure in scheme.figures)


def _last_day(application: Application, today: date) -> date:
    convention = application.convention
    return today if convention is None else min(today, convention.last_on)


def _traces(
    session: Session,
    keys: Sequence[int],
    facts: Mapping[int, _Facts],
    noted: Mapping[int, list[JourneyFact]],
    actor: Actor | None,
) -> dict[int, list[Trace]]:
    columns: tuple[Any, ...] = (
        Journey.id,
        Journey.application_id,
        Journey.state,
        Journey.oriented_at,
        Journey.person_id,
        Journey.publics,
        Journey.entered_on,
        Journey.age_at_entry,
        Journey.exited_on,
        Journey.exit_kind,
        Journey.exit_family,
        Person.sex,
        Journey.age_when_oriented,
        JourneyDetails.education,
        JourneyDetails.training,
        Territory.name.label("territory"),
        sa.func.coalesce(_HEAD.person_id, Journey.person_id).label("household"),
    )
    query = (
        sa.select(*columns)
        .join(Person, Person.id == Journey.person_id)
        .join(Territory, Territory.id == Journey.territory_id)
        .outerjoin(HouseholdLink, HouseholdLink.journey_id == Journey.id)
        .outerjoin(_HEAD, _HEAD.id == HouseholdLink.with_id)
        .outerjoin(JourneyDetails, JourneyDetails.journey_id == Journey.id)
        .where(Journey.application_id.in_(keys))
        .order_by(Journey.id)
    )
    if actor is not None:
        query = visible_journeys(query, actor)
    found: dict[int, list[Trace]] = {}
    for row in session.execute(query):
        done, own = facts.get(row.id, _Facts()), noted.get(row.id, [])
        trace = Trace(
            journey_id=row.id,
            person_id=row.person_id,
            sex=row.sex,
            publics=tuple(row.publics),
            territory=row.territory,
            age=row.age_at_entry if row.entered_on else row.age_when_oriented,
            entered_on=row.entered_on,
            exited_on=row.exited_on,
            exit_kind=row.exit_kind,
            exit_family=row.exit_family,
            steps=done.steps,
            minutes=done.minutes,
            activity_minutes=done.activity_minutes,
            activities=done.activities,
            grids=done.grids,
            results=done.results,
            household=row.household,
            obtained=done.obtained,
            obtained_marked=done.obtained_marked,
            clause_minutes=done.clause_minutes,
            stages=reached(own),
            changed=changed(own, row.entered_on, row.exited_on),
            oriented_on=paris_day(row.oriented_at),
            state=row.state,
            levels=_levels(row.education, row.training),
        )
        found.setdefault(row.application_id, []).append(trace)
    return found


def _levels(education: str | None, training: str | None) -> tuple[str, ...]:
    said = (("Instruction", EDUCATION.get(education or "")), ("Formation", TRAINING.get(training or "")))
    return tuple(f"{kind} : {level.lower()}" for kind, level in said if level)


@dataclass
class _Facts:
    """What was entered of one journey."""

    steps: dict[str, bool | None] = field(default_factory=dict)
    minutes: int = 0
    activity_minutes: dict[str, int] = field(default_factory=dict)
    activities: dict[str, int] = field(default_factory=dict)
    grids: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    obtained: dict[str, int] = field(default_factory=dict)
    obtained_marked: dict[str, int] = field(default_factory=dict)
    clause_minutes: dict[str, int] = field(default_factory=dict)


def _facts(
    session: Session, keys: Sequence[int]
) -> tuple[dict[int, _Facts], dict[int, int], dict[int, dict[str, tuple[int, int]]]]:
    """What was entered of each journey; how many committees each operation held, and its network actions by kind
    (how many, people reached); in one query.
    """
    found: dict[int, _Facts] = {}
    committees: dict[int, int] = {}
    network: dict[int, dict[str, tuple[int, int]]] = {}
    for what, key, code, number, minutes in session.execute(sa.union_all(*_entered(keys))):
        if what == "committee":
            committees[key] = number
            continue
        if what == "network":
            network.setdefault(key, {})[code] = (number, int(minutes))
            continue
        facts = found.setdefault(key, _Facts())
        match what:
            case "month":
                facts.minutes = int(minutes)
            case "activity":
                facts.activities[code], facts.activity_minutes[code] = number, int(minutes)
            case "grid":
                facts.grids.append(code)
            case "result":
                facts.results.append(code)
            case "fact":
                facts.obtained[code], facts.obtained_marked[code] = number, int(minutes)
            case "clause":
                facts.clause_minutes[code] = int(minutes)
            case _:
                facts.steps[code] = None if minutes is None else bool(minutes)
    return found, committees, network


def _entered(keys: Sequence[int]) -> Iterator[sa.Select[Any]]:
    """(what, key, code, number, minutes): months, activities, steps by day, grids, results, solutions, committees,
    clauses, network actions."""
    nothing = sa.cast(sa.null(), sa.String)
    total, number = sa.func.sum, sa.func.count()
    yield _of(_part("month", JourneyMonth.journey_id, nothing, number, total(JourneyMonth.minutes)), JourneyMonth, keys)
    activities = _part("activity", Activity.journey_id, Activity.kind, number, total(Activity.minutes))
    yield _of(activities, Activity, keys).group_by(Activity.kind)
    in_work = sa.case((JourneyMilestone.in_work.is_(True), 1), (JourneyMilestone.in_work.is_(False), 0))
    steps = _part("step", JourneyMilestone.journey_id, JourneyMilestone.code, number, sa.func.max(in_work))
    yield _of(steps, JourneyMilestone, keys).group_by(JourneyMilestone.code, JourneyMilestone.done_on)
    grids = _part("grid", Assessment.journey_id, Assessment.stage, number, sa.cast(sa.null(), sa.BigInteger))
    yield _of(grids, Assessment, keys).group_by(Assessment.stage)
    concluded = _part("result", Assessment.journey_id, Assessment.result, number, sa.cast(sa.null(), sa.BigInteger))
    yield _of(concluded, Assessment, keys).where(Assessment.result.is_not(None)).group_by(Assessment.result)
    marked = total(sa.case((JourneyFact.marked.is_(True), 1), else_=0))
    obtained = _of(_part("fact", JourneyFact.journey_id, JourneyFact.track, number, marked), JourneyFact, keys)
    yield obtained.where(JourneyFact.status == "obtained").group_by(JourneyFact.track)
    held = _part("committee", Committee.application_id, nothing, number, sa.cast(sa.null(), sa.BigInteger))
    yield held.where(Committee.application_id.in_(keys), Committee.state.in_(HELD_STATES)).group_by(
        Committee.application_id
    )
    clauses = _part("clause", ClauseHours.journey_id, ClauseHours.clause, number, total(ClauseHours.minutes))
    yield _of(clauses, ClauseHours, keys).group_by(ClauseHours.clause)
    actions = _part("network", NetworkAction.application_id, NetworkAction.kind, number, total(NetworkAction.reached))
    own = actions.where(NetworkAction.application_id.in_(keys))
    yield own.group_by(NetworkAction.application_id, NetworkAction.kind)


def _part(what: str, *columns: Any) -> sa.Select[Any]:
    return sa.select(sa.literal(what), *columns)


def _of(query: Any, model: Any, keys: Sequence[int]) -> Any:
    joined = query.join(Journey, Journey.id == model.journey_id).where(Journey.application_id.in_(keys))
    return joined.group_by(model.journey_id)


def frozen(session: Session, application: Application, today: date) -> dict[str, Any]:
    """The figures as they stand, by key, to be kept with a final report: value, groups, text."""
    return {
        one.figure.key: {
            "value": _rounded(one.tally.value),
            "groups": {code: _rounded(value) for code, value in one.tally.groups.items()},
            "text": one.text,
        }
        for one in indicators_of(session, application, today)
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
