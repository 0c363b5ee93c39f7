"""What each of the 16 sheets says of an entry, and what 3.10 counts of somebody placed in a college."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.college import not_counted, without
from workflows.rules.entry import Entrant, act_of, child_is_young, entry_findings

SCHEMES = read_dir(SCHEMES_DIRECTORY / "2024")
ENTRY = date(2024, 6, 10)
RESIDENCE = {
    "3.7": 1481, "3.9": 2032, "3.10": 2333, "3.11": 2668, "3.12": 2998, "3.13": 3282, "3.14": 3473, "3.15": 3832,
    "3.16": 4175,
}  # fmt: skip
SELECTION, VALIDATION = {"3.2", "3.3", "3.4"}, {"3.5", "3.6", "3.10", "3.11", "3.12"}
YOUNG_AT_25 = {"3.7"}
EX_RSA = {"3.6", "3.9", "3.10", "3.11", "3.12", "3.14", "3.15", "3.16"}


def codes(code: str, **known: object) -> dict[str, int | None]:
    who = {"publics": SCHEMES[code].publics[:1] or ("rsa",), "age": 40, "postcode": "62000",
           "entered_on": ENTRY, "born": (date(2023, 5, 1),), **known}  # fmt: skip
    return {one.code: one.line for one in entry_findings(SCHEMES[code], Entrant(**who))}  # type: ignore[arg-type]


@pytest.mark.parametrize("code", SCHEMES)
def test_who_is_of_the_sheet_enters_without_a_word(code: str) -> None:
    assert codes(code) == {}


@pytest.mark.parametrize("code", SCHEMES)
def test_residence_is_asked_where_the_sheet_asks_it_and_said_with_its_line(code: str) -> None:
    expected = {"residence": RESIDENCE[code]} if code in RESIDENCE else {}
    assert codes(code, postcode="59000") == expected


@pytest.mark.parametrize("code", [code for code, scheme in SCHEMES.items() if "young" in scheme.publics])
def test_a_young_person_is_under_the_age_of_the_sheet(code: str) -> None:
    limit = 25 if code in YOUNG_AT_25 else 26
    assert codes(code, publics=("young",), age=limit - 1) == {}
    assert set(codes(code, publics=("young",), age=limit)) == {"age"}
    assert set(codes(code, publics=("young",), age=27)) == {"age"}


@pytest.mark.parametrize("code", sorted(set(SCHEMES) - {"3.13"}))
def test_who_left_the_rsa_and_is_still_on_a_path_enters_where_the_sheet_names_her(code: str) -> None:
    assert ("public" not in codes(code, publics=("ex_rsa",))) is (code in EX_RSA)


@pytest.mark.parametrize("code", SCHEMES)
def test_the_slai_selects_validates_or_is_not_asked(code: str) -> None:
    asked = SCHEMES[code].orientation_validated_by_slai
    assert asked is (code in SELECTION | VALIDATION)
    if asked:
        assert act_of(SCHEMES[code])[1] == ("sélection" if code in SELECTION else "validation")
        early = codes(code, validated_on=date(2024, 6, 11))
        assert early == {"before_validation": SCHEMES[code].orientation_line}


@pytest.mark.parametrize("code", SCHEMES)
def test_nobody_enters_before_being_oriented(code: str) -> None:
    assert codes(code, oriented_on=date(2024, 6, 11)) == {"before_orientation": None}
    assert codes(code, oriented_on=ENTRY) == {}


@pytest.mark.parametrize(
    ("born", "told"),
    [
        ((), True),
        ((date(2021, 5, 1),), True),
        ((date(2021, 6, 1),), False),
        ((date(2015, 1, 1), date(2024, 2, 1)), False),
        ((date(2015, 1, 1), date(2019, 2, 1)), True),
    ],
)
def test_a_family_of_3_6_has_a_child_under_three_at_entry(born: tuple[date, ...], told: bool) -> None:
    assert codes("3.6", born=born) == ({"child": 1210} if told else {})


def test_only_one_sheet_looks_at_children() -> None:
    assert [code for code in SCHEMES if "child" in codes(code, born=())] == ["3.6"]
    assert child_is_young(3, date(2021, 6, 1), date(2024, 6, 30))


@pytest.mark.parametrize(
    ("entered", "left", "out"),
    [
        (None, None, None),
        (date(2024, 1, 15), None, (date(2024, 3, 16), None)),
        (date(2024, 1, 15), date(2024, 3, 16), None),
        (date(2024, 1, 15), date(2024, 3, 17), (date(2024, 3, 16), date(2024, 3, 16))),
        (date(2023, 12, 31), date(2024, 6, 1), (date(2024, 3, 1), date(2024, 5, 31))),
    ],
)
def test_two_months_in_a_college_count_and_no_day_more(
    entered: date | None, left: date | None, out: tuple[date, date | None] | None
) -> None:
    assert not_counted(entered, left) == out


def test_what_was_already_out_is_not_taken_out_twice() -> None:
    march = (date(2024, 3, 1), date(2024, 3, 31))
    assert without(march, []) == [march]
    assert without(march, [(date(2024, 3, 10), date(2024, 3, 12))]) == [
        (date(2024, 3, 1), date(2024, 3, 9)),
        (date(2024, 3, 13), date(2024, 3, 31)),
    ]
    assert without(march, [(date(2024, 2, 1), None)]) == []
    assert without(march, [(date(2024, 3, 20), None)]) == [(date(2024, 3, 1), date(2024, 3, 19))]
