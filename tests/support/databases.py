"""One database per test, cloned from a template that is made once for all the workers of a test session.

The journal is append-only: a used database cannot be emptied, so each test that commits has its own.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from casework.db import Base, make_engine
from tests.support.postgres import DatabaseUnavailable, Server
from tests.support.template import KEYS

KINDS = ("sqlite", "postgres")
Fill = Callable[[sa.Engine], None]


class SharedDatabases:
    """The template of each kind, in a folder that the workers of one session share. `current`: this process's."""

    current: SharedDatabases

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Server(folder / "pg")
        self.prefix = f"casework_test_{folder.name.rpartition('-')[2].lower()}"

    @classmethod
    def create(cls) -> SharedDatabases:
        folder = Path(tempfile.mkdtemp(prefix="casework-tests-", dir="/tmp"))
        folder.chmod(0o755)
        return cls(folder)

    def new(self, kind: str, fill: Fill, folder: Path) -> str:
        """The URL of a new database of this kind, cloned from the template (made now by the first who asks)."""
        if kind == "sqlite":
            path = folder / f"{secrets.token_hex(4)}.db"
            shutil.copyfile(self._sqlite_template(fill), path)
            return f"sqlite:///{path}"
        template = self._postgres_template(fill)
        name = f"{self.prefix}_{secrets.token_hex(4)}"
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self._url(name)

    def empty(self, kind: str, folder: Path) -> str:
        """The URL of a new database without any table."""
        if kind == "sqlite":
            return f"sqlite:///{folder / f'{secrets.token_hex(4)}.db'}"
        self._start()
        name = f"{self.prefix}_{secrets.token_hex(4)}"
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self._url(name)

    def drop(self, url: str) -> None:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "postgresql":
            self._administer(f'DROP DATABASE IF EXISTS "{parsed.database}" WITH (FORCE)')
        elif parsed.database:
            for suffix in ("", "-wal", "-shm"):
                Path(parsed.database + suffix).unlink(missing_ok=True)

    def keep(self, url: str) -> str:
        """A copy of this database, to which nobody is connected; `restore` gives it back in its place."""
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "postgresql":
            name = f"{self.prefix}_{secrets.token_hex(4)}"
            self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{parsed.database}" STRATEGY FILE_COPY')
            return name
        path = self.folder / f"{secrets.token_hex(4)}.db"
        shutil.copyfile(str(parsed.database), path)
        return str(path)

    def restore(self, url: str, kept: str) -> None:
        """Put a copy that was kept in the place of this database, to which nobody is connected."""
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "postgresql":
            self._administer(f'DROP DATABASE "{parsed.database}"')
            self._administer(f'CREATE DATABASE "{parsed.database}" TEMPLATE "{kept}" STRATEGY FILE_COPY')
        else:
            shutil.copyfile(kept, str(parsed.database))

    def close(self) -> None:
        """Leave nothing behind: our server is stopped; on a lent one, our databases are dropped."""
        if _lent() and (self.folder / "postgres.ready").exists():
            self.drop(self._url(f"{self.prefix}_template"))
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sqlite_template(self, fill: Fill) -> Path:
        path = self.folder / "template.db"
        with self._once("sqlite") as first:
            if first:
                _fill(f"sqlite:///{path}", fill)
        return path

    def _postgres_template(self, fill: Fill) -> str:
        self._start()
        name = f"{self.prefix}_template"
        with self._once("postgres") as first:
            if first:
                self._administer(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
                _fill(self._url(name), fill)
        return name

    def _start(self) -> None:
        if _lent():
            return
        with self._once("server") as first:
            if first:
                self.server.start()

    @contextmanager
    def _once(self, what: str) -> Iterator[bool]:
        """True for the first who comes, among all the processes; the others wait until it is done, then get False."""
        with (self.folder / f"{what}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.folder / f"{what}.ready"
            failed = self.folder / f"{what}.failed"
            if failed.exists():
                raise DatabaseUnavailable(failed.read_text(encoding="utf-8"))
            try:
                yield not done.exists()
            except Exception as error:
                failed.write_text(str(error), encoding="utf-8")
                raise
            done.touch()

    def _url(self, database: str) -> str:
        if lent := _lent():
            url = sa.make_url(lent).set(drivername="postgresql+psycopg", database=database)
            return url.render_as_string(hide_password=False)
        return self.server.url.format(database=database)

    def _administer(self, statement: str) -> None:
        lent = _lent()
        url = sa.make_url(lent).set(drivername="postgresql+psycopg") if lent else self._url("postgres")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def everything(engine: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, to see that nothing changed."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def _lent() -> str | None:
    return os.environ.get("CASEWORK_TEST_POSTGRES")


def _fill(url: str, fill: Fill) -> None:
    engine = make_engine(url, keys=KEYS)
    fill(engine)
    engine.dispose()
