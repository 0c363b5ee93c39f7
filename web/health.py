"""What a supervisor asks: is the process alive, is the service ready."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from casework import db, schema
from casework.alerts import alerts
from casework.runs import JobWatch
from web.access import public
from web.session import service_now, services, without_database

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@public
@without_database
def alive() -> dict[str, Any]:
    return {"status": "ok"}


@pages.get("/readyz")
@public
@without_database
def ready() -> tuple[dict[str, Any], int]:
    """200 when the database answers with the current schema; `alerts` names what somebody must look at.

    Silent jobs make no page unavailable: the status stays 200, and the supervisor watches `jobs` and `alerts`.
    """
    found = services()
    try:
        with found.sessions() as session:
            now = service_now(db.reading(session))
            last = session.scalar(sa.select(sa.func.max(JobWatch.seen_at)))
            bind = session.get_bind()
            codes = sorted({alert.code for alert in alerts(session, now)})
        current = isinstance(bind, sa.Engine) and schema.is_current(bind)
    except SQLAlchemyError:
        return {"status": "unavailable", "database": False}, 503
    age = int((now - last).total_seconds()) if last else None
    report = {"status": "ok" if current else "unavailable", "database": True, "migrations": current}
    jobs = not {"jobs.none", "jobs.silent"} & set(codes)
    return {**report, "last_job_seconds": age, "jobs": jobs, "alerts": codes}, 200 if current else 503
