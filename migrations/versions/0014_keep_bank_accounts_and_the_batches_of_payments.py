"""Keep bank accounts and the batches of payments

What was ordered before keeps no account: it is paid as it stands, or cancelled and ordered again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework import bank, export_batches, money

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _create_bank_details()
    op.create_table(
        "export_batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by_id", KEY, nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("out_cents", sa.BigInteger(), nullable=False),
        sa.Column("back_cents", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["user_account.id"], name=op.f("fk_export_batch_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_batch")),
    )
    for column, table in (("bank_details_id", "bank_details"), ("export_batch_id", "export_batch")):
        _point_payments_to(column, table, dialect)
    op.create_index(op.f("ix_payment_export_batch_id"), "payment", ["export_batch_id"])
    op.create_index("ix_payment_order_reference", "payment", ["order_reference"])
    for statement in (*bank.guard_ddl(dialect), *export_batches.guard_ddl(dialect), *money.account_ddl(dialect)):
        op.execute(sa.text(statement))


def _point_payments_to(column: str, table: str, dialect: str) -> None:
    """SQLite adds the column in place: its triggers read this table, which is therefore not built again."""
    if dialect == "sqlite":
        reference = f"CONSTRAINT fk_payment_{column} REFERENCES {table} (id)"
        op.execute(sa.text(f"ALTER TABLE payment ADD COLUMN {column} INTEGER {reference}"))
        return
    op.add_column("payment", sa.Column(column, KEY, nullable=True))
    op.create_foreign_key(op.f(f"fk_payment_{column}"), "payment", table, [column], ["id"])


def _create_bank_details() -> None:
    op.create_table(
        "bank_details",
        sa.Column("id", KEY, nullable=False),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("holder", sa.String(length=140), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("proof_key", sa.String(length=80), nullable=False),
        sa.Column("proof_name", sa.String(length=200), nullable=False),
        sa.Column("proof_type", sa.String(length=100), nullable=False),
        sa.Column("proof_size", sa.BigInteger(), nullable=False),
        sa.Column("proof_digest", sa.String(length=64), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by_id", KEY, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("length(iban) BETWEEN 15 AND 34", name=op.f("ck_bank_details_iban")),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict IN ('confirmed', 'refused', 'withdrawn')", name=op.f("ck_bank_details_verdict")
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (decided_at IS NULL) AND (verdict IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_bank_details_decided"),
        ),
        sa.CheckConstraint(
            "verdict <> 'confirmed' OR decided_by_id <> entered_by_id", name=op.f("ck_bank_details_by_another")
        ),
        sa.CheckConstraint("verdict <> 'refused' OR reason <> ''", name=op.f("ck_bank_details_reason")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_bank_details_organisation_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_bank_details_entered_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user_account.id"], name=op.f("fk_bank_details_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_details")),
    )
    waiting = sa.text("decided_at IS NULL")
    op.create_index("ix_bank_details_organisation", "bank_details", ["organisation_id", "id"])
    op.create_index(
        "ix_bank_details_pending",
        "bank_details",
        ["organisation_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(op.f("ix_bank_details_proof_key"), "bank_details", ["proof_key"])
    op.create_table(
        "bank_look",
        sa.Column("id", KEY, nullable=False),
        sa.Column("bank_details_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.CheckConstraint("purpose IN ('check', 'proof', 'order', 'export')", name=op.f("ck_bank_look_purpose")),
        sa.ForeignKeyConstraint(["bank_details_id"], ["bank_details.id"], name=op.f("fk_bank_look_bank_details_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_bank_look_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_look")),
    )
    op.create_index("ix_bank_look_details", "bank_look", ["bank_details_id", "at"])
    op.create_index(op.f("ix_bank_look_user_id"), "bank_look", ["user_id"])


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
