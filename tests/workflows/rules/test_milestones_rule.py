from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.milestones import JourneyDates, milestones

SCHEMES = read_dir(SCHEMES_DIRECTORY / "2024")
ENTRY, END = date(2024, 3, 1), date(2024, 12, 31)


def due(code: str, **dates: date) -> dict[str, str]:
    known = {"entered_on": ENTRY, "ends_on": END, **dates}
    return {one.code: one.due.isoformat() for one in milestones(SCHEMES[code], JourneyDates(**known))}


def test_each_sheet_has_its_own_steps() -> None:
    found = {code: {one.code for one in scheme.milestones} for code, scheme in SCHEMES.items() if scheme.milestones}
    midway = {"midway"}
    assert found == {
        "3.2": {"trial_end", "six_months"},
        "3.9": midway,
        "3.10": {"college_limit"},
        "3.14": midway,
        "3.15": midway,
        "3.16": midway,
    }


def test_nothing_is_dated_before_its_source_is_known() -> None:
    assert due("3.2") == {}
    assert due("3.10") == {}
    assert due("3.12", hired_on=ENTRY) == {}


@pytest.mark.parametrize(
    ("hired_on", "six_months"),
    [
        (date(2024, 3, 15), "2024-09-15"),
        (date(2024, 3, 31), "2024-09-30"),
        (date(2024, 8, 31), "2024-12-31"),
        (date(2024, 12, 31), "2024-12-31"),
    ],
)
def test_the_point_at_six_months_is_never_after_the_operation(hired_on: date, six_months: str) -> None:
    assert due("3.2", hired_on=hired_on) == {"six_months": six_months}


def test_the_interview_comes_at_the_end_of_the_trial() -> None:
    found = due("3.2", hired_on=date(2024, 3, 15), trial_ends_on=date(2024, 5, 14))
    assert found["trial_end"] == "2024-05-14"


@pytest.mark.parametrize("code", ["3.9", "3.14", "3.15", "3.16"])
def test_the_assessment_is_halfway_between_entry_and_end(code: str) -> None:
    assert due(code, entered_on=date(2024, 1, 1), ends_on=date(2024, 12, 30)) == {"midway": "2024-07-01"}


@pytest.mark.parametrize(("entered", "limit"), [(date(2024, 1, 15), "2024-03-15"), (date(2023, 12, 31), "2024-02-29")])
def test_two_months_after_the_college_the_person_leaves(entered: date, limit: str) -> None:
    assert due("3.10", college_entered_on=entered) == {"college_limit": limit}


@given(st.dates(date(2024, 1, 1), date(2025, 12, 31)), st.dates(date(2024, 1, 1), date(2025, 12, 31)))
def test_the_halfway_day_is_inside_the_journey(entered_on: date, ends_on: date) -> None:
    found = milestones(SCHEMES["3.9"], JourneyDates(entered_on=entered_on, ends_on=ends_on))
    assert all(entered_on <= one.due <= ends_on for one in found)
    assert bool(found) == (entered_on <= ends_on)
