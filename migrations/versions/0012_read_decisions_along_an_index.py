"""Read the decisions taken along an index"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index("ix_application_decided", "application", ["decided_on", "decision_reference", "id"])
