"""What was measured: figures beside their floor and their target, as a table and as JSON."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One figure. `value` and `floor` are in `unit`; the target bears on the ratio when there is a floor: at most
    `target`, or at least `least`.

    `processor`: the same figure (the ratio when there is a floor) in processor time, for a machine that others use.
    """

    name: str
    where: str
    value: float
    unit: str
    target: float | None = None
    floor: float | None = None
    processor: float | None = None
    least: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def ok(self) -> bool | None:
        """None when nothing is asked of this figure."""
        found = self.ratio if self.ratio is not None else self.value
        if self.least is not None:
            return found >= self.least
        return None if self.target is None else found <= self.target

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"ratio": self.ratio, "ok": self.ok}


def milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def median(values: list[float]) -> float:
    return statistics.median(values)


def warm_up(rounds: int) -> int:
    return max(5, rounds // 10)


def alternated(first: Callable[[int], object], second: Callable[[int], object], rounds: int) -> tuple[float, float]:
    """The medians (ms) of two things done in turn, so that a machine that slows down slows both.

    Each receives the number of the round. A tenth of the rounds comes before, unmeasured.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(-warm_up(rounds), rounds):
        for kept, do in zip(times, (first, second), strict=True):
            began = time.perf_counter()
            do(number)
            if number >= 0:
                kept.append((time.perf_counter() - began) * 1000)
    return median(times[0]), median(times[1])


def table(figures: list[Figure]) -> str:
    """The figures as a table for the terminal."""
    lines = [("figure", "where", "value", "floor", "ratio", "target", "", "processor")]
    lines += [_line(figure) for figure in figures]
    widths = [max(len(line[column]) for line in lines) for column in range(8)]
    return "\n".join(_aligned(line, widths) for line in lines)


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    cells = (_padded(cell, width, rank) for rank, (cell, width) in enumerate(zip(line, widths, strict=True)))
    return "  ".join(cells).rstrip()


def _padded(cell: str, width: int, rank: int) -> str:
    return cell.ljust(width) if rank < 2 or rank == 6 else cell.rjust(width)


def _line(figure: Figure) -> tuple[str, ...]:
    compared = figure.ratio is not None
    asked = "" if figure.target is None else f"≤ {figure.target:g}"
    asked = asked if figure.least is None else f"≥ {figure.least:g}"
    target = asked and f"{asked} {'×' if compared else figure.unit}"
    return (
        figure.name,
        figure.where,
        f"{figure.value:.3g} {figure.unit}" if figure.value < 100 else f"{figure.value:.0f} {figure.unit}",
        f"{figure.floor:.3g} {figure.unit}" if figure.floor is not None else "",
        f"{figure.ratio:.2f} ×" if figure.ratio is not None else "",
        target,
        {True: "ok", False: "NOT MET", None: ""}[figure.ok],
        f"{figure.processor:.3g} {'×' if compared else figure.unit}" if figure.processor else "",
    )
