"""Write the pedagogical part of final reports section by section"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    for table in ("report_draft", "final_report"):
        op.add_column(table, sa.Column("sections", sa.JSON(none_as_null=True), nullable=True))
