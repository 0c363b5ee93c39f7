"""The tables of an operation's dashboard, from what happened in it. Everything here is pure, and names nobody.

People are counted by `workflows.rules.figures`, like the indicators: each once. A table holds plain numbers and words,
so that it is the same on screen, in a workbook, and kept in a frozen dashboard. What leaves the service says no count
of one to four people; where such a count could be found by taking the others from the total, one more is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from casework.activities import KINDS
from casework.french import month_of
from casework.identities import SEXES
from casework.participants import FAMILIES, PUBLICS
from workflows.rules.calendar import add_months
from workflows.rules.figures import FEWEST, OF_PEOPLE, TELLS, Operation, Trace, by_territory, tally
from workflows.rules.results import end_of_month
from workflows.scheme import Figure

UNITS = ("people", "number", "hours", "months", "text", "row", "unit")
"""What cells hold. "row": the unit differs by row, and the last cell of each row ("unit", never shown) says it."""
AGES = (40, 55)
"""Where the age classes are cut, above the age of young people of the sheet."""
HIDDEN = "moins de 5"
UNSAID = "non communiqué"

ORIENTED = Figure("oriented", "Orientées", "oriented", 0)
ENTERED = Figure("entered", "Entrées", "accompanied", 0)
ENDED = Figure("ended", "Sorties", "ended", 0)
Belongs = Callable[[Trace], bool]


@dataclass(frozen=True)
class Column:
    """`unit`: what its cells hold, one of UNITS."""

    label: str
    unit: str = "number"


@dataclass(frozen=True)
class Table:
    """`columns` name the cells of each row after its first one, which says what the row is about.

    `parts`: the rows (their ranks) that share out the same people, so that they add up to a total said elsewhere.
    `bars`: the column that is drawn. `within`: pairs of rows, the second of which counts a part of the first one.
    """

    key: str
    title: str
    first: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    parts: tuple[tuple[int, ...], ...] = ()
    bars: int | None = None
    within: tuple[tuple[int, int], ...] = ()

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that a person reads."""
        return tuple(column for column in self.columns if column.unit != "unit")

    def unit(self, row: Sequence[Any], rank: int) -> str:
        """What the cell of this column (from 0) holds in this row."""
        unit = self.columns[rank].unit
        return str(row[-1]) if unit == "row" else unit

    def as_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "title": self.title,
            "first": self.first,
            "columns": [[column.label, column.unit] for column in self.columns],
            "rows": [list(row) for row in self.rows],
            "parts": [list(ranks) for ranks in self.parts],
            "bars": self.bars,
            "within": [list(pair) for pair in self.within],
        }


def table_of(kept: Mapping[str, Any]) -> Table:
    """A table as it was kept by `Table.as_dict`."""
    return Table(
        kept["key"],
        kept["title"],
        kept["first"],
        tuple(Column(label, unit) for label, unit in kept["columns"]),
        tuple(tuple(row) for row in kept["rows"]),
        tuple(tuple(ranks) for ranks in kept["parts"]),
        kept["bars"],
        tuple((whole, part) for whole, part in kept.get("within", ())),
    )


def people(operation: Operation) -> Table:
    """Where the people of the operation stand."""
    states = {
        "En cours d’accompagnement": ("accompanied",),
        "Parcours suspendu": ("suspended",),
        "Orientées, pas encore entrées": ("oriented",),
        "Sans suite": ("declined",),
    }
    standing = {label: _in_state(codes) for label, codes in states.items()}
    rows = [
        ("Orientées", _whole(tally(operation, ORIENTED, {}).value)),
        ("Accompagnées depuis le début", _whole(tally(operation, ENTERED, {}).value)),
        ("Sorties", _whole(tally(operation, ENDED, {}).value)),
        *((label, _whole(value)) for label, value in tally(operation, ORIENTED, standing).groups.items()),
    ]
    column = (Column("Personnes", "people"),)
    return Table("people", "Les personnes", "Situation", column, tuple(rows), ((2, 3, 4), (5, 6)), bars=0)


def _in_state(codes: Sequence[str]) -> Belongs:
    return lambda trace: trace.state in codes


def shares(operation: Operation) -> list[Table]:
    """The people by sex, age, situation at entry and territory: oriented, entered, gone."""
    asked = (
        ("sex", "Par sexe", "Sexe", {label: _has("sex", code) for code, label in SEXES.items()}),
        ("age", "Par âge", "Âge", _ages(operation.young_age)),
        ("public", "Par situation à l’entrée", "Situation", _publics(operation.traces)),
        ("territory", "Par territoire", "Territoire", by_territory(operation.traces)),
    )
    return [_shared(operation, *one) for one in asked]


def _shared(operation: Operation, key: str, title: str, first: str, groups: Mapping[str, Belongs]) -> Table:
    figures = (ORIENTED, ENTERED, ENDED)
    columns = tuple(Column(figure.label, "people") for figure in figures)
    rows = _by_groups(operation, figures, groups)
    return Table(key, title, first, columns, rows, _all_of(rows), bars=1)


