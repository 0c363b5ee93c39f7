"""Stories that are told often are told once: the database that they leave is kept, and given back to the next test.

Only what nobody can tell from a story told anew is given back: the test's own database, in which nothing was written
but these very stories, by the same people, and to which nobody is connected.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.settings import Settings
from tests.support import people
from tests.support.databases import SharedDatabases

Key = tuple[Any, ...]
World = TypeVar("World")
Tell = Callable[[sessionmaker[Session], Settings, FixedClock], World]
MOST = 300
TIMES = {"sqlite": 1, "postgresql": 2}
_READS = re.compile(r"\s*(SELECT|WITH|PRAGMA|BEGIN|SHOW|SET)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Kept:
    """A copy of a database as a story left it, and of its files."""

    database: str
    files: Path

    @classmethod
    def of(cls, engine: sa.Engine, settings: Settings) -> Kept:
        """What is in this database now; nobody is connected to it."""
        shared = SharedDatabases.current
        engine.dispose()
        database = shared.keep(_url(engine))
        files = shared.folder / f"files-{Path(database).stem}"
        if Path(settings.files_dir).exists():
            shutil.copytree(settings.files_dir, files)
        return cls(database, files)

    def give_back(self, engine: sa.Engine, settings: Settings) -> None:
        """Put it in the place of this database, to which nobody is connected."""
        engine.dispose()
        SharedDatabases.current.restore(_url(engine), self.database)
        if self.files.exists():
            shutil.copytree(self.files, settings.files_dir, dirs_exist_ok=True)


def told_once(tell: Tell[World]) -> Tell[World]:
    """A world of plain values, told in a new database by the first test that asks, and copied for the next ones."""
    kept: dict[Key, tuple[Kept, World, datetime, int]] = {}

    @wraps(tell)
    def give(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
        engine: sa.Engine = sessions.kw["bind"]
        key = _place(engine, settings)
        if key not in kept:
            world = tell(sessions, settings, clock)
            kept[key] = Kept.of(engine, settings), world, clock.now(), people.last_number()
            return world
        copy, world, now, number = kept[key]
        copy.give_back(engine, settings)
        clock.move_to(now)
        people.start_again(number)
        return world

    return give


class Told:
    """What was told in one database since its people are there. `clean`: nothing else was written."""

    kept: ClassVar[dict[Key, tuple[Kept, int, datetime]]] = {}
    asked: ClassVar[Counter[Key]] = Counter()

    def __init__(self, engine: sa.Engine, settings: Settings, *, clean: bool) -> None:
        self.engine, self.settings, self.clean = engine, settings, clean
        self.key: Key = _place(engine, settings)
        self._telling = False
        sa.event.listen(engine, "before_cursor_execute", self._seen)

    def _seen(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not self._telling and not _READS.match(statement):
            self.clean = False

    def tell(self, key: Key, story: Callable[[], tuple[int, datetime]]) -> tuple[int, datetime]:
        """The case and its last instant: from what was kept when it can be, else by telling the story."""
        self.key = (*self.key, key)
        usable = self.clean and self._alone()
        known = self.kept.get(self.key) if usable else None
        if known is not None:
            copy, case_id, updated_at = known
            copy.give_back(self.engine, self.settings)
            return case_id, updated_at
        self._telling = True
        try:
            case_id, updated_at = story()
        finally:
            self._telling = False
        if usable and self._alone():
            self._keep(case_id, updated_at)
        return case_id, updated_at

    def _alone(self) -> bool:
        return bool(self.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]

    def _keep(self, case_id: int, updated_at: datetime) -> None:
        """A copy of a file costs nothing; one of PostgreSQL is made from the second time on."""
        self.asked[self.key] += 1
        if self.asked[self.key] < TIMES[self.engine.dialect.name] or len(self.kept) >= MOST:
            return
        self.kept[self.key] = Kept.of(self.engine, self.settings), case_id, updated_at


def _place(engine: sa.Engine, settings: Settings) -> Key:
    return engine.dialect.name, replace(settings, files_dir="", database_url="")


def _url(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)
