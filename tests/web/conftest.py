"""The web application on the test's database and clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session, sessionmaker

from casework import passwords
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor, Grant, Organisation, User
from casework.settings import Settings
from tests.support import people
from tests.support.accounts import FORM
from tests.support.browser import Browser
from tests.support.databases import SharedDatabases
from web import create_app
from web.session import Services


@pytest.fixture
def app(settings: Settings, clock: FixedClock, sessions: sessionmaker[Session], databases: SharedDatabases) -> Flask:
    """What breaks unexpectedly breaks the test, instead of making a page of it.

    One application serves all the tests of a worker, for its routes and templates take a tenth of a second to compile;
    the settings, the clock and the database that it works with are this test's own.
    """
    made = _application(replace(settings, files_dir=""), databases.folder)
    made.extensions["casework"] = Services(settings=settings, clock=clock, sessions=sessions)
    return made


@cache
def _application(settings: Settings, folder: Path) -> Flask:
    made = create_app(settings, sessions=sessionmaker())
    made.config["PROPAGATE_EXCEPTIONS"] = True
    made.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder), "%s.template")
    return made


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Nobody is signed in."""
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Actor], Browser]:
    """`signed_in(actor)`: a browser of this person."""
    return lambda who: Browser(app).sign_in(who)


@pytest.fixture
def bearer(sessions: sessionmaker[Session], settings: Settings) -> tuple[Organisation, User]:
    """An organisation with one member, whose password is known."""
    with transaction(sessions) as session:
        organisation = people.organisation(session)
        stored = passwords.hashed(settings, FORM["password"])
        grant = Grant(role="applicant", organisation_id=organisation.id)
        return organisation, people.user(session, grant, name="Célia Grandpré", password_hash=stored)


@pytest.fixture
def stranger(sessions: sessionmaker[Session], settings: Settings) -> User:
    """Somebody of another organisation, with a password."""
    with transaction(sessions) as session:
        grant = Grant(role="applicant", organisation_id=people.organisation(session).id)
        return people.user(session, grant, name="Odile Vermandois", password_hash=passwords.hashed(settings, "x" * 20))
