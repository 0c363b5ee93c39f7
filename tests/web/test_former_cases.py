"""The cases of a service of a former version open on their pages once its database is upgraded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from casework import schema
from casework.applications import Application
from casework.clock import FixedClock, paris_instant
from casework.db import make_engine, make_sessions
from casework.participants import Journey
from casework.people import Grant, User
from tests.support.browser import Browser
from tests.support.databases import SharedDatabases
from tests.support.former import REVISIONS, restore
from tests.support.template import KEYS

PAGES = (
    "applications.overview",
    "case_convention.as_pdf",
    "cases.history",
    "cases.payments",
    "cases.report",
    "committee_lists.index",
    "instruction_sheet.show",
    "participants.index",
    "report_control.show",
)
"""Those that read most of what a former version wrote of a case."""


@pytest.fixture
def sessions(databases: SharedDatabases, tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    """On the database of the oldest of the former services, upgraded."""
    engine = make_engine(databases.empty("sqlite", tmp_path), keys=KEYS)
    restore(engine, REVISIONS[0])
    schema.upgrade(engine)
    yield make_sessions(engine)
    engine.dispose()


def test_a_case_that_a_former_service_closed_opens_on_its_pages(
    app: Flask, clock: FixedClock, sessions: sessionmaker[Session]
) -> None:
    clock.move_to(paris_instant(date(2025, 5, 15), time(10, 0)))
    with sessions() as session:
        case = session.scalars(sa.select(Application.id).where(Application.state == "closed")).one()
        journeys = session.scalars(sa.select(Journey.id).where(Journey.application_id == case)).all()
        officer = session.scalars(sa.select(User).join(Grant).where(Grant.role == "officer")).one()
    browser, places = Browser(app).sign_in(officer), app.url_map.bind("localhost")
    addresses = [places.build(page, {"application_id": case}) for page in PAGES]
    addresses += [places.build("journeys.show", {"journey_id": journey}) for journey in journeys]
    assert [address for address in addresses if browser.get(address).status_code != 200] == []
