"""One engine for all the tests of a worker: each has its own database, and none compiles again what was compiled."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework import sealed
from casework.db import make_engine
from tests.support.template import KEYS

_ANYWHERE = {"sqlite": "sqlite:///absent.db", "postgres": "postgresql+psycopg://absent/absent"}


class Movable:
    """An engine that connects to one database after the other. It has one kind of database, and is at one place."""

    def __init__(self, kind: str) -> None:
        self.engine = make_engine(_ANYWHERE[kind])
        sa.event.listen(self.engine, "do_connect", self._connect)
        if kind == "sqlite":
            sa.event.listen(self.engine, "connect", _hurry)

    def on(self, url: str) -> sa.Engine:
        """The engine, on this database from now on; what is listened to there is forgotten with it."""
        self.engine.dispose()
        self.engine.url = sa.make_url(url)
        sealed.give(self.engine, KEYS)
        return self.engine.execution_options()

    def _connect(self, dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        arguments[:], named = dialect.create_connect_args(self.engine.url)
        for name in ("host", "port", "user", "password", "dbname"):
            options.pop(name, None)
        options.update(named)


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
