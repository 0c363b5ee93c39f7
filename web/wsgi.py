"""What gunicorn serves: `gunicorn web.wsgi:app`. Static files are served by WhiteNoise before Flask is asked."""

from __future__ import annotations

from typing import Any

from flask import Flask
from whitenoise import WhiteNoise

from casework.settings import load
from web import create_app
from web.assets import STATIC
from web.headers import HEADERS
from web.logs import configure
from web.session import MoveClock


def build(*, move_demo_clock: MoveClock | None = None) -> Flask:
    """The application of the settings found in the environment. Raises SettingsError."""
    settings = load()
    configure(settings.log_level)
    built = create_app(settings, move_demo_clock=move_demo_clock)
    built.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        built.wsgi_app,
        root=STATIC,
        prefix="static/",
        max_age=3600,
        immutable_file_test=lambda _path, url: "/vendor/" in url,
        add_headers_function=_add_headers,
    )
    return built


def _add_headers(headers: Any, _path: str, _url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value


def __getattr__(name: str) -> Flask:
    """`app`, built when gunicorn asks for it: importing this module reads no setting."""
    if name != "app":
        raise AttributeError(name)
    built = build()
    globals()["app"] = built
    return built
