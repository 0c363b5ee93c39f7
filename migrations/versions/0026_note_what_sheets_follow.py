"""Note what each sheet follows for its participants, as dated facts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "journey_fact",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("track", sa.String(length=30), nullable=False),
        sa.Column("choice", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("marked", sa.Boolean(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", KEY, nullable=True),
        sa.CheckConstraint(
            "status IN ('noted', 'proposed', 'obtained', 'dropped')", name=op.f("ck_journey_fact_status")
        ),
        sa.CheckConstraint(
            "(status IN ('obtained', 'dropped')) = (settled_on IS NOT NULL)", name=op.f("ck_journey_fact_settled")
        ),
        sa.CheckConstraint("settled_on IS NULL OR since_on <= settled_on", name=op.f("ck_journey_fact_dates")),
        sa.CheckConstraint(
            "minutes IS NULL OR (minutes > 0 AND minutes <= 10080)", name=op.f("ck_journey_fact_minutes")
        ),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_journey_fact_journey_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_journey_fact_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_fact")),
    )
    op.create_index(
        "ix_journey_fact_stage",
        "journey_fact",
        ["journey_id", "track", "since_on"],
        unique=True,
        sqlite_where=sa.text("status = 'noted'"),
        postgresql_where=sa.text("status = 'noted'"),
    )
    op.create_index("ix_journey_fact_journey", "journey_fact", ["journey_id", "since_on"])
