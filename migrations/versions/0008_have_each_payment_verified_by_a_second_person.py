"""Have each payment verified by a second person

What was paid before stays as it is; what was ordered and not yet paid waits to be verified.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework import money

revision = "0008"
down_revision = "0007"

TRIGGERS = ("payment_within_grant", "convention_covers_payments", "payment_unchanged", "payment_kept")
INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table("payment") as batch:
        batch.add_column(sa.Column("verified_at", INSTANT, nullable=True))
        batch.add_column(sa.Column("verified_by_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_payment_verified_by_id"), "user_account", ["verified_by_id"], ["id"])
        batch.create_check_constraint(
            op.f("ck_payment_four_eyes"), "verified_by_id IS NULL OR verified_by_id <> ordered_by_id"
        )
        batch.create_check_constraint(op.f("ck_payment_verified"), "(verified_at IS NULL) = (verified_by_id IS NULL)")
    if dialect == "sqlite":
        for statement in money.guard_ddl(dialect):
            op.execute(statement)
    for statement in money.four_eyes_ddl(dialect):
        op.execute(statement)
