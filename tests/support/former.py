"""A filled database of a former version of the service, and what a database is made of: to prove that upgrades keep it.

`tests/casework/former/NNNN/` is what the service of migration NNNN held: `rows.sql`, the same for both databases, and
where `sqlite.sql` and `postgres.sql` stand beside it, the schema as that service really made it; elsewhere the schema
is what the migrations up to there make today.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from casework import schema

Rows = dict[str, list[dict[str, Any]]]
FORMER = Path(__file__).parents[1] / "casework" / "former"
REVISIONS = tuple(sorted(folder.name for folder in FORMER.iterdir()))

_MADE_OF = {
    "sqlite": "SELECT type, name, COALESCE(sql, '') FROM sqlite_master",
    "postgresql": """
    SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length,
      is_nullable, column_default, identity_generation) FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', c.relname || '.' || conname, pg_get_constraintdef(o.oid)
      FROM pg_constraint o JOIN pg_class c ON c.oid = conrelid
      WHERE relnamespace = to_regnamespace('public') AND contype <> 'n'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger', c.relname || '.' || tgname, pg_get_triggerdef(t.oid)
      FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = to_regnamespace('public')
    """,
}
_CASTS = re.compile(r"::(character varying|text)(\[\])?|[()\s\"]")


def restore(engine: sa.Engine, revision: str) -> None:
    """Fill an empty database with what the service of this migration held."""
    folder, dialect = FORMER / revision, engine.dialect.name
    made = folder / ("sqlite.sql" if dialect == "sqlite" else "postgres.sql")
    if made.exists():
        _run(engine, made.read_text(encoding="utf-8"))
    else:
        config = schema.alembic_config()
        config.attributes["engine"] = engine
        command.upgrade(config, revision)
        _run(engine, "DELETE FROM convention_template")
    rows = (folder / "rows.sql").read_text(encoding="utf-8")
    _run(engine, rows if dialect == "sqlite" else re.sub(r"\bX'([0-9a-f]*)'", r"'\\x\1'", rows))
    if dialect != "sqlite":
        _run(engine, _SEQUENCES_FOLLOW)


def made_of(engine: sa.Engine) -> dict[tuple[str, str], str]:
    """Every table, column, constraint, index, trigger and function: what the database says of it, by kind and name.

    PostgreSQL says a check with other casts and brackets once it comes from a backup: they are left out. SQLite keeps
    the constraints of a table in the order in which it was last made again: they are sorted.
    """
    with engine.connect() as connection:
        found = connection.exec_driver_sql(_MADE_OF[engine.dialect.name]).all()
    return {(kind, name): _plain(kind, text) for kind, name, text in found}


def guards_of(engine: sa.Engine) -> set[str]:
    """The triggers by which the database itself refuses."""
    return {name for kind, name in made_of(engine) if kind == "trigger"}


def _plain(kind: str, text: str) -> str:
    bare = _CASTS.sub("", text)
    return ",".join(sorted(bare.split(","))) if kind == "table" else bare


def lost(before: Rows, after: Rows, apart: Collection[str] = ()) -> list[str]:
    """What is no longer said as it was, one line each: tables, columns, rows, values. More may be said.

    `apart`: the columns, as "table.column", that a migration moves on purpose.
    """
    found = [f"table {name}" for name in before if name not in after]
    for name in before.keys() & after.keys():
        columns = [column for column in before[name][0] if f"{name}.{column}" not in apart]
        known = [column for column in columns if after[name] and column in after[name][0]]
        found += [f"column {name}.{column}" for column in columns if column not in known]
        said = [{column: row[column] for column in known} for row in after[name]]
        kept = [{column: row[column] for column in known} for row in before[name]]
        found += [f"row of {name}: {row}" for row in kept if row not in said]
    return sorted(found)


def rows_of(engine: sa.Engine) -> Rows:
    """Every row of every table, as the database keeps it, whatever the version (which is not one of them)."""
    known = sa.MetaData()
    known.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(_as_kept(table)).mappings()]
            for table in known.tables.values()
            if table.name != "alembic_version"
        }


def _as_kept(table: sa.Table) -> sa.Select[Any]:
    """Without types: nothing is converted on the way."""
    columns = (sa.column(column.name) for column in table.columns)
    return sa.select(*columns).select_from(table).order_by(*table.primary_key.columns)


def _run(engine: sa.Engine, script: str) -> None:
    """Several statements at once, as a backup is restored: by the driver, which takes them whole."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if engine.dialect.name == "sqlite":
            driver.executescript(f"BEGIN; {script}; COMMIT")
            return
        driver.execute("SET TIME ZONE 'UTC'")
        driver.execute(script)
        driver.commit()


_SEQUENCES_FOLLOW = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT table_name AS held FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'id' AND pg_get_serial_sequence(table_name, 'id') IS NOT NULL
  LOOP EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), max(id)) FROM %I', one.held, one.held);
  END LOOP; END $$
"""
