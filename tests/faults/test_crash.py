"""A process that dies between any two statements of a transition leaves all of it, or nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import paris_instant
from casework.db import transaction
from casework.people import Actor
from casework.settings import Settings
from tests.support.databases import everything
from tests.support.stories import Teller, cast_of
from workflows.engine import Act, fire
from workflows.stories import Plan

DAY = date(2024, 6, 3)


class Died(BaseException):
    """The process is gone: nothing catches this."""


CRASHES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("deposited", "applicant", "validate", {}),
    ("submitted", "officer", "admit", {}),
    (
        "instructed",
        "manager",
        "grant",
        {"granted": "1000", "decision_reference": "CP-1", "decided_on": DAY.isoformat()},
    ),
    ("advance", "finance", "order_advance", {"amount": "500"}),
)


@pytest.mark.parametrize(("state", "role", "trigger", "answers"), CRASHES)
def test_a_crash_anywhere_in_a_transition_leaves_nothing_half_done(
    sessions: sessionmaker[Session],
    engine: sa.Engine,
    settings: Settings,
    state: str,
    role: str,
    trigger: str,
    answers: dict[str, str],
) -> None:
    with transaction(sessions) as session:
        cast = cast_of(session)
        case = Teller(session, settings, cast).story(Plan("3.5", state)).tell()
        case_id, version = case.id, case.version
    actor: Actor = getattr(cast, role)
    at = paris_instant(date(2024, 1, 20) if state == "deposited" else DAY)
    act = Act(actor, at, settings, answers, version)
    before = everything(engine)
    statements = 0
    while not survives(sessions, engine, case_id, trigger, act, dies_at=statements):
        assert everything(engine) == before, f"died at statement {statements}, and something stayed"
        statements += 1
    assert statements > 5
    assert everything(engine) != before


def survives(
    sessions: sessionmaker[Session], engine: sa.Engine, case_id: int, trigger: str, act: Act, *, dies_at: int
) -> bool:
    """Fire, dying just before the statement of this rank; True when there was no such statement."""
    seen = 0

    def die(*_: Any) -> None:
        nonlocal seen
        if seen == dies_at:
            raise Died
        seen += 1

    sa.event.listen(engine, "before_cursor_execute", die)
    sa.event.listen(engine, "commit", die)
    try:
        with transaction(sessions) as session:
            case = session.get_one(Application, case_id)
            fire(session, case, trigger, act)
    except Died:
        return False
    finally:
        sa.event.remove(engine, "before_cursor_execute", die)
        sa.event.remove(engine, "commit", die)
    return True
