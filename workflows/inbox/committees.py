"""The committees that wait: to convene, to minute, to accept, held without a mandatory body; late decisions."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.applications import Application
from casework.committees import Committee, CommitteeDecision
from casework.people import Actor
from workflows.committee.guards import RUNNING_STATES
from workflows.inbox.kind import CONVENED_BY, TODAY, Condition, Find, Kind, cases

COMING_STATES = ("advance", "execution")
_TO_CONVENE = (Committee.state == "planned", Committee.day <= CONVENED_BY, Committee.led_by == "applicant")
_TO_MINUTE = (Committee.state == "held", ~Committee.earlier)
_TO_ACCEPT = (Committee.state == "minuted", Committee.led_by == "applicant")
_WITHOUT = (Committee.state.in_(("held", "minuted")), Committee.absent != "")
_LATE = (CommitteeDecision.status == "open", CommitteeDecision.due_on < TODAY)


def committees() -> tuple[Kind, ...]:
    operator = Committee.led_by == "applicant"
    return (
        _kind("applicant", "convene", _those("applicant", *_TO_CONVENE), "Convoquer un comité", "Un comité approche"),
        _kind(
            "applicant",
            "minutes",
            _those("applicant", *_TO_MINUTE, operator, due=False),
            "Rédiger le compte rendu d’un comité",
            "Un comité s’est tenu",
        ),
        _kind(
            "applicant",
            "decisions",
            cases("applicant", RUNNING_STATES, _late, due=_first_late()),
            "Suivre les décisions d’un comité",
            "Une décision attend une suite",
        ),
        _kind(
            "slai",
            "minutes_read",
            _those("slai", *_TO_ACCEPT, due=False),
            "Accepter le compte rendu d’un comité",
            "Le porteur a validé un compte rendu",
        ),
        *_of_officers("mine"),
        *_of_officers("service"),
    )


def _of_officers(group: str) -> tuple[Kind, ...]:
    """On its own cases ("mine"), on those that nobody has taken ("service")."""
    why_without = "Un membre obligatoire manquait ; le compte rendu n’est pas encore accepté"
    without = _those("officer", *_WITHOUT, due=False, group=group)
    led = _those("officer", *_TO_MINUTE, Committee.led_by == "officer", due=False, group=group)
    return (
        _kind("officer", "without", without, "Voir un comité incomplet", why_without, group),
        _kind("officer", "minutes", led, "Rédiger le compte rendu d’une réunion", "Une réunion s’est tenue", group),
    )


def _kind(role: str, code: str, find: Find, verb: str, why: str, group: str = "mine") -> Kind:
    acts: dict[str, tuple[str, str | None]] = {"": (verb, None)}
    officer = {"mine": "mine", "service": "none"}[group] if role == "officer" else None
    return Kind(
        f"{role}.committee_{code}" if group == "mine" else f"{role}.{group}.committee_{code}",
        role,
        group,
        find,
        acts,
        {"": why},
        page="committees",
        states=RUNNING_STATES,
        officer=officer,
    )


def _those(role: str, *conditions: Condition, due: bool = True, group: str = "mine") -> Find:
    """The operations with such a committee: few have one, so the list starts from them."""
    states = COMING_STATES if due else RUNNING_STATES
    day: Any = _first(Committee.day, conditions) if due else sa.null().cast(sa.Date)

    def having(actor: Actor, today: date) -> Condition:
        found = Application.id.in_(sa.select(Committee.application_id).where(*conditions))
        if role != "officer":
            return found
        return found & (
            Application.officer_id == actor.user_id if group == "mine" else Application.officer_id.is_(None)
        )

    return cases(role, states, having, due=day, since=_first(Committee.state_since, conditions))


def _first(column: Any, conditions: tuple[Condition, ...]) -> Any:
    own = Committee.application_id == Application.id
    return sa.select(sa.func.min(column)).where(own, *conditions).scalar_subquery()


def _late(actor: Actor, today: date) -> Condition:
    return Application.id.in_(sa.select(CommitteeDecision.application_id).where(*_LATE))


def _first_late() -> Any:
    own = CommitteeDecision.application_id == Application.id
    return sa.select(sa.func.min(CommitteeDecision.due_on)).where(own, *_LATE).scalar_subquery()
