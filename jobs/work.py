"""What every job shares: its means, its outcome, and firing one transition on each case that is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.db import transaction
from casework.errors import CaseworkError
from casework.people import job
from casework.settings import Settings
from casework.storage import Storage
from workflows.engine import Act, fire

log = structlog.get_logger("jobs")
BATCH = 200


@dataclass(frozen=True)
class Means:
    """What a job works with. `now` is read once: a run is about one instant."""

    sessions: sessionmaker[Session]
    settings: Settings
    storage: Storage
    now: datetime


@dataclass(frozen=True)
class Outcome:
    """How many things were done, how many failed, and the first error for the person who watches."""

    done: int = 0
    failed: int = 0
    error: str = ""


def fire_on_each(means: Means, due: sa.Select[tuple[int]], trigger: str, name: str) -> Outcome:
    """Fire one transition on every case of `due` (ids), each in its own transaction; one failure stops nothing."""
    done, failed, error, last = 0, 0, "", 0
    while True:
        with means.sessions() as session:
            page = due.where(Application.id > last).order_by(Application.id).limit(BATCH)
            ids = list(session.scalars(page))
        if not ids:
            return Outcome(done, failed, error)
        last = ids[-1]
        for case_id in ids:
            fault = _fire_one(means, case_id, trigger, name)
            done, failed, error = (done + 1, failed, error) if fault is None else (done, failed + 1, error or fault)


def _fire_one(means: Means, case_id: int, trigger: str, name: str) -> str | None:
    try:
        with transaction(means.sessions) as session:
            case = session.get_one(Application, case_id)
            fire(session, case, trigger, Act(job(name), means.now, means.settings))
    except CaseworkError as refusal:
        return f"dossier {case_id} : {refusal.sentence}"
    except Exception as fault:
        log.exception("case failed", job=name, case_id=case_id)
        return f"dossier {case_id} : {type(fault).__name__}"
    return None
