"""Who does what to a committee: its bearer runs those of an operation, the Département where the sheet says so."""

from __future__ import annotations

from casework.applications import Application
from casework.people import Actor
from casework.permissions import PERMISSIONS, covers
from workflows.engine import Case
from workflows.versions import scheme_of

STAFF = frozenset({"officer", "manager"})


def by_department(application: Application) -> bool:
    """True where meetings are held on the initiative of the Département (3.13, l.3404-3406)."""
    return scheme_of(application).followup.committee == "on_department_initiative"


def may_run(actor: Actor, application: Application) -> bool:
    """Convene, hold, write the minutes."""
    roles = actor.roles & PERMISSIONS["committee.run"]
    if by_department(application):
        roles &= STAFF
    return any(covers(role, actor, application) for role in roles)


def may_acknowledge(actor: Actor, application: Application) -> bool:
    """Accept or return the minutes: those who did not write them, the services of the Département or the operator."""
    roles = actor.roles & PERMISSIONS["committee.acknowledge"]
    roles = roles - STAFF if by_department(application) else roles - {"applicant"}
    return any(covers(role, actor, application) for role in roles)


def run(actor: Actor, case: Case) -> bool:
    return may_run(actor, case.application)


def acknowledge(actor: Actor, case: Case) -> bool:
    return may_acknowledge(actor, case.application)
