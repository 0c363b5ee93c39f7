"""Know when a bearer's financial year ends"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("organisation") as batch:
        batch.add_column(sa.Column("fiscal_year_end", sa.String(length=5), server_default="12-31", nullable=False))
        batch.create_check_constraint(op.f("ck_organisation_fiscal_year_end"), "length(fiscal_year_end) = 5")
