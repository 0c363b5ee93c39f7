"""Convene committees, keep who sat, their minutes and what they decided; those recorded before are carried over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0024"
down_revision = "0023"

SUBJECTS = ("application", "journey", "progress_record", "committee", "organisation", "user", "campaign", "service")
LIVE = "rank IS NOT NULL AND state <> 'cancelled'"


def upgrade() -> None:
    _committees()
    _seats()
    _decisions()
    _let_the_journal_speak_of_them()
    _carry_over()


def _committees() -> None:
    op.create_table(
        "committee",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=True),
        sa.Column("lasts", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("absent", sa.String(length=500), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("minuted_at", INSTANT, nullable=True),
        sa.Column("minuted_by_id", KEY, nullable=True),
        sa.Column("acknowledged_at", INSTANT, nullable=True),
        sa.Column("acknowledged_by_id", KEY, nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("earlier", sa.Boolean(), nullable=False),
        sa.Column("led_by", sa.String(length=20), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'convened', 'held', 'minuted', 'acknowledged', 'cancelled')",
            name=op.f("ck_committee_state"),
        ),
        sa.CheckConstraint("state <> 'convened' OR starts_at IS NOT NULL", name=op.f("ck_committee_convened")),
        sa.CheckConstraint(
            "(state IN ('minuted', 'acknowledged')) = (minuted_at IS NOT NULL)", name=op.f("ck_committee_minuted")
        ),
        sa.CheckConstraint(
            "(state = 'acknowledged') = (acknowledged_at IS NOT NULL)", name=op.f("ck_committee_acknowledged")
        ),
        sa.CheckConstraint("led_by IN ('applicant', 'officer')", name=op.f("ck_committee_led_by")),
        sa.CheckConstraint("lasts > 0 AND lasts <= 600", name=op.f("ck_committee_lasts")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_committee_application_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_committee_document_id")),
        sa.ForeignKeyConstraint(["minuted_by_id"], ["user_account.id"], name=op.f("fk_committee_minuted_by_id")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["user_account.id"], name=op.f("fk_committee_acknowledged_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee")),
    )
    op.create_index(
        "ix_committee_rank",
        "committee",
        ["application_id", "rank"],
        unique=True,
        sqlite_where=sa.text(LIVE),
        postgresql_where=sa.text(LIVE),
    )
    op.create_index("ix_committee_case", "committee", ["application_id", "day"])
    op.create_index("ix_committee_state", "committee", ["state", "day", "id"])


def _seats() -> None:
    op.create_table(
        "committee_seat",
        sa.Column("id", KEY, nullable=False),
        sa.Column("committee_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=20), nullable=False),
        sa.Column("territory_id", KEY, nullable=True),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("invited", sa.Boolean(), nullable=False),
        sa.Column("presence", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "body IN ('operator', 'slai', 'officer', 'caf', 'convergence', 'mamobilite62', 'contact', 'other')",
            name=op.f("ck_committee_seat_body"),
        ),
        sa.CheckConstraint(
            "presence IS NULL OR presence IN ('present', 'represented', 'excused', 'absent')",
            name=op.f("ck_committee_seat_presence"),
        ),
        sa.CheckConstraint("mandatory OR line IS NULL", name=op.f("ck_committee_seat_line")),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name=op.f("fk_committee_seat_committee_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_committee_seat_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_seat")),
        sa.UniqueConstraint("committee_id", "key", name=op.f("uq_committee_seat_committee_id_key")),
    )


def _decisions() -> None:
    op.create_table(
        "committee_decision",
        sa.Column("id", KEY, nullable=False),
        sa.Column("committee_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("responsible", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'done', 'dropped')", name=op.f("ck_committee_decision_status")),
        sa.CheckConstraint("(status = 'open') = (settled_on IS NULL)", name=op.f("ck_committee_decision_settled")),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name=op.f("fk_committee_decision_committee_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_committee_decision_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_decision")),
    )
    op.create_index(op.f("ix_committee_decision_committee_id"), "committee_decision", ["committee_id"])
    op.create_index("ix_committee_decision_case", "committee_decision", ["application_id", "status", "due_on"])


def _let_the_journal_speak_of_them() -> None:
    """SQLite makes the table again for it, and forgets its triggers: they are kept."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'")
    triggers = op.get_bind().execute(query).scalars().all() if sqlite else []
    with op.batch_alter_table("event") as batch:
        batch.drop_constraint(op.f("ck_event_subject"), type_="check")
        batch.create_check_constraint(op.f("ck_event_subject"), f"subject IN {SUBJECTS}")
    for trigger in triggers:
        op.execute(sa.text(trigger))


def _carry_over() -> None:
    """Each deadline of a committee was one committee: held where it was met, to be convened where it is open."""
    op.execute(
        sa.text(
            "INSERT INTO committee (application_id, rank, state, version, title, day, lasts, place, agenda, sequence, "
            "absent, note, document_id, minutes, return_reason, earlier, led_by, created_at, updated_at, state_since) "
            "SELECT application_id, rank, CASE WHEN status = 'met' THEN 'held' ELSE 'planned' END, 1, "
            "CASE WHEN title = '' THEN 'Comité de suivi' ELSE title END, COALESCE(done_on, due_on), 120, '', '', 0, '', "
            "outcome, document_id, '', '', status = 'met', 'applicant', planned_at, COALESCE(closed_at, planned_at), "
            "COALESCE(closed_at, planned_at) "
            "FROM deadline WHERE kind = 'committee' AND status IN ('met', 'open') ORDER BY id"
        )
    )


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
