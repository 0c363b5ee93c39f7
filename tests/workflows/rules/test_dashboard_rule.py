"""The tables of a dashboard on made-up traces: what adds up, and what may leave the service."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.rules import dashboard
from workflows.rules.dashboard import HIDDEN, UNSAID, Column, Table, discreet, discreet_groups, table_of
from workflows.rules.figures import UNSAID as LEVELS_UNSAID
from workflows.rules.figures import Operation, Trace
from workflows.scheme import Figure

JANUARY = date(2024, 1, 10)


def trace(rank: int, **known: object) -> Trace:
    facts: dict[str, object] = {
        "sex": "F",
        "publics": ("rsa",),
        "territory": "Arrageois",
        "age": 40,
        "state": "accompanied",
    }
    return Trace(rank, rank, oriented_on=JANUARY, entered_on=JANUARY, **(facts | known))  # type: ignore[arg-type]


def operation(*traces: Trace) -> Operation:
    return Operation(traces, date(2024, 3, 31), 26)


def rows(table: Table) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[1:] for row in table.rows}


def test_each_month_says_who_came_who_was_there_and_who_left() -> None:
    left = trace(2, exited_on=date(2024, 2, 5), exit_kind="CDI", exit_family="durable", state="exited")
    found = rows(dashboard.months(operation(trace(1), left), JANUARY, {date(2024, 2, 1): (2, 90)}))
    assert found["janvier 2024"] == (2, 2, 2, 0, 0, 0)
    assert found["février 2024"] == (0, 0, 2, 1, 2, 1.5)
    assert found["mars 2024"] == (0, 0, 1, 0, 0, 0)


def test_a_person_who_came_back_counts_once() -> None:
    again = Trace(9, 1, "F", "rsa", "Arrageois", 40, JANUARY, oriented_on=JANUARY, state="accompanied")
    assert rows(dashboard.people(operation(trace(1), again)))["Accompagnées depuis le début"] == (1,)


def test_ages_are_cut_at_the_age_of_young_people_of_the_sheet() -> None:
    shared = {table.key: table for table in dashboard.shares(operation(trace(1, age=25), trace(2, age=26)))}
    assert list(rows(shared["age"])) == ["Moins de 26 ans", "26 à 39 ans", "40 à 54 ans", "55 ans et plus"]
    assert [values[1] for values in rows(shared["age"]).values()] == [1, 1, 0, 0]


def table(*values: int, parts: bool = True) -> Table:
    numbered = tuple((str(rank), value) for rank, value in enumerate(values))
    shared = (tuple(range(len(values))),) if parts else ()
    return Table("t", "T", "Ligne", (Column("Personnes", "people"),), numbered, shared)


def values(found: Table) -> list[object]:
    return [row[1] for row in found.rows]


def test_a_small_count_is_hidden_and_cannot_be_found_by_taking_the_others_from_the_total() -> None:
    assert values(discreet(table(9, 6, 2))) == [9, UNSAID, HIDDEN]
    assert values(discreet(table(9, 1, 2))) == [9, HIDDEN, HIDDEN]
    assert values(discreet(table(0, 3))) == [UNSAID, HIDDEN]
    assert values(discreet(table(9, 6, 0))) == [9, 6, 0]
    assert values(discreet(table(9, 6, 2, parts=False))) == [9, 6, HIDDEN]


@pytest.mark.parametrize(
    ("total", "groups", "outside"),
    [
        (9, {"F": 6, "M": 3}, {"F": UNSAID, "M": HIDDEN}),
        (11, {"F": 6, "M": 5, "rsa": 8}, {"F": 6, "M": 5, "rsa": UNSAID}),
        (11, {"young": 2, "older": 9, "rsa": 11}, {"young": HIDDEN, "older": UNSAID, "rsa": 11}),
        (20, {"Arrageois": 12, "Ternois": 6, "Calaisis": 2},
         {"Arrageois": 12, "Ternois": UNSAID, "Calaisis": HIDDEN}),
        (12, {"Formation : niveau 3": 6, "Instruction : lycée": 7, LEVELS_UNSAID: 5},
         {"Formation : niveau 3": 6, "Instruction : lycée": 7, LEVELS_UNSAID: 5}),
        (9, {"Formation : niveau 3": 6, "Instruction : lycée": 9, LEVELS_UNSAID: 0},
         {"Formation : niveau 3": UNSAID, "Instruction : lycée": 9, LEVELS_UNSAID: 0}),
    ],
)  # fmt: skip
def test_no_group_of_an_indicator_is_found_by_taking_the_others_from_its_total(
    total: int, groups: dict[str, float | None], outside: dict[str, object]
) -> None:
    assert discreet_groups(Figure("any", "Une figure", "accompanied", 1), total, groups) == outside
    assert discreet_groups(Figure("any", "Une figure", "hours", 1), total, groups) == groups


def test_what_is_not_a_count_of_people_is_said() -> None:
    hours = Table(
        "t", "T", "Mesure", (Column("Fait", "row"), Column("", "unit")), (("Heures", 2, "hours"), ("Gens", 2, "people"))
    )
    assert values(discreet(hours)) == [2, HIDDEN]


def test_a_table_kept_reads_back_the_same() -> None:
    made = dashboard.months(operation(trace(1)), JANUARY, {})
    assert table_of(made.as_dict()) == made
