"""A dashboard as it was sent: its figures frozen on one day, under a digest, and never changed afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, foreign, joinedload, mapped_column, relationship
from sqlalchemy.sql.base import ExecutableOption

from casework.committees import Committee
from casework.db import Base, Instant, Json, Key
from casework.deadlines import Deadline


class DashboardSnapshot(Base):
    """`number`: from 1 in its operation. `figures`: the tables of the whole operation ("") and of each territory, by
    name; nobody is in them. `comment` names nobody either. `title` says for what it was sent.

    `digest` seals the rest of the row (`seal`); the database refuses any change.
    """

    __tablename__ = "dashboard_snapshot"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "number"),
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint("length(taken_by_name) > 0", name="taken_by"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    title: Mapped[str] = mapped_column(sa.String(160))
    taken_at: Mapped[datetime] = mapped_column(Instant)
    taken_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    taken_by_name: Mapped[str] = mapped_column(sa.String(120))
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    figures: Mapped[dict[str, Any] | None] = mapped_column(Json, deferred=True)
    digest: Mapped[str] = mapped_column(sa.String(64))

    @property
    def intact(self) -> bool:
        """True while the row is what was sealed."""
        return self.digest == seal(self)

    def tables(self, part: str = "") -> Sequence[Mapping[str, Any]]:
        """The tables of the whole operation, or of one territory; none of a territory where nobody was followed."""
        found: Sequence[Mapping[str, Any]] = (self.figures or {}).get(part, ())
        return found


_AWAITED = sa.exists().where(
    Deadline.application_id == Committee.application_id,
    Deadline.kind == "dashboard",
    Deadline.rank == Committee.rank,
    Deadline.title == DashboardSnapshot.title,
)
Committee.dashboards = relationship(
    DashboardSnapshot,
    primaryjoin=sa.and_(Committee.application_id == foreign(DashboardSnapshot.application_id), _AWAITED),
    order_by=DashboardSnapshot.number.desc(),
    viewonly=True,
)
"""Those sent to meet the deadline that comes before this committee, the newest first."""


def with_dashboards() -> ExecutableOption:
    """Load them with the committee: a page asks for them in the query that it makes anyway."""
    return joinedload(Committee.dashboards)  # type: ignore[attr-defined]


def seal(snapshot: DashboardSnapshot) -> str:
    """The SHA-256 of all that a frozen dashboard says."""
    told = [
        snapshot.application_id,
        snapshot.number,
        snapshot.title,
        snapshot.taken_at.astimezone(UTC).isoformat(),
        snapshot.taken_by_name,
        snapshot.comment,
        snapshot.figures,
    ]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def snapshots_of(session: Session, application_id: int) -> list[DashboardSnapshot]:
    """Every frozen dashboard of an operation, the newest first, without its figures until they are asked for."""
    query = sa.select(DashboardSnapshot).where(DashboardSnapshot.application_id == application_id)
    return list(session.scalars(query.order_by(DashboardSnapshot.number.desc())))


def guard_ddl(dialect: str) -> list[str]:
    """Triggers: a frozen dashboard is never changed nor deleted."""
    kept = "a dashboard that was sent is kept as it was"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER dashboard_snapshot_refuses_{verb.lower()} BEFORE {verb} ON dashboard_snapshot "
            f"BEGIN SELECT RAISE(ABORT, '{kept}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE FUNCTION dashboard_snapshot_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{kept}' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER dashboard_snapshot_refuses BEFORE UPDATE OR DELETE ON dashboard_snapshot FOR EACH ROW "
        "EXECUTE FUNCTION dashboard_snapshot_refuses()",
    ]
