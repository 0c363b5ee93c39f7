from __future__ import annotations

from datetime import date

import pytest

from workflows.rules.eligibility import co_bearer_warnings, date_warnings
from workflows.rules.youth import youth_share
from workflows.scheme import Scheme


def codes(scheme: Scheme, start: str, end: str, *, window: int = 0, known_on: str = "2023-12-20") -> list[str]:
    found = date_warnings(
        scheme,
        date.fromisoformat(start),
        date.fromisoformat(end),
        window=scheme.application_windows[window],
        known_on=date.fromisoformat(known_on),
    )
    assert all(warning.line and warning.sentence.endswith(".") for warning in found)
    return [warning.code for warning in found]


def test_dates_inside_the_sheet_warn_of_nothing(schemes: dict[str, Scheme]) -> None:
    assert codes(schemes["3.5"], "2024-03-01", "2025-02-28") == []
    assert codes(schemes["3.5"], "2024-08-01", "2025-07-31") == []
    assert codes(schemes["3.10"], "2024-01-01", "2024-12-31") == []
    assert codes(schemes["3.6"], "2026-01-01", "2026-12-31") == []


def test_each_doubt_on_dates_is_warned(schemes: dict[str, Scheme]) -> None:
    assert codes(schemes["3.5"], "2024-08-02", "2025-01-31") == ["start_outside_range"]
    assert codes(schemes["3.5"], "2024-08-15", "2025-01-31", window=1, known_on="2024-04-02") == ["start_outside_range"]
    assert codes(schemes["3.1"], "2024-01-01", "2024-12-31", known_on="2024-01-15") == ["start_retroactive"]
    assert codes(schemes["3.10"], "2024-09-01", "2025-08-31", window=1, known_on="2024-04-02") == ["fixed_year"]
    assert codes(schemes["3.2"], "2024-03-01", "2025-03-01") == ["too_long"]
    assert codes(schemes["3.2"], "2024-03-01", "2024-02-01") == ["end_before_start"]


def test_co_bearers_are_foreseen_in_one_scheme_only(schemes: dict[str, Scheme]) -> None:
    assert co_bearer_warnings(schemes["3.7"], 2) == ()
    assert co_bearer_warnings(schemes["3.2"], 0) == ()
    assert [warning.code for warning in co_bearer_warnings(schemes["3.2"], 1)] == ["co_bearer_unforeseen"]


@pytest.mark.parametrize(
    ("accompanied", "young", "level"),
    [(0, 0, "none"), (100, 14, "within"), (100, 15, "near"), (100, 20, "near"), (100, 21, "over")],
)
def test_the_share_of_young_people_is_warned_before_its_ceiling(
    accompanied: int, young: int, level: str, schemes: dict[str, Scheme]
) -> None:
    assert youth_share(schemes["3.10"], accompanied=accompanied, young=young).level == level
    assert youth_share(schemes["3.7"], accompanied=accompanied, young=young).level == "none"
