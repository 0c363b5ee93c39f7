"""Charts drawn as SVG by the server: each repeats what its table says, in figures as well as in lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HEIGHT = 120
STEP = 46
WIDTH = 30


@dataclass(frozen=True)
class Bar:
    """One column of a chart, in the units of its drawing."""

    left: int
    top: float
    height: float
    value: str
    label: str


@dataclass(frozen=True)
class Chart:
    """Columns side by side under `title`; `told` says the same in words, for who does not see them."""

    title: str
    bars: tuple[Bar, ...]
    told: str

    @property
    def width(self) -> int:
        return STEP * len(self.bars)


def chart(title: str, points: Sequence[tuple[str, Any, str]]) -> Chart | None:
    """`points`: a short label, a number (None or a word: nothing drawn), what is written above it."""
    values = [value if isinstance(value, int | float) else 0 for _, value, _ in points]
    if len(points) < 2 or not any(values):
        return None
    most = max(values)
    bars = tuple(
        Bar(STEP * rank + (STEP - WIDTH) // 2, HEIGHT * (1 - value / most), HEIGHT * value / most, written, label)
        for rank, ((label, _, written), value) in enumerate(zip(points, values, strict=True))
    )
    return Chart(title, bars, f"{title} : " + ", ".join(f"{label} {written}" for label, _, written in points) + ".")


def lengths(values: Sequence[Any]) -> list[int]:
    """What share of the longest each one is, in hundredths; nothing for what is not a number."""
    numbers = [value if isinstance(value, int | float) else 0 for value in values]
    most = max(numbers, default=0)
    return [round(100 * number / most) if most else 0 for number in numbers]
