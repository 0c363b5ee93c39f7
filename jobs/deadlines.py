"""Recall what is due: for each case that has a deadline to look at, write its reminders, one transaction per case.

A case that somebody is changing at this very moment is left for the next run. Nothing here sends anything: the morning
summaries (or the letters at once) tell what this job wrote.
"""

from __future__ import annotations

import structlog

from casework.clock import paris_day
from casework.db import reading, transaction
from casework.french import counted
from casework.recipients import Directory
from casework.reminders import cases_due, remind
from jobs.work import BATCH, Means, Outcome

NAME = "Rappels des échéances"
log = structlog.get_logger("jobs")


def run(means: Means) -> Outcome:
    """Counts the cases looked at; says how many people are told."""
    with means.sessions() as session:
        ids = cases_due(reading(session), paris_day(means.now))
        directory = Directory(session)
    outcome, told = Outcome(), 0
    for start in range(0, len(ids), BATCH):
        page = ids[start : start + BATCH]
        with means.sessions() as session:
            directory.read_cases(reading(session), page)
        for case_id in page:
            if means.stopping():
                return _said(outcome, told)
            done, people = _one(means, case_id, directory)
            outcome, told = outcome + done, told + people
    return _said(outcome, told)


def _one(means: Means, case_id: int, directory: Directory) -> tuple[Outcome, int]:
    try:
        with transaction(means.sessions) as session:
            people = remind(session, case_id, directory, at=means.now, ladder=means.settings.reminder_steps)
    except Exception as fault:
        log.exception("case failed", job=NAME, case_id=case_id)
        return Outcome(failed=1, error=f"dossier {case_id} : {type(fault).__name__}"), 0
    return Outcome(done=1), people


def _said(outcome: Outcome, told: int) -> Outcome:
    return outcome + Outcome(note=f"{counted(told, 'rappel écrit', 'rappels écrits')}." if told else "")
