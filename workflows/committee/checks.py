"""What is refused in the answers about a committee, at its own field."""

from __future__ import annotations

from collections.abc import Mapping

from casework.committees import Committee
from casework.french import long_date
from workflows.committee.seats import wrong_others
from workflows.engine import Check, Context


def a_day_to_come(context: Context) -> Mapping[str, str]:
    if context.answers["day"] < context.day:
        return {"day": "Cette date est passée : un comité déjà tenu s’enregistre par « Enregistrer la tenue »."}
    return {}


def within_operation(name: str) -> Check:
    """The committees of an operation are held from its first day on."""

    def check(context: Context) -> Mapping[str, str]:
        committee: Committee = context.case
        convention = committee.application.convention
        if convention is not None and context.answers[name] < convention.starts_on:
            return {name: f"L’opération commence le {long_date(convention.starts_on)}."}
        return {}

    return check


def readable_others(context: Context) -> Mapping[str, str]:
    sentence = wrong_others(context.answers.get("others") or "", invited=True)
    return {"others": sentence} if sentence else {}


def readable_arrivals(context: Context) -> Mapping[str, str]:
    sentence = wrong_others(context.answers.get("came") or "", invited=False)
    return {"came": sentence} if sentence else {}


def held_already(context: Context) -> Mapping[str, str]:
    return {"held_on": "Cette date est dans le futur."} if context.answers["held_on"] > context.day else {}


def due_later(context: Context) -> Mapping[str, str]:
    due_on, committee = context.answers.get("due_on"), context.case
    if due_on is not None and due_on < committee.day:
        return {"due_on": f"Le comité s’est tenu le {long_date(committee.day)} : choisissez un jour qui suit."}
    return {}
