"""Seal the situations of participants at entry, of which several may be true"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from casework.sealed import vault_of

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    with op.batch_alter_table("journey", schema=None) as batch_op:
        batch_op.add_column(sa.Column("publics", sa.LargeBinary(), nullable=True))
    _seal()
    with op.batch_alter_table("journey", schema=None) as batch_op:
        batch_op.alter_column("publics", existing_type=sa.LargeBinary(), nullable=False)
        batch_op.drop_constraint(batch_op.f("ck_journey_public"), type_="check")
        batch_op.drop_column("public")


def _seal() -> None:
    """Row by row, each with its own nonce. Raises casework.sealed.Unreadable without a key."""
    connection = op.get_bind()
    journey = sa.table("journey", sa.column("id"), sa.column("public"), sa.column("publics", sa.LargeBinary()))
    known = connection.execute(sa.select(journey.c.id, journey.c.public).order_by(journey.c.id)).all()
    wanted = sa.update(journey).where(journey.c.id == sa.bindparam("key")).values(publics=sa.bindparam("sealed"))
    if known:
        vault = vault_of(connection.dialect)
        rows = [{"key": key, "sealed": vault.seal(json.dumps([public]), "journey.publics")} for key, public in known]
        connection.execute(wanted, rows)


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
