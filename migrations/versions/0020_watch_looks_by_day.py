"""Watch the looks at identities by day"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index("ix_identity_look_at", "identity_look", ["at", "user_id"])


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
