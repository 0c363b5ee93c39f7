"""How each figure of the sheets' indicators is obtained from what happened."""

from __future__ import annotations

from datetime import date

import pytest

from casework.clauses import CLAUSES
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.exits import exit_kinds
from workflows.rules.figures import (
    BROKEN_DOWN,
    ENTERED,
    FEWEST,
    MEASURES,
    OF_JOURNEYS,
    Operation,
    Trace,
    behind,
    by_territory,
    discreet,
    tally,
)
from workflows.scheme import Figure, Scheme

SHEETS = read_dir(SCHEMES_DIRECTORY / "2024")
END = date(2024, 12, 31)


def trace(number: int, **changes: object) -> Trace:
    known: dict[str, object] = {
        "journey_id": number,
        "person_id": number,
        "sex": "F",
        "publics": ("rsa",),
        "territory": "Arrageois",
        "age": 40,
        "entered_on": date(2024, 1, 1),
    }
    return Trace(**{**known, **changes})  # type: ignore[arg-type]


def figure(measure: str, **changes: object) -> Figure:
    return Figure("any", "Une figure", measure, 1, **changes)  # type: ignore[arg-type]


def value(measure: str, *traces: Trace, **changes: object) -> float | None:
    return tally(Operation(traces, END, 26), figure(measure, **changes)).value


@pytest.mark.parametrize("scheme", SHEETS.values(), ids=SHEETS.keys())
def test_every_indicator_of_every_sheet_has_a_figure_and_says_how_it_is_obtained(scheme: Scheme) -> None:
    """Each indicator names the lines of the call; a figure stands on one of them."""
    lines = {figure.line for figure in scheme.figures}
    for indicator in scheme.indicators:
        first, _, last = indicator.rpartition("(l.")[2].rstrip(")").partition("-")
        wanted = set(range(int(first), int(last or first) + 1))
        assert wanted & lines, f"{scheme.code} : aucune figure pour « {indicator} »"
    for one in scheme.figures:
        assert MEASURES[one.measure]


@pytest.mark.parametrize("scheme", SHEETS.values(), ids=SHEETS.keys())
def test_no_figure_stands_outside_the_indicators_of_its_sheet(scheme: Scheme) -> None:
    covered: set[int] = set()
    for indicator in scheme.indicators:
        first, _, last = indicator.rpartition("(l.")[2].rstrip(")").partition("-")
        covered |= set(range(int(first), int(last or first) + 1))
    assert {one.line for one in scheme.figures} <= covered


@pytest.mark.parametrize("scheme", SHEETS.values(), ids=SHEETS.keys())
def test_the_exits_that_a_figure_names_are_in_the_list_of_its_sheet(scheme: Scheme) -> None:
    known = {kind.label for kind in exit_kinds(scheme)} | {"durable", "transition", "positive"}
    for one in scheme.figures:
        if one.measure == "exits":
            assert set(one.kinds) <= known, one.key


@pytest.mark.parametrize("scheme", SHEETS.values(), ids=SHEETS.keys())
def test_the_stages_and_the_clauses_that_a_figure_names_are_known(scheme: Scheme) -> None:
    stages = {f"{track.code}.{choice.code}" for track in scheme.tracks for choice in track.choices}
    exits = {kind.label for kind in exit_kinds(scheme)}
    known = {"staged": stages, "evolved": stages | exits, "clause_hours": {*CLAUSES}}
    for one in scheme.figures:
        assert set(one.kinds) <= known.get(one.measure, {*one.kinds}), one.key


def test_nothing_is_typed_by_hand_among_the_indicators_of_3_1_and_3_8() -> None:
    typed = [one.key for code in ("3.1", "3.8") for one in SHEETS[code].figures if one.measure in ENTERED]
    assert typed == []


def test_a_path_evolved_when_its_situation_at_the_exit_is_not_that_of_the_entry() -> None:
    kinds = ("evaluation.positive", "Accès à un emploi")
    gone = {"exited_on": END, "exit_kind": "Arrêt de l’accompagnement sans solution"}
    evolved = trace(1, **gone, changed=("evaluation.positive",))
    hired = trace(2, exited_on=END, exit_kind="Accès à un emploi")
    same = trace(3, **gone, stages=("evaluation.positive",))
    moved_within = trace(4, **gone, changed=("phase.support",))
    assert value("evolved", evolved, hired, same, moved_within, kinds=kinds) == 2
    assert value("evolved", evolved, trace(5, person_id=1, **gone, changed=kinds[:1]), kinds=kinds) == 1


def test_only_who_has_hours_of_clauses_worked_and_each_kind_of_clause_has_its_hours() -> None:
    traces = (trace(1, clause_minutes={"reserved": 90, "execution": 30}), trace(2))
    assert value("worked", *traces) == 1
    assert value("clause_hours", *traces) == 2
    assert value("clause_hours", *traces, kinds=("reserved",)) == 1.5


def test_a_person_who_came_back_is_counted_once() -> None:
    assert value("accompanied", trace(1), trace(2, person_id=1), trace(3)) == 2


def test_who_was_oriented_and_never_came_is_not_accompanied() -> None:
    oriented = trace(1, entered_on=None)
    assert value("oriented", oriented) == 1
    assert value("accompanied", oriented) == 0


