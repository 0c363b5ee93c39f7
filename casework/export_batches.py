"""The files by which payments were handed to the finance system: kept as they were made, given again word for word."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Cents, Instant, Key
from casework.people import User


class ExportBatch(Base):
    """One file of payments: who made it, when, its text."""

    __tablename__ = "export_batch"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    payments: Mapped[int] = mapped_column(sa.Integer)
    out_cents: Mapped[int] = mapped_column(Cents)
    back_cents: Mapped[int] = mapped_column(Cents)
    content: Mapped[str] = mapped_column(sa.Text, deferred=True)
    made_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @property
    def number(self) -> str:
        """« L00012 »"""
        return batch_number(self.id)


def batch_number(batch_id: int) -> str:
    """The number of a batch, from its id."""
    return f"L{batch_id:05d}"


def guard_ddl(dialect: str) -> list[str]:
    """Triggers: a file that was made is neither changed nor deleted."""
    sentence = "an exported batch is kept as it was made"
    if dialect == "sqlite":
        return [
            "CREATE TRIGGER export_batch_unchanged BEFORE UPDATE ON export_batch WHEN OLD.content <> '' "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
            "CREATE TRIGGER export_batch_kept BEFORE DELETE ON export_batch "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
        ]
    return [
        "CREATE FUNCTION export_batch_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER export_batch_unchanged BEFORE UPDATE ON export_batch FOR EACH ROW WHEN (OLD.content <> '') "
        "EXECUTE FUNCTION export_batch_kept()",
        "CREATE TRIGGER export_batch_kept BEFORE DELETE ON export_batch FOR EACH ROW "
        "EXECUTE FUNCTION export_batch_kept()",
    ]
