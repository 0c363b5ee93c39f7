"""Date the steps of a journey"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("journey") as batch:
        for name in ("hired_on", "trial_ends_on", "college_entered_on", "college_left_on"):
            batch.add_column(sa.Column(name, sa.Date(), nullable=True))
        batch.create_check_constraint(op.f("ck_journey_trial"), "trial_ends_on IS NULL OR hired_on <= trial_ends_on")
        batch.create_check_constraint(
            op.f("ck_journey_college"), "college_left_on IS NULL OR college_entered_on <= college_left_on"
        )
    with op.batch_alter_table("deadline") as batch:
        batch.add_column(sa.Column("journey_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_deadline_journey_id"), "journey", ["journey_id"], ["id"])
        batch.create_index(op.f("ix_deadline_journey_id"), ["journey_id"], unique=False)
    op.create_table(
        "journey_milestone",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("in_work", sa.Boolean(), nullable=True),
        sa.CheckConstraint("code IN ('trial_end', 'six_months', 'midway')", name=op.f("ck_journey_milestone_code")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_journey_milestone_journey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_milestone")),
        sa.UniqueConstraint("journey_id", "code", name=op.f("uq_journey_milestone_journey_id_code")),
    )
