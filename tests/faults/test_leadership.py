"""Real scheduler processes: two at once, the leader killed, a clean stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import SystemClock
from casework.runs import JobRun
from casework.settings import Settings
from jobs import outbox
from jobs.leader import leader_for
from tests.support.mailserver import Inbox, mail_server
from tests.support.means import letters, means
from tests.support.template import KEYS
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
AT_ANY_HOUR = "import jobs.scheduler; jobs.scheduler.QUIET_HOURS = (); from casework.__main__ import main; main()"
"""`casework`, but for the hours of the clock change, in which a new leader would catch up with nothing."""
Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def launch(database_url: str, tmp_path: Path) -> Iterator[Launch]:
    """`launch()`: a `casework jobs` process on this test's database; killed at the end if it still runs."""
    launched: list[subprocess.Popen[str]] = []

    def start(**changes: str) -> subprocess.Popen[str]:
        environment = os.environ | {
            "CASEWORK_DATABASE_URL": database_url,
            "CASEWORK_FILES_DIR": str(tmp_path / "files"),
            "CASEWORK_SECRET_KEY": "une clé d’essai",
            "CASEWORK_DATA_KEYS": KEYS,
            "CASEWORK_SMTP_TLS": "none",
            **changes,
        }
        log = (tmp_path / f"jobs-{len(launched)}.log").open("w")
        command = [sys.executable, "-c", AT_ANY_HOUR, "jobs"]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log, text=True)
        launched.append(process)
        return process

    yield start
    for process in launched:
        if process.poll() is None:
            process.kill()
        process.wait()


def leads(tmp_path: Path, number: int) -> bool:
    return "leading" in (tmp_path / f"jobs-{number}.log").read_text()


def test_of_two_schedulers_one_leads_and_the_other_takes_over_within_ten_seconds_of_a_kill(
    launch: Launch, tmp_path: Path
) -> None:
    first, second = launch(), launch()
    until(lambda: leads(tmp_path, 0) or leads(tmp_path, 1), seconds=20, what="nobody leads")
    leader, standby = (first, 1) if leads(tmp_path, 0) else (second, 0)
    assert not leads(tmp_path, standby)
    leader.kill()
    took = until(lambda: leads(tmp_path, standby), seconds=10, what="the standby did not take over")
    assert took < 10


def test_a_stop_is_clean_and_gives_the_lead_back_at_once(
    launch: Launch, tmp_path: Path, engine: sa.Engine, sessions: sessionmaker[Session]
) -> None:
    process = launch()
    until(lambda: leads(tmp_path, 0), seconds=20, what="it does not lead")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=8) == 0
    other = leader_for(engine, sessions)
    assert other.leads()
    other.resign()


def test_a_new_leader_sends_at_once_what_waited_and_a_stop_leaves_nothing_half_done(
    launch: Launch, sessions: sessionmaker[Session], settings: Settings
) -> None:
    inbox, number = Inbox(), 150
    addresses = letters(sessions, number, at=SystemClock().now())
    with mail_server(inbox) as port:
        process = launch(CASEWORK_SMTP_HOST="127.0.0.1", CASEWORK_SMTP_PORT=str(port))
        until(lambda: len(inbox.received) > 20, seconds=20, what="nothing is sent")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=8) == 0
        outbox.run(means(sessions, settings, now=SystemClock().now(), port=port))
    assert sorted(inbox.recipients) == sorted(addresses)
    assert max(inbox.identifiers.values()) == 1
    with sessions() as session:
        rows = list(session.scalars(sa.select(JobRun).where(JobRun.name == "outbox")))
    assert [row.ended_at is not None for row in rows] == [True]
