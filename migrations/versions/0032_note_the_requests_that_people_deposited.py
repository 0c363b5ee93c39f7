"""Note the requests that participants have deposited (3.8), maybe before their entry"""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
STATUSES = ("noted", "proposed", "obtained", "dropped", "deposited")


def upgrade() -> None:
    with op.batch_alter_table("journey_fact") as batch:
        batch.drop_constraint(op.f("ck_journey_fact_status"), type_="check")
        batch.create_check_constraint(op.f("ck_journey_fact_status"), f"status IN {STATUSES}")


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
