"""Who may do what to an application, and the groups of states that several moves share."""

from __future__ import annotations

from casework.people import Actor
from casework.permissions import may
from workflows.engine import Case, Power

BEFORE_DECISION = ("submitted", "slai_opinion", "instruction", "instructed")
BEFORE_SIGNATURE = ("deposited", *BEFORE_DECISION, "convention")
FUNDED = ("convention", "advance", "execution", "bilan", "balance")


def power(permission: str) -> Power:
    """Who may: a role that has this permission, within its scope."""

    def allowed(actor: Actor, case: Case) -> bool:
        return may(actor, permission, case)

    return allowed


def on_behalf_or(permission: str) -> Power:
    """The applicant itself, or the services for a file received by another channel."""

    def allowed(actor: Actor, case: Case) -> bool:
        own = may(actor, "application.answer", case)
        return own or (case.channel != "casework" and may(actor, permission, case))

    return allowed


INSTRUCT = power("application.instruct")
DECIDE = power("application.decide")
PAY = power("payment.order")
