"""Two people at one report: what one of them saved meanwhile stands wherever the other typed nothing.

The form carries what it held when it was shown. When it comes back too late, each thing that is as it was shown is
replaced by what is stored now; what both changed keeps what was typed, and says what the other wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.errors import InvalidInput
from web.fields import said
from workflows.inputs import Input, read

Line = Mapping[str, str]
MOST_SAID = 200


@dataclass(frozen=True)
class Merged:
    """`rows` as the form sends them; `touched`: the inputs whose typed answer stands; `told`: what the other wrote."""

    rows: Sequence[Line]
    touched: frozenset[str]
    told: Sequence[str]


def shown(rows: Sequence[Line], asked: Sequence[Input]) -> str:
    """What a form holds when it is shown, to be sent back with it."""
    return json.dumps({"rows": [dict(row) for row in rows], "said": {item.name: item.value for item in asked}})


def merge(
    sent: str, rows: Sequence[Line], typed: Mapping[str, Any], stored: Sequence[Line], asked: Sequence[Input]
) -> Merged:
    """`sent`: what `shown` gave; `rows` and `typed`: what comes back; `stored` and `asked`: what is kept now.

    A form that says nothing of what it held keeps everything that was typed.
    """
    try:
        before = json.loads(sent)
        held, answers = {_key(row): row for row in before["rows"]}, dict(before["said"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return Merged(rows, frozenset(typed), ())
    told: list[str] = []
    touched = set()
    for item in asked:
        if _same(item, typed.get(item.name), answers.get(item.name)):
            continue
        touched.add(item.name)
        if item.value != answers.get(item.name) and not _same(item, typed.get(item.name), item.value):
            told.append(f"{item.label} : {_short(said(item) or 'vidé')}")
    return Merged(_rows(held, rows, {_key(row): row for row in stored}, told), frozenset(touched), told)


def _rows(held: Mapping[str, Line], rows: Sequence[Line], stored: Mapping[str, Line], told: list[str]) -> list[Line]:
    """The lines that were typed, the stored ones in place of those as they were shown, then those that came since."""
    found: list[Line] = []
    spoken_for = set()
    for row in rows:
        key = _key(row)
        if key not in held and _filled(row).keys() <= {"category"}:
            continue
        now = _now(key, row, stored)
        spoken_for.add(_key(now) if now is not None else key)
        if key not in held or _filled(row) != _filled(held[key]):
            found.append({**row, "id": now["id"] if now is not None else ""})
            if now is not None and key in held and _filled(now) not in (_filled(held[key]), _filled(row)):
                told.append(f"Dépense {len(found)} : {_short(now['label'])}, {now['spent'] or '0'} €")
        elif now is not None:
            found.append(now)
    return found + [row for key, row in stored.items() if key not in spoken_for and key not in held]


def _now(key: str, row: Line, stored: Mapping[str, Line]) -> Line | None:
    """The stored line that this one speaks of: by its number, else by the budget line that it was proposed from."""
    if key in stored or not row.get("budget_line"):
        return stored.get(key)
    return next((one for one in stored.values() if one.get("budget_line") == row["budget_line"]), None)


def _key(row: Line) -> str:
    return row.get("id") or f"b{row.get('budget_line', '')}"


def _filled(row: Line) -> dict[str, str]:
    return {name: text for name, text in row.items() if text and name != "id"}


def _same(item: Input, typed: Any, value: Any) -> bool:
    """Whether what was typed says this stored value."""
    if typed in (None, ""):
        return value in (None, "")
    try:
        return bool(read((item,), {item.name: typed})[item.name] == value)
    except InvalidInput:
        return False


def _short(text: str) -> str:
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}…"
