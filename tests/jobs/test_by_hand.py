"""`casework jobs run`: each job does by hand, on any day, what the scheduler would do; a rehearsal does none of it."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.__main__ import main
from casework.accounts import LoginFailure
from casework.applications import Application
from casework.clock import paris_instant
from casework.db import transaction
from casework.deadlines import Reminder
from casework.outbox import Message
from casework.people import User
from casework.runs import JobRun
from casework.settings import Settings
from jobs.schedule import JOBS
from tests.support.databases import everything
from tests.support.mailserver import Inbox, mail_server
from tests.support.stories import Teller, cast_of

Run = Callable[..., tuple[int, str]]
DAY = date(2026, 6, 30)
"""A Tuesday on which the story below leaves something to do for each job."""


@dataclass(frozen=True)
class Told:
    draft: int
    operation: int


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch, database_url: str, settings: Settings) -> Iterator[Inbox]:
    """The service of this test as its environment describes it, and where its mail arrives."""
    inbox = Inbox()
    with mail_server(inbox) as port:
        for name, value in {
            "database_url": database_url,
            "files_dir": settings.files_dir,
            "secret_key": settings.secret_key,
            "data_keys": settings.data_keys,
            "smtp_host": "127.0.0.1",
            "smtp_port": str(port),
            "smtp_tls": "none",
        }.items():
            monkeypatch.setenv(f"CASEWORK_{name.upper()}", value)
        yield inbox


@pytest.fixture
def told(sessions: sessionmaker[Session], settings: Settings) -> Told:
    """A draft whose window has closed, an operation that has ended, and old things to forget."""
    with transaction(sessions) as session:
        cast = cast_of(session)
        teller = Teller(session, settings, cast)
        draft, operation = teller.tell("3.12", "draft"), teller.tell("3.5", "execution")
        old = paris_instant(DAY - timedelta(days=90))
        session.add(LoginFailure(at=old, account_digest="a", address_digest="b"))
        session.add(JobRun(name="outbox", started_at=old, ended_at=old))
        stray = teller.storage.put(io.BytesIO(b"%PDF-1.7 perdu"), name="perdu.pdf", limit=1000, at=old)
        os.utime(teller.storage.root / stray.key, (old.timestamp(), old.timestamp()))
        return Told(draft.id, operation.id)


@pytest.fixture
def run(inbox: Inbox, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("outbox", "--dry-run")` on the day of the story: how it ended, and what it said."""

    def command(name: str, *options: str, day: str = DAY.isoformat()) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["jobs", "run", name, "--now", day, *options])
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


IDLE = {"retention", "foretelling", "owed"}
"""Nobody is to be forgotten in a campaign that runs, and 3.5 has no grid: they have their own tests."""


def test_each_job_is_rehearsed_without_a_trace_then_does_as_much_as_it_said(
    run: Run, inbox: Inbox, told: Told, engine: sa.Engine, sessions: sessionmaker[Session], settings: Settings
) -> None:
    for name, job in JOBS.items():
        if name == "reminders":
            let_one_prefer_reminders_at_once(sessions)
        before, files = everything(engine), stored(settings)
        code, rehearsed = run(name, "--dry-run")
        assert code == 0, rehearsed
        assert rehearsed.startswith("Répétition : rien n’est gardé, envoyé ni supprimé.")
        assert (everything(engine), stored(settings), inbox.received if name == "outbox" else []) == (before, files, [])
        code, done = run(name)
        assert (code, count(done)) == (0, count(rehearsed)), done
        assert count(done) > 0 or name in IDLE, f"{name} had nothing to do"
        assert done.startswith(job.label)
    with sessions() as session:
        states = {case.id: case.state for case in session.scalars(sa.select(Application))}
        last = {row.name: row.note for row in session.scalars(sa.select(JobRun).where(JobRun.done > 0))}
        left = session.scalar(sa.select(sa.func.count()).where(Message.next_try_at.is_not(None)))
    assert (states[told.draft], states[told.operation]) == ("lapsed", "bilan")
    assert (len(inbox.received) > 0, left) == (True, 0)
    assert last.keys() == JOBS.keys() - IDLE
    assert all("Lancée à la main." in note for note in last.values())


def let_one_prefer_reminders_at_once(sessions: sessionmaker[Session]) -> None:
    """Of those whom a reminder waits for, one wants it now; the others have it in their summary."""
    with transaction(sessions) as session:
        waiting = sa.select(sa.func.min(Reminder.user_id)).where(Reminder.message_id.is_(None))
        session.get_one(User, session.scalar(waiting)).mail_deadline = "now"


def stored(settings: Settings) -> set[str]:
    return {str(path) for path, _, names in os.walk(settings.files_dir) for path in names}


def count(said: str) -> int:
    found = re.search(r"(\d+) fait\(s\)", said)
    assert found is not None, said
    return int(found[1])


def test_a_job_that_fails_by_hand_says_so_and_ends_with_an_error(run: Run, told: Told, inbox: Inbox) -> None:
    run("operations")
    inbox.data = lambda _: "554 refusé"
    code, said = run("outbox")
    assert code == 1
    assert "554 refusé" in said


@pytest.mark.database("sqlite")
def test_a_wrong_day_is_refused_with_a_sentence_and_a_wrong_name_with_the_list(run: Run) -> None:
    code, said = run("outbox", day="30/06/2026")
    assert (code, "écrivez-la AAAA-MM-JJ" in said) == (2, True)
    with pytest.raises(SystemExit):
        run("inconnue")
