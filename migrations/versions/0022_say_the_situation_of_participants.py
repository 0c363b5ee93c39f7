"""Say the situation of participants: levels of education and training, and their obstacles, sealed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "journey_details",
        sa.Column("journey_id", KEY, autoincrement=False, nullable=False),
        sa.Column("education", sa.String(length=10), nullable=True),
        sa.Column("training", sa.String(length=10), nullable=True),
        sa.Column("obstacles", sa.LargeBinary(), nullable=True),
        sa.Column("obstacles_left", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by_id", KEY, nullable=True),
        sa.CheckConstraint(
            "education IS NULL OR education IN ('none', 'lower', 'upper', 'higher')",
            name=op.f("ck_journey_details_education"),
        ),
        sa.CheckConstraint(
            "training IS NULL OR training IN ('none', '3', '4', '5', '6')", name=op.f("ck_journey_details_training")
        ),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_journey_details_journey_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["user_account.id"], name=op.f("fk_journey_details_said_by_id")),
        sa.PrimaryKeyConstraint("journey_id", name=op.f("pk_journey_details")),
    )
