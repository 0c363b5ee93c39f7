"""Recording that the information notice was given to a participant: at the entry, or whenever it was done."""

from __future__ import annotations

from datetime import timedelta

from casework.clock import paris_day
from casework.french import long_date
from casework.information import WAYS, InformationGiven
from casework.people import Actor
from casework.permissions import may_journey
from workflows.engine import Case, Context
from workflows.inputs import Input
from workflows.journey import inputs
from workflows.journey.departures import entry_confirmation
from workflows.journey.milestones import college_question

WAY = "informed"
LONGEST_BEFORE = timedelta(days=92)
_HELP = "La notice du dispositif se lit et s’imprime depuis la page du parcours."


def power(actor: Actor, case: Case) -> bool:
    """Whoever meets the person: the operator, or the SLAI that orients her."""
    return may_journey(actor, "journey.orient", case)


def admission(context: Context) -> tuple[Input, ...]:
    """What the entry asks, and whether the person was informed that day."""
    ways = tuple(WAYS.items())
    label = "Notice d’information sur ses données"
    unsaid = f"Laissez vide si ce n’est pas encore fait. {_HELP}"
    return (
        *inputs.admission(context),
        *college_question(context.case),
        *entry_confirmation(context),
        Input(WAY, label, "choice", required=False, choices=ways, help=unsaid),
    )


def given(context: Context) -> tuple[Input, ...]:
    return (
        Input("given_on", "Donnée le", "date", value=context.day),
        Input(WAY, "Comment", "choice", choices=tuple(WAYS.items()), help=_HELP),
    )


def likely_day(context: Context) -> dict[str, str]:
    """Nobody is informed long before being oriented: another year was typed."""
    oriented_on = paris_day(context.case.oriented_at)
    if context.answers["given_on"] < oriented_on - LONGEST_BEFORE:
        return {"given_on": f"Vérifiez cette date : la personne a été orientée le {long_date(oriented_on)}."}
    return {}


def record_at_entry(context: Context) -> None:
    if context.answers[WAY] is not None:
        _record(context, "entered_on")


def record(context: Context) -> None:
    _record(context, "given_on")


def _record(context: Context, day: str) -> None:
    context.session.add(
        InformationGiven(
            journey_id=context.case.id,
            given_on=context.answers[day],
            way=context.answers[WAY],
            recorded_at=context.act.at,
            recorded_by_id=context.act.actor.user_id,
        )
    )
