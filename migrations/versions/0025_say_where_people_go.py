"""Say where people work once they leave, and what follows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    for name in ("employer_name", "employer_town"):
        op.add_column("journey", sa.Column(name, sa.String(length=120), nullable=True))
    op.add_column("journey", sa.Column("working_time", sa.String(length=10), nullable=True))
    op.add_column("journey", sa.Column("weekly_minutes", sa.Integer(), nullable=True))
    op.add_column("journey", sa.Column("next_step", sa.String(length=20), nullable=True))
    op.execute("UPDATE journey SET employer_name = '', employer_town = ''")
    with op.batch_alter_table("journey") as batch:
        for name in ("employer_name", "employer_town"):
            batch.alter_column(name, existing_type=sa.String(length=120), nullable=False)
        batch.create_check_constraint(
            op.f("ck_journey_working_time"), "working_time IS NULL OR working_time IN ('full', 'part')"
        )
        batch.create_check_constraint(op.f("ck_journey_weekly_minutes"), "weekly_minutes IS NULL OR weekly_minutes > 0")
