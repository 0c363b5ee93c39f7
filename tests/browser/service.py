"""The service as people reach it: the real web application on a loopback port, on the test's clock and database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import WSGIRequestHandler, make_server

from casework import passwords
from casework.clock import FixedClock, paris_instant
from casework.db import transaction
from casework.people import Grant
from casework.settings import Settings
from casework.storage import Storage
from jobs.work import Means, Outcome
from tests.support import people
from web import create_app

PASSWORD = "citron lampe violon quarante"


@dataclass(frozen=True)
class Account:
    """Who somebody is and how they sign in."""

    name: str
    email: str
    password: str = PASSWORD


@dataclass
class Service:
    """A service that runs. Its clock stands still until a test moves it; its jobs run when a test says so."""

    address: str
    clock: FixedClock
    sessions: sessionmaker[Session]
    settings: Settings
    app: Flask

    def account(self, name: str, *grants: Grant) -> Account:
        """A person who may sign in, as an administrator would have invited them."""
        with transaction(self.sessions) as session:
            made = people.user(session, *grants, name=name, password_hash=passwords.hashed(self.settings, PASSWORD))
            return Account(made.name, made.email)

    def move_to(self, day: date, at: time = time(10, 0)) -> None:
        self.clock.move_to(paris_instant(day, at))

    def run_job(self, job: Callable[[Means], Outcome]) -> None:
        """This job, now; nothing of it may fail."""
        storage = Storage(Path(self.settings.files_dir))
        outcome = job(Means(self.sessions, self.settings, storage, self.clock.now()))
        assert outcome.failed == 0, outcome.error


class _Quiet(WSGIRequestHandler):
    """A life is hundreds of requests: a test that fails shows what was on the screen, not their list."""

    def log(self, type: str, message: str, *arguments: object) -> None:
        pass


@contextmanager
def running(settings: Settings, sessions: sessionmaker[Session], clock: FixedClock) -> Iterator[Service]:
    """The web application on a free port of this machine, in a thread, until the end of the block."""
    app = create_app(settings, clock=clock, sessions=sessions)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Service(f"http://127.0.0.1:{server.server_port}", clock, sessions, settings, app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