def _all_of(rows: Sequence[Any]) -> tuple[tuple[int, ...], ...]:
    return (tuple(range(len(rows))),)


def _by_groups(
    operation: Operation, figures: Sequence[Figure], groups: Mapping[str, Belongs]
) -> tuple[tuple[Any, ...], ...]:
    found = [tally(operation, figure, groups).groups for figure in figures]
    return tuple((label, *(_whole(values.get(label)) for values in found)) for label in groups)


def _has(name: str, value: Any) -> Belongs:
    return lambda trace: getattr(trace, name) == value


def _ages(young_age: int) -> dict[str, Belongs]:
    cuts = [0, young_age, *(age for age in AGES if age > young_age), 200]
    return {_age_label(low, high): _aged(low, high) for low, high in pairwise(cuts)}


def _age_label(low: int, high: int) -> str:
    if not low:
        return f"Moins de {high} ans"
    return f"{low} ans et plus" if high == 200 else f"{low} à {high - 1} ans"


def _aged(low: int, high: int) -> Belongs:
    return lambda trace: trace.age is not None and low <= trace.age < high


def _publics(traces: Iterable[Trace]) -> dict[str, Belongs]:
    """By the situation that opened the operation to each person: she is in one row, whatever else is true of her."""
    known = {trace.publics[0] for trace in traces if trace.publics}

    def opened_by(code: str) -> Belongs:
        return lambda trace: trace.publics[:1] == (code,)

    return {label: opened_by(code) for code, label in PUBLICS.items() if code in known}


def months(operation: Operation, first: date, said: Mapping[date, tuple[int, int]]) -> Table:
    """Month by month from the first day: who came, who was there, who left; what the months entered say.

    `said`: by month (its first day), how many were noted present and their minutes.
    """
    known = _months_until(first, operation.until)
    columns = (
        Column("Orientées", "people"),
        Column("Entrées", "people"),
        Column("Accompagnées", "people"),
        Column("Sorties", "people"),
        Column("Mois-participants saisis", "people"),
        Column("Heures", "hours"),
    )
    came = tally(operation, ORIENTED, {_name(month): _dated("oriented_on", month) for month in known}).groups
    entered = tally(operation, ENTERED, {_name(month): _dated("entered_on", month) for month in known}).groups
    there = tally(operation, ENTERED, {_name(month): _there(month) for month in known}).groups
    left = tally(operation, ENDED, {_name(month): _dated("exited_on", month) for month in known}).groups
    rows = [
        (
            _name(month),
            *(_whole(values[_name(month)]) for values in (came, entered, there, left)),
            said.get(month, (0, 0))[0],
            round(said.get(month, (0, 0))[1] / 60, 2),
        )
        for month in known
    ]
    return Table("months", "Mois par mois", "Mois", columns, tuple(rows), _all_of(rows), bars=2)


def _name(month: date) -> str:
    return month_of(month)


def _months_until(first: date, last: date) -> list[date]:
    month, found = first.replace(day=1), []
    while month <= last:
        found.append(month)
        month = add_months(month, 1)
    return found


def _dated(name: str, month: date) -> Belongs:
    end = end_of_month(month)

    def within(trace: Trace) -> bool:
        day = getattr(trace, name)
        return day is not None and month <= day <= end

    return within


def _there(month: date) -> Belongs:
    end = end_of_month(month)
    return lambda trace: (
        trace.entered_on is not None
        and trace.entered_on <= end
        and (trace.exited_on is None or trace.exited_on >= month)
    )


def activities(operation: Operation) -> Table:
    """What was done with people, by kind: how many times and for how long."""
    rows = []
    for code, label in KINDS.items():
        number = tally(operation, Figure(code, label, "activities", 0, kinds=(code,)), {}).value or 0
        hours = tally(operation, Figure(code, label, "activity_hours", 0, kinds=(code,)), {}).value or 0
        rows.append((label, _whole(number), round(hours, 2)))
    columns = (Column("Nombre"), Column("Durée", "hours"))
    return Table("activities", "Activités", "Activité", columns, tuple(rows), bars=0)


def exits(operation: Operation) -> list[Table]:
    """The people who left, by family and by the words of the sheet."""
    families = {label: _has("exit_family", code) for code, label in FAMILIES.items()}
    kinds = sorted({trace.exit_kind for trace in operation.traces if trace.exit_kind})
    column = (Column("Personnes", "people"),)
    by_family = _by_groups(operation, (ENDED,), families)
    by_kind = _by_groups(operation, (ENDED,), {kind: _has("exit_kind", kind) for kind in kinds})
    return [
        Table("exit_families", "Sorties par famille", "Famille", column, by_family, _all_of(by_family), bars=0),
        Table("exit_kinds", "Sorties par type", "Type de sortie", column, by_kind, _all_of(by_kind), bars=0),
    ]


