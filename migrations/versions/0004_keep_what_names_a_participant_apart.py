"""Keep what names a participant apart"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

PURPOSES = ("roster", "journey", "orientations", "match", "evidence")


def upgrade() -> None:
    known = sa.CheckConstraint(f"purpose IN {PURPOSES}", name=op.f("ck_identity_look_purpose"))
    with op.batch_alter_table("identity_look") as batch:
        batch.drop_constraint(op.f("ck_identity_look_purpose"), type_="check")
        batch.create_check_constraint(op.f("ck_identity_look_purpose"), known.sqltext)
    if op.get_bind().dialect.name == "sqlite":
        # The table was made again, without its triggers.
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER identity_look_refuses_{verb.lower()} BEFORE {verb} ON identity_look "
                "BEGIN SELECT RAISE(ABORT, 'looks at identities are kept'); END"
            )
    op.execute(sa.text("UPDATE document SET slot = 'exit_evidence' WHERE id IN (SELECT evidence_id FROM journey)"))
