"""Know which service sent a participant, and the household of the parents of young children"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("journey", sa.Column("prescriber", sa.String(length=20), nullable=True))
    op.add_column("journey", sa.Column("prescriber_body", sa.String(length=120), nullable=True))
    op.create_table(
        "household_child",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("born", sa.LargeBinary(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_household_child_journey_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_household_child_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_child")),
    )
    op.create_index(op.f("ix_household_child_journey_id"), "household_child", ["journey_id"])
    op.create_table(
        "household_link",
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("with_id", KEY, nullable=False),
        sa.CheckConstraint("journey_id <> with_id", name=op.f("ck_household_link_two")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_household_link_journey_id")),
        sa.ForeignKeyConstraint(["with_id"], ["journey.id"], name=op.f("fk_household_link_with_id")),
        sa.PrimaryKeyConstraint("journey_id", name=op.f("pk_household_link")),
    )
    op.create_index(op.f("ix_household_link_with_id"), "household_link", ["with_id"])
