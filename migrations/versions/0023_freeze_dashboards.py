"""Freeze the dashboards that are sent: figures, digest, who and when; the database refuses any change"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework import dashboards

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "dashboard_snapshot",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("taken_by_id", KEY, nullable=True),
        sa.Column("taken_by_name", sa.String(length=120), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_dashboard_snapshot_number")),
        sa.CheckConstraint("length(taken_by_name) > 0", name=op.f("ck_dashboard_snapshot_taken_by")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_dashboard_snapshot_application_id")
        ),
        sa.ForeignKeyConstraint(["taken_by_id"], ["user_account.id"], name=op.f("fk_dashboard_snapshot_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dashboard_snapshot")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_dashboard_snapshot_application_id_number")),
    )
    for statement in dashboards.guard_ddl(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("dashboard_snapshot")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION dashboard_snapshot_refuses()")
