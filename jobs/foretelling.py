"""Once a month, whatever the day of its first run: tell who will be forgotten until the end of the next month."""

from __future__ import annotations

from collections import Counter

from casework import retention
from casework.clock import paris_day
from casework.db import reading, transaction
from jobs.work import BATCH, Means, Outcome
from workflows.rights.foretelling import tell, to_tell

NAME = "Annonce des effacements"


def run(means: Means) -> Outcome:
    """Counts first, then one transaction: who was told already this month is left alone."""
    today = paris_day(means.now)
    until = retention.foretold_until(today)
    with means.sessions() as session:
        if not to_tell(reading(session), today):
            return Outcome()
    people, cases, last = 0, Counter[str](), 0
    while not means.stopping():
        with means.sessions() as session:
            found = retention.scan(reading(session), until, after=last, size=BATCH)
            cases.update(retention.cases_of(session, [one.person_id for one in found.due]))
        people += len(found.due)
        if found.last is None:
            break
        last = found.last
    if not people or means.stopping():
        return Outcome()
    with transaction(means.sessions) as session:
        readers = to_tell(session, today)
        told = {"people": people, "cases": cases, "until": until, "today": today, "at": means.now}
        return Outcome(len(tell(session, means.settings, readers, **told)))
