"""Committees for tests: convened, held, minuted by their real moves, at the instants of an operation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from casework.applications import Application
from casework.clock import paris_instant
from casework.committees import Committee
from casework.journal import Event
from casework.people import Actor
from tests.support.stories import Teller
from workflows.committee.acting import act_on
from workflows.committee.seats import own_seats
from workflows.committee.stories import committee_of_rank
from workflows.engine import Act


@dataclass
class Meetings:
    """The committees of one operation, moved by its people."""

    teller: Teller
    application: Application

    @property
    def operator(self) -> Actor:
        return self.teller.cast.applicant

    def committee(self, rank: int = 1) -> Committee:
        return committee_of_rank(self.teller.session, self.application, rank)

    def instant(self, day: date, hour: int = 10) -> datetime:
        return paris_instant(day, time(hour))

    def fire(self, committee: Committee, actor: Actor, trigger: str, on: date, /, **data: Any) -> Event:
        act = Act(actor, self.instant(on), self.teller.settings, data, committee.version)
        return act_on(self.teller.session, committee, trigger, act)

    def convene(self, committee: Committee, **changes: Any) -> Event:
        """At ten in the morning of its planned day, three weeks before."""
        data = convocation(committee.day, **changes)
        return self.fire(committee, self.operator, "convene", committee.day - timedelta(days=21), **data)

    def hold(self, committee: Committee, actor: Actor | None = None, **presences: str) -> Event:
        """On its day; everybody present but those whom `presences` (by seat, "_" for "-") says otherwise."""
        day, data = committee.day, self.attendance(committee, **presences)
        return self.fire(committee, actor or self.operator, "hold_committee", day, held_on=day.isoformat(), **data)

    def attendance(self, committee: Committee, **presences: str) -> dict[str, str]:
        seats = committee.seats or own_seats(self.teller.session, self.application)
        said = {f"presence_{seat.key}": presences.get(seat.key.partition("-")[0], "present") for seat in seats}
        return {name: value for name, value in said.items() if not name.startswith("presence_came-")}


def convocation(day: date, /, **changes: Any) -> dict[str, Any]:
    """A full form of convocation, with no optional guest but the operator."""
    return {
        "day": day.isoformat(),
        "hour": "10:00",
        "lasts": "90",
        "place": "Maison du département solidarité, salle 2",
        "invited": ["operator"],
        "others": "",
        "agenda": "1. Les parcours\n2. Date du prochain comité",
        **changes,
    }


def meetings(teller: Teller, code: str = "3.5", state: str = "execution", **plan: Any) -> Meetings:
    """An operation of this scheme, brought to this state, with its committees."""
    return Meetings(teller, teller.tell(code, state, **plan))
