from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.rules.calendar import (
    LADDER,
    Calendar,
    add_months,
    committee_days,
    is_working_day,
    plan,
    reminder_days,
    reminder_ladder,
)
from workflows.scheme import Scheme

CODES = [f"3.{number}" for number in range(1, 17)]
YEAR_2024 = (date(2024, 1, 1), date(2024, 12, 31))


def days(calendar: Calendar, kind: str) -> list[str]:
    return [deadline.due.isoformat() for deadline in calendar.deadlines if deadline.kind == kind]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2023-11-30", 3, "2024-02-29"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2025-02-28", 1, "2025-03-28"),
        ("2024-02-29", 1, "2024-03-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-12-31", 3, "2025-03-31"),
        ("2024-12-31", 6, "2025-06-30"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-12-01", 1, "2025-01-01"),
        ("2024-01-01", -1, "2023-12-01"),
        ("2024-05-15", 0, "2024-05-15"),
    ],
)
def test_months_are_added_to_the_same_day_or_the_last_one(day: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_committees_are_quarterly_and_strictly_before_the_end(schemes: dict[str, Scheme]) -> None:
    mobility = plan(schemes["3.5"], date(2024, 3, 1), date(2025, 2, 28))
    assert days(mobility, "committee") == ["2024-06-01", "2024-09-01", "2024-12-01"]
    on_the_last_day = plan(schemes["3.5"], date(2024, 3, 1), date(2024, 9, 1))
    assert days(on_the_last_day, "committee") == ["2024-06-01"]
    one_day_more = plan(schemes["3.5"], date(2024, 3, 1), date(2024, 9, 2))
    assert days(one_day_more, "committee") == ["2024-06-01", "2024-09-01"]


def test_committees_are_counted_from_the_start_and_do_not_drift(schemes: dict[str, Scheme]) -> None:
    found = committee_days(schemes["3.9"], date(2023, 11, 30), date(2024, 11, 29))
    assert [day.isoformat() for day in found] == ["2024-02-29", "2024-05-30", "2024-08-30"]


def test_the_committees_of_each_scheme(schemes: dict[str, Scheme]) -> None:
    without = [code for code in CODES if not committee_days(schemes[code], *YEAR_2024)]
    assert without == ["3.1", "3.13"]


def test_a_dashboard_precedes_each_committee_where_the_sheet_asks_for_it(schemes: dict[str, Scheme]) -> None:
    asked = [code for code in CODES if days(plan(schemes[code], *YEAR_2024), "dashboard")]
    assert asked == ["3.5", "3.8", "3.9", "3.14", "3.15", "3.16"]
    assert days(plan(schemes["3.14"], *YEAR_2024), "dashboard") == ["2024-03-25", "2024-06-24", "2024-09-24"]


def test_progress_records_are_monthly_and_validated_ten_days_later(schemes: dict[str, Scheme]) -> None:
    asked = [code for code in CODES if days(plan(schemes[code], *YEAR_2024), "cre")]
    assert asked == ["3.10", "3.11", "3.12"]
    year = plan(schemes["3.12"], *YEAR_2024)
    assert days(year, "cre") == [f"2024-{month:02}-10" for month in range(2, 13)] + ["2025-01-10"]
    assert days(year, "cre_validation")[-1] == "2025-01-20"
    partial = plan(schemes["3.12"], date(2024, 1, 31), date(2024, 3, 1))
    assert days(partial, "cre") == ["2024-02-10", "2024-03-10", "2024-04-10"]
    assert {deadline.owed_by for deadline in year.deadlines if deadline.kind == "cre_validation"} == {"slai"}


def test_the_final_report_follows_the_end_by_one_or_three_months(schemes: dict[str, Scheme]) -> None:
    after_one = [code for code in CODES if days(plan(schemes[code], *YEAR_2024), "final_report") == ["2025-01-31"]]
    assert after_one == ["3.5", "3.6", "3.7", "3.8"]
    after_three = [code for code in CODES if days(plan(schemes[code], *YEAR_2024), "final_report") == ["2025-03-31"]]
    assert sorted(after_one + after_three) == sorted(CODES)
    assert days(plan(schemes["3.1"], date(2024, 1, 1), date(2024, 11, 30)), "final_report") == ["2025-02-28"]
    assert days(plan(schemes["3.5"], date(2024, 3, 1), date(2025, 2, 28)), "final_report") == ["2025-03-28"]
    assert days(plan(schemes["3.5"], date(2024, 3, 1), date(2024, 2, 29) + timedelta(365)), "final_report") == [
        "2025-03-28"
    ]


def test_the_fixed_report_day_holds_for_calendar_2024_only(schemes: dict[str, Scheme]) -> None:
    fixed = next(d for d in plan(schemes["3.12"], *YEAR_2024).deadlines if d.kind == "final_report")
    assert (fixed.due, "année civile" in fixed.computed) == (date(2025, 3, 31), True)
    later = plan(schemes["3.12"], date(2024, 9, 1), date(2025, 8, 31))
    assert days(later, "final_report") == ["2025-11-30"]


def test_annual_accounts_follow_the_financial_year(schemes: dict[str, Scheme]) -> None:
    assert [code for code in CODES if days(plan(schemes[code], *YEAR_2024), "annual_accounts")] == ["3.8"]
    handicap = schemes["3.8"]
    assert days(plan(handicap, *YEAR_2024), "annual_accounts") == ["2025-06-30"]
    assert days(plan(handicap, *YEAR_2024, (8, 31)), "annual_accounts") == ["2025-02-28"]
    assert days(plan(handicap, *YEAR_2024, (2, 29)), "annual_accounts") == ["2024-08-29"]
    short = plan(handicap, date(2024, 1, 1), date(2024, 3, 31), (6, 30))
    assert days(short, "annual_accounts") == ["2024-12-30"]


def test_an_operation_does_not_end_before_it_starts(schemes: dict[str, Scheme]) -> None:
    with pytest.raises(ValueError, match="before"):
        plan(schemes["3.1"], date(2024, 2, 1), date(2024, 1, 31))


def test_reminders_wait_for_no_weekend_and_no_holiday() -> None:
    # Tuesday 31 December 2024: 1 December is a Sunday, 1 January a holiday, 15 January a Wednesday.
    assert [day.isoformat() for day in reminder_days(date(2024, 12, 31))] == [
        *("2024-11-29", "2024-12-16", "2024-12-24", "2024-12-30", "2024-12-31"),
        *("2025-01-02", "2025-01-07", "2025-01-15"),
    ]


def test_a_reminder_of_lateness_never_precedes_the_lateness() -> None:
    on_a_saturday = reminder_ladder(date(2024, 6, 1))
    assert on_a_saturday[-1] == on_a_saturday[0] == date(2024, 5, 31)
    assert on_a_saturday[1] == date(2024, 6, 3)
    on_a_friday = reminder_ladder(date(2024, 5, 31))
    assert on_a_friday[1] == date(2024, 6, 3)


@given(due=st.dates(date(2020, 1, 1), date(2060, 12, 31)))
def test_every_reminder_goes_out_on_a_working_day_in_order(due: date) -> None:
    ladder = reminder_ladder(due)
    assert list(ladder) == list(LADDER)
    assert all(is_working_day(day) for day in ladder.values())
    assert list(ladder.values()) == sorted(ladder.values())
    assert all((day > due) == (step > 0) for step, day in ladder.items())
    found = reminder_days(due)
    assert found == sorted(set(found))


@given(
    code=st.sampled_from(CODES),
    start=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    length=st.integers(0, 730),
)
def test_a_calendar_is_ordered_and_each_deadline_is_unique(
    code: str, start: date, length: int, schemes: dict[str, Scheme]
) -> None:
    end = start + timedelta(length)
    calendar = plan(schemes[code], start, end)
    found = calendar.deadlines
    assert [deadline.due for deadline in found] == sorted(deadline.due for deadline in found)
    assert len({(deadline.kind, deadline.rank) for deadline in found}) == len(found)
    assert all(start < deadline.due < end for deadline in found if deadline.kind == "committee")
    assert len([deadline for deadline in found if deadline.kind == "final_report"]) == 1
    first, last = schemes[code].line_range
    assert all(first <= deadline.line <= last for deadline in found)


@given(day=st.dates(date(2000, 1, 1), date(2090, 12, 31)), months=st.integers(-60, 60))
def test_adding_months_keeps_the_day_or_takes_the_last_one(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(1)).day == 1)
