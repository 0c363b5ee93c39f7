"""Hold the envelopes of schemes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "envelope",
        sa.Column("id", KEY, nullable=False),
        sa.Column("campaign", sa.String(length=20), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("voted_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("voted_cents >= 0", name=op.f("ck_envelope_voted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope")),
        sa.UniqueConstraint("campaign", "scheme_code", name=op.f("uq_envelope_campaign_scheme_code")),
    )
    op.create_table(
        "envelope_vote",
        sa.Column("id", KEY, nullable=False),
        sa.Column("envelope_id", KEY, nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_envelope_vote_amount")),
        sa.ForeignKeyConstraint(["envelope_id"], ["envelope.id"], name=op.f("fk_envelope_vote_envelope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope_vote")),
    )
    op.create_index(op.f("ix_envelope_vote_envelope_id"), "envelope_vote", ["envelope_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER envelope_vote_refuses_{verb.lower()} BEFORE {verb} ON envelope_vote "
                "BEGIN SELECT RAISE(ABORT, 'votes are kept'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION envelope_vote_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'votes are kept' USING ERRCODE = 'check_violation'; END $$"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER envelope_vote_refuses_{verb.lower()} BEFORE {verb} ON envelope_vote FOR EACH ROW "
            "EXECUTE FUNCTION envelope_vote_refuses()"
        )
