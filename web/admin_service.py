"""How the service runs: what to look at, its jobs, its messages, and the journal's check on demand."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g

from casework import db, journal, message_lists
from casework.alerts import alerts, last_runs
from casework.runs import JobRun, JobWatch
from web.access import needs
from web.admin import sections
from web.render import page
from web.session import own_transaction, services

pages = Blueprint("admin_service", __name__, url_prefix="/admin/exploitation")
HISTORY = 50


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
    last = {run.name: run for run in last_runs(g.db)}
    watched = g.db.scalars(sa.select(JobWatch).order_by(JobWatch.position)).all()
    unwatched = sorted(last.keys() - {job.name for job in watched})
    return page(
        "admin/service.html",
        sections=sections("admin_service.show"),
        alerts=alerts(g.db, g.now),
        jobs=[(job.label, job.schedule, job.silent_after < g.now, last.get(job.name)) for job in watched]
        + [(name, "", False, last[name]) for name in unwatched],
        history=list(g.db.scalars(sa.select(JobRun).where(_worth_reading()).order_by(JobRun.id.desc()).limit(HISTORY))),
        labels={job.name: job.label for job in watched},
        messages=message_lists.counts(g.db),
        checked=checked,
    )


def _worth_reading() -> sa.ColumnElement[bool]:
    """Runs that did, failed or found something, or never ended: the others would hide them."""
    return sa.or_(JobRun.done > 0, JobRun.failed > 0, JobRun.note != "", JobRun.ended_at.is_(None))
