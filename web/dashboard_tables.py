"""The tables of a dashboard ready to be drawn: cells as they are read, bars beside them, two days side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from casework.french import short_month
from web.charts import Chart, chart, lengths
from workflows.application.dashboard_documents import cells, is_number, said
from workflows.rules.dashboard import Table

TILES = "people"
CHARTED = "months"


def drawn_tables(tables: Sequence[Table]) -> dict[str, Any]:
    """What the page shows: the main figures, the chart of the months, every table."""
    return {
        "tiles": [(said("people", row[1]), row[0]) for table in tables if table.key == TILES for row in table.rows[:4]],
        "chart": next((_chart(table) for table in tables if table.key == CHARTED), None),
        "tables": [_drawn(table) for table in tables],
    }


def _drawn(table: Table) -> dict[str, Any]:
    rows = [cells(table, row) for row in table.rows]
    drawn: list[list[Any]] = [list(row) for row in rows]
    if table.bars is not None:
        place = table.bars + 1
        for row, length in zip(drawn, lengths([row[place] for row in table.rows]), strict=True):
            row[place] = _bar(row[place], length)
    head = [table.first, *({"label": column.label, "num": is_number(column)} for column in table.shown)]
    return {"key": table.key, "title": table.title, "head": head, "rows": drawn, "wide": len(head) > 5}


def _bar(text: str, length: int) -> Markup:
    drawing = (
        f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect width="{length}" height="8"/></svg>'
    )
    return Markup(f"{escape(text)} {drawing}")  # noqa: S704


def _chart(table: Table) -> Chart | None:
    place = table.bars or 0
    column = table.columns[place]
    points = [(_short(str(row[0])), row[place + 1], said(column.unit, row[place + 1])) for row in table.rows]
    return chart(f"Personnes {column.label.lower()} chaque mois", points)


def _short(month: str) -> str:
    """« janvier 2024 » as « janv. 24 »."""
    name, _, year = month.partition(" ")
    return f"{short_month(name)} {year[-2:]}"


def compared(then: Sequence[Table], now: Sequence[Table]) -> list[dict[str, Any]]:
    """Each table as it was sent; a figure that has changed since then says under it what it is today."""
    today = {table.key: table for table in now}
    return [_since(table, today.get(table.key)) for table in then]


def _since(then: Table, now: Table | None) -> dict[str, Any]:
    current = {str(row[0]): cells(now, row) for row in now.rows} if now is not None else {}
    numbers = {rank for rank, column in enumerate(then.shown, start=1) if is_number(column)}
    head = [then.first, *({"label": column.label, "num": is_number(column)} for column in then.shown)]
    rows = [_changed(cells(then, row), current.pop(str(row[0]), None), numbers) for row in then.rows]
    absent = ["–"] * len(then.shown)
    rows += [_changed([name, *absent], row, numbers) for name, row in current.items() if numbers]
    return {"key": then.key, "title": then.title, "head": head, "rows": rows, "wide": len(head) > 5}


def _changed(then: Sequence[str], now: Sequence[str] | None, numbers: set[int]) -> list[str | Markup]:
    """A row of what was sent. `now`: the same row today, None when there is none any more."""
    found: list[str | Markup] = []
    for rank, cell in enumerate(then):
        today = now[rank] if now is not None and rank < len(now) else "–"
        same = rank not in numbers or today == cell
        found.append(cell if same else Markup('{}<br><span class="soft">aujourd’hui {}</span>').format(cell, today))
    return found
