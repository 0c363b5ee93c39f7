"""Who is asking: the cookie holds an opaque token, the database knows whose it is and whether it still lives.

`g.actor`: the person (an Actor), or None when nobody is signed in. `g.session_id`: the row of this browser's session.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from casework import signin
from casework.people import Actor, User, actor_of
from web.session import settings, writing


class Visitor(UserMixin):  # type: ignore[misc]
    """A signed-in browser, as Flask-Login knows it; its id is the token of the cookie."""

    def __init__(self, token: str, actor: Actor, session_id: int) -> None:
        self.token = token
        self.actor = actor
        self.session_id = session_id

    def get_id(self) -> str:
        return self.token


def install(app: Flask) -> None:
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None
    manager.user_loader(_visitor)
    app.before_request(identify)


def identify() -> None:
    """Set `g.actor`; called again by an error page when the request failed before the session was open."""
    g.actor = None
    g.session_id = None
    if "db" in g and request.endpoint != "static" and current_user.is_authenticated:
        g.actor = current_user.actor
        g.session_id = current_user.session_id


def _visitor(token: str) -> Visitor | None:
    found = signin.find_session(g.db, token, at=g.wall_now, settings=settings())
    if found is None:
        return None
    if found.seen_at <= g.wall_now - signin.SEEN_EVERY:
        _mark_seen(found.id)
    return Visitor(token, actor_of(found.user), found.id)


def _mark_seen(session_id: int) -> None:
    """A page that is only read writes this in a transaction of its own; a writing one, in its own."""
    if g.committing:
        signin.mark_seen(g.db, session_id, at=g.wall_now)
        return
    with writing() as own:
        signin.mark_seen(own, session_id, at=g.wall_now)


def sign_in(database: Any, user: User) -> None:
    """Open a new session for this person in this browser; whatever the cookie held before is dropped.

    `database` is a writing session; the caller commits it.
    """
    session.clear()
    device = device_name(request.headers.get("User-Agent", ""))
    token = signin.open_session(database, user, at=g.wall_now, device=device)
    login_user(Visitor(token, Actor(name=user.name, user_id=user.id), 0))


def device_name(agent: str) -> str:
    """« Firefox sur Windows »: what a person needs to recognise a browser, and nothing more."""
    browsers = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in agent), "Navigateur inconnu")
    system = next((name for mark, name in systems if mark in agent), None)
    return f"{browser} sur {system}" if system else browser
