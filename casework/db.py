"""The database: metadata, column types, engines and sessions. SQLite and PostgreSQL behave alike behind this file.

On SQLite a writer takes the write lock at BEGIN (`BEGIN IMMEDIATE`): a plain BEGIN upgraded later loses updates or
fails. `reading(session)` opens a transaction that will not write and takes no such lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from casework import sealed

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC. A naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Cents = sa.BigInteger()
Json = sa.JSON(none_as_null=True)


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The text of a CHECK constraint: this column holds one of these codes."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def make_engine(url: str, *, keys: str = "", pool_size: int = 10) -> sa.Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`, with the rules of this project applied.

    `keys`: those of the settings, without which what is sealed is neither read nor written (`casework.sealed`).

    Its errors never repeat the values of a statement: they end in logs, and values are what people typed.
    """
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    sqlite = sa.make_url(url).get_backend_name() == "sqlite"
    engine = _sqlite_engine(url) if sqlite else _postgres_engine(url, pool_size)
    sealed.give(engine, keys)
    return engine


def _postgres_engine(url: str, pool_size: int) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_use_lifo=True,
        json_serializer=_json,
        hide_parameters=True,
    )


def _sqlite_engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url, json_serializer=_json, hide_parameters=True, connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000", "synchronous=FULL"):
            connection.execute("PRAGMA " + pragma)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE"))

    return engine


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def make_sessions(engine: sa.Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


def reading(session: Session) -> Session:
    """Begin a transaction that only reads: on SQLite it takes no write lock. Call it before the first statement.

    PostgreSQL then refuses to write. End it with a commit: after a rollback psycopg forgets the statements that it had
    prepared, and planning them again takes longer than running them. A session over a transaction that its caller
    began (a rehearsal) goes on in that one.
    """
    if isinstance(session.get_bind(), sa.Engine):
        session.connection(execution_options={"sqlite_begin": "BEGIN", "postgresql_readonly": True})
    return session


@contextmanager
def transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One writing transaction: committed whole, or not at all."""
    with sessions() as session, session.begin():
        yield session


def lock(session: Session, model: type[Any], key: int) -> Any | None:
    """The row, locked for this transaction and read afresh; None when there is no such row.

    PostgreSQL takes a row lock (FOR UPDATE); SQLite already holds the write lock of BEGIN IMMEDIATE.
    """
    query = sa.select(model).where(model.id == key).with_for_update(of=model)
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
