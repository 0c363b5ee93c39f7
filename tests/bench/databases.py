"""The databases of one run: cases told once on SQLite, then as many copies as each measure wants, on each engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.bench import data
from tests.support import template
from tests.support.databases import SharedDatabases
from tests.support.postgres import Server
from workflows.stories import Plan

AS_IN_PRODUCTION = "-c shared_buffers=256MB -c random_page_cost=1.1"
"""Writes reach the disk, unlike those of the server of the tests."""


class Databases:
    """`plans`: the cases that are told, and then copied."""

    def __init__(self, folder: Path, plans: Sequence[Plan]) -> None:
        self.folder, self.plans = folder, plans
        self.shared = SharedDatabases(folder)
        self.shared.server = Server(folder / "pg", AS_IN_PRODUCTION)
        self._told: str | None = None

    @classmethod
    @contextmanager
    def opened(cls, plans: Sequence[Plan]) -> Iterator[Databases]:
        """Databases that are gone, with their server, at the end of the block."""
        folder = Path(tempfile.mkdtemp(prefix="casework-bench-", dir="/tmp"))
        folder.chmod(0o755)
        databases = cls(folder, plans)
        try:
            yield databases
        finally:
            databases.shared.close()
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def told(self) -> str:
        """The SQLite database of the cases told, not multiplied."""
        if self._told is None:
            self._told = self.shared.new("sqlite", self._tell, self.folder)
        return self._told

    def new(self, kind: str, cases: int) -> str:
        """The URL of a new database (`sqlite` or `postgres`) of that many cases."""
        told = self.told
        fill = self._tell if kind == "sqlite" else lambda engine: data.transfer(told, engine)
        url = self.shared.new(kind, fill, self.folder)
        data.multiply(url, cases)
        return url

    def _tell(self, engine: sa.Engine) -> None:
        template.fill(engine)
        data.tell(engine, self.folder / "files", self.plans)
