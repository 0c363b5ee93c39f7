"""What a sheet asks to do for a network (3.13): a part of `workflows.scheme`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkItem:
    """A kind of action for a network, or one of the orientations that it serves."""

    code: str
    label: str
    line: int


@dataclass(frozen=True)
class NetworkActions:
    """What the bearer of a network does for it, without any participant (3.13)."""

    kinds: tuple[NetworkItem, ...]
    themes: tuple[NetworkItem, ...]
    line: int
