"""Find what waits for an SLAI in its order, without reading the journeys"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.drop_index("ix_journey_waiting", table_name="journey")
    op.create_index(
        "ix_journey_waiting",
        "journey",
        ["territory_id", "oriented_at", "id", "application_id"],
        sqlite_where=sa.text("state = 'oriented' AND to_validate = 1 AND validated_at IS NULL"),
        postgresql_where=sa.text("state = 'oriented' AND to_validate AND validated_at IS NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
