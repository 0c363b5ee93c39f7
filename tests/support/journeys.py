"""Participants for tests: people oriented into an operation, and their journeys moved by the real transitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from casework.applications import Application
from casework.clock import paris_instant
from casework.journal import Event
from casework.participants import Journey
from casework.people import Actor, Territory
from tests.support.stories import Teller
from workflows.engine import Act, fire
from workflows.journey.orienting import orient
from workflows.versions import scheme_of

_NUMBERS = count(1)
FAMILY_NAMES = ("Bruyère", "Coquelicot", "Delanoë", "Églantine", "Fougeray", "Genestier")


def identity(**changes: Any) -> dict[str, Any]:
    """A full orientation form, confirmed; a person of her own each time, born in 1985 unless said."""
    number = next(_NUMBERS)
    return {
        "family_name": f"{FAMILY_NAMES[number % len(FAMILY_NAMES)]} {_letters(number)}",
        "given_name": "Camille",
        "birth_date": "1985-05-20",
        "sex": "F",
        "postcode": "62000",
        "town": "Arras",
        "public": "rsa",
        "confirmed": "verified",
        **changes,
    }


def _letters(number: int) -> str:
    """A word that sounds like no other number's."""
    heard = ("ba", "fo", "gi", "ku", "la", "mo", "ni", "ro", "va", "zu")
    return "".join(heard[int(digit)] for digit in str(number))


@dataclass
class Roster:
    """One operation in execution and the people who move its journeys."""

    teller: Teller
    application: Application

    @property
    def operator(self) -> Actor:
        return self.teller.cast.applicant

    @property
    def slai(self) -> Actor:
        return self.teller.cast.slai

    @property
    def starts_on(self) -> date:
        assert self.application.convention is not None
        return self.application.convention.starts_on

    def day(self, number: int) -> str:
        """The n-th day of the convention, as a form sends it."""
        return (self.starts_on + timedelta(days=number)).isoformat()

    @property
    def late(self) -> datetime:
        """An instant of the operation's last month, so that any day of it is past."""
        assert self.application.convention is not None
        return paris_instant(self.application.convention.ends_on - timedelta(days=5), time(10, 0))

    def territory(self) -> Territory:
        return self.application.territories[0]

    @property
    def early(self) -> datetime:
        """The first morning of the operation, when people are oriented and validated."""
        return paris_instant(self.starts_on, time(9, 0))

    def orient(self, actor: Actor | None = None, **changes: Any) -> Journey:
        public = (scheme_of(self.application).publics or ("rsa",))[0]
        data = identity(**{"territory": str(self.territory().id), "public": public, **changes})
        act = Act(actor or self.operator, self.early, self.teller.settings, data)
        return orient(self.teller.session, self.application, act)

    def fire(self, journey: Journey, actor: Actor, trigger: str, **data: Any) -> Event:
        at = self.early if trigger == "validate_orientation" else self.late
        act = Act(actor, at, self.teller.settings, {"confirmed": "verified", **data}, journey.version)
        return fire(self.teller.session, journey, trigger, act)

    def entered(self, day: int = 30, **changes: Any) -> Journey:
        """Somebody oriented, validated where needed, and entered on the n-th day of the convention."""
        journey = self.orient(**changes)
        if journey.validated_at is None and self._validated_by_slai():
            self.fire(journey, self.slai, "validate_orientation")
        self.fire(journey, self.operator, "admit", entered_on=self.day(day))
        return journey

    def came(self) -> Journey:
        """Somebody who enters the first morning of the operation, which is recorded at once."""
        journey = self.orient()
        if self._validated_by_slai():
            self.fire(journey, self.slai, "validate_orientation")
        act = Act(self.operator, self.early, self.teller.settings, {"entered_on": self.day(0)}, journey.version)
        fire(self.teller.session, journey, "admit", act)
        return journey

    def exited(self, kind: str = "durable-1", day: int = 90, **data: str) -> Journey:
        journey = self.entered()
        self.fire(journey, self.operator, "record_exit", exited_on=self.day(day), exit_kind=kind, **data)
        return journey

    def _validated_by_slai(self) -> bool:
        return scheme_of(self.application).orientation_validated_by_slai

    def count(self) -> int:
        query = sa.select(sa.func.count()).select_from(Journey)
        return self.teller.session.scalar(query.where(Journey.application_id == self.application.id)) or 0


def roster(teller: Teller, code: str = "3.12", state: str = "execution", **plan: Any) -> Roster:
    """An operation of this scheme, brought to this state."""
    return Roster(teller, teller.tell(code, state, **plan))
