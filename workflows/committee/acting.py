"""Doing something to a committee: its case is locked first, so that its deadline and its calendar move with it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.committees import Committee
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.journal import Event
from casework.people import Actor
from workflows.committee.guards import why_no_committee
from workflows.committee.inputs import proposal
from workflows.committee.powers import by_department, may_run
from workflows.engine import Act, fire
from workflows.inputs import read
from workflows.versions import scheme_of

PROPOSED = journal.register("committee.proposed", "Comité proposé")


def act_on(session: Session, committee: Committee, trigger: str, act: Act) -> Event:
    """One move of this committee. Raises what `engine.fire` raises."""
    _locked(session, committee.application_id)
    return fire(session, committee, trigger, act)


def may_propose(actor: Actor, application: Application) -> bool:
    """True for whoever runs the committees of this operation, where its sheet knows any."""
    return may_run(actor, application) and scheme_of(application).followup.committee != "none_stated"


def propose(session: Session, application: Application, act: Act) -> Committee:
    """A committee besides those of the calendar, to be convened. Raises Forbidden, Refused or InvalidInput."""
    case = _locked(session, application.id)
    if not may_propose(act.actor, case):
        raise Forbidden()
    reason = why_no_committee(case)
    if reason is not None:
        raise Refused([reason])
    answers = read(proposal(), act.data)
    if answers["day"] < act.day:
        raise InvalidInput({"day": ["Cette date est passée : un comité déjà tenu s’enregistre depuis sa page."]})
    committee = Committee(
        application_id=case.id,
        title=answers["title"],
        day=answers["day"],
        led_by="officer" if by_department(case) else "applicant",
        created_at=act.at,
        updated_at=act.at,
        state_since=act.at,
    )
    session.add(committee)
    session.flush()
    journal.record(
        session, "committee", committee.id, PROPOSED, actor=act.actor, at=act.at, day=answers["day"].isoformat()
    )
    return committee


def _locked(session: Session, application_id: int) -> Application:
    case: Application | None = db.lock(session, Application, application_id)
    if case is None:
        raise NotFound()
    return case
