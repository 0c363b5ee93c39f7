"""Who must sit in a committee, sheet by sheet, and what is said of those who were missing."""

from __future__ import annotations

import pytest

from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.attendance import Sitting, mandatory_line, missing

SCHEMES = read_dir(SCHEMES_DIRECTORY / "2024")
BODIES = ("operator", "slai", "officer", "caf", "mamobilite62", "convergence")


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("3.1", {}),
        ("3.2", {}),
        ("3.3", {}),
        ("3.4", {}),
        ("3.5", {"slai": 1099, "mamobilite62": 1099}),
        ("3.6", {"slai": 1284, "caf": 1407}),
        ("3.7", {"slai": 1671}),
        ("3.8", {"slai": 1908, "officer": 1908}),
        ("3.9", {"slai": 2165, "officer": 2165}),
        ("3.10", {"slai": 2560}),
        ("3.11", {"slai": 2877}),
        ("3.12", {"slai": 3173}),
        ("3.13", {}),
        ("3.14", {"slai": 3636, "officer": 3636}),
        ("3.15", {"slai": 3977, "officer": 3977}),
        ("3.16", {"slai": 4320, "officer": 4320}),
    ],
)
def test_each_sheet_names_who_must_sit_at_its_line(code: str, wanted: dict[str, int]) -> None:
    followup = SCHEMES[code].followup
    found = {body: line for body in BODIES if (line := mandatory_line(followup, body)) is not None}
    assert found == wanted


def test_the_slai_of_each_territory_is_awaited_where_the_sheet_names_it() -> None:
    sat = [Sitting("slai", "SLAI Artois", True), Sitting("slai", "SLAI Ternois", False)]
    assert missing(SCHEMES["3.10"].followup, sat) == ["SLAI Ternois (l.2560)"]


def test_one_of_its_own_is_enough_for_the_department() -> None:
    followup = SCHEMES["3.8"].followup
    absent = [Sitting("slai", "SLAI Artois", False), Sitting("officer", "Chargé de mission", False)]
    assert missing(followup, absent) == ["représentant du Département (l.1908)"]
    assert missing(followup, [absent[0], Sitting("officer", "Chargé de mission", True)]) == []


def test_where_the_sheet_only_counts_on_the_slai_nobody_is_missing() -> None:
    assert missing(SCHEMES["3.3"].followup, [Sitting("slai", "SLAI Artois", False)]) == []
