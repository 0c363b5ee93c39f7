"""What the figures of a sheet may say together outside the service."""

from __future__ import annotations

import pytest

from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.dashboard import HIDDEN, UNSAID
from workflows.rules.outside import discreet_figures, parts_of, shared_out

SHEETS = read_dir(SCHEMES_DIRECTORY / "2024")


def told(code: str, **values: float) -> dict[str, float | str | None]:
    """What leaves the service of these figures of a sheet; nothing is known of the others."""
    figures = SHEETS[code].figures
    assert values.keys() <= {one.key for one in figures}
    outside = discreet_figures([(one, values.get(one.key)) for one in figures])
    return {one.key: value for one, value in zip(figures, outside, strict=True) if one.key in values}


def test_few_exits_of_a_family_are_not_found_from_the_others_and_their_total() -> None:
    exits = {"dynamic_exits": 12, "durable_exits": 5, "transition_exits": 5, "positive_exits": 2}
    assert told("3.10", **exits) == {
        "dynamic_exits": 12,
        "durable_exits": UNSAID,
        "transition_exits": 5,
        "positive_exits": HIDDEN,
    }
    exits |= {"transition_exits": 3, "dynamic_exits": 10}
    assert told("3.3", **exits)["durable_exits"] == 5


def test_few_people_left_out_of_a_part_are_not_found_from_the_whole() -> None:
    people = {"accompanied": 9, "accompanied_rsa": 8, "accompanied_young": 2}
    assert told("3.10", **people) == {"accompanied": 9, "accompanied_rsa": UNSAID, "accompanied_young": HIDDEN}
    assert told("3.10", accompanied=9, accompanied_rsa=9, accompanied_young=0) == {
        "accompanied": 9,
        "accompanied_rsa": 9,
        "accompanied_young": 0,
    }
    assert told("3.2", positioned=20, positioned_rsa=18, followed_rsa=14) == {
        "positioned": 20,
        "positioned_rsa": UNSAID,
        "followed_rsa": 14,
    }


def test_few_people_of_a_result_are_not_found_from_those_who_were_evaluated() -> None:
    results = {"evaluated": 14, "evaluated_ready": 7, "evaluated_upgrade": 5, "evaluated_train": 2}
    assert told("3.4", **results)["evaluated_upgrade"] == UNSAID


def test_few_exits_are_not_found_from_the_rate_nor_from_the_trainings_among_them() -> None:
    assert told("3.14", dynamic_exits=6, exit_rate=60) == {"dynamic_exits": 6, "exit_rate": UNSAID}
    assert told("3.14", dynamic_exits=2, exit_rate=10) == {"dynamic_exits": HIDDEN, "exit_rate": UNSAID}
    assert told("3.14", dynamic_exits=6, exit_rate=50) == {"dynamic_exits": 6, "exit_rate": 50}
    assert told("3.14", dynamic_exits=6, exit_rate=100)["exit_rate"] == 100
    assert told("3.14", positive_exits=8, training=6) == {"positive_exits": 8, "training": UNSAID}
    work = {"durable_exits": 8, "transition_exits": 2, "positive_exits": 3, "dynamic_exits": 13, "work": 10}
    assert told("3.14", **work) == {
        "durable_exits": UNSAID,
        "transition_exits": HIDDEN,
        "positive_exits": HIDDEN,
        "dynamic_exits": 13,
        "work": UNSAID,
    }


def test_hours_and_texts_are_said_as_they_are() -> None:
    assert told("3.10", hours=3, accompanied=2) == {"hours": 3, "accompanied": HIDDEN}


@pytest.mark.parametrize("code", list(SHEETS))
def test_every_sheet_is_looked_at(code: str) -> None:
    """Its families of exits share out its dynamic exits; those of the RSA and the young are parts of everybody."""
    figures = SHEETS[code].figures
    keys = [one.key for one in figures]
    families = [rank for rank, one in enumerate(figures) if one.key.endswith("_exits") and "dynamic_exits" in keys]
    families = [rank for rank in families if figures[rank].key != "dynamic_exits"]
    assert set(families) <= {rank for ranks in shared_out(figures) for rank in ranks}
    if "accompanied" in keys and any(key == "accompanied_rsa" for key in keys):
        assert (keys.index("accompanied"), keys.index("accompanied_rsa")) in parts_of(figures)
