"""Cases told by real transitions, with a cast of every role; the tests' way to any state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import paris_instant
from casework.people import Actor, Territory
from casework.settings import Settings
from casework.storage import Storage
from tests.support import people
from workflows.engine import Act, fire
from workflows.stories import Cast, Plan, Story

FAR = paris_instant(date(2026, 12, 31), time(12, 0))


def cast_of(session: Session) -> Cast:
    """An applicant with its organisation, and one person of each role of the services."""
    organisation = people.organisation(session)
    territories = session.scalars(sa.select(Territory)).all()
    bodies = ("convergence", "caf", "mamobilite62")
    return Cast(
        applicant=people.applicant(session, organisation),
        organisation_id=organisation.id,
        officer=people.officer(session),
        manager=people.manager(session),
        finance=people.finance(session),
        verifier=people.finance(session),
        slai=people.slai(session, *territories),
        partner=people.partner(session, *bodies),
    )


@dataclass
class Teller:
    """Tells cases in one session: `tell("3.10", "instruction")` gives a case in that state."""

    session: Session
    settings: Settings
    cast: Cast

    @property
    def storage(self) -> Storage:
        return Storage(Path(self.settings.files_dir))

    def story(self, plan: Plan, *, until: datetime = FAR) -> Story:
        return Story(self.session, self.storage, self.settings, self.cast, plan, until)

    def tell(self, code: str = "3.12", target: str = "closed", **changes: object) -> Application:
        return self.story(replace(Plan(code, target), **changes)).tell()  # type: ignore[arg-type]

    def fire(self, case: Application, actor: Actor, trigger: str, at: datetime | None = None, **data: object) -> None:
        """One transition an hour after the last change, by somebody who has seen the case as it is."""
        when = at or case.updated_at
        fire(self.session, case, trigger, Act(actor, when, self.settings, data, None if actor.is_job else case.version))
