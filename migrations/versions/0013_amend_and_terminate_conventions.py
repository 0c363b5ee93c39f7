"""Amend conventions, keep the text of amendments, and date a termination"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.resources import files

import sqlalchemy as sa
from alembic import op

from casework.amendments import amendment_ddl
from casework.db import Instant
from casework.money import four_eyes_ddl

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = "status IN ('asked', 'accepted')"
revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _texts_by_kind()
    _amendments()
    # Added in place: the triggers that guard the payments name this table, so it cannot be rebuilt under them.
    op.add_column("convention", sa.Column("terminated_on", sa.Date(), nullable=True))
    op.add_column("convention", sa.Column("termination_reason", sa.Text(), nullable=True))
    _recover_by_the_report()


def _recover_by_the_report() -> None:
    """A terminated operation is accounted for like any other: the trigger of recoveries no longer leaves it out."""
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP TRIGGER payment_recovers")
    else:
        op.execute("DROP TRIGGER payment_recovers ON payment")
        op.execute("DROP FUNCTION payment_recovers()")
    for statement in four_eyes_ddl(dialect):
        if "payment_recovers" in statement:
            op.execute(statement)


def _texts_by_kind() -> None:
    """What was written so far is the text of conventions; the text that comes with the service begins the other."""
    with op.batch_alter_table("convention_template") as batch:
        batch.add_column(sa.Column("kind", sa.String(length=20), nullable=False, server_default="convention"))
        batch.drop_constraint(op.f("uq_convention_template_number"), type_="unique")
        batch.create_unique_constraint(op.f("uq_convention_template_kind_number"), ["kind", "number"])
        batch.create_check_constraint(op.f("ck_convention_template_kind"), "kind IN ('convention', 'amendment')")
    with op.batch_alter_table("convention_template") as batch:
        batch.alter_column("kind", server_default=None)
    text = (files("casework") / "templates" / "amendment.txt").read_text(encoding="utf-8").strip()
    names = ("kind", "number", "text", "digest", "made_by")
    table = sa.table("convention_template", *(sa.column(name) for name in names), sa.column("made_at", Instant()))
    first = {"kind": "amendment", "number": 1, "text": text, "digest": hashlib.sha256(text.encode()).hexdigest()}
    op.bulk_insert(table, [{**first, "made_at": datetime(2024, 1, 1, tzinfo=UTC), "made_by": "Texte fourni"}])


def _amendments() -> None:
    json = sa.JSON(none_as_null=True)
    op.create_table(
        "amendment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=10), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("asked_by_id", KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("grant_cents", sa.BigInteger(), nullable=False),
        sa.Column("co_bearers", json, nullable=False),
        sa.Column("replaced", json, nullable=True),
        sa.Column("decision_reference", sa.String(length=80), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("applicant_signed_on", sa.Date(), nullable=True),
        sa.Column("funder_signed_on", sa.Date(), nullable=True),
        sa.Column("applicant_file_id", KEY, nullable=True),
        sa.Column("funder_file_id", KEY, nullable=True),
        sa.Column("template_id", KEY, nullable=True),
        sa.Column("terms", json, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "status IN ('asked', 'accepted', 'in_force', 'refused', 'withdrawn', 'lapsed')",
            name=op.f("ck_amendment_status"),
        ),
        sa.CheckConstraint("asked_by IN ('applicant', 'funder')", name=op.f("ck_amendment_asked_by")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_amendment_dates")),
        sa.CheckConstraint("grant_cents > 0", name=op.f("ck_amendment_grant")),
        sa.CheckConstraint(f"({OPEN}) = (closed_at IS NULL)", name=op.f("ck_amendment_closed")),
        sa.CheckConstraint(
            "NOT (status IN ('accepted', 'in_force')) OR (number IS NOT NULL AND sent_on IS NOT NULL)",
            name=op.f("ck_amendment_numbered"),
        ),
        sa.CheckConstraint(
            "status <> 'in_force' OR (applicant_signed_on IS NOT NULL AND funder_signed_on IS NOT NULL)",
            name=op.f("ck_amendment_signed"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_amendment_{column}"))
            for column, table in (
                ("application_id", "application"),
                ("asked_by_id", "user_account"),
                ("applicant_file_id", "document"),
                ("funder_file_id", "document"),
                ("template_id", "convention_template"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_amendment_application_id_number")),
    )
    for name in ("application_id", "applicant_file_id", "funder_file_id", "template_id"):
        op.create_index(op.f(f"ix_amendment_{name}"), "amendment", [name], unique=False)
    op.create_index(
        "ix_amendment_open",
        "amendment",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    for statement in amendment_ddl(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
