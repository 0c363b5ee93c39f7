"""How the service runs: its jobs, its messages, and the journal's check on demand."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g
from sqlalchemy.orm import Session

from casework import db, journal
from casework.outbox import Message
from casework.runs import JobRun
from web.access import needs
from web.admin import sections
from web.render import page
from web.session import own_transaction, services

pages = Blueprint("admin_service", __name__, url_prefix="/admin/exploitation")


@pages.get("")
@needs("admin")
def show() -> Any:
    return _service_page()


@pages.post("/journal")
@needs("admin")
@own_transaction
def verify_journal() -> Any:
    """Reads the whole history: a reading session of its own, so that it holds nobody up."""
    with services().sessions() as session:
        read, broken = journal.verify(db.reading(session))
    return _service_page({"read": read, "broken": broken})


def _service_page(checked: dict[str, Any] | None = None) -> Any:
    return page(
        "admin/service.html",
        sections=sections("admin_service.show"),
        runs=_last_runs(g.db),
        messages=_messages(g.db),
        checked=checked,
    )


def _last_runs(session: Session) -> list[JobRun]:
    """The last run of each job, by name."""
    last = sa.select(sa.func.max(JobRun.id)).group_by(JobRun.name)
    return list(session.scalars(sa.select(JobRun).where(JobRun.id.in_(last)).order_by(JobRun.name)))


def _messages(session: Session) -> dict[str, int]:
    """How many messages wait, and how many failed for good."""
    waiting = sa.and_(Message.sent_at.is_(None), Message.failed_at.is_(None))
    failed = sa.and_(Message.sent_at.is_(None), Message.failed_at.is_not(None))
    query = sa.select(
        *(
            sa.func.count(sa.case((condition, 1))).label(name)
            for name, condition in (("waiting", waiting), ("failed", failed))
        )
    ).where(Message.sent_at.is_(None))
    row = session.execute(query).one()
    return {"waiting": row.waiting, "failed": row.failed}
