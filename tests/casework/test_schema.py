"""The migrations make exactly the tables of the models, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session

from casework import schema
from casework.db import make_engine
from casework.models import metadata
from casework.people import Territory
from casework.schemes import SchemeVersion
from tests.support.databases import SharedDatabases


@pytest.fixture
def empty(database_kind: str, databases: SharedDatabases, tmp_path: Path) -> Iterator[sa.Engine]:
    url = databases.empty(database_kind, tmp_path)
    engine = make_engine(url)
    yield engine
    engine.dispose()
    databases.drop(url)


def test_an_empty_database_is_brought_up_to_date(empty: sa.Engine) -> None:
    assert not schema.is_current(empty)
    schema.upgrade(empty)
    assert schema.is_current(empty)


def test_upgrading_again_changes_nothing(engine: sa.Engine) -> None:
    schema.upgrade(engine)
    assert schema.is_current(engine)


def test_the_migrations_make_what_the_models_say(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    drift = [str(difference)[:150] for difference in differences]
    assert drift == [], "a model changed: write its migration with `make migration`"


def test_foreign_keys_are_held_after_an_upgrade(engine: sa.Engine) -> None:
    schema.upgrade(engine)
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.text("INSERT INTO role_grant (user_id, role) VALUES (4242, 'manager')"))


def test_every_test_starts_from_the_nine_territories_and_the_sixteen_sheets(session: Session) -> None:
    assert session.scalar(sa.select(sa.func.count(Territory.id))) == 9
    assert session.scalar(sa.select(sa.func.count(SchemeVersion.id))) == 16
