"""Dates, hours and counts as French people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from casework.french import (
    counted,
    day_of_year,
    distance,
    listed,
    long_date,
    moment,
    month_name,
    of_month,
    of_name,
    short_date,
    short_moment,
    short_month,
)


@pytest.mark.parametrize(
    ("day", "text"),
    [(date(2026, 3, 31), "31 mars 2026"), (date(2026, 8, 1), "1er août 2026"), (date(2026, 2, 2), "2 février 2026")],
)
def test_a_date_in_full(day: date, text: str) -> None:
    assert long_date(day) == text


def test_a_date_with_its_weekday() -> None:
    assert long_date(date(2026, 3, 31), weekday=True) == "mardi 31 mars 2026"
    assert long_date(date(2026, 3, 1), weekday=True) == "dimanche 1er mars 2026"


def test_a_short_date() -> None:
    assert short_date(date(2026, 3, 1)) == "01/03/2026"


def test_instants_are_told_in_paris_time() -> None:
    instant = datetime(2026, 7, 31, 22, 5, tzinfo=UTC)
    assert moment(instant) == "le 1er août 2026 à 0 h 05"
    assert short_moment(instant) == "01/08/2026 00:05"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 dossier"), (1, "1 dossier"), (2, "2 dossiers"), (10_000, "10\u202f000 dossiers")]
)
def test_zero_and_one_are_singular(number: int, text: str) -> None:
    assert counted(number, "dossier") == text


def test_an_irregular_plural() -> None:
    assert counted(3, "journal", "journaux") == "3 journaux"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2024, 3, 10), "aujourd’hui"),
        (date(2024, 3, 11), "demain"),
        (date(2024, 3, 13), "dans 3 jours"),
        (date(2024, 3, 9), "en retard de 1 jour"),
        (date(2024, 3, 6), "en retard de 4 jours"),
    ],
)
def test_how_far_a_date_is(day: date, text: str) -> None:
    assert distance(day, date(2024, 3, 10)) == text


@pytest.mark.parametrize(
    ("items", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a et b"), (["a", "b", "c"], "a, b et c")]
)
def test_a_list_in_a_sentence(items: list[str], text: str) -> None:
    assert listed(items) == text


def test_months_are_said_with_their_elision() -> None:
    assert [of_month(date(2024, month, 5)) for month in (3, 4, 8, 10)] == [
        "de mars 2024",
        "d’avril 2024",
        "d’août 2024",
        "d’octobre 2024",
    ]


def test_months_are_shortened_as_they_are_in_print() -> None:
    assert [short_month(month_name(rank)) for rank in range(1, 13)] == [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"), [("IBÉRIDE Chloé", "d’IBÉRIDE Chloé"), ("Émile", "d’Émile"), ("Dupont", "de Dupont"), ("", "de ")]
)
def test_a_name_is_elided(name: str, text: str) -> None:
    assert of_name(name) == text


@pytest.mark.parametrize(
    ("typed", "found"),
    [("31/12", (12, 31)), (" 1/6 ", (6, 1)), ("12-31", (12, 31)), ("29/02", (2, 29)), ("31/02", None), ("12/31", None),
     ("31-12", None), ("", None), ("31/12/2024", None)],
)  # fmt: skip
def test_a_day_of_any_year_is_a_day_then_a_month(typed: str, found: tuple[int, int] | None) -> None:
    assert day_of_year(typed) == found
