"""What a supervisor asks: is the process alive, is the service ready."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from casework import db, schema
from casework.runs import JobRun
from web.access import public
from web.session import services, without_database

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
    """200 when the database answers with the current schema; the age of the last job in seconds, for alerts."""
    found = services()
    try:
        with found.sessions() as session:
            db.reading(session)
            last = session.scalar(sa.select(sa.func.max(JobRun.started_at)))
            bind = session.get_bind()
        current = isinstance(bind, sa.Engine) and schema.is_current(bind)
    except SQLAlchemyError:
        return {"status": "unavailable", "database": False}, 503
    age = int((found.clock.now() - last).total_seconds()) if last else None
    report = {"status": "ok" if current else "unavailable", "database": True, "migrations": current}
    return {**report, "last_job_seconds": age}, 200 if current else 503
