"""Ending a convention before its term for a failure: what is asked, checked, and what follows.

The report is owed on what was done until the effective date, then controlled like any other: it leads to a balance, or
to the recovery of what the advance has over what is accepted. Why: docs/decisions/0009-a-termination-is-settled.md.
"""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from casework import deadlines
from casework.applications import Application, FinalReport
from casework.deadlines import Deadline
from casework.expenses import expenses_of
from casework.french import counted, long_date, short_date
from casework.participants import LIVE_STATES, Journey
from workflows.application import effects
from workflows.application.guards import payment
from workflows.application.notices import tell
from workflows.application.obligations import known_deadlines, recompute_operation
from workflows.application.reading import balance_of
from workflows.application.reporting import result_inputs
from workflows.engine import Context
from workflows.inputs import REASON, Input
from workflows.journey.reading import has_participants
from workflows.rules.calendar import kept_day
from workflows.rules.explanation import line_source
from workflows.versions import scheme_of

Errors = dict[str, str]
_UNSENT = "Bilan non remis."


def inputs(context: Context) -> tuple[Input, ...]:
    last = context.case.convention.last_on
    when = Input("ended_on", "Date d’effet", "date", value=min(context.day, last), help="Dernier jour de l’opération.")
    return (when, REASON)


def in_the_convention(context: Context) -> Errors:
    """From its first signature to its term; once the operation is over, it may only have ended earlier."""
    convention = context.case.convention
    first, last = convention.signed_on or convention.sent_on, convention.last_on
    if first <= context.answers["ended_on"] <= last:
        return {}
    return {"ended_on": f"Choisissez une date entre le {long_date(first)} et le {long_date(last)}."}


def is_terminated(case: Application) -> bool:
    return case.convention is not None and case.convention.terminated_on is not None


def nothing_is_ordered_and_unpaid(context: Context) -> str | None:
    advance = payment(context, "advance")
    if advance is None or advance.paid_on is not None:
        return None
    return "L’avance est ordonnée mais pas payée : la finance doit d’abord l’annuler."


def may_be_terminated(context: Context) -> bool:
    case = context.case
    return case.convention is not None and not is_terminated(case) and case.report is None


def is_to_come(context: Context) -> bool:
    """The convention is terminated from a day that has not passed yet."""
    return is_terminated(context.case) and context.case.convention.terminated_on > context.day


def has_taken_effect(context: Context) -> str | None:
    if not is_terminated(context.case):
        return "La convention n’est pas résiliée."
    convention = context.case.convention
    if convention.terminated_on > context.day:
        return f"La résiliation prend effet le {long_date(convention.terminated_on)}."
    return None


def nothing_began(context: Context) -> str | None:
    """Terminated before its first day, and nothing paid: nobody owes anything."""
    convention = context.case.convention
    if not is_terminated(context.case) or convention.terminated_on >= convention.starts_on:
        return "L’opération a commencé."
    return "Une avance a été versée." if payment(context, "advance") else None


def was_terminated(context: Context) -> str | None:
    return None if is_terminated(context.case) else "La convention n’est pas résiliée."


def terminate(context: Context) -> None:
    """Nothing new begins; what the operation owes after that day no longer stands, its report comes sooner."""
    convention, answers = context.case.convention, context.answers
    convention.terminated_on = convention.ended_on = answers["ended_on"]
    convention.termination_reason = answers["reason"]
    effects.cancels("advance")(context)
    recompute_operation(context, keep_extended=False)


def tell_everybody(context: Context) -> None:
    """What the applicant owes now (a report, or nothing when nothing began), and who else plans around it."""
    tell("terminated" if nothing_began(context) else "terminated_unstarted")(context)
    tell("terminated_finance")(context)
    if has_participants(context.case):
        tell("terminated_slai")(context)


def cancel(context: Context) -> None:
    """The termination had not taken effect: the operation goes on to its term."""
    convention = context.case.convention
    convention.terminated_on = convention.ended_on = convention.termination_reason = None
    if context.case.state == "advance":
        days, line = context.act.settings.advance_days, scheme_of(context.case).payment.line
        effects.plan_from_act(context, "advance", days=days, owed_by="finance", line=line, since="résiliation annulée")
    recompute_operation(context)


def every_journey_is_closed(context: Context) -> str | None:
    """Nobody is still accompanied once the convention is terminated: each journey has its exit, before the report."""
    if not is_terminated(context.case):
        return None
    live = sa.select(sa.func.count(Journey.id)).where(
        Journey.application_id == context.case.id, Journey.state.in_(LIVE_STATES)
    )
    number = context.session.scalar(live) or 0
    if not number:
        return None
    return f"La convention est résiliée : {counted(number, 'parcours est encore', 'parcours sont encore')} à clore."


def _awaited(context: Context) -> Deadline | None:
    known = known_deadlines(context)
    return next((one for one in known if one.kind == "final_report" and one.status == "open"), None)


def report_is_overdue(context: Context) -> str | None:
    due = _awaited(context)
    if due is not None and due.due_on >= context.day:
        return f"Le porteur a jusqu’au {long_date(due.due_on)} pour remettre son bilan."
    return None


def record_missing_report(context: Context) -> None:
    """No report came: nothing is justified. The applicant is told, and may still answer or send its report.

    What it had begun to write is not sent, so none of its expenses is kept.
    """
    session, case, act = context.session, context.case, context.act
    for line in expenses_of(session, case.id):
        if line.spent_cents:
            line.decision, line.accepted_cents, line.reason, line.comment = "refused", 0, "no_evidence", _UNSENT
            line.intended_cents, line.answer = 0, ""
    results = {item.name: 0 for item in result_inputs(case, {})}
    accepted = {"other_funding": 0}
    answer_due_on = kept_day(scheme_of(case), context.day + timedelta(days=act.settings.answer_days))
    case.report = FinalReport(
        narrative=_UNSENT,
        declared=dict(accepted),
        results=results,
        submitted_at=act.at,
        partial=context.answers["reason"],
        intended_at=act.at,
        answer_due_on=answer_due_on,
        observations=context.answers["reason"],
    )
    session.flush()
    due_cents = balance_of(session, case, accepted, {**results, "quality_pct": 0}).due_cents
    case.report.intended = {
        "accepted": accepted,
        "results": {**results, **_no_quality(case)},
        "due_cents": due_cents,
    }
    deadlines.settle(session, case, "final_report", status="cancelled", at=act.at, outcome="Aucun bilan remis.")
    _plan_answer(context, answer_due_on)


def _no_quality(case: Application) -> dict[str, int]:
    split = scheme_of(case).funding.conditional_split
    return {"quality_pct": 0} if any(part.measure == "quality" for part in split) else {}


def _plan_answer(context: Context, due_on: date) -> None:
    scheme, days = scheme_of(context.case), context.act.settings.answer_days
    deadlines.plan(
        context.session,
        context.case,
        "control_answer",
        due_on=due_on,
        owed_by="applicant",
        source=f"Fiche {scheme.code}, {line_source(scheme.final_report.line)}",
        computed=f"absence de bilan constatée le {short_date(context.day)}, {days} jours",
        at=context.act.at,
    )
