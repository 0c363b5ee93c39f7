"""Telling a committee by its real moves: held with everybody there; or convened, held, minuted and acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from casework.applications import Application
from casework.committees import Committee, committees_of
from casework.errors import NotFound
from workflows.committee.acting import act_on
from workflows.committee.seats import seats_of
from workflows.engine import Act

DECISION = "Ouvrir un atelier mobilité avec la plateforme, une demi-journée par mois."
SAID = "Le point est fait sur l’action : les entrées suivent le calendrier, la mobilité reste le premier frein."


def committee_of_rank(session: Session, application: Application, rank: int) -> Committee:
    """The committee of the calendar with this rank. Raises NotFound."""
    for committee in committees_of(session, application.id):
        if committee.rank == rank and committee.state != "cancelled":
            return committee
    raise NotFound()


def hold(session: Session, committee: Committee, act: Act, held_on: date, *, presences: Mapping[str, str] = {}) -> None:
    """Record it as held, everybody present but those whom `presences` (by seat) says otherwise."""
    answers = {f"presence_{seat.key}": presences.get(seat.key, "present") for seat in seats_of(session, committee)}
    data = {"held_on": held_on.isoformat(), **answers}
    act_on(session, committee, "hold_committee", Act(act.actor, act.at, act.settings, data, committee.version))


def convene(session: Session, committee: Committee, act: Act, day: date, **changes: object) -> None:
    """Convene it at ten in the morning of this day, with every optional seat."""
    optional = [seat.key for seat in seats_of(session, committee) if not seat.mandatory]
    data = {
        "day": day.isoformat(),
        "hour": "10:00",
        "lasts": "120",
        "place": "Maison du département solidarité",
        "invited": optional,
        "agenda": "1. Suites des décisions précédentes\n2. Les parcours\n3. Date du prochain comité",
        **changes,
    }
    act_on(session, committee, "convene", Act(act.actor, act.at, act.settings, data, committee.version))


def minute(session: Session, committee: Committee, act: Act, *, due_on: date | None) -> None:
    """A decision, when it has a day, then the minutes."""

    def do(trigger: str, **data: str) -> None:
        act_on(session, committee, trigger, Act(act.actor, act.at, act.settings, data, committee.version))

    if due_on is not None:
        do("record_decision", text=DECISION, responsible="Porteur", due_on=due_on.isoformat())
    do("validate_minutes", minutes=SAID)
