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

    def kind(role: str, code: str, find: Any, verb: str, why: str, page: str) -> Kind:
        return Kind(f"{role}.{code}", role, "mine", find, {"": (verb, None)}, {"": why}, page=page, states=OPEN_STATES)

    return (
        kind(
            "applicant",
            "records",
            cases("applicant", OPEN_STATES, to_send, due=first_day("cre")),
            "Remettre les CRE du mois",
            "Un mois est fini : ses comptes rendus sont attendus par le SLAI",
            "records",
        ),
        kind(
            "applicant",
            "returned_records",
            cases("applicant", OPEN_STATES, sent_back, due=first_day("cre_validation")),
            "Corriger des CRE",
            "Le SLAI a renvoyé des comptes rendus, avec son motif",
            "records",
        ),
        kind(
            "slai",
            "records",
            cases("slai", OPEN_STATES, to_validate, due=first_day("cre_validation")),
            "Valider des CRE",
            "Le porteur a remis des comptes rendus de votre territoire",
            "waiting_records",
        ),
    )


def open_of(*kinds: str) -> tuple[Condition, ...]:
    """The deadlines of a case owed now: nothing else is awaited before them."""
    owed = (Deadline.status == "open", Deadline.awaits_id.is_(None), Deadline.kind.in_(kinds))
    return (Deadline.application_id == Application.id, *owed)


def first_day(*kinds: str) -> Any:
    """The earliest day of these deadlines."""
    return sa.select(sa.func.min(Deadline.due_on)).where(*open_of(*kinds)).scalar_subquery()
