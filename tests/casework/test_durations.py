"""Hours as people write them are kept as whole minutes and given back as they may be typed again."""

from __future__ import annotations

import pytest

from casework.durations import DurationError, parse_hours, said_hours, typed_hours


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        *(("12,5", 750), ("12.5", 750), ("12 h 30", 750), ("12:30", 750)),
        *(("12h", 720), ("0", 0), ("7,25 h", 435), ("0,33", 20)),
    ],
)
def test_hours_are_read(text: str, minutes: int) -> None:
    assert parse_hours(text) == minutes


@pytest.mark.parametrize("text", ["", "dix", "-3", "12h75", "1,234", "12 30", "99999", "=1+1", "1e3"])
def test_what_is_not_hours_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(DurationError) as refused:
        parse_hours(text)
    assert refused.value.sentence.endswith(".")


def test_typed_hours_are_read_back_exactly() -> None:
    assert [parse_hours(typed_hours(minutes)) for minutes in range(1500)] == list(range(1500))


def test_hours_are_said_to_people() -> None:
    said = [said_hours(minutes).replace("\u00a0", " ") for minutes in (750, 720, 45, 0)]
    assert said == ["12 h 30", "12 h", "45 min", "0 h"]
