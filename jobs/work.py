"""What every job shares: its means, its outcome, and firing one transition on each case that is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import Clock, SystemClock
from casework.db import reading, transaction
from casework.errors import CaseworkError
from casework.people import job
from casework.settings import Settings
from casework.storage import Storage
from workflows.engine import Act, fire

log = structlog.get_logger("jobs")
BATCH = 200


@dataclass(frozen=True)
class Means:
    """What a job works with. `now` is read once: a run is about one instant; `clock` is for what must be timed again.

    `stopping()` is True once the process was asked to end: a loop leaves between two things, the next run goes on.
    `rehearsal`: nothing will be kept; a job must then leave alone what no transaction can undo (mail, files).
    """

    sessions: sessionmaker[Session]
    settings: Settings
    storage: Storage
    now: datetime
    clock: Clock = field(default_factory=SystemClock)
    stopping: Callable[[], bool] = lambda: False
    rehearsal: bool = False


@dataclass(frozen=True)
class Outcome:
    """How many things were done, how many failed, the first error, and what was found, for the person who watches."""

    done: int = 0
    failed: int = 0
    error: str = ""
    note: str = ""

    def __add__(self, other: Outcome) -> Outcome:
        note = " ".join(part for part in (self.note, other.note) if part)
        return Outcome(self.done + other.done, self.failed + other.failed, self.error or other.error, note)


def fire_on_each(means: Means, due: sa.Select[tuple[int]], trigger: str, name: str) -> Outcome:
    """Fire one transition on every case of `due` (ids), each in its own transaction; one failure stops nothing."""
    act = Act(job(name), means.now, means.settings)
    return on_each(means, due, lambda session, case: fire(session, case, trigger, act), name)


def on_each(
    means: Means, due: sa.Select[tuple[int]], write: Callable[[Session, Application], object], name: str
) -> Outcome:
    """Do something to every case of `due` (ids), each in its own transaction; one failure stops nothing."""
    outcome, last = Outcome(), 0
    while not means.stopping():
        with means.sessions() as session:
            page = due.where(Application.id > last).order_by(Application.id).limit(BATCH)
            ids = list(reading(session).scalars(page))
        if not ids:
            break
        last = ids[-1]
        for case_id in ids:
            if means.stopping():
                break
            outcome += _on_one(means, case_id, write, name)
    return outcome


def _on_one(means: Means, case_id: int, write: Callable[[Session, Application], object], name: str) -> Outcome:
    try:
        with transaction(means.sessions) as session:
            write(session, session.get_one(Application, case_id))
    except CaseworkError as refusal:
        return Outcome(failed=1, error=f"dossier {case_id} : {refusal.sentence}")
    except Exception as fault:
        log.exception("case failed", job=name, case_id=case_id)
        return Outcome(failed=1, error=f"dossier {case_id} : {type(fault).__name__}")
    return Outcome(done=1)


def for_each_person(means: Means, people: Sequence[int], write: Callable[[int], int], name: str) -> Outcome:
    """Do something for each person (ids); `write` counts what it did. One failure stops nothing."""
    outcome = Outcome()
    for user_id in people:
        if means.stopping():
            break
        try:
            outcome += Outcome(write(user_id))
        except Exception as fault:
            log.exception("person failed", job=name, user_id=user_id)
            outcome += Outcome(failed=1, error=f"personne {user_id} : {type(fault).__name__}")
    return outcome
