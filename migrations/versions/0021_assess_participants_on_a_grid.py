"""Keep where participants stand on the grid of their scheme, at entry, midway and exit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("levels", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("handed_to", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", KEY, nullable=True),
        sa.CheckConstraint("stage IN ('entry', 'midway', 'exit', 'evaluation')", name=op.f("ck_assessment_stage")),
        sa.CheckConstraint("(handed_on IS NULL) = (handed_to = '')", name=op.f("ck_assessment_handed")),
        sa.CheckConstraint("handed_on IS NULL OR done_on <= handed_on", name=op.f("ck_assessment_handed_after")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_assessment_entered_by_id")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_assessment_journey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("journey_id", "stage", name=op.f("uq_assessment_journey_id_stage")),
    )
