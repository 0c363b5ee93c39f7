"""Keep what operators say of the indicators, and the figures of each final report"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "indicator_entry",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", KEY, nullable=False),
        sa.CheckConstraint("number IS NULL OR number >= 0", name=op.f("ck_indicator_entry_number")),
        sa.CheckConstraint("number IS NULL OR text = ''", name=op.f("ck_indicator_entry_one_kind")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_indicator_entry_application_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_indicator_entry_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_entry")),
        sa.UniqueConstraint("application_id", "key", name=op.f("uq_indicator_entry_application_id_key")),
    )
    op.add_column("final_report", sa.Column("figures", sa.JSON(), nullable=True))
