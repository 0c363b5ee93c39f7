"""What waits for an SLAI agent is read by the day it came, whatever the order in which it was created."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor
from casework.progress_records import ProgressRecord
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.journeys import identity, roster
from tests.support.pages import opened
from tests.support.stories import Teller, cast_of
from workflows.engine import Act, fire
from workflows.journey.months import Row, grid_of, save_months
from workflows.journey.orienting import orient

SignIn = Callable[[Actor], Browser]


@dataclass(frozen=True)
class Waiting:
    """An agent, and the numbers of what waits, the one that came first at the head; it was created last."""

    slai: Actor
    keys: tuple[int, ...]


@pytest.fixture
def orientations(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Waiting:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.12")
        found = []
        for days in (4, 3, 0):
            data = identity(territory=str(operation.territory().id), public="rsa")
            at = operation.early + timedelta(days=days)
            found.append(orient(session, operation.application, Act(operation.operator, at, settings, data)).id)
        clock.move_to(operation.late)
        return Waiting(operation.slai, tuple(found[::-1]))


@pytest.fixture
def submitted(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Waiting:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.12")
        month, late = operation.starts_on.replace(day=1), operation.late
        journeys = [operation.entered(10) for _ in range(3)]
        rows = [Row(str(journey.id), journey.id, "", "12") for journey in journeys]
        seen = grid_of(session, operation.application, month).seen
        save_months(session, operation.application, month, rows, seen=seen, act=Act(operation.operator, late, settings))
        known = list(session.scalars(sa.select(ProgressRecord).order_by(ProgressRecord.id)))
        for days, record in enumerate(known[::-1]):
            act = Act(operation.operator, late + timedelta(days=days), settings, {}, record.version)
            fire(session, record, "submit_record", act)
        clock.move_to(late + timedelta(days=4))
        return Waiting(operation.slai, tuple(record.id for record in known[::-1]))


def listed(page: str, name: str) -> tuple[int, ...]:
    return tuple(int(key) for key in re.findall(rf'name="{name}" value="(\d+):', page))


def following(page: str) -> str:
    (address,) = re.findall(r'rel="next" href="([^"]+)"', page)
    return str(address)


def test_the_orientations_stand_by_the_day_they_came(
    orientations: Waiting, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(orientations.slai)
    assert listed(opened(browser, "/orientations"), "parcours") == orientations.keys
    monkeypatch.setattr("web.orientations.PAGE", 2)
    first = opened(browser, "/orientations")
    assert listed(first, "parcours") == orientations.keys[:2]
    assert listed(opened(browser, following(first)), "parcours") == orientations.keys[2:]
    assert listed(opened(browser, "/orientations?apres=999999"), "parcours") == orientations.keys[:2]


def test_the_records_stand_by_the_day_they_were_submitted(
    submitted: Waiting, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(submitted.slai)
    assert listed(opened(browser, "/cre"), "cre") == submitted.keys
    monkeypatch.setattr("web.record_lists.PAGE", 2)
    first = opened(browser, "/cre")
    assert listed(first, "cre") == submitted.keys[:2]
    assert listed(opened(browser, following(first)), "cre") == submitted.keys[2:]
