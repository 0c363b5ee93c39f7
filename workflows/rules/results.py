"""What an operation achieved, as far as its grant depends on it (3.10–3.12)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Results:
    """`months_done` are participant-months, `hours_done` hours of "mise à disposition" over the whole operation.

    `setting` is urban or rural (3.10, l.2518), `quality_pct` the officer's score from 0 to 100.
    Anything else raises `ValueError`.
    """

    posts: int = 0
    months_done: Decimal = Decimal(0)
    hours_done: Decimal = Decimal(0)
    setting: str = "urban"
    dynamic_exits: int = 0
    quality_pct: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        figures = (self.posts, self.months_done, self.hours_done, self.dynamic_exits, self.quality_pct)
        if any(figure < 0 for figure in figures):
            raise ValueError("a result is never negative")
        if self.quality_pct > 100 or self.setting not in ("urban", "rural"):
            raise ValueError("quality is at most 100 per cent, the setting is urban or rural")


NO_RESULT = Results()
"""Where the grant depends on no result."""
