"""Follow participants month by month: what is done with them, their months, their progress records"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0016"
down_revision = "0015"

SUBJECTS = ("application", "journey", "progress_record", "organisation", "user", "campaign", "service")
PURPOSES = ("roster", "journey", "orientations", "match", "evidence", "months", "records")
LOCKED = (
    "EXISTS (SELECT 1 FROM progress_record r WHERE r.journey_id = OLD.journey_id AND r.month = OLD.month "
    "AND r.state IN ('submitted', 'validated', 'transmitted'))"
)
KEPT = "the month of a progress record that was sent is kept"


def upgrade() -> None:
    _activities()
    _months()
    _records()
    _guards()
    _let("event", "subject", SUBJECTS)
    _let("identity_look", "purpose", PURPOSES)


def _activities() -> None:
    op.create_table(
        "activity",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by_id", KEY, nullable=True),
        sa.CheckConstraint(
            "kind IN ('interview', 'workshop', 'immersion', 'visit', 'partner')", name=op.f("ck_activity_kind")
        ),
        sa.CheckConstraint("mode IN ('present', 'telephone', 'video')", name=op.f("ck_activity_mode")),
        sa.CheckConstraint("minutes > 0 AND minutes <= 1440", name=op.f("ck_activity_minutes")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_activity_journey_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_activity_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_journey", "activity", ["journey_id", "done_on"])


def _months() -> None:
    op.create_table(
        "journey_month",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by_id", KEY, nullable=True),
        sa.CheckConstraint("minutes >= 0 AND minutes <= 44640", name=op.f("ck_journey_month_minutes")),
        sa.CheckConstraint("present OR minutes = 0", name=op.f("ck_journey_month_present")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_journey_month_journey_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user_account.id"], name=op.f("fk_journey_month_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_month")),
        sa.UniqueConstraint("journey_id", "month", name=op.f("uq_journey_month_journey_id_month")),
    )


def _records() -> None:
    sent, validated = "state IN ('submitted', 'validated', 'transmitted')", "state IN ('validated', 'transmitted')"
    op.create_table(
        "progress_record",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("territory_id", KEY, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("themes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("validated_at", INSTANT, nullable=True),
        sa.Column("validated_by_id", KEY, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('to_write', 'submitted', 'returned', 'validated', 'transmitted')",
            name=op.f("ck_progress_record_state"),
        ),
        sa.CheckConstraint(f"({sent}) = (submitted_at IS NOT NULL)", name=op.f("ck_progress_record_submitted")),
        sa.CheckConstraint(f"({validated}) = (validated_at IS NOT NULL)", name=op.f("ck_progress_record_validated")),
        sa.CheckConstraint(
            "(validated_at IS NULL) = (validated_by_id IS NULL)", name=op.f("ck_progress_record_validated_by")
        ),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_progress_record_journey_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_progress_record_application_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_progress_record_territory_id")),
        sa.ForeignKeyConstraint(
            ["validated_by_id"], ["user_account.id"], name=op.f("fk_progress_record_validated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_record")),
        sa.UniqueConstraint("journey_id", "month", name=op.f("uq_progress_record_journey_id_month")),
    )
    op.create_index("ix_progress_record_month", "progress_record", ["application_id", "month", "state"])
    op.create_index("ix_progress_record_waiting", "progress_record", ["territory_id", "state", "id"])


def _guards() -> None:
    """A month is never deleted, nor changed once its progress record was sent."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER journey_month_refuses_update BEFORE UPDATE ON journey_month WHEN {LOCKED} "
            f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
        )
        op.execute(
            "CREATE TRIGGER journey_month_refuses_delete BEFORE DELETE ON journey_month "
            "BEGIN SELECT RAISE(ABORT, 'months are kept'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION journey_month_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' OR {LOCKED} THEN RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER journey_month_refuses BEFORE UPDATE OR DELETE ON journey_month FOR EACH ROW "
        "EXECUTE FUNCTION journey_month_refuses()"
    )


def _let(table: str, column: str, values: tuple[str, ...]) -> None:
    """Let a column hold these codes. SQLite makes the table again for it, and forgets its triggers: they are kept."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    triggers = op.get_bind().execute(query, {"table": table}).scalars().all() if sqlite else []
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_{column}"), f"{column} IN {values}")
    for trigger in triggers:
        op.execute(sa.text(trigger))


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
