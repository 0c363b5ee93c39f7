"""One database session per request: load, check, process, commit, then answer.

A page that is only read (GET, HEAD) opens a reading transaction. Any other request opens a writing one, committed
once, after the view answered without an error; an error (status ≥ 400, or an exception) rolls everything back.
A view that must write whatever it answers (a refused sign-in) is marked `own_transaction` and uses `writing()`.

`g.db`: the session. `g.now`: the instant of this request (in a demonstration, the simulated one). `g.wall_now`: the
real instant, for what protects accounts. `g.today`: the day of `g.now` in Europe/Paris.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session, sessionmaker

from casework import db
from casework.clock import Clock, paris_day
from casework.runs import DemoClock
from casework.settings import Settings

READING = ("GET", "HEAD", "OPTIONS")
MoveClock = Callable[[sessionmaker[Session], Settings, datetime], int]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Services:
    """What a request needs from outside: kept in `app.extensions["casework"]`."""

    settings: Settings
    clock: Clock
    sessions: sessionmaker[Session]
    move_demo_clock: MoveClock | None = None


def services() -> Services:
    found: Services = current_app.extensions["casework"]
    return found


def settings() -> Settings:
    return services().settings


def writing() -> AbstractContextManager[Session]:
    """A transaction of its own, committed at the end of the block whatever the request becomes."""
    return db.transaction(services().sessions)


def own_transaction(view: View) -> View:
    """Mark a view that writes through `writing()`: the request's own session only reads."""
    view.own_transaction = True  # type: ignore[attr-defined]
    return view


def without_database(view: View) -> View:
    """Mark a view that must answer even when the database does not."""
    view.without_database = True  # type: ignore[attr-defined]
    return view


def install(app: Flask) -> None:
    app.before_request(open_session)
    app.teardown_request(_close)


def open_session(*, reading_only: bool = False) -> None:
    """Open the session of this request, once its body was read: nobody's slow upload holds the write lock."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "without_database", False):
        return
    found = services()
    g.wall_now = found.clock.now()
    session = found.sessions()
    g.db = session
    writes = request.method not in READING and not getattr(view, "own_transaction", False)
    g.committing = writes and not reading_only
    g.reading = not g.committing
    if g.reading:
        db.reading(session)
    g.now = service_now(session, g.wall_now)
    g.today = paris_day(g.now)


def service_now(session: Session, wall: datetime | None = None) -> datetime:
    """The present of the service: the real one, or the simulated one of a demonstration."""
    found = services()
    return (wall or found.clock.now()) + (_demo_offset(session) if found.settings.demo else timedelta())


def _demo_offset(session: Session) -> timedelta:
    stored = session.get(DemoClock, 1)
    return timedelta(seconds=stored.offset_seconds) if stored else timedelta()


def finish(response: Response) -> None:
    """Commit what the view did, or undo it when its answer is an error. Called between the view and the answer.

    A transaction that only read is committed too (see `db.reading`): there is nothing in it to undo.
    """
    if not (g.get("committing") or g.get("reading")):
        return
    if response.status_code < 400:
        g.db.commit()
    else:
        g.db.rollback()


def undo() -> None:
    """Roll back whatever the request did so far, before an error page is drawn. Nothing is committed after this."""
    g.committing = g.reading = False
    if "db" in g:
        g.db.rollback()


def _close(_error: BaseException | None) -> None:
    session = g.pop("db", None)
    if session is not None:
        session.close()
