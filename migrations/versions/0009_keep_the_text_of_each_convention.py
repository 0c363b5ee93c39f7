"""Keep the text of each convention"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.resources import files

import sqlalchemy as sa
from alembic import op

from casework.db import Instant

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """The text that comes with the service is the first version: two grants at once both find it."""
    table = op.create_table(
        "convention_template",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_convention_template_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_template")),
        sa.UniqueConstraint("number", name=op.f("uq_convention_template_number")),
    )
    text = (files("casework") / "templates" / "convention.txt").read_text(encoding="utf-8").strip()
    first = {"number": 1, "text": text, "digest": hashlib.sha256(text.encode()).hexdigest()}
    op.bulk_insert(table, [{**first, "made_at": datetime(2024, 1, 1, tzinfo=UTC), "made_by": "Texte fourni"}])
    # Added in place: the triggers that guard the payments name this table, so it cannot be rebuilt under them.
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    reference = "CONSTRAINT fk_convention_template_id REFERENCES convention_template (id)"
    op.execute(f"ALTER TABLE convention ADD COLUMN template_id {kind} {reference}")
    op.add_column("convention", sa.Column("terms", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_convention_template_id"), "convention", ["template_id"], unique=False)
