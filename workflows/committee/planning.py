"""The committees that a sheet asks for follow its deadlines: one for each, at its day, gone when it no longer stands.

The case is locked by the caller.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from casework.applications import Application
from casework.committees import COMING_STATES, Committee, committees_of
from casework.deadlines import Deadline, deadlines_of
from casework.people import job
from casework.settings import Settings
from workflows.engine import Act, fire

PLANNING = "Calendrier des comités"
KIND = "committee"


def follow(session: Session, application: Application, *, at: datetime, settings: Settings) -> None:
    """Bring the committees of an operation to its deadlines: new ones, other days, those that no longer stand."""
    session.flush()
    owed = {one.rank: one for one in deadlines_of(session, application.id) if one.kind == KIND and one.status == "open"}
    live = {one.rank: one for one in committees_of(session, application.id) if one.state != "cancelled" and one.rank}
    for rank, committee in live.items():
        if committee.state not in COMING_STATES:
            continue
        if rank not in owed:
            act = Act(job(PLANNING), at, settings, {"reason": "L’échéance de ce comité n’a plus lieu d’être."})
            fire(session, committee, "drop_committee", act)
        elif committee.state == "planned" and committee.day != owed[rank].due_on:
            committee.day = owed[rank].due_on
    session.add_all(_planned(one, at) for rank, one in owed.items() if rank not in live)
    session.flush()


def _planned(deadline: Deadline, at: datetime) -> Committee:
    return Committee(
        application_id=deadline.application_id,
        rank=deadline.rank,
        title=deadline.label,
        day=deadline.due_on,
        created_at=at,
        updated_at=at,
        state_since=at,
    )