def test_a_public_and_the_young_are_told_apart() -> None:
    traces = (trace(1), trace(2, publics=("young",), age=20), trace(3, publics=("rsa",), age=25))
    assert value("accompanied", *traces, public="rsa") == 2
    homeless = trace(4, publics=("housing_first", "rsa"))
    assert [value("accompanied", *traces, homeless, public=code) for code in ("rsa", "housing_first")] == [3, 1]
    assert value("accompanied", *traces, young=True) == 2


def test_exits_count_by_the_families_and_the_words_of_the_sheet() -> None:
    traces = (
        trace(1, exited_on=END, exit_family="durable", exit_kind="CDI"),
        trace(2, exited_on=END, exit_family="positive", exit_kind="Autre sortie positive"),
        trace(3, exited_on=END, exit_family="none", exit_kind="Arrêt de l’accompagnement sans solution"),
    )
    assert value("dynamic_exits", *traces) == 2
    assert value("exits", *traces, kinds=("durable", "transition")) == 1
    assert value("exits", *traces, kinds=("Autre sortie positive",)) == 1
    assert value("ended", *traces) == 3


def test_the_rate_of_dynamic_exits_is_of_people_who_left_and_is_not_split() -> None:
    traces = (
        trace(1, exited_on=END, exit_family="durable", exit_kind="CDI"),
        trace(2, exited_on=END, exit_family="none", exit_kind="Arrêt de l’accompagnement sans solution"),
        trace(3, person_id=2, exited_on=END, exit_family="positive", exit_kind="Autre sortie positive"),
        trace(4, exited_on=END, exit_family="none", exit_kind="Arrêt de l’accompagnement sans solution"),
        trace(5),
    )
    found = tally(Operation(traces, END, 26), figure("exit_rate"))
    assert found.value == pytest.approx(200 / 3)
    assert found.groups == {}
    assert value("exit_rate", trace(1)) is None


def test_who_is_in_work_is_what_the_dated_steps_found() -> None:
    kept = trace(1, steps={"trial_end": True, "six_months": True})
    lost = trace(2, steps={"trial_end": True, "six_months": False})
    assert value("in_work", kept, lost, kinds=("trial_end",)) == 2
    assert value("in_work", kept, lost, kinds=("six_months",)) == 1
    assert value("still_in_work", kept, lost, trace(3)) == 1


def test_hours_and_activities_add_up() -> None:
    one = trace(1, minutes=90, activity_minutes={"interview": 60, "visit": 30}, activities={"interview": 2, "visit": 1})
    two = trace(2, minutes=30)
    assert value("hours", one, two) == 2
    assert value("activity_hours", one, two) == 1.5
    assert value("activities", one, two, kinds=("interview",)) == 2
    assert value("activities", one, two) == 3


def test_the_average_follow_up_runs_to_the_exit_or_to_the_last_day_counted() -> None:
    whole = trace(1, entered_on=date(2024, 1, 1))
    half = trace(2, entered_on=date(2024, 1, 1), exited_on=date(2024, 6, 30))
    assert value("average_months", whole, half) == pytest.approx(9, abs=0.1)
    assert value("average_months") is None


def test_a_figure_is_split_by_sex_age_public_and_territory() -> None:
    traces = (trace(1), trace(2, sex="M", age=20, publics=("young",), territory="Ternois"))
    operation = Operation(traces, END, 26)
    found = tally(operation, figure("accompanied"))
    assert found.groups == {"F": 1, "M": 1, "young": 1, "older": 1, "rsa": 1}
    placed = tally(operation, figure("accompanied"), by_territory(traces))
    assert placed.groups == {"Arrageois": 1, "Ternois": 1}


@pytest.mark.parametrize("measure", OF_JOURNEYS)
def test_the_people_behind_a_figure_are_those_that_it_counts(measure: str) -> None:
    kinds = ("trial_end", "durable", "interview", "ready", "phase.support", "reserved")
    all_of_it = trace(
        1,
        exited_on=END,
        exit_family="durable",
        steps={"trial_end": True},
        minutes=60,
        activity_minutes={"interview": 60},
        activities={"interview": 1},
        grids=("evaluation",),
        results=("ready",),
        obtained={"interview": 1},
        obtained_marked={"interview": 1},
        stages=("phase.support",),
        changed=("phase.support",),
        clause_minutes={"reserved": 60},
    )
    operation = Operation((all_of_it, trace(2, publics=("young",))), END, 26)
    assert [one.journey_id for one in behind(operation, figure(measure, public="rsa", kinds=kinds))] == [1]


def test_a_small_count_of_people_stays_inside_and_hours_do_not() -> None:
    assert discreet(figure("accompanied"), FEWEST - 1) is None
    assert discreet(figure("accompanied"), FEWEST) == FEWEST
    assert discreet(figure("accompanied"), 0) == 0
    assert discreet(figure("hours"), 2) == 2


def test_what_is_written_or_given_by_the_columns_has_no_number() -> None:
    for measure in (*ENTERED, *BROKEN_DOWN):
        assert value(measure, trace(1)) is None
