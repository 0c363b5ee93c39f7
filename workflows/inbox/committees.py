"""The committees that wait: to convene, to minute, to accept, held without a mandatory body; late decisions.

Whoever leads a committee convenes and minutes it, and follows its decisions: the operator, or the officer in 3.13.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.applications import Application
from casework.committees import Committee, CommitteeDecision
from casework.people import Actor
from workflows.committee.guards import RUNNING_STATES
from workflows.inbox.kind import CONVENED_BY, CONVENED_DAYS, TODAY, Condition, Find, Kind, cases

COMING_STATES = ("advance", "execution")
_TO_CONVENE = (Committee.state == "planned", Committee.day <= CONVENED_BY)
_TO_MINUTE = (Committee.state == "held", ~Committee.earlier)
_TO_ACCEPT = (Committee.state == "minuted",)
_BY_OPERATOR, _BY_OFFICER = Committee.led_by == "applicant", Committee.led_by == "officer"
_WITHOUT = (Committee.state.in_(("held", "minuted")), Committee.absent != "")
_LATE = (
    CommitteeDecision.committee_id == Committee.id,
    CommitteeDecision.status == "open",
    CommitteeDecision.due_on < TODAY,
)
_AHEAD = {"convene": CONVENED_DAYS, "decisions": -1}
_FOLLOW = ("Suivre les décisions d’un comité", "Une décision attend une suite")


def committees() -> tuple[Kind, ...]:
    convene = _those("applicant", *_TO_CONVENE, _BY_OPERATOR)
    return (
        _kind("applicant", "convene", convene, "Convoquer un comité", "Un comité approche"),
        _kind(
            "applicant",
            "minutes",
            _those("applicant", *_TO_MINUTE, _BY_OPERATOR, due=False),
            "Rédiger le compte rendu d’un comité",
            "Un comité s’est tenu",
        ),
        _kind("applicant", "decisions", _late("applicant", _BY_OPERATOR), *_FOLLOW),
        _kind(
            "applicant",
            "minutes_read",
            _those("applicant", *_TO_ACCEPT, _BY_OFFICER, due=False),
            "Accepter le compte rendu d’une réunion",
            "Le Département a validé un compte rendu",
        ),
        _kind(
            "slai",
            "minutes_read",
            _those("slai", *_TO_ACCEPT, _BY_OPERATOR, due=False),
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
    convene = _those("officer", *_TO_CONVENE, _BY_OFFICER, group=group)
    led = _those("officer", *_TO_MINUTE, _BY_OFFICER, due=False, group=group)
    return (
        _kind("officer", "without", without, "Voir un comité incomplet", why_without, group),
        _kind("officer", "convene", convene, "Convoquer une réunion", "Une réunion approche", group),
        _kind("officer", "minutes", led, "Rédiger le compte rendu d’une réunion", "Une réunion s’est tenue", group),
        _kind("officer", "decisions", _late("officer", _BY_OFFICER, group=group), *_FOLLOW, group),
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
        ahead=_AHEAD.get(code),
    )


def _those(role: str, *conditions: Condition, due: bool = True, group: str = "mine") -> Find:
    """The operations with such a committee: few have one, so the list starts from them."""
    states = COMING_STATES if due else RUNNING_STATES
    day: Any = _first(Committee.day, conditions) if due else sa.null().cast(sa.Date)

    def having(actor: Actor, today: date) -> Condition:
        found = Application.id.in_(sa.select(Committee.application_id).where(*conditions))
        return found & _taken(actor, group) if role == "officer" else found

    return cases(role, states, having, due=day, since=_first(Committee.state_since, conditions))


def _first(column: Any, conditions: tuple[Condition, ...]) -> Any:
    own = Committee.application_id == Application.id
    return sa.select(sa.func.min(column)).where(own, *conditions).scalar_subquery()


def _late(role: str, led: Condition, group: str = "mine") -> Find:
    """The operations where a decision of such a committee is late, from the first day when one was due."""

    def having(actor: Actor, today: date) -> Condition:
        found = Application.id.in_(sa.select(CommitteeDecision.application_id).where(*_LATE, led))
        return found & _taken(actor, group) if role == "officer" else found

    own = CommitteeDecision.application_id == Application.id

    def first(column: Any) -> Any:
        return sa.select(sa.func.min(column)).where(own, *_LATE, led).scalar_subquery()

    return cases(role, RUNNING_STATES, having, due=first(CommitteeDecision.due_on), since=first(Committee.state_since))


def _taken(actor: Actor, group: str) -> Condition:
    return Application.officer_id == actor.user_id if group == "mine" else Application.officer_id.is_(None)
