"""The web: a request in, a page out. `create_app` assembles the pages around the domain.

One request is one liturgy: refuse what has no end (`limits`), check the form's token, open the session (`session`),
know the person (`identity`), check the declared access (`access`), run the view, commit, answer. Views are thin;
`errors` turns what the domain refuses into a page in French.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from casework import db
from casework.clock import Clock, SystemClock
from casework.settings import Settings
from web import access, assets, errors, filters, headers, identity, limits, navigation, pages, session


class Application(Flask):
    """Flask, with the commit between the view and the answer: a commit that fails is an error page."""

    def dispatch_request(self) -> Any:
        response = self.make_response(super().dispatch_request())
        session.finish(response)
        return response


class KeyConverter(IntegerConverter):
    """An id of an address: what does not fit in the database's integers is simply not found."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"max": 2**63 - 1, **options})


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    sessions: sessionmaker[Session] | None = None,
    move_demo_clock: session.MoveClock | None = None,
) -> Flask:
    """The WSGI application. Raises `access.Undeclared` when a view does not say who may open it.

    `move_demo_clock` is what the jobs do when a demonstration's date moves; the command line brings the two together.
    """
    app = Application(__name__)
    app.url_map.converters["int"] = KeyConverter
    app.config.update(_configuration(settings))
    app.extensions["casework"] = session.Services(
        settings=settings,
        clock=clock or SystemClock(),
        sessions=sessions or db.make_sessions(db.make_engine(settings.database_url, keys=settings.data_keys)),
        move_demo_clock=move_demo_clock,
    )
    limits.install(app)
    CSRFProtect(app)
    for part in (assets, session, identity, errors, headers, filters, navigation):
        part.install(app)
    pages.register(app)
    access.check(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key or _demo_key(settings),
        "SESSION_COOKIE_NAME": "__Host-casework" if settings.secure_cookies else "casework",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }


def _demo_key(settings: Settings) -> str:
    """Only a demonstration may come without a key: its workers must agree on one, and it protects nothing real."""
    if not settings.demo:
        raise ValueError("secret_key is required outside the demonstration")
    return hashlib.sha256(f"demo:{Path.cwd()}:{settings.database_url}".encode()).hexdigest()
