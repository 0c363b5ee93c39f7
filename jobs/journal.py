"""Read the whole history once a day: the first entry that was altered, if any, is named on the run's row."""

from __future__ import annotations

from casework import journal
from casework.db import reading
from jobs.work import Means, Outcome

NAME = "Vérification de l’historique"


def run(means: Means) -> Outcome:
    with means.sessions() as session:
        read, broken = journal.verify(reading(session))
    if broken is None:
        return Outcome(read, note="Historique intact.")
    place = f"{broken.subject} {broken.subject_id}, n° {broken.sequence}"
    return Outcome(read, failed=1, error=f"Rupture à l’entrée {broken.event_id} ({place}) : {broken.fault}.")
