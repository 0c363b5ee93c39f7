"""Fixtures shared by every test: both databases, a session, a clock that stands still, settings.

A test that uses a database runs on SQLite and on PostgreSQL. `@pytest.mark.database("sqlite")` keeps one of them,
where the database is not what is tested; `--database=sqlite` runs one only, on a machine without the other.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import make_sessions
from casework.settings import Settings
from tests.support import template
from tests.support.databases import KINDS, SharedDatabases
from tests.support.engines import Movable
from tests.support.postgres import DatabaseUnavailable

SHARED = pytest.StashKey[SharedDatabases]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=(*KINDS, "both"), default="both", help="run on one database only")


def pytest_configure(config: pytest.Config) -> None:
    os.fsync = lambda descriptor: None  # no test cuts the power of the machine, and waiting for the disk is long
    config.addinivalue_line("markers", 'database(kind): run on this database only ("sqlite" or "postgres")')
    if os.environ.get("CI") == "true" and config.getoption("--database") != "both":
        raise pytest.UsageError("en intégration continue, les tests passent sur les deux bases")
    folder = getattr(config, "workerinput", {}).get("casework_folder")
    config.stash[SHARED] = SharedDatabases(Path(folder)) if folder else SharedDatabases.create()
    SharedDatabases.current = config.stash[SHARED]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long lives in a browser begin: at the end, one worker would play the last while the others wait."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected stays: looking for garbage in it, again and again, took a tenth of the run."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["casework_folder"] = str(node.config.stash[SHARED].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    shared = config.stash.get(SHARED, None)
    if shared is not None and not hasattr(config, "workerinput"):
        shared.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("database")
    chosen = metafunc.config.getoption("--database")
    kinds = (marker.args[0],) if marker else KINDS if chosen == "both" else (chosen,)
    metafunc.parametrize("database_kind", kinds, scope="session", indirect=True)


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`."""
    return str(request.param)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> SharedDatabases:
    return request.config.stash[SHARED]


@pytest.fixture(scope="session")
def _rolled_back_engine(
    database_kind: str, databases: SharedDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    url = _new(databases, database_kind, tmp_path_factory.mktemp("shared"))
    engine = Movable(database_kind).on(url)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def database_url(database_kind: str, databases: SharedDatabases, tmp_path: Path) -> str:
    """A database of this test's own: migrated, with the territories and the sixteen sheets."""
    return _new(databases, database_kind, tmp_path)


@pytest.fixture(scope="session")
def _engine_of_tests(database_kind: str) -> Iterator[Movable]:
    moved = Movable(database_kind)
    yield moved
    moved.engine.dispose()


@pytest.fixture
def engine(database_url: str, databases: SharedDatabases, _engine_of_tests: Movable) -> Iterator[sa.Engine]:
    """An engine on this test's own database, which is dropped at the end."""
    yield _engine_of_tests.on(database_url)
    _engine_of_tests.engine.dispose()
    databases.drop(database_url)


@pytest.fixture
def sessions(engine: sa.Engine) -> sessionmaker[Session]:
    """Sessions that really commit, on this test's own database."""
    return make_sessions(engine)


@pytest.fixture
def session(request: pytest.FixtureRequest, database_kind: str) -> Iterator[Session]:
    """A writing session, rolled back at the end: `commit()` keeps nothing beyond the test.

    On the worker's own database, which is quick; on the test's own one when the test also asks for `engine`.
    """
    name = "engine" if "engine" in request.fixturenames else "_rolled_back_engine"
    engine: sa.Engine = request.getfixturevalue(name)
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        if transaction.is_active:
            transaction.rollback()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(template.NOW)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Quick password hashing; files in the test's own folder."""
    return Settings(
        database_url="sqlite://",
        files_dir=str(tmp_path / "files"),
        secret_key="a key that only the tests know",
        data_keys=template.KEYS,
        password_time_cost=1,
        password_memory_kib=8,
        secure_cookies=False,
    )


def _new(databases: SharedDatabases, kind: str, folder: Path) -> str:
    try:
        return databases.new(kind, template.fill, folder)
    except DatabaseUnavailable as unavailable:
        reason = str(unavailable)
    pytest.fail(reason, pytrace=False)
