"""Keep the hours of social clauses (3.1) and the actions for a network (3.13)"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0029"
down_revision = "0028"

CLAUSES = "clause IN ('execution', 'criterion', 'reserved', 'insertion')"
CONTRACTS = (
    "contract IN ('secondment', 'insertion', 'fixed', 'permanent', 'temporary', 'apprenticeship', 'professional', "
    "'other')"
)


def upgrade() -> None:
    op.create_table(
        "clause_hours",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("orderer", sa.String(length=120), nullable=False),
        sa.Column("market", sa.String(length=160), nullable=False),
        sa.Column("clause", sa.String(length=20), nullable=False),
        sa.Column("company", sa.String(length=120), nullable=False),
        sa.Column("contract", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by_id", KEY, nullable=True),
        sa.CheckConstraint(CLAUSES, name=op.f("ck_clause_hours_clause")),
        sa.CheckConstraint(CONTRACTS, name=op.f("ck_clause_hours_contract")),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_clause_hours_dates")),
        sa.CheckConstraint("minutes > 0 AND minutes <= 180000", name=op.f("ck_clause_hours_minutes")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_clause_hours_journey_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_clause_hours_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_hours")),
    )
    op.create_index("ix_clause_hours_journey", "clause_hours", ["journey_id", "starts_on"])
    op.create_table(
        "network_action",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("met", sa.String(length=300), nullable=False),
        sa.Column("structures", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by_id", KEY, nullable=True),
        sa.CheckConstraint("minutes >= 0 AND minutes <= 44640", name=op.f("ck_network_action_minutes")),
        sa.CheckConstraint("reached >= 0 AND structures >= 0", name=op.f("ck_network_action_counts")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_network_action_application_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_network_action_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_action")),
    )
    op.create_index("ix_network_action_application", "network_action", ["application_id", "done_on", "id"])


def downgrade() -> None:
    op.drop_table("network_action")
    op.drop_table("clause_hours")
