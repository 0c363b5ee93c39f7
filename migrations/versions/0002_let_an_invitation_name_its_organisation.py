"""Let an invitation name the organisation it opens"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    kept = sa.CheckConstraint("kind IN ('reset', 'invitation')", name=op.f("ck_link_kind"))
    with op.batch_alter_table("link", table_args=(kept,)) as batch:
        batch.add_column(sa.Column("organisation_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_link_organisation_id"), "organisation", ["organisation_id"], ["id"])
        batch.create_index(op.f("ix_link_organisation_id"), ["organisation_id"], unique=False)
