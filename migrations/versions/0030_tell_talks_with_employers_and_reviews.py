"""Tell talks with employers and reviews of progress apart from the other activities"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
KINDS = ("interview", "employer", "review", "workshop", "immersion", "visit", "partner")


def upgrade() -> None:
    """SQLite makes the table again for it: the triggers that know it are set aside."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    query = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND instr(sql, 'activity') > 0")
    triggers = op.get_bind().execute(query).all() if sqlite else []
    for name, _ in triggers:
        op.execute(sa.text(f"DROP TRIGGER {name}"))
    with op.batch_alter_table("activity") as batch:
        batch.drop_constraint(op.f("ck_activity_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_activity_kind"), f"kind IN {KINDS}")
    for _, trigger in triggers:
        op.execute(sa.text(trigger))


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
