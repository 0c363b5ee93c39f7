"""Give people their rights: a data officer, the information given, holds, and identities that can be erased"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
revision = "0018"
down_revision = "0017"

ROLES = ("applicant", "slai", "partner", "officer", "manager", "finance", "auditor", "admin", "data_officer")
PURPOSES = ("roster", "journey", "orientations", "match", "evidence", "months", "records", "request", "export")


def upgrade() -> None:
    _let("role_grant", "role", ROLES)
    _let("identity_look", "purpose", PURPOSES)
    op.add_column("person", sa.Column("erased_at", INSTANT, nullable=True))
    op.create_index("ix_person_erased_at", "person", ["erased_at"])
    op.add_column("document", sa.Column("erased_at", INSTANT, nullable=True))
    op.create_table(
        "information_given",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by_id", KEY, nullable=True),
        sa.CheckConstraint("way IN ('handed', 'read', 'sent')", name=op.f("ck_information_given_way")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_information_given_journey_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_information_given_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_given")),
    )
    op.create_index("ix_information_given_journey", "information_given", ["journey_id", "given_on"])
    op.create_table(
        "legal_hold",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("placed_by_id", KEY, nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by_id", KEY, nullable=True),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_legal_hold_reason")),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name=op.f("ck_legal_hold_lifted")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_legal_hold_application_id")),
        sa.ForeignKeyConstraint(["placed_by_id"], ["user_account.id"], name=op.f("fk_legal_hold_placed_by_id")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["user_account.id"], name=op.f("fk_legal_hold_lifted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(
        "ix_legal_hold_open",
        "legal_hold",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _let(table: str, column: str, values: tuple[str, ...]) -> None:
    """Let a column hold these codes. SQLite makes the table again for it: the triggers that know it are set aside."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    query = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND instr(sql, :table) > 0")
    triggers = op.get_bind().execute(query, {"table": table}).all() if sqlite else []
    for name, _ in triggers:
        op.execute(sa.text(f"DROP TRIGGER {name}"))
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_{column}"), f"{column} IN {values}")
    for _, trigger in triggers:
        op.execute(sa.text(trigger))


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
