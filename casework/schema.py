"""The schema of a database: brought up to date, or compared with what this version of the code expects."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations


def alembic_config() -> Config:
    """Alembic's configuration, without a file: the numbered migrations are packaged with the code."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def upgrade(engine: sa.Engine) -> None:
    """Apply every missing migration, each whole or not at all. Two processes that start together take turns."""
    config = alembic_config()
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def is_current(engine: sa.Engine) -> bool:
    """True when the database has exactly the migrations of this code. Reads only."""
    expected = set(ScriptDirectory.from_config(alembic_config()).get_heads())
    with engine.connect().execution_options(sqlite_begin="BEGIN") as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == expected
