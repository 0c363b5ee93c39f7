"""Say when what follows the third birthday of a child was prepared"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    with op.batch_alter_table("household_child", schema=None) as batch_op:
        batch_op.add_column(sa.Column("prepared_on", sa.Date(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
