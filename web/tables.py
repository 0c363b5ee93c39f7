"""The rows of a data table. A list has hundreds of cells: joining them here takes a fifth of what a macro does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape


def table_rows(rows: Iterable[Sequence[Any]], head: Sequence[Any]) -> Markup:
    """Each cell under its column of `head` (see the macro `table`); the first one names the row."""
    drawn = []
    opened = [_opened(column, rank) for rank, column in enumerate(head)]
    closed = ["</th>" if rank == 0 else "</td>" for rank in range(len(head))]
    for row in rows:
        cells = (f"{before}{escape(cell)}{after}" for before, cell, after in zip(opened, row, closed, strict=False))
        drawn.append(f'<tr role="row">{"".join(cells)}</tr>')
    return Markup("\n".join(drawn))  # noqa: S704


def _opened(column: Any, rank: int) -> str:
    told = isinstance(column, Mapping)
    label = escape(column["label"] if told else column)
    number = ' class="num"' if told and column.get("num") else ""
    tag = 'th scope="row" role="rowheader"' if rank == 0 else 'td role="cell"'
    return f'<{tag} data-label="{label}"{number}>'