def objectives(done: Mapping[str, float], wanted: Mapping[str, float]) -> Table:
    """The months and hours done, against what the sheet wants of the posts of the operation where it wants some."""
    asked = (("Mois-participants", "months"), ("Heures", "hours"))
    rows = tuple((label, _whole(done.get(unit, 0)), _whole(wanted.get(unit)), unit) for label, unit in asked)
    columns = (Column("Fait", "row"), Column("Objectif", "row"), Column("", "unit"))
    return Table("objectives", "Mois et heures", "Mesure", columns, rows)


def steps(operation: Operation, planned: Mapping[str, tuple[str, int, int]]) -> Table:
    """The dated steps: done, still to come, late. `planned`: by code, its label, how many are to come and late."""
    rows = []
    for code, (label, coming, late) in planned.items():
        done = tally(operation, Figure(code, label, "steps", 0, kinds=(code,)), {}).value or 0
        rows.append((label, _whole(done), coming, late))
    columns = (Column("Faites", "people"), Column("À venir", "people"), Column("En retard", "people"))
    return Table("steps", "Évaluations et étapes", "Étape", columns, tuple(rows), bars=0)


def grids(operation: Operation, stages: Mapping[str, str]) -> Table:
    """The grids filled in, by stage (its label), and the people who reached the stage without one."""
    rows = []
    for code, label in stages.items():
        done = [trace for trace in operation.traces if code in trace.grids]
        owed = [trace for trace in operation.traces if _reached(trace, code) and code not in trace.grids]
        rows.append((label, len(done), len(owed)))
    columns = (Column("Remplies", "people"), Column("À remplir", "people"))
    return Table("grids", "Grilles d’évaluation", "Étape", columns, tuple(rows), bars=0)


def _reached(trace: Trace, stage: str) -> bool:
    """The entry and the exit are reached by their days; the point midway is one of the dated steps."""
    reached = {"entry": trace.entered_on, "evaluation": trace.entered_on, "exit": trace.exited_on}
    return reached.get(stage) is not None


def discreet(table: Table) -> Table:
    """The table as it may leave the service: a count of one to four people becomes a word.

    Where a single one of several shares is hidden, the smallest of the others is too: the total would tell it. So is a
    part that leaves out few people of the whole beside it.
    """
    rows = [list(row) for row in table.rows]
    for place in range(len(table.columns)):
        counted = [rank for rank, row in enumerate(table.rows) if table.unit(row, place) == "people"]
        few = {rank for rank in counted if 0 < (rows[rank][place + 1] or 0) < FEWEST}
        betraying = {rank for ranks in table.parts for rank in _betrayed(ranks, few, rows, place + 1)}
        betraying |= {
            part
            for whole, part in table.within
            if {whole, part} <= set(counted)
            and 0 < (rows[whole][place + 1] or 0) - (rows[part][place + 1] or 0) < FEWEST
        }
        for rank in betraying - few:
            rows[rank][place + 1] = UNSAID
        for rank in few:
            rows[rank][place + 1] = HIDDEN
    return replace(table, rows=tuple(tuple(row) for row in rows))


def _betrayed(ranks: Sequence[int], few: set[int], rows: Sequence[Sequence[Any]], cell: int) -> list[int]:
    """The row to hide besides the only small one of its total: the smallest of the others, an empty one at worst."""
    others = [rank for rank in ranks if rank not in few]
    if len(few.intersection(ranks)) != 1 or not others:
        return []
    return [min(others, key=lambda rank: (not rows[rank][cell], rows[rank][cell] or 0))]


def discreet_groups(
    figure: Figure, total: float | None, groups: Mapping[str, float | None]
) -> dict[str, float | str | None]:
    """A figure by groups of people as it may leave the service: the total beside it betrays no small group either."""
    if figure.measure not in OF_PEOPLE:
        return dict(groups)
    found: dict[str, float | str | None] = {}
    for codes in _sharing(groups):
        rest = (total or 0) - sum(groups[code] or 0 for code in codes)
        rows = [(code, groups[code]) for code in codes] + ([("", rest)] if rest > 0 else [])
        found |= dict(discreet(Table("", "", "", (Column("", "people"),), tuple(rows), _all_of(rows))).rows)
    return {code: found[code] for code in groups}


def _sharing(codes: Iterable[str]) -> list[list[str]]:
    """The groups that share out the same people, a person being in one of each list at most: those of `TELLS`, levels
    by their kind (« Formation : … »), all the others together."""
    lists: dict[str, list[str]] = {}
    for code in codes:
        lists.setdefault(TELLS.get(code, code.rpartition(" : ")[0]), []).append(code)
    return list(lists.values())


def _whole(value: float | None) -> float | int | None:
    """A number kept as it reads: whole where it is."""
    if value is None:
        return None
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
