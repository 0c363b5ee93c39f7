"""The web application on the test's database and clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.databases import SharedDatabases
from web import create_app


@pytest.fixture
def app(settings: Settings, clock: FixedClock, sessions: sessionmaker[Session], databases: SharedDatabases) -> Flask:
    """What breaks unexpectedly breaks the test, instead of making a page of it.

    Each test has its own application; its templates are compiled once for all the workers.
    """
    made = create_app(settings, clock=clock, sessions=sessions)
    made.config["PROPAGATE_EXCEPTIONS"] = True
    made.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(databases.folder), "%s.template")
    return made


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Nobody is signed in."""
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Actor], Browser]:
    """`signed_in(actor)`: a browser of this person."""
    return lambda who: Browser(app).sign_in(who)
