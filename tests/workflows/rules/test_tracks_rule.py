"""What each sheet follows for its participants, and what it says of it."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.tracks import Noted, missing_before, outside_hours, to_look_at, track_of

SCHEMES = read_dir(SCHEMES_DIRECTORY / "2024")
MARCH, MAY = date(2024, 3, 1), date(2024, 5, 1)


def test_each_sheet_follows_its_own_facts() -> None:
    followed = {code: [track.code for track in scheme.tracks] for code, scheme in SCHEMES.items() if scheme.tracks}
    assert followed == {
        "3.5": ["mobility"],
        "3.6": ["parent", "childcare"],
        "3.7": ["phase", "weekly_hours"],
        "3.8": ["requests", "evaluation", "phase"],
    }


def test_first_hours_has_five_phases_in_the_words_of_the_call() -> None:
    track = track_of(SCHEMES["3.7"], "phase")
    assert track is not None
    assert [choice.line for choice in track.choices] == [1540, 1542, 1544, 1546, 1548]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(None, False), (3 * 60 + 59, True), (4 * 60, False), (20 * 60, False), (20 * 60 + 1, True)],
)
def test_work_goes_from_four_to_twenty_hours_a_week(minutes: int | None, told: bool) -> None:
    track = track_of(SCHEMES["3.7"], "weekly_hours")
    assert track is not None
    warning = outside_hours(track, minutes)
    assert (warning is not None) is told
    if warning is not None:
        assert "de 4 h à 20 h par semaine" in warning.full_sentence
        assert "l.1522" in warning.full_sentence


@pytest.mark.parametrize(
    ("choice", "evaluated", "possible"),
    [("reception", "", True), ("support", "", True), ("placement", "", False), ("placement", "negative", False),
     ("placement", "positive", True)],
)  # fmt: skip
def test_a_placement_comes_after_a_positive_evaluation(choice: str, evaluated: str, possible: bool) -> None:
    scheme = SCHEMES["3.8"]
    track = track_of(scheme, "phase")
    assert track is not None
    held = {"evaluation": Noted(evaluated, MARCH)} if evaluated else {}
    assert (missing_before(scheme, track, choice, held) is None) is possible


def test_whoever_is_followed_by_3_8_has_deposited_one_of_three_requests() -> None:
    sentence = "Aucune demande (RQTH, orientation professionnelle, AAH) n’est notée (l.1763)."
    assert [one.full_sentence for one in to_look_at(SCHEMES["3.8"], {}, ())] == [sentence]
    assert to_look_at(SCHEMES["3.8"], {}, ("requests",)) == []


def codes(**held: Noted) -> list[str]:
    return [warning.code for warning in to_look_at(SCHEMES["3.6"], held, set(held))]


def test_childcare_follows_the_parent_and_lasts_once_she_works() -> None:
    seeking, work = Noted("seeking", MARCH), Noted("work", MAY)
    lasting = Noted("collective", MAY, 35 * 60, marked=True)
    assert codes() == []
    assert codes(parent=seeking) == ["to_follow"]
    assert codes(parent=seeking, childcare=Noted("collective", MARCH, 600, marked=False)) == []
    assert codes(parent=work, childcare=Noted("collective", MARCH, 600, marked=False)) == ["to_follow", "to_mark"]
    assert codes(parent=work, childcare=lasting) == []
