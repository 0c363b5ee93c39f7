"""Read what waits along indexes, and the payments of a case without those of the others"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework import money

revision = "0003"
down_revision = "0002"

OTHER_CHANNEL = sa.text("channel <> 'casework'")
REVERSED = sa.text("reversed_by_id IS NOT NULL")
TRIGGERS = ("payment_within_grant", "convention_covers_payments", "payment_unchanged", "payment_kept")


def upgrade() -> None:
    op.create_index(
        "ix_application_waiting", "application", ["officer_id", "state", "due_on", "state_since", "id"], unique=False
    )
    op.create_index(
        "ix_application_received",
        "application",
        ["officer_id", "state"],
        unique=False,
        sqlite_where=OTHER_CHANNEL,
        postgresql_where=OTHER_CHANNEL,
    )
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_payments()
    else:
        op.drop_constraint(op.f("uq_payment_reversed_by_id"), "payment", type_="unique")
    op.create_index(
        "ix_payment_reversed_by",
        "payment",
        ["reversed_by_id"],
        unique=True,
        sqlite_where=REVERSED,
        postgresql_where=REVERSED,
    )


def _rebuild_payments() -> None:
    """SQLite copies the table to drop a constraint: its triggers, and the one that reads it, are made again."""
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table("payment") as batch:
        batch.drop_constraint(op.f("uq_payment_reversed_by_id"), type_="unique")
    for statement in money.guard_ddl("sqlite"):
        op.execute(statement)
