"""Forget the people whose retention has passed, one transaction for each; then the evidence that names nobody known."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from casework import db, retention
from casework.applications import Application
from casework.clock import paris_day
from casework.db import reading, transaction
from casework.people import job
from jobs.work import BATCH, Means, Outcome

NAME = "Effacement des identités"
log = structlog.get_logger("jobs")


def run(means: Means) -> Outcome:
    """What fails is said by its number and tried again the next day. Nothing is deleted before it is committed."""
    return _people(means) + _files(means)


def _people(means: Means) -> Outcome:
    outcome, last = Outcome(), 0
    while not means.stopping():
        with means.sessions() as session:
            found = retention.scan(reading(session), paris_day(means.now), after=last, size=BATCH)
        if found.last is None:
            break
        last = found.last
        for one in found.due:
            if means.stopping():
                break
            outcome += _done(means, f"personne {one.person_id}", _forgetting(means, one.person_id))
    return outcome


def _forgetting(means: Means, person_id: int) -> Callable[[Session], list[str] | None]:
    def forget(session: Session) -> list[str] | None:
        day = paris_day(means.now)
        done = retention.forget(session, person_id, actor=job(NAME), at=means.now, day=day)
        return None if done is None else done.keys

    return forget


def _files(means: Means) -> Outcome:
    """Each case under its lock."""
    outcome = Outcome()
    with means.sessions() as session:
        found = retention.leftovers(reading(session), paris_day(means.now))
    for case, documents in found:
        if means.stopping():
            break
        outcome += _done(means, f"dossier {case}", _erasing(means, case, documents))
    return outcome


def _erasing(means: Means, case: int, documents: list[int]) -> Callable[[Session], list[str] | None]:
    def erase(session: Session) -> list[str] | None:
        db.lock(session, Application, case)
        still = dict(retention.leftovers(session, paris_day(means.now))).get(case, [])
        return retention.erase_files(session, set(still) & set(documents), actor=job(NAME), at=means.now)

    return erase


def _done(means: Means, what: str, write: Callable[[Session], list[str] | None]) -> Outcome:
    """One transaction, then its bytes: what is not deleted here is an orphan, and the orphans' job finds it."""
    try:
        with transaction(means.sessions) as session:
            keys = write(session)
    except Exception as fault:
        log.exception("forgetting failed", job=NAME, what=what)
        return Outcome(failed=1, error=f"{what} : {type(fault).__name__}")
    if keys is None:
        return Outcome()
    for key in keys if not means.rehearsal else ():
        try:
            means.storage.delete(key)
        except OSError as fault:
            log.warning("bytes left to the orphans", job=NAME, key=key, fault=type(fault).__name__)
    return Outcome(1)
