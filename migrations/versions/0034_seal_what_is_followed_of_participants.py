"""Seal what is followed of participants, and what follows their exit"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from casework.sealed import vault_of

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    _seal("journey_fact", "choice", nullable=False)
    _seal("journey", "next_step", nullable=True)


def _seal(table: str, column: str, *, nullable: bool) -> None:
    """The same column, sealed row by row, each with its own nonce. Raises casework.sealed.Unreadable without a key."""
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    held = sa.table(table, sa.column("id"), sa.column(column), sa.column("sealed", sa.LargeBinary()))
    known = sa.select(held.c.id, held.c[column]).where(held.c[column].is_not(None)).order_by(held.c.id)
    place = f"{table}.{column}"
    rows = [{"key": key, "value": json.dumps(said, ensure_ascii=False)} for key, said in connection.execute(known)]
    if rows:
        vault = vault_of(connection.dialect)
        wanted = sa.update(held).where(held.c.id == sa.bindparam("key")).values(sealed=sa.bindparam("value"))
        connection.execute(wanted, [{**row, "value": vault.seal(row["value"], place)} for row in rows])
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_column(column)
        batch_op.alter_column("sealed", new_column_name=column, existing_type=sa.LargeBinary(), nullable=nullable)


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
