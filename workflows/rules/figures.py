"""The figures of a sheet's indicators, computed from what happened in an operation, and split by groups of people.

Everything here is pure: `Trace` says what is known of one journey, without a name. A person who came back has several
journeys and is counted once. Hours are kept in minutes and months of follow-up in days until they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from workflows.scheme import Figure

MEASURES = {
    "oriented": "compté d’après les orientations",
    "accompanied": "compté d’après les entrées",
    "families": "compté d’après les entrées, chaque foyer une fois",
    "ended": "compté d’après les sorties",
    "in_work": "compté d’après les étapes datées",
    "still_in_work": "compté d’après la dernière étape datée",
    "dynamic_exits": "compté d’après les sorties, classées par la fiche",
    "exits": "compté d’après les sorties, classées par la fiche",
    "exit_rate": "calculé : sorties dynamiques sur toutes les sorties",
    "evolved": "compté d’après les sorties : situations à l’entrée et à la sortie comparées",
    "staged": "compté d’après les étapes notées pendant le parcours",
    "worked": "compté d’après les heures de clauses",
    "steps": "compté d’après les étapes datées",
    "evaluated": "compté d’après les évaluations des compétences",
    "grids": "compté d’après les grilles d’évaluation remplies",
    "hours": "additionné d’après les mois saisis",
    "activity_hours": "additionné d’après les activités",
    "activities": "compté d’après les activités",
    "obtained": "compté d’après les solutions obtenues",
    "obtained_marked": "compté d’après les solutions obtenues, dans un parcours d’un conseiller",
    "average_months": "calculé d’après les dates d’entrée et de sortie",
    "clause_hours": "additionné d’après les heures de clauses",
    "network_actions": "compté d’après les actions du réseau",
    "network_reached": "additionné d’après les actions du réseau",
    "committees": "compté d’après les comités tenus",
    "composition": "établi d’après les présences aux comités",
    "entered": "saisi par le porteur",
    "written": "rédigé par le porteur",
    "by_sex": "donné par les colonnes « Femmes » et « Hommes »",
    "by_age": "donné par les colonnes d’âge",
}
"""How each measure is obtained, in French."""
OF_PEOPLE = (
    "oriented",
    "accompanied",
    "families",
    "ended",
    "in_work",
    "still_in_work",
    "dynamic_exits",
    "exits",
    "evolved",
    "staged",
    "worked",
    "evaluated",
)
"""Measures that count people, each once."""
OF_STAGES = ("evolved", "staged")
"""Measures that need the stages noted of each path."""
OF_SOLUTIONS = ("obtained", "obtained_marked")
OF_JOURNEYS = (
    *OF_PEOPLE,
    *OF_SOLUTIONS,
    "grids",
    "steps",
    "hours",
    "clause_hours",
    "activity_hours",
    "activities",
    "average_months",
    "exit_rate",
)
"""Measures that add up what journeys show."""
WHOLE_ONLY = ("exit_rate",)
"""Measures of everybody, never split: a rate among few people would tell of each."""
OF_NETWORKS = ("network_actions", "network_reached")
"""Measures of what the operation does for its network (3.13): how many actions, how many people they reached."""
ENTERED = ("entered", "written")
TEXTS = ("written", "composition")
"""Measures that are read, not counted."""
BROKEN_DOWN = ("by_sex", "by_age")
UNFORESEEN = (*TEXTS, *BROKEN_DOWN)
"""Measures without a number of their own: nothing to forecast."""
LAST_STEPS = ("six_months", "trial_end")
"""The dated steps that tell who is in work, the latest first."""
FAMILIES = ("durable", "transition", "positive")
GROUPS = {"F": "Femmes", "M": "Hommes", "young": "Moins de 26 ans", "older": "26 ans et plus", "rsa": "RSA"}
UNSAID = "Niveaux non saisis"
TELLS = {"F": "sex", "M": "sex", "young": "age", "older": "age", "rsa": "rsa", UNSAID: "levels"}
"""What these groups tell of somebody: those that tell the same share out the same people."""
FEWEST = 5
"""Below it a count of people is not said outside the service: it could tell who they are."""
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Trace:
    """What is known of one journey. `in_work`: what each dated step found; `minutes` of the months entered; `grids`:
    the stages at which one was filled in; `results` of its evaluation; `levels`: of education and training, in words.

    `stages`, `changed`: the stages reached, and those held at the exit that were not at the entry (« track.choice »).
    `clause_minutes`: by kind of clause.
    `household`: the person of the first journey of the household, where the sheet counts families.
    `obtained`, `obtained_marked`: the solutions obtained, by track, and those whose question was answered by yes.
    """

    journey_id: int
    person_id: int
    sex: str
    publics: Sequence[str]
    territory: str
    age: int | None
    entered_on: date | None = None
    exited_on: date | None = None
    exit_kind: str | None = None
    exit_family: str | None = None
    steps: Mapping[str, bool | None] = field(default_factory=dict)
    minutes: int = 0
    activity_minutes: Mapping[str, int] = field(default_factory=dict)
    activities: Mapping[str, int] = field(default_factory=dict)
    grids: Sequence[str] = ()
    results: Sequence[str] = ()
    clause_minutes: Mapping[str, int] = field(default_factory=dict)
    oriented_on: date | None = None
    state: str = ""
    levels: Sequence[str] = ()
    household: int | None = None
    obtained: Mapping[str, int] = field(default_factory=dict)
    obtained_marked: Mapping[str, int] = field(default_factory=dict)
    stages: Sequence[str] = ()
    changed: Sequence[str] = ()


@dataclass(frozen=True)
class Operation:
    """What is known of one operation. `until`: the last day counted in a follow-up that still goes on. `network`: the
    actions for its network, by kind: how many, and the people they reached."""

    traces: Sequence[Trace]
    until: date
    young_age: int
    committees: int = 0
    network: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """One figure: its value, and by group. None: it is written, or nobody is there to be measured."""

    value: float | None
    groups: Mapping[str, float | None] = field(default_factory=dict)


def tally(operation: Operation, figure: Figure, groups: Mapping[str, Callable[[Trace], bool]] | None = None) -> Tally:
    """The value of a figure that facts give; `groups`: what to split it by (by default `groups_of`)."""
    if figure.measure == "committees":
        return Tally(operation.committees)
    if figure.measure in OF_NETWORKS:
        place = OF_NETWORKS.index(figure.measure)
        return Tally(sum(found[place] for kind, found in operation.network.items() if kind in figure.kinds))
    if figure.measure not in OF_JOURNEYS:
        return Tally(None)
    found = behind(operation, figure)
    split = groups_of(operation.young_age) if groups is None else groups
    split = {} if figure.measure in WHOLE_ONLY else split
    return Tally(
        _measured(operation, figure, found),
        {code: _measured(operation, figure, [one for one in found if belongs(one)]) for code, belongs in split.items()},
    )


def added(known: Iterable[Mapping[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    """The network actions of several operations, by kind."""
    found: dict[str, tuple[int, int]] = {}
    for network in known:
        for kind, (number, reached) in network.items():
            before = found.get(kind, (0, 0))
            found[kind] = (before[0] + number, before[1] + reached)
    return found


def behind(operation: Operation, figure: Figure) -> list[Trace]:
    """The journeys that a figure counts or adds up."""
    return [trace for trace in operation.traces if _among(operation, figure, trace) and _counts(figure, trace)]


def groups_of(young_age: int) -> dict[str, Callable[[Trace], bool]]:
    """The groups of GROUPS; who never entered has no age there."""
    return {
        "F": lambda trace: trace.sex == "F",
        "M": lambda trace: trace.sex == "M",
        "young": lambda trace: trace.age is not None and trace.age < young_age,
        "older": lambda trace: trace.age is not None and trace.age >= young_age,
        "rsa": lambda trace: "rsa" in trace.publics,
    }


def by_territory(traces: Iterable[Trace]) -> dict[str, Callable[[Trace], bool]]:
    """One group for each territory where somebody is followed, by name."""

    def inside(name: str) -> Callable[[Trace], bool]:
        return lambda trace: trace.territory == name

    return {name: inside(name) for name in sorted({trace.territory for trace in traces})}


def by_level(traces: Iterable[Trace]) -> dict[str, Callable[[Trace], bool]]:
    """One group for each level of education and of training that is said (l.2198-2202), then who has not said any."""

    def at(level: str) -> Callable[[Trace], bool]:
        return lambda trace: level in trace.levels

    groups = {level: at(level) for level in sorted({level for trace in traces for level in trace.levels})}
    return groups | {UNSAID: lambda trace: not trace.levels}


def discreet(figure: Figure, value: float | None) -> float | None:
    """What may leave the service: a count of one to four people is not said."""
    counts_people = figure.measure in OF_PEOPLE
    return None if counts_people and value is not None and 0 < value < FEWEST else value


def _among(operation: Operation, figure: Figure, trace: Trace) -> bool:
    if figure.public is not None and figure.public not in trace.publics:
        return False
    return not figure.young or (trace.age is not None and trace.age < operation.young_age)


def _counts(figure: Figure, trace: Trace) -> bool:
    found = _COUNTED.get(figure.measure)
    return trace.entered_on is not None if found is None else found(figure, trace)


def _still_in_work(figure: Figure, trace: Trace) -> bool:
    last = next((code for code in LAST_STEPS if code in trace.steps), None)
    return last is not None and bool(trace.steps[last])


def _evolved(figure: Figure, trace: Trace) -> bool:
    """By the way out, or by a stage held at the exit that was not at the entry (3.8, l.1953)."""
    return trace.exited_on is not None and (trace.exit_kind in figure.kinds or _share(trace.changed, figure))


def _evaluated(figure: Figure, trace: Trace) -> bool:
    return "evaluation" in trace.grids and (not figure.kinds or _share(trace.results, figure))


def _share(codes: Iterable[str], figure: Figure) -> bool:
    return any(code in figure.kinds for code in codes)


_COUNTED: Mapping[str, Callable[[Figure, Trace], bool]] = {
    "oriented": lambda figure, trace: True,
    "ended": lambda figure, trace: trace.exited_on is not None,
    "in_work": lambda figure, trace: any(trace.steps.get(code) for code in figure.kinds),
    "still_in_work": _still_in_work,
    "dynamic_exits": lambda figure, trace: trace.exit_family in FAMILIES,
    "exits": lambda figure, trace: trace.exit_family in figure.kinds or trace.exit_kind in figure.kinds,
    "exit_rate": lambda figure, trace: trace.exited_on is not None,
    "evolved": _evolved,
    "staged": lambda figure, trace: _share(trace.stages, figure),
    "worked": lambda figure, trace: bool(_of_kinds(trace.clause_minutes, figure.kinds)),
    "clause_hours": lambda figure, trace: bool(_of_kinds(trace.clause_minutes, figure.kinds)),
    "steps": lambda figure, trace: _share(trace.steps, figure),
    "evaluated": _evaluated,
    "grids": lambda figure, trace: bool(trace.grids),
    "obtained": lambda figure, trace: bool(_of_kinds(trace.obtained, figure.kinds)),
    "obtained_marked": lambda figure, trace: bool(_of_kinds(trace.obtained_marked, figure.kinds)),
}
"""Whether a measure counts a journey; the others count whoever entered."""


def _measured(operation: Operation, figure: Figure, traces: Sequence[Trace]) -> float | None:
    match figure.measure:
        case "families":
            return len({trace.household or trace.person_id for trace in traces})
        case "hours":
            return sum(trace.minutes for trace in traces) / 60
        case "clause_hours":
            return sum(_of_kinds(trace.clause_minutes, figure.kinds) for trace in traces) / 60
        case "activity_hours":
            return sum(_of_kinds(trace.activity_minutes, figure.kinds) for trace in traces) / 60
        case "activities":
            return sum(_of_kinds(trace.activities, figure.kinds) for trace in traces)
        case "steps":
            return sum(code in trace.steps for trace in traces for code in figure.kinds)
        case "grids":
            return sum(len(trace.grids) for trace in traces)
        case "obtained":
            return sum(_of_kinds(trace.obtained, figure.kinds) for trace in traces)
        case "obtained_marked":
            return sum(_of_kinds(trace.obtained_marked, figure.kinds) for trace in traces)
        case "average_months":
            return _average_months(traces, operation.until)
        case "exit_rate":
            return _exit_rate(traces)
    return len({trace.person_id for trace in traces})


def _of_kinds(known: Mapping[str, int], kinds: Sequence[str]) -> int:
    return sum(number for kind, number in known.items() if not kinds or kind in kinds)


def _exit_rate(traces: Sequence[Trace]) -> float | None:
    """Per cent of the people who left, each once (l.2202-2204); None when nobody did."""
    left = {trace.person_id for trace in traces}
    dynamic = {trace.person_id for trace in traces if trace.exit_family in FAMILIES}
    return 100 * len(dynamic) / len(left) if left else None


def _average_months(traces: Sequence[Trace], until: date) -> float | None:
    """From the entry to the exit, both included; to `until` while the follow-up goes on."""
    days = [(min(trace.exited_on or until, until) - trace.entered_on).days + 1 for trace in traces if trace.entered_on]
    return sum(max(one, 0) for one in days) / len(days) / DAYS_A_MONTH if days else None
