"""Sealing everything again under the first key, so that a former one may be thrown away. It may be stopped anywhere.

`casework keys renew`, once the new key stands first in `data_keys`: what is already sealed with it is passed over,
so that a run that was interrupted is simply begun again, while the service goes on.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.db import Base, transaction
from casework.identities import Person, write_marks
from casework.sealed import Sealed, Vault, vault_in

BATCH = 200


def renew(sessions: sessionmaker[Session]) -> int:
    """Seal again what a former key sealed; answers how many rows changed."""
    return sum(_renew_table(sessions, table) for table in sealed_tables())


def remaining(session: Session) -> int:
    """How many rows still need a former key."""
    vault = vault_in(session)
    return sum(len(_former(vault, table, session.execute(_raw(table)).all())) for table in sealed_tables())


def sealed_tables() -> list[sa.Table]:
    """The tables that hold sealed columns; each has one number for a key."""
    return [table for table in Base.metadata.sorted_tables if _columns(table)]


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, Sealed)]


def _key(table: sa.Table) -> sa.Column[Any]:
    (key,) = table.primary_key.columns
    return key


def _raw(table: sa.Table) -> sa.Select[Any]:
    """The number of each row and what it holds, still sealed."""
    held = (sa.type_coerce(column, sa.LargeBinary).label(column.name) for column in _columns(table))
    return sa.select(_key(table), *held).order_by(_key(table))


def _former(vault: Vault, table: sa.Table, rows: Any) -> list[Any]:
    names = [column.name for column in _columns(table)]
    sealed = ((row, [getattr(row, name) for name in names]) for row in rows)
    return [row for row, values in sealed if any(value and not vault.is_current(bytes(value)) for value in values)]


def _renew_table(sessions: sessionmaker[Session], table: sa.Table) -> int:
    done, last = 0, 0
    while True:
        with transaction(sessions) as session:
            rows = session.execute(_raw(table).where(_key(table) > last).limit(BATCH).with_for_update()).all()
            for row in _former(vault_in(session), table, rows):
                _seal_again(session, table, row)
                done += 1
        if not rows:
            return done
        last = rows[-1][0]


def _seal_again(session: Session, table: sa.Table, row: Any) -> None:
    vault = vault_in(session)
    values = {
        column.name: vault.seal(vault.open(bytes(getattr(row, column.name)), column.type.place), column.type.place)
        for column in _columns(table)
        if isinstance(column.type, Sealed) and getattr(row, column.name) is not None
    }
    raw = sa.table(table.name, sa.column(_key(table).name), *(sa.column(name, sa.LargeBinary) for name in values))
    session.execute(sa.update(raw).where(raw.c[_key(table).name] == row[0]).values(values))
    if table.name == Person.__tablename__:
        write_marks(session, session.get_one(Person, row[0], populate_existing=True))
