"""What follows from each move of a journey, in the same transaction."""

from __future__ import annotations

from datetime import timedelta

from casework.identities import Person, age_on
from casework.participants import JourneyWarning, Suspension
from workflows.engine import Context
from workflows.inputs import decimal_of
from workflows.journey.checks import open_suspension
from workflows.journey.reading import entry_warnings
from workflows.rules.exits import exit_kind
from workflows.versions import scheme_of

_UNTOLD = ("employer_name", "employer_town", "next_step")
"""What the journal does not repeat of an exit: where somebody works is for who follows her."""


def validate(context: Context) -> None:
    context.case.validated_at = context.act.at
    context.case.validated_by_id = context.act.actor.user_id


def admit(context: Context) -> None:
    """The entry, its age, on which the youth share is measured, and what the rules said of it, in words that stay."""
    case, session, entered_on = context.case, context.session, context.answers["entered_on"]
    with session.no_autoflush:
        person = session.get_one(Person, case.person_id)
        found = entry_warnings(session, case, person, entered_on)
        case.entered_on, case.age_at_entry = entered_on, age_on(person.birth_date, entered_on)
        standing = {warning.code for warning in case.warnings}
        case.warnings += [
            JourneyWarning(
                code=entry.warning.code,
                sentence=entry.warning.full_sentence,
                to_accept=entry.to_accept,
                raised_at=context.act.at,
            )
            for entry in found
            if entry.warning.code not in standing
        ]


def suspend(context: Context) -> None:
    context.case.suspensions.append(Suspension(started_on=context.answers["started_on"]))


def resume(context: Context) -> None:
    """The day of resumption is no longer a suspended one."""
    open_suspension(context).ended_on = context.answers["resumed_on"] - timedelta(days=1)


def leave(context: Context) -> None:
    """The exit, classed by the scheme's own list; a suspension that runs ends with it."""
    case, answers = context.case, context.answers
    with context.session.no_autoflush:
        kind = exit_kind(scheme_of(case.application), answers["exit_kind"])
        for suspension in case.suspensions:
            if suspension.ended_on is None or suspension.ended_on == case.exited_on:
                suspension.ended_on = answers["exited_on"]
        case.exited_on, case.exit_kind, case.exit_family = answers["exited_on"], kind.label, kind.family
        case.contract_starts_on, case.contract_ends_on = answers["contract_starts_on"], answers["contract_ends_on"]
        case.employer_name, case.employer_town = answers["employer_name"] or "", answers["employer_town"] or ""
        case.working_time, hours = answers["working_time"] or None, decimal_of(answers["weekly_hours"])
        case.weekly_minutes = None if hours is None else round(hours * 60)
        case.next_step = answers.get("next_step") or None
    kept = {name: value for name, value in answers.items() if name not in _UNTOLD}
    context.told.update(kept)


def link_evidence(context: Context) -> None:
    context.case.evidence_id = int(context.answers["evidence"])


def accept_warning(context: Context) -> None:
    code = context.answers["warning"]
    warning = next(warning for warning in context.case.warnings if warning.code == code)
    warning.accepted_at = context.act.at
    warning.accepted_by_id = context.act.actor.user_id
