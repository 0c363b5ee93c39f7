"""Preparing the final report: its expenses line by line, its text, its results; saved as one goes, then sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, render_template, request, url_for

from casework.applications import Application
from casework.errors import CaseworkError, InvalidInput, Refused, Stale, TooLarge
from casework.permissions import may
from web import report_rows
from web.access import application_in_scope, on_application
from web.actions import version_in
from web.case_layout import CaseView, case_page, view_of
from web.document_form import attach, limits
from web.errors import status_of
from web.fields import drawn, typed_answers
from web.render import back_to
from web.report_merge import merge, shown
from web.session import own_transaction, settings, undo, writing
from workflows.application.control_inputs import lateness
from workflows.application.reporting import (
    EVIDENCE,
    MAX_LINES,
    RESULTS,
    draft_inputs,
    link_evidence,
    save_draft,
    why_not_writable,
)
from workflows.engine import Act, Context
from workflows.inputs import Input
from workflows.journey.proofs import proofs_of
from workflows.journey.reading import has_participants
from workflows.journey.record_deadlines import has_records
from workflows.progress.reading import computed_results
from workflows.versions import scheme_of

pages = Blueprint("report_form", __name__)
REFUSALS = (InvalidInput, Refused, Stale, TooLarge)


@pages.get("/dossiers/<int:application_id>/bilan/preparer")
@on_application("application.report")
def show(application: Application) -> Any:
    return report_page(view_of(application))


@pages.post("/dossiers/<int:application_id>/bilan/preparer")
@on_application("application.report")
def save(application: Application) -> Any:
    """Save the draft. What is refused comes back as it was typed, with the sentence beside it."""
    key, rows = application.id, report_rows.typed_rows(request.form)
    if "more" in request.form:
        return report_page(view_of(application), rows=rows, blank=report_rows.MORE_BLANK_ROWS)
    try:
        said = typed_answers(draft_inputs(application, None), request.form)
        save_draft(g.db, application, rows, said, _act())
    except (InvalidInput, Refused, Stale) as error:
        undo()
        return report_page(view_of(application_in_scope(key)), rows=rows, error=error)
    return back_to("report_form.show", "Votre bilan est enregistré. Il n’est pas encore remis.", application_id=key)


@pages.post("/dossiers/<int:application_id>/bilan/preparer/apercu")
@on_application("application.report")
@own_transaction
def preview(application: Application) -> str:
    """The totals of the report as it is being typed; nothing is saved."""
    view, rows = view_of(application), report_rows.typed_rows(request.form)
    sums = report_rows.sums(application, view.loaded.retained, rows, request.form)
    return render_template("cases/_report_totals.html", sums=sums)


@pages.post("/dossiers/<int:application_id>/bilan/preparer/justificatif")
@on_application("application.report")
@own_transaction
def join(application: Application) -> Any:
    """Join the evidence of a line. The file stays in the case even where the line has changed meanwhile."""
    key, line = application.id, request.form.get("line", "")
    try:
        joined = attach(application, request.files.get("file"), slot=EVIDENCE, act=_act())
        if line.isascii() and line.isdigit() and len(line) < 16:
            with writing() as session:
                case = session.get_one(Application, key)
                act = Act(g.actor, g.now, settings(), {}, case.version)
                link_evidence(session, case, int(line), joined.document.id, act)
    except REFUSALS as error:
        return report_page(view_of(application_in_scope(key)), error=error)
    return back_to("report_form.show", f"« {joined.document.name} » est joint au bilan.", application_id=key)


def _act() -> Act:
    return Act(g.actor, g.now, settings(), {}, version_in(request.form))


def report_page(
    view: CaseView,
    *,
    rows: Sequence[Mapping[str, str]] | None = None,
    blank: int | None = None,
    error: CaseworkError | None = None,
) -> Any:
    """`rows`: those that were typed, kept as they are; the texts then come from the form too."""
    case, loaded = view.application, view.loaded
    known = report_rows.lines_to_write(case, loaded.draft, loaded.expenses, loaded.retained)
    typed = rows is not None
    drawn_rows = [report_rows.written(line) for line in known] if rows is None else rows
    asked = _prefilled(case, draft_inputs(case, loaded.draft))
    answers = typed_answers(asked, request.form) if typed else {}
    stale, touched, told = isinstance(error, Stale), frozenset(answers), list[str]()
    if stale and rows is not None:
        merged = merge(request.form.get("shown", ""), rows, answers, [*map(report_rows.written, known)], asked)
        drawn_rows, touched, told = merged.rows, merged.touched, merged.told
    wanted = blank if blank is not None else 0 if typed else report_rows.FIRST_BLANK_ROWS
    lines = report_rows.rows_of(drawn_rows, known, blank=wanted)
    context = Context(g.db, case, Act(g.actor, g.now, settings()), loaded=loaded)
    return case_page(
        view,
        "report",
        "cases/report_draft.html",
        status=status_of(error) if error else 200,
        reason=why_not_writable(g.actor, case),
        rows=lines,
        choices=report_rows.choices(case, loaded.documents),
        fields=[drawn(item, answers if item.name in touched else None) for item in asked],
        labels=report_rows.labels(lines) | {item.name: item.label for item in asked},
        errors=error.errors if isinstance(error, InvalidInput) else {},
        refused=_sentences(error),
        stale=stale,
        told=told,
        shown=_held(typed and not stale) or shown([*map(report_rows.written, known)], asked),
        unsaved=blank is not None,
        seen_version=case.version if not typed or stale else request.form.get("version", case.version),
        sums=report_rows.sums(
            case,
            loaded.retained,
            drawn_rows,
            {i.name: answers[i.name] if i.name in touched else i.value for i in asked},
        ),
        lacks=report_rows.lacks(
            case, loaded.draft, loaded.expenses, loaded.retained, loaded.documents, proofs_of(g.db, case)
        ),
        late=lateness(context) if case.state == "bilan" and case.report is None else None,
        parts=scheme_of(case).final_report.parts,
        guided=bool(scheme_of(case).final_report.sections),
        stored_lines=loaded.expenses,
        limits=limits(),
        submit_href=_submit_address(case),
        most=MAX_LINES,
    )


def _held(kept: bool) -> str:
    """What the form held when it was first shown, for as long as nothing else was told to whoever types."""
    return request.form.get("shown", "") if kept else ""


def _prefilled(case: Application, asked: Sequence[Input]) -> list[Input]:
    """The results not written yet are proposed from what is followed here; those that differ from it say so."""
    if not has_participants(case) or not any(item.name in RESULTS for item in asked):
        return list(asked)
    found = computed_results(g.db, case)
    return [_beside(item, found[item.name], case) if item.name in found else item for item in asked]


def _beside(item: Input, computed: int, case: Application) -> Input:
    records = has_records(case) and item.name != "dynamic_exits"
    where = "les CRE validés par le SLAI" if records else "les parcours des participants"
    if item.value is None:
        return replace(item, value=computed, help=f"Relevé dans {where} : corrigez si besoin.")
    if item.value == computed:
        return replace(item, help=f"Comme dans {where}.")
    return replace(item, help=f"Aujourd’hui, {where} montrent {computed} : le contrôle s’appuiera dessus.")


def _sentences(error: CaseworkError | None) -> list[str]:
    if isinstance(error, Refused):
        return list(error.reasons)
    return [error.sentence] if isinstance(error, (Stale, TooLarge)) else []


def _submit_address(case: Application) -> str | None:
    if not may(g.actor, "application.report", case) or case.state != "bilan":
        return None
    return url_for("cases.show", application_id=case.id, action="submit_report", _anchor="action-submit_report")
