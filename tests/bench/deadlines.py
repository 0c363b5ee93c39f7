"""The sweep of the deadlines, as what exists grows and what is due does not; the morning summaries of 2,000 people."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from datetime import time as wall
from pathlib import Path

import sqlalchemy as sa

from casework.clock import FixedClock, SystemClock, paris_day, paris_instant
from casework.db import make_engine, make_sessions
from casework.people import Grant, Organisation, User
from casework.settings import Settings
from casework.storage import Storage
from casework.workdays import is_working_day
from jobs import deadlines, digests
from jobs.work import Means, Outcome
from tests.bench.databases import Databases
from tests.bench.figures import Figure, median
from tests.support import template

SWEEP_TARGET, GROWTH_TARGET, DIGESTS_TARGET = 5, 1.5, 60
PER_CASE, DUE, PEOPLE, ROUNDS = 20, 2_000, 2_000, 3
SMALL, LARGE, QUICK_LARGE = 100_000, 1_000_000, 300_000
SETTINGS = Settings(secret_key="bench", public_url="https://casework.exemple.fr")


def measure(databases: Databases, kind: str, where: str, *, quick: bool) -> Iterator[Figure]:
    """2,000 due among 100,000 and among 1,000,000 open deadlines, in turn; then a summary for each of 2,000 people."""
    number = QUICK_LARGE if quick else LARGE
    today = _working_day()
    small, large = (Office(databases.new(kind, size // PER_CASE), today) for size in (SMALL, number))
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for kept, office in zip(times, (small, large), strict=True):
            kept.append(office.sweep())
    few, many = map(median, times)
    place = f"{where}, {DUE:,} due of {number:,}"
    yield Figure("sweep of the deadlines", place, many, "s", SWEEP_TARGET)
    yield Figure("sweep, as deadlines grow", f"{where}, {number:,} / {SMALL:,}", many, "s", GROWTH_TARGET, few)
    seconds, written = large.summaries()
    yield Figure("morning summaries", f"{where}, {written:,} of {large.people:,} people", seconds, "s", DIGESTS_TARGET)
    small.close()
    large.close()


class Office:
    """A database of cases with twenty open deadlines each, some due today, each bearer with one person to tell."""

    def __init__(self, url: str, today: date) -> None:
        self._engine, self._today = make_engine(url), today
        with self._engine.begin() as connection:
            self.people = _people(connection)
            _deadlines(connection, today)
        postgres = self._engine.dialect.name == "postgresql"
        with self._engine.connect().execution_options(**{"isolation_level": "AUTOCOMMIT"} if postgres else {}) as plain:
            plain.exec_driver_sql("VACUUM (ANALYZE)" if postgres else "ANALYZE")
            plain.commit()

    def sweep(self) -> float:
        """Seconds of one sweep, of which everything is then still to be told."""
        with self._engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM reminder"))
            due = "UPDATE deadline SET next_reminder_on = :today WHERE source = 'due today'"
            connection.execute(sa.text(due).bindparams(sa.bindparam("today", self._today, sa.Date)))
        seconds, outcome = self._timed(deadlines.run)
        if (outcome.done, outcome.failed) != (DUE, 0):
            raise AssertionError(f"the sweep did {outcome}")
        return seconds

    def summaries(self) -> tuple[float, int]:
        """Seconds to settle the morning of everybody, and how many summaries were written."""
        seconds, outcome = self._timed(digests.run)
        if outcome.failed:
            raise AssertionError(f"the summaries: {outcome}")
        return seconds, outcome.done

    def _timed(self, run: Callable[[Means], Outcome]) -> tuple[float, Outcome]:
        now: datetime = paris_instant(self._today, wall(8, 0))
        means = Means(make_sessions(self._engine), SETTINGS, Storage(Path("/nonexistent")), now, FixedClock(now))
        began = time.perf_counter()
        outcome = run(means)
        return time.perf_counter() - began, outcome

    def close(self) -> None:
        self._engine.dispose()


def _working_day() -> date:
    day = paris_day(SystemClock().now())
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _people(connection: sa.Connection) -> int:
    """One applicant for each organisation, 2,000 at most; nobody else has an account that is open. How many."""
    connection.execute(sa.update(User).values(active=False))
    first = (connection.scalar(sa.select(sa.func.max(User.id))) or 0) + 1
    bearers = connection.scalars(sa.select(Organisation.id).order_by(Organisation.id.desc()).limit(PEOPLE)).all()
    rows = [
        {"id": first + rank, "email": f"porteur{rank}@exemple.invalid", "name": f"Porteur {rank}", "active": True}
        for rank in range(len(bearers))
    ]
    connection.execute(sa.insert(User), [row | {"created_at": template.NOW} for row in rows])
    grants = [
        {"user_id": row["id"], "role": "applicant", "organisation_id": bearer}
        for row, bearer in zip(rows, bearers, strict=True)
    ]
    connection.execute(sa.insert(Grant), grants)
    return len(bearers)


def _deadlines(connection: sa.Connection, today: date) -> None:
    """Twenty open deadlines on each case, none to be looked at before a month; one of each of 2,000 cases due today,
    spread over the people as evenly as can be."""
    days = {"today": today, "later": today + timedelta(days=60), "look": today + timedelta(days=30)}
    values = days | {"since": today - timedelta(days=40), "at": template.NOW, "each": PER_CASE, "due": DUE}
    kinds = {name: sa.Date() for name in ("today", "later", "look", "since")} | {"at": sa.DateTime(timezone=True)}
    bound = [sa.bindparam(name, value, kinds.get(name)) for name, value in values.items()]

    def run(text: str) -> None:
        named = [one for one in bound if f":{one.key}" in text]
        connection.execute(sa.text(text).bindparams(*named))

    run("UPDATE deadline SET next_reminder_on = :look WHERE next_reminder_on IS NOT NULL")
    run(
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :each) "
        "INSERT INTO deadline (application_id, kind, rank, title, owed_by, due_on, computed_on, since_on, source, "
        "computed, status, planned_at, outcome, extended, next_reminder_on) "
        "SELECT a.id, 'committee', n, '', 'applicant', :later, :later, :since, 'bench', '', 'open', :at, '', false, "
        ":look FROM application a CROSS JOIN number"
    )
    run(
        "UPDATE deadline SET source = 'due today', due_on = :today, computed_on = :today WHERE source = 'bench' AND "
        "rank = 1 AND application_id IN (SELECT id FROM (SELECT a.id, row_number() OVER (PARTITION BY "
        "a.organisation_id ORDER BY a.id) AS place FROM application a JOIN role_grant g ON g.organisation_id = "
        "a.organisation_id JOIN user_account u ON u.id = g.user_id WHERE u.active) AS told "
        "ORDER BY place, id LIMIT :due)"
    )
