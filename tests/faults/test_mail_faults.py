"""Mail through everything that breaks: killed workers, two of them at once, a database that cuts its connections."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import SystemClock
from casework.db import transaction
from casework.outbox import Message
from casework.settings import Settings
from jobs import outbox
from jobs.outbox import CLAIM
from tests.support.mailserver import Inbox, mail_server
from tests.support.means import letters, means
from tests.support.template import NOW
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
KILLS = 3


def unsent(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(sa.select(sa.func.count()).where(Message.sent_at.is_(None))) or 0


def let_claims_expire(sessions: sessionmaker[Session]) -> None:
    """What time does, at once: the dead worker's claim is over."""
    with transaction(sessions) as session:
        waiting = sa.update(Message).where(Message.next_try_at.is_not(None))
        session.execute(waiting.values(next_try_at=Message.created_at))


def test_a_worker_killed_at_any_moment_loses_nothing_and_repeats_at_most_one_mail_each_time(
    sessions: sessionmaker[Session], settings: Settings, database_url: str
) -> None:
    """`kill -9` in the middle of the sends; the next worker goes on once the claim of the dead one has expired."""
    inbox, chance = Inbox(), random.Random(31)
    addresses = letters(sessions, 240, at=SystemClock().now() - timedelta(minutes=1))
    with mail_server(inbox) as port:
        for _ in range(KILLS):
            already = len(inbox.received)
            command = [sys.executable, "-m", "tests.support.worker", database_url, str(port)]
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
            wanted = already + chance.randint(1, 60)
            until(lambda wanted=wanted: len(inbox.received) >= wanted, seconds=30, what="the worker sends nothing")
            time.sleep(chance.random() / 200)
            process.kill()
            process.wait()
            let_claims_expire(sessions)
        outbox.run(means(sessions, settings, now=SystemClock().now(), port=port))
    assert unsent(sessions) == 0
    assert set(inbox.recipients) == set(addresses)
    repeated = {key: times for key, times in inbox.identifiers.items() if times > 1}
    assert sum(inbox.identifiers.values()) - len(addresses) <= KILLS
    assert len(repeated) <= KILLS
    assert len(inbox.identifiers) == len(addresses)


def test_what_a_dead_worker_had_claimed_waits_for_the_end_of_its_claim_only(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    letters(sessions, 10)
    outbox.claim(means(sessions, settings), 10)
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert outbox.run(means(sessions, settings, now=NOW + CLAIM / 2, port=port)).done == 0
        assert outbox.run(means(sessions, settings, now=NOW + CLAIM, port=port)).done == 10
    assert max(inbox.identifiers.values()) == 1


def test_two_workers_share_the_queue_and_send_each_message_once(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    addresses, inbox = letters(sessions, 200), Inbox()
    with mail_server(inbox) as port, ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: outbox.run(means(sessions, settings, port=port)).done, range(2)))
    assert sum(done) == 200
    assert sorted(inbox.recipients) == sorted(addresses)


@pytest.mark.database("postgres")
def test_a_database_restarted_in_the_middle_loses_nothing(
    sessions: sessionmaker[Session], settings: Settings, engine: sa.Engine
) -> None:
    """Every connection is cut while messages leave: the run fails, the next one ends the work."""
    addresses, inbox = letters(sessions, 120), Inbox()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"

    def restart() -> None:
        until(lambda: len(inbox.received) > 30, seconds=20, what="nothing leaves")
        with engine.connect() as connection:
            connection.execute(sa.text(cut), {"name": engine.url.database})

    with mail_server(inbox) as port, ThreadPoolExecutor(1) as pool:
        restarted = pool.submit(restart)
        with suppress(sa.exc.OperationalError):
            outbox.run(means(sessions, settings, port=port))
        restarted.result()
        outbox.run(means(sessions, settings, now=NOW + CLAIM, port=port))
    assert unsent(sessions) == 0
    assert set(inbox.recipients) == set(addresses)
    assert sum(inbox.identifiers.values()) <= len(addresses) + 1
