"""What follows from the moves of the final report: sent, controlled, answered, validated; in the same transaction."""

from __future__ import annotations

from datetime import timedelta

from casework import deadlines
from casework.applications import FinalReport
from casework.expenses import accepted_by_category, draft_of, expenses_of, spent_by_category
from casework.french import short_date
from workflows.application import figures, reading
from workflows.application.control_inputs import answers_by_line, kept_results, overrides
from workflows.application.effects import answer_correction, cancels, meets, plan_balance, plan_from_act
from workflows.application.report_facts import frozen_sections
from workflows.engine import Context
from workflows.journey import owed
from workflows.rules.calendar import kept_day
from workflows.rules.explanation import line_source, warnings_as_texts
from workflows.versions import scheme_of


def submit_report(context: Context) -> None:
    """The draft becomes the report that is controlled; what an earlier control had announced no longer stands."""
    session, case = context.session, context.case
    draft, lines = draft_of(session, case.id), expenses_of(session, case.id)
    report = case.report or FinalReport()
    if draft is not None:
        report.narrative, report.income, report.results = draft.narrative, dict(draft.income), dict(draft.results)
    others = sum(cents for name, cents in report.income.items() if name != "own")
    report.declared = {**spent_by_category(lines), "other_funding": others}
    report.figures = figures.frozen(session, case, context.day)
    report.sections = frozen_sections(session, case, draft, context.day)
    report.partial = context.answers.get("partial") or ""
    report.submitted_at = context.act.at
    report.intended, report.intended_at, report.answer_due_on = None, None, None
    report.answered_at, report.answer = None, ""
    for line in lines:
        line.intended_cents, line.answer = None, ""
    case.report = report
    answer_correction(context)
    meets("correction")(context)
    meets("final_report")(context)
    cancels("control")(context)
    cancels("control_answer")(context)
    owed.replan_operation(context)
    _plan_control(context, "bilan reçu")


def _plan_control(context: Context, since: str) -> None:
    days, line = context.act.settings.control_days, scheme_of(context.case).final_report.line
    plan_from_act(context, "control", days=days, owed_by="officer", line=line, since=since)


def send_intended_result(context: Context) -> None:
    """The applicant learns what would be accepted and due, and has so many days to answer before it is final."""
    case, act, report = context.case, context.act, context.case.report
    lines = expenses_of(context.session, case.id)
    accepted = {**accepted_by_category(lines), "other_funding": context.answers["other_funding"]}
    results = kept_results(context.answers)
    balance = reading.balance_of(context.session, case, accepted, results)
    report.intended = {"accepted": accepted, "results": results, "due_cents": balance.due_cents}
    report.observations = context.answers.get("reason") or ""
    report.intended_at, report.answered_at, report.answer = act.at, None, ""
    scheme = scheme_of(case)
    report.answer_due_on = kept_day(scheme, context.day + timedelta(days=act.settings.answer_days))
    for line in lines:
        line.intended_cents, line.answer = line.accepted_cents, ""
    meets("control")(context)
    cancels("control_answer")(context)
    said = f"résultat envisagé envoyé le {short_date(context.day)}, {act.settings.answer_days} jours"
    source = f"Fiche {scheme.code}, {line_source(scheme.final_report.line)}"
    for kind, owed_by, due_on, computed in (
        ("control_answer", "applicant", report.answer_due_on, said),
        (
            "control",
            "officer",
            kept_day(scheme, report.answer_due_on + timedelta(days=act.settings.control_days)),
            f"{said} pour répondre, puis {act.settings.control_days} jours",
        ),
    ):
        deadlines.plan(
            context.session, case, kind, due_on=due_on, owed_by=owed_by, source=source, computed=computed, at=act.at
        )


def answer_control(context: Context) -> None:
    report, answers = context.case.report, context.answers
    report.answered_at = context.act.at
    report.answer = answers.get("answer") or ""
    said = answers_by_line(answers)
    for line in expenses_of(context.session, context.case.id):
        line.answer = said.get(line.id, "")
    meets("control_answer")(context)
    cancels("control")(context)
    _plan_control(context, "réponse du porteur reçue")


def validate_report(context: Context) -> None:
    """Control of the expenditure: accepted amounts, achieved results, and what is due by the rules of the sheet."""
    case, report, answers = context.case, context.case.report, context.answers
    lines = expenses_of(context.session, case.id)
    report.accepted = {**accepted_by_category(lines), "other_funding": answers["other_funding"]}
    report.results = kept_results(answers)
    report.observations = answers.get("reason") or report.observations
    result = reading.balance_of(context.session, case, report.accepted, report.results)
    said = [*warnings_as_texts(result.warnings), *overrides(context)]
    report.due_cents = result.due_cents
    report.explanation = {**result.as_dict(), "warnings": said}
    report.validated_at = context.act.at
    meets("control")(context)
    cancels("control_answer")(context)
    plan_balance(context, "bilan validé")


def reopen_control(context: Context) -> None:
    report = context.case.report
    report.validated_at, report.due_cents, report.explanation = None, None, None
    cancels("balance")(context)
    _plan_control(context, "contrôle rouvert")
