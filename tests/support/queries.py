"""Counting what a page asks of the database: a page that runs a query per row is found by its first test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements sent to the database inside the block; transaction control is not counted."""
    statements: list[str] = []

    def _keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")):
            statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", _keep)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", _keep)
