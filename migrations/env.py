"""How Alembic runs here: on the engine it is given, else on the database of the settings.

On SQLite a table is changed by copying it, and dropping the old one would delete the rows that refer to it: foreign
keys are off while it is done, and every reference is checked before the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from casework.db import Instant, make_engine
from casework.models import metadata
from casework.settings import load

UPGRADE_LOCK = 620_2024
INSTANT = ("INSTANT", "sa.DateTime(timezone=True)")
KEY = ("KEY", 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")')


def render_item(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Migrations stand alone: our types are written as what the database keeps, under a short name."""
    if kind != "type" or not isinstance(item, Instant | sa.BigInteger):
        return False
    if isinstance(item, sa.BigInteger) and "sqlite" not in item._variant_mapping:
        return False
    name, definition = INSTANT if isinstance(item, Instant) else KEY
    autogenerate.imports.add(f"{name} = {definition}")
    return name


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=context.config.attributes.get("batch", True),
        render_item=render_item,
        transactional_ddl=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            refuse_broken_references(connection)


def refuse_broken_references(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"the migration breaks references: {broken[:10]}")


@contextmanager
def foreign_keys_off(connection: sa.Connection) -> Iterator[None]:
    """SQLite ignores this pragma inside a transaction: it goes to the driver, before SQLAlchemy begins one."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def main() -> None:
    engine = context.config.attributes.get("engine")
    own = engine is None
    if own:
        settings = load()
        engine = make_engine(settings.database_url, keys=settings.data_keys)
    try:
        with engine.connect() as connection, foreign_keys_off(connection):
            run(connection)
    finally:
        if own:
            engine.dispose()


main()
