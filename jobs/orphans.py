"""Delete the stored bytes that no case needs: failed transactions, interrupted uploads, drafts' discarded files."""

from __future__ import annotations

from casework.db import reading
from jobs.work import Means, Outcome
from workflows.application.files import ORPHAN_AGE, orphans

NAME = "Ménage des fichiers sans dossier"


def run(means: Means) -> Outcome:
    """Delete what has been orphan for more than a day; one file that resists stops nothing."""
    with means.sessions() as session:
        keys = orphans(reading(session), means.storage, now=means.now)
    if means.rehearsal:
        return Outcome(len(keys))
    outcome = Outcome()
    for key in keys:
        if means.stopping():
            return outcome
        try:
            means.storage.delete(key)
            outcome += Outcome(1)
        except OSError as fault:
            outcome += Outcome(failed=1, error=f"{key} : {fault.strerror or type(fault).__name__}")
    return outcome + Outcome(means.storage.clean_incoming(before=means.now - ORPHAN_AGE))
