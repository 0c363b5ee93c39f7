"""Mail through everything that breaks: killed workers, two of them at once, a database that cuts its connections."""

from __future__ import annotations

import multiprocessing
import random
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import SystemClock
from casework.db import make_engine, make_sessions, transaction
from casework.outbox import Message
from casework.settings import Settings
from jobs import outbox
from jobs.leader import leader_for
from jobs.outbox import CLAIM
from tests.support import template, worker
from tests.support.databases import SharedDatabases
from tests.support.mailserver import Inbox, mail_server
from tests.support.means import letters, means, queue
from tests.support.postgres import DURABLE, Server
from tests.support.template import NOW
from tests.support.waiting import until

SENDS, KILLS = 2_000, 15
WORKERS = multiprocessing.get_context("forkserver")
"""Workers are forked from a small process that has read our modules once: each is ready at once."""
WORKERS.set_forkserver_preload(["tests.support.worker"])


def unsent(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(sa.select(sa.func.count()).where(Message.sent_at.is_(None))) or 0


def let_claims_expire(sessions: sessionmaker[Session]) -> None:
    """What time does, at once: the dead worker's claim is over."""
    with transaction(sessions) as session:
        waiting = sa.update(Message).where(Message.next_try_at.is_not(None))
        session.execute(waiting.values(next_try_at=Message.created_at))


def test_a_worker_killed_at_any_moment_loses_nothing_and_repeats_at_most_one_mail_each_time(
    sessions: sessionmaker[Session], settings: Settings, engine: sa.Engine, database_url: str
) -> None:
    """`kill -9` in the middle of 2,000 sends; the next worker goes on once the claim of the dead one has expired."""
    inbox, chance = Inbox(), random.Random(31)
    with engine.begin() as connection:
        identifiers = queue(connection, SENDS, at=SystemClock().now() - timedelta(minutes=1))
    with mail_server(inbox) as port:
        for _ in range(KILLS):
            before = inbox.repeated
            process = WORKERS.Process(target=worker.main, args=(database_url, str(port)))
            process.start()
            wanted = len(inbox.received) + chance.randint(1, 200)
            until(lambda wanted=wanted: len(inbox.received) >= wanted, seconds=30, what="the worker sends nothing")
            time.sleep(chance.random() / 100)
            process.kill()
            process.join()
            let_claims_expire(sessions)
            assert inbox.repeated <= before + 1
        outbox.run(means(sessions, settings, now=SystemClock().now(), port=port))
    assert unsent(sessions) == 0
    assert set(inbox.identifiers) == set(identifiers)
    assert inbox.repeated <= KILLS


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


@pytest.fixture
def restartable(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, sa.Engine]]:
    """A PostgreSQL server of this test alone, never a lent one, and an engine on a database filled as the others."""
    monkeypatch.delenv("CASEWORK_TEST_POSTGRES", raising=False)
    databases = SharedDatabases.create()
    databases.server.settings = DURABLE
    engine = make_engine(databases.new("postgres", template.fill, databases.folder), keys=template.KEYS)
    yield databases.server, engine
    engine.dispose()
    databases.close()


def test_a_database_restarted_in_the_middle_loses_nothing_and_the_lead_is_taken_again(
    restartable: tuple[Server, sa.Engine], settings: Settings
) -> None:
    """The server stops as in a power cut while messages leave: the run fails, the next one ends the work."""
    server, engine = restartable
    sessions, inbox = make_sessions(engine), Inbox()
    leader = leader_for(engine, sessions)
    assert leader.leads()
    with engine.begin() as connection:
        identifiers = queue(connection, 400)

    def restart() -> None:
        until(lambda: len(inbox.received) > 50, seconds=20, what="nothing leaves")
        server.restart()

    with mail_server(inbox) as port, ThreadPoolExecutor(1) as pool:
        restarted = pool.submit(restart)
        with suppress(sa.exc.DBAPIError):
            outbox.run(means(sessions, settings, port=port))
        restarted.result()
        until(leader.leads, seconds=10, what="the lead is not taken again")
        outbox.run(means(sessions, settings, now=NOW + CLAIM, port=port))
    assert unsent(sessions) == 0
    assert set(inbox.identifiers) == set(identifiers)


@pytest.mark.database("sqlite")
def test_a_database_that_somebody_holds_for_a_while_makes_a_worker_wait_and_repeat_nothing(
    sessions: sessionmaker[Session], settings: Settings, engine: sa.Engine
) -> None:
    """What a restart is to PostgreSQL, a long writer (a copy, a maintenance) is to SQLite."""
    inbox = Inbox()
    with engine.begin() as connection:
        identifiers = queue(connection, 100)

    def hold() -> None:
        until(lambda: len(inbox.received) > 20, seconds=20, what="nothing leaves")
        with engine.begin():
            held = len(inbox.received)
            time.sleep(0.3)
            assert len(inbox.received) <= held + 1

    with mail_server(inbox) as port, ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert outbox.run(means(sessions, settings, port=port)).done == 100
        holding.result()
    assert sorted(inbox.identifiers) == sorted(identifiers)
    assert inbox.repeated == 0


def test_a_full_disk_stops_the_mail_repeats_at_most_one_and_loses_none_once_there_is_room(
    sessions: sessionmaker[Session], settings: Settings, engine: sa.Engine
) -> None:
    inbox = Inbox()
    with engine.begin() as connection:
        identifiers = queue(connection, 100)
    with mail_server(inbox) as port:
        with full_disk(engine):
            for minute in range(3):
                now = NOW + timedelta(minutes=minute)
                with pytest.raises(sa.exc.OperationalError, match=r"(?i)full|disk"):
                    outbox.run(means(sessions, settings, now=now, port=port))
            assert 0 < len(inbox.received) < 100
        outbox.run(means(sessions, settings, now=NOW + CLAIM, port=port))
        outbox.run(means(sessions, settings, now=NOW + 2 * CLAIM, port=port))
    assert unsent(sessions) == 0
    assert set(inbox.identifiers) == set(identifiers)
    assert inbox.repeated <= 1


@contextmanager
def full_disk(engine: sa.Engine) -> Iterator[None]:
    """SQLite: this process may not write files any longer than a little more than now. PostgreSQL: its own error, once
    ten messages were stamped."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            engine.dispose()
        return
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF (SELECT count(*) FROM message WHERE sent_at IS NOT NULL) >= 10 THEN RAISE EXCEPTION "
            "'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER no_room BEFORE UPDATE ON message FOR EACH ROW EXECUTE FUNCTION no_room()"
        )
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER no_room ON message")
            connection.exec_driver_sql("DROP FUNCTION no_room")
