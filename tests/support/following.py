"""An operation whose participants are followed, with people in and out of its scope, for the tests of its pages."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor, Territory
from casework.settings import Settings
from tests.support import people
from tests.support.journeys import roster
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once
from workflows.rules.calendar import add_months


@dataclass(frozen=True)
class World:
    """A 3.10 near its end; two people entered at its start, the second in another territory's care.

    `address`: the page of its third month. `slai` has the territory of the first, `other_slai` of the second.
    """

    case: int
    first: int
    second: int
    address: str
    actors: dict[str, Actor]

    @property
    def month(self) -> str:
        return self.address.rpartition("/")[2]


@told_once
def followed(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.10", territories=("Arrageois", "Ternois"))
        here, there = operation.application.territories
        first = operation.entered(10, family_name="Aubrietta", given_name="Solène", territory=str(here.id))
        second = operation.entered(10, family_name="Bergenia", given_name="Jean-Noël", territory=str(there.id))
        clock.move_to(operation.late)
        month = add_months(operation.starts_on.replace(day=1), 2)
        far = session.scalars(sa.select(Territory).where(Territory.id.not_in((here.id, there.id)))).first()
        assert far is not None
        actors = {
            "applicant": operation.operator,
            "slai": people.slai(session, here),
            "other_slai": people.slai(session, there),
            "officer": people.officer(session),
            "manager": people.manager(session),
            "auditor": people.auditor(session),
            "other_applicant": people.applicant(session, people.organisation(session)),
            "far_slai": people.slai(session, far),
        }
        case = operation.application.id
        return World(case, first.id, second.id, f"/dossiers/{case}/mois/{month:%Y-%m}", actors)
