"""What the tests of list pages share: opening a page, counting what it asks, telling cases that stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor, User
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.queries import counted
from tests.support.stories import FAR, Teller, cast_of
from tests.support.told import Told
from workflows.stories import Cast

SignIn = Callable[[Actor], Browser]
MOST_QUERIES = 8


def opened(browser: Browser, address: str) -> str:
    """The page of this address, which must answer."""
    response = browser.get(address)
    assert response.status_code == 200, response.text
    assert " object at 0x" not in response.text, "a page says a name of Python"
    return response.text


def queries_of(engine: sa.Engine, browser: Browser, address: str) -> int:
    """How many statements this page sends, its schemes once read."""
    opened(browser, address)
    with counted(engine) as statements:
        opened(browser, address)
    return len(statements)


@dataclass
class Town:
    """People of every role, and a way to tell cases that are really committed."""

    sessions: sessionmaker[Session]
    settings: Settings
    clock: FixedClock
    cast: Cast
    told: Told | None = None

    def tell(self, code: str, state: str, **changes: object) -> int:
        """The id of a new case in this state; the clock stands at its last change."""

        def story() -> tuple[int, datetime]:
            with transaction(self.sessions) as session:
                case = Teller(session, self.settings, self.cast).tell(code, state, **changes)
                return case.id, case.updated_at

        key = (code, state, repr(sorted(changes.items())))
        case_id, updated_at = self.told.tell(key, story) if self.told is not None else story()
        self.clock.move_to(min(max(self.clock.now(), updated_at), FAR))
        return case_id

    def fire(self, case_id: int, actor: Actor, trigger: str, **data: object) -> None:
        with transaction(self.sessions) as session:
            case = session.get_one(Application, case_id)
            Teller(session, self.settings, self.cast).fire(case, actor, trigger, self.clock.now(), **data)

    def copies(self, case_id: int, times: int) -> None:
        """The same row again under other references: for what depends on volume, not on history."""
        columns = [c.key for c in Application.__table__.columns if c.key not in ("id", "reference")]
        with transaction(self.sessions) as session:
            case = session.get_one(Application, case_id)
            values = {name: getattr(case, name) for name in columns}
            session.add_all(Application(reference=f"Z{case_id}-{rank:03}", **values) for rank in range(times))

    def case(self, case_id: int) -> Application:
        with self.sessions() as session:
            return session.get_one(Application, case_id)


def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    """In a database without anybody, the people are the same each time."""
    with transaction(sessions) as session:
        empty = session.scalar(sa.select(sa.func.count()).select_from(User)) == 0
        if empty:
            people.start_again()
        cast = cast_of(session)
        engine = session.get_bind()
    return Town(sessions, settings, clock, cast, Told(engine, settings, clean=empty))  # type: ignore[arg-type]
