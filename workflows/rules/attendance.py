"""Who must sit in a committee, by the sheet, and which of them were missing. Everything here is pure.

The Département sits through its officer or the SLAI of the territory, its local service: one of them is enough where
the sheet asks for "un représentant du Département territorialement compétent" (l.1906-1908, 2163-2165 …). Where it
names the SLAI, the one of each territory is awaited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workflows.rules.explanation import line_source
from workflows.scheme import Followup

DEPARTMENT = ("slai", "officer")
DEPARTMENT_LABEL = "représentant du Département"


@dataclass(frozen=True)
class Sitting:
    """One body of a committee: its code, how it is called, whether somebody sat for it."""

    body: str
    label: str
    sat: bool


def mandatory_line(followup: Followup, body: str) -> int | None:
    """The line of the call that wants this body in each committee; None when it is free to come."""
    if followup.attendance_expected:
        return None
    for code, line in _wanted(followup):
        if code == body or (code == "departement" and body in DEPARTMENT):
            return line
    return None


def missing(followup: Followup, sittings: Iterable[Sitting]) -> list[str]:
    """Each mandatory body that nobody sat for, with its line: « Mamobilité62 (l.1099) »."""
    if followup.attendance_expected:
        return []
    known = list(sittings)
    found = []
    for code, line in _wanted(followup):
        if code == "departement":
            present = any(one.sat for one in known if one.body in DEPARTMENT)
            names = [] if present else [DEPARTMENT_LABEL]
        else:
            names = [one.label for one in known if one.body == code and not one.sat]
        found += [f"{name} ({line_source(line)})" for name in names]
    return found


def _wanted(followup: Followup) -> list[tuple[str, int]]:
    """Each body with its line; a sheet read before its lines were kept has one for all."""
    lines = followup.attendee_lines or (followup.line or 1,) * len(followup.attendee_codes)
    return list(zip(followup.attendee_codes, lines, strict=True))
