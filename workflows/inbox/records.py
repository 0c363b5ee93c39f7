"""The progress records of 3.10 to 3.12 that wait, one task for each operation: to send, sent back, to validate."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.applications import Application
from casework.deadlines import Deadline
from casework.people import Actor
from casework.progress_records import ProgressRecord
from workflows.inbox.kind import RECORDS_DUE, Condition, Kind, cases
from workflows.journey.reading import OPEN_STATES
from workflows.rules.calendar import CRE_DAY


def records() -> tuple[Kind, ...]:
    def to_send(actor: Actor, today: date) -> Condition:
        return sa.exists().where(*open_of("cre"), Deadline.due_on <= RECORDS_DUE)

    def sent_back(actor: Actor, today: date) -> Condition:
        own = (ProgressRecord.application_id == Application.id, ProgressRecord.state == "returned")
        return sa.exists().where(*own)

    def to_validate(actor: Actor, today: date) -> Condition:
        """From what waits, which is little, rather than from every record of every operation."""
        waiting = sa.select(ProgressRecord.application_id).where(
            ProgressRecord.territory_id.in_(actor.territories), ProgressRecord.state == "submitted"
        )
        return Application.id.in_(waiting)

    def validating(actor: Actor, today: date) -> sa.Select[Any]:
        """Since the first of them came."""
        mine = (ProgressRecord.territory_id.in_(actor.territories), ProgressRecord.state == "submitted")
        since = _first(ProgressRecord.submitted_at, *mine)
        found = cases("slai", OPEN_STATES, to_validate, due=first_day("cre_validation"), since=since)
        return found(actor, today)

    def kind(role: str, code: str, find: Any, verb: str, why: str, page: str, ahead: int | None = None) -> Kind:
        acts, whys = {"": (verb, None)}, {"": why}
        return Kind(f"{role}.{code}", role, "mine", find, acts, whys, page=page, states=OPEN_STATES, ahead=ahead)

    returned_at = _first(ProgressRecord.state_since, ProgressRecord.state == "returned")
    return (
        kind(
            "applicant",
            "records",
            cases("applicant", OPEN_STATES, to_send, due=first_day("cre")),
            "Remettre les CRE du mois",
            "Un mois est fini : ses comptes rendus sont attendus par le SLAI",
            "records",
            ahead=CRE_DAY - 1,
        ),
        kind(
            "applicant",
            "returned_records",
            cases("applicant", OPEN_STATES, sent_back, due=first_day("cre_validation"), since=returned_at),
            "Corriger des CRE",
            "Le SLAI a renvoyé des comptes rendus, avec son motif",
            "records",
        ),
        kind(
            "slai",
            "records",
            validating,
            "Valider des CRE",
            "Le porteur a remis des comptes rendus de votre territoire",
            "waiting_records",
        ),
    )


def _first(instant: Any, *which: Condition) -> Any:
    """The earliest instant of these records of a case."""
    mine = (ProgressRecord.application_id == Application.id, *which)
    return sa.select(sa.func.min(instant)).where(*mine).scalar_subquery()


def open_of(*kinds: str) -> tuple[Condition, ...]:
    """The deadlines of a case owed now: nothing else is awaited before them."""
    owed = (Deadline.status == "open", Deadline.awaits_id.is_(None), Deadline.kind.in_(kinds))
    return (Deadline.application_id == Application.id, *owed)


def first_day(*kinds: str) -> Any:
    """The earliest day of these deadlines."""
    return sa.select(sa.func.min(Deadline.due_on)).where(*open_of(*kinds)).scalar_subquery()
