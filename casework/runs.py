"""What the scheduled jobs leave behind, what is expected of them, the scheduler's lease, the demonstration's clock."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Instant, Key


class JobRun(Base):
    """One run of one job: what it counted, what failed, what it found (`note`, for the person who watches)."""

    __tablename__ = "job_run"
    __table_args__ = (sa.Index("ix_job_run_name", "name", "started_at"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    done: Mapped[int] = mapped_column(sa.Integer, default=0)
    failed: Mapped[int] = mapped_column(sa.Integer, default=0)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")


class JobWatch(Base):
    """What is expected of one job of the schedule: when it was last seen, from when its silence is abnormal.

    The schedule belongs to the jobs' layer; pages and supervisors read this row instead.
    """

    __tablename__ = "job_watch"
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    position: Mapped[int] = mapped_column(sa.Integer)
    label: Mapped[str] = mapped_column(sa.String(120))
    schedule: Mapped[str] = mapped_column(sa.String(120))
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    silent_after: Mapped[datetime] = mapped_column(Instant)


class Lease(Base):
    """Who leads among several schedulers, until when (the real time, never the demonstration's)."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[datetime] = mapped_column(Instant)


class DemoClock(Base):
    """How far the demonstration's clock stands from the real one, in seconds. One row, in a demonstration only."""

    __tablename__ = "demo_clock"
    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    offset_seconds: Mapped[int] = mapped_column(sa.BigInteger)
