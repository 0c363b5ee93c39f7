"""The committees that wait: to convene, to say held, to minute, to accept, incomplete; late decisions.

Whoever leads a committee convenes and minutes it, and follows its decisions: the operator, or the officer in 3.13.
Those of an operation that wait for the same thing are one task, which opens the committee when there is only one.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.applications import Application
from casework.committees import COMING_STATES, Committee, CommitteeDecision
from casework.people import Actor
from workflows.committee.guards import MOVABLE_STATES, RUNNING_STATES
from workflows.inbox.kind import CONVENED_BY, CONVENED_DAYS, TODAY, Condition, Find, Kind, cases

_COMING: dict[str, tuple[str, ...]] = {"convene": ("advance", "execution"), "held": MOVABLE_STATES}
"""What waits for a day, and the states of the operations where it does."""
_TO_CONVENE = (Committee.state == "planned", Committee.day >= TODAY, Committee.day <= CONVENED_BY)
_TO_SAY_HELD = (Committee.state.in_(COMING_STATES), Committee.day < TODAY)
_TO_MINUTE = (Committee.state == "held", ~Committee.earlier)
_TO_ACCEPT = (Committee.state == "minuted",)
_BY_OPERATOR, _BY_OFFICER = Committee.led_by == "applicant", Committee.led_by == "officer"
_WITHOUT = (Committee.state.in_(("held", "minuted")), Committee.absent != "")
_LATE = (
    CommitteeDecision.committee_id == Committee.id,
    CommitteeDecision.status == "open",
    CommitteeDecision.due_on < TODAY,
)
_AHEAD = {"convene": CONVENED_DAYS, "held": -1, "decisions": -1}
_ACTIONS = {
    "convene": "convene",
    "held": "hold_committee",
    "minutes": "validate_minutes",
    "decisions": "settle_decision",
    "minutes_read": "acknowledge_minutes",
}
_FOLLOW = (
    "Suivre les décisions d’un comité",
    "Une décision attend une suite",
    "Des comités ont une décision en retard",
)
_PAST = "Sa date est passée, sa tenue n’est pas enregistrée", "Leur date est passée, leur tenue n’est pas enregistrée"


def committees() -> tuple[Kind, ...]:
    def led(code: str, conditions: tuple[Condition, ...], *words: str) -> Kind:
        return _kind("applicant", code, _those("applicant", code, *conditions, _BY_OPERATOR), *words)

    read = ("Accepter le compte rendu d’une réunion", "Le Département a validé un compte rendu")
    by_slai = _those("slai", "minutes_read", *_TO_ACCEPT, _BY_OPERATOR)
    return (
        led("convene", _TO_CONVENE, "Convoquer un comité", "Un comité approche", "Des comités approchent"),
        led("held", _TO_SAY_HELD, "Enregistrer la tenue d’un comité", *_PAST),
        led("minutes", _TO_MINUTE, "Rédiger le compte rendu d’un comité", "Un comité s’est tenu", "Comités tenus"),
        _kind("applicant", "decisions", _late("applicant", _BY_OPERATOR), *_FOLLOW),
        _kind(
            "applicant",
            "minutes_read",
            _those("applicant", "minutes_read", *_TO_ACCEPT, _BY_OFFICER),
            *read,
            "Comptes rendus",
        ),
        _kind(
            "slai",
            "minutes_read",
            by_slai,
            "Accepter le compte rendu d’un comité",
            "Le porteur a validé un compte rendu",
            "Comptes rendus validés par le porteur",
        ),
        *_of_officers("mine"),
        *_of_officers("service"),
    )


def _of_officers(group: str) -> tuple[Kind, ...]:
    """On its own cases ("mine"), on those that nobody has taken ("service")."""

    def kind(code: str, find: Find, *words: str) -> Kind:
        return _kind("officer", code, find, *words, group=group)

    def led(code: str, conditions: tuple[Condition, ...], *words: str) -> Kind:
        return kind(code, _those("officer", code, *conditions, _BY_OFFICER, group=group), *words)

    missing = "Un membre obligatoire manquait ; le compte rendu n’est pas encore accepté"
    several = "Un membre obligatoire y manquait ; leurs comptes rendus ne sont pas encore acceptés"
    return (
        kind(
            "without",
            _those("officer", "without", *_WITHOUT, group=group),
            "Voir un comité incomplet",
            missing,
            several,
        ),
        led("convene", _TO_CONVENE, "Convoquer une réunion", "Une réunion approche", "Réunions proches"),
        led("held", _TO_SAY_HELD, "Enregistrer la tenue d’une réunion", *_PAST),
        led(
            "minutes", _TO_MINUTE, "Rédiger le compte rendu d’une réunion", "Une réunion s’est tenue", "Réunions tenues"
        ),
        kind("decisions", _late("officer", _BY_OFFICER, group=group), *_FOLLOW),
    )


def _kind(role: str, code: str, find: Find, verb: str, why: str, several: str, *, group: str = "mine") -> Kind:
    acts: dict[str, tuple[str, str | None]] = {"": (verb, None)}
    officer = {"mine": "mine", "service": "none"}[group] if role == "officer" else None
    action = _ACTIONS.get(code)
    return Kind(
        f"{role}.committee_{code}" if group == "mine" else f"{role}.{group}.committee_{code}",
        role,
        group,
        find,
        acts,
        {"": f"{several} : {{detail}}", "1": why},
        page="committees",
        states=RUNNING_STATES,
        officer=officer,
        ahead=_AHEAD.get(code),
        one=f"/comites/{{key}}?action={action}#action-{action}" if action else "/comites/{key}",
    )


def _those(role: str, code: str, *conditions: Condition, group: str = "mine") -> Find:
    """The operations with such a committee: few have one, so the list starts from them."""
    day: Any = _first(Committee.day, conditions) if code in _COMING else sa.null().cast(sa.Date)

    def having(actor: Actor, today: date) -> Condition:
        found = Application.id.in_(sa.select(Committee.application_id).where(*conditions))
        return found & _taken(actor, group) if role == "officer" else found

    return cases(
        role,
        _COMING.get(code, RUNNING_STATES),
        having,
        due=day,
        since=_first(Committee.state_since, conditions),
        detail=_which(Committee, Committee.id, conditions),
    )


def _which(table: Any, key: Any, conditions: tuple[Condition, ...]) -> Any:
    """How many there are, and the first: « 3:118 »."""
    own = table.application_id == Application.id
    number = sa.cast(sa.func.count(key.distinct()), sa.String)
    return sa.select(number + ":" + sa.cast(sa.func.min(key), sa.String)).where(own, *conditions).scalar_subquery()


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

    return cases(
        role,
        RUNNING_STATES,
        having,
        due=first(CommitteeDecision.due_on),
        since=first(Committee.state_since),
        detail=_which(CommitteeDecision, CommitteeDecision.committee_id, (*_LATE, led)),
    )


def _taken(actor: Actor, group: str) -> Condition:
    return Application.officer_id == actor.user_id if group == "mine" else Application.officer_id.is_(None)
