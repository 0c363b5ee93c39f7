"""Checks on what was entered for a journey: each returns the field at fault with its French sentence."""

from __future__ import annotations

from datetime import date, timedelta

from casework.french import long_date
from casework.participants import Suspension
from workflows.engine import Check, Context
from workflows.inputs import decimal_of
from workflows.journey import reading
from workflows.rules.exits import contract_contradicts, exit_kind, hours_fault
from workflows.versions import scheme_of

Errors = dict[str, str]


def not_in_the_future(name: str) -> Check:
    def check(context: Context) -> Errors:
        return {name: "Cette date est dans le futur."} if context.answers[name] > context.day else {}

    return check


def entry_inside_convention(context: Context) -> Errors:
    """People enter during the operation, from its first day to its effective end."""
    convention = context.case.application.convention
    end = convention.last_on
    if not convention.starts_on <= context.answers["entered_on"] <= end:
        period = f"du {long_date(convention.starts_on)} au {long_date(end)}"
        return {"entered_on": f"La convention couvre la période {period} : l’entrée doit s’y trouver."}
    return {}


def entry_apart_from_others(context: Context) -> Errors:
    """Re-entry is a new journey: it begins after the end of the one before."""
    return _apart(context, "entered_on", context.answers["entered_on"], context.case.exited_on)


def exit_apart_from_others(context: Context) -> Errors:
    """A corrected exit stays before the re-entry: nobody is followed twice on one day."""
    return _apart(context, "exited_on", context.case.entered_on, context.answers["exited_on"])


def _apart(context: Context, name: str, entered_on: date, exited_on: date | None) -> Errors:
    for other in reading.other_entries(context.session, context.case):
        begun, ended = other.entered_on or date.max, other.exited_on or date.max
        if entered_on <= ended and begun <= (exited_on or date.max):
            since = long_date(begun)
            period = f"du {since} au {long_date(ended)}" if other.exited_on else f"depuis le {since}"
            return {name: f"Cette personne a déjà un parcours dans cette opération, {period}."}
    return {}


def entry_before_what_followed(context: Context) -> Errors:
    case, entered_on = context.case, context.answers["entered_on"]
    following: list[date] = [suspension.started_on for suspension in case.suspensions]
    following += [case.exited_on] if case.exited_on else []
    if following and entered_on > min(following):
        return {"entered_on": f"Le parcours a une suspension ou une sortie dès le {long_date(min(following))}."}
    return {}


def suspension_in_order(context: Context) -> Errors:
    started_on = context.answers["started_on"]
    if started_on < context.case.entered_on:
        return {"started_on": f"La personne est entrée le {long_date(context.case.entered_on)}."}
    last = max((s.ended_on for s in context.case.suspensions if s.ended_on), default=None)
    if last is not None and started_on <= last:
        return {"started_on": f"Une suspension précédente court jusqu’au {long_date(last)}."}
    return {}


def resumption_after_suspension(context: Context) -> Errors:
    started_on = open_suspension(context).started_on
    if context.answers["resumed_on"] <= started_on:
        return {"resumed_on": f"La suspension a commencé le {long_date(started_on)} : la reprise vient après."}
    return {}


def exit_in_order(context: Context) -> Errors:
    case, exited_on = context.case, context.answers["exited_on"]
    if exited_on < case.entered_on:
        return {"exited_on": f"La sortie ne peut pas précéder l’entrée, le {long_date(case.entered_on)}."}
    first = max((_first_day_out(context, suspension) for suspension in case.suspensions), default=exited_on)
    if exited_on < first:
        return {"exited_on": f"À cause d’une suspension, la sortie ne peut pas précéder le {long_date(first)}."}
    return {}


def _first_day_out(context: Context, suspension: Suspension) -> date:
    """A suspension that ends with the exit moves with it; after any other one, the journey was resumed."""
    if suspension.ended_on is None or suspension.ended_on == context.case.exited_on:
        return suspension.started_on
    return suspension.ended_on + timedelta(days=1)


def contract_is_what_is_said(context: Context) -> Errors:
    """The dates of the contract, when given, are those of the chosen type: the classification depends on them."""
    answers = context.answers
    starts_on, ends_on = answers["contract_starts_on"], answers["contract_ends_on"]
    if ends_on is not None and starts_on is None:
        return {"contract_starts_on": "Indiquez aussi le début du contrat."}
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        return {"contract_ends_on": "Le contrat ne peut pas finir avant d’avoir commencé."}
    kind = exit_kind(scheme_of(context.case.application), answers["exit_kind"])
    fault = contract_contradicts(kind, starts_on, ends_on)
    return {"exit_kind": fault} if fault else {}


def hours_are_plausible(context: Context) -> Errors:
    hours = decimal_of(context.answers["weekly_hours"])
    fault = hours_fault(context.answers["working_time"], None if hours is None else float(hours))
    return {"weekly_hours": fault} if fault else {}


def open_suspension(context: Context) -> Suspension:
    """The suspension that runs. Raises LookupError."""
    found: Suspension | None = next((s for s in context.case.suspensions if s.ended_on is None), None)
    if found is None:
        raise LookupError("no suspension is open")
    return found
