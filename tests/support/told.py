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
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from casework.settings import Settings
from tests.support.databases import SharedDatabases

Key = tuple[Any, ...]
MOST = 300
TIMES = {"sqlite": 1, "postgresql": 2}
_READS = re.compile(r"\s*(SELECT|WITH|PRAGMA|BEGIN|SHOW|SET)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Kept:
    """A database as a story left it, with its files; which case it told, and when it ends."""

    database: str
    files: Path
    case_id: int
    updated_at: datetime


class Told:
    """What was told in one database since its people are there. `clean`: nothing else was written."""

    kept: ClassVar[dict[Key, Kept]] = {}
    asked: ClassVar[Counter[Key]] = Counter()

    def __init__(self, engine: sa.Engine, settings: Settings, *, clean: bool) -> None:
        self.engine, self.settings, self.clean = engine, settings, clean
        self.key: Key = (engine.dialect.name, replace(settings, files_dir="", database_url=""))
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
            self._give_back(known)
            return known.case_id, known.updated_at
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
        shared = SharedDatabases.current
        self.engine.dispose()
        database = shared.keep(self._url)
        files = shared.folder / f"files-{Path(database).stem}"
        if Path(self.settings.files_dir).exists():
            shutil.copytree(self.settings.files_dir, files)
        self.kept[self.key] = Kept(database, files, case_id, updated_at)

    def _give_back(self, known: Kept) -> None:
        self.engine.dispose()
        SharedDatabases.current.restore(self._url, known.database)
        if known.files.exists():
            shutil.copytree(known.files, self.settings.files_dir, dirs_exist_ok=True)

    @property
    def _url(self) -> str:
        return self.engine.url.render_as_string(hide_password=False)
