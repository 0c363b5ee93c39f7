"""The sheet of the instruction: filled part by part by the officer in charge, printed for the assembly that decides."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template, request
from werkzeug.datastructures import MultiDict

from casework.applications import Application
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused, Stale
from casework.french import counted
from casework.reviews import VERDICTS
from web import instruction_rows as drawn_rows
from web.access import application_in_scope, on_application
from web.actions import version_in
from web.case_layout import CaseView, case_page, view_of
from web.case_money import explained
from web.errors import status_of
from web.fields import drawn, typed_answers
from web.instruction_rows import typed_lines, typed_points
from web.render import back_to
from web.session import own_transaction, settings, undo
from workflows.application.instructing import retain_as_asked, save_lines, save_opinion, save_points
from workflows.application.instruction_report import report_pdf
from workflows.application.sheet import KINDS, SHEET, opinion_inputs, why_not_instructable
from workflows.engine import Act

pages = Blueprint("instruction_sheet", __name__)
PARTS = {"criteres": "criteria", "pieces": "documents", "budget": "lines", "avis": "opinion"}


@pages.get("/dossiers/<int:application_id>/instruction/fiche")
@on_application("application.instruct")
def show(application: Application) -> Any:
    return _page(view_of(application))


@pages.post("/dossiers/<int:application_id>/instruction/fiche/<part>")
@on_application("application.instruct")
def save(application: Application, part: str) -> Any:
    """Save one part. What is refused comes back as it was typed, with the sentence beside it."""
    key, code = application.id, PARTS.get(part)
    if code is None:
        raise NotFound("Cette partie de la fiche n’existe pas.")
    try:
        _write(application, code, request.form)
    except (InvalidInput, Refused, Stale) as error:
        undo()
        return _page(view_of(application_in_scope(key)), part=code, typed=request.form, error=error)
    return back_to("instruction_sheet.show", f"« {SHEET[code]} » : c’est enregistré.", application_id=key)


@pages.post("/dossiers/<int:application_id>/instruction/fiche/budget/retenir")
@on_application("application.instruct")
def retain(application: Application) -> Any:
    """Retain as they are asked the expenses that nobody examined yet."""
    key = application.id
    try:
        number = retain_as_asked(g.db, application, _act(request.form))
    except (Refused, Stale) as error:
        undo()
        return _page(view_of(application_in_scope(key)), part="lines", error=error)
    said = f"{counted(number, 'dépense retenue telle que demandée', 'dépenses retenues telles que demandées')}."
    return back_to("instruction_sheet.show", said if number else "Tout était déjà examiné.", application_id=key)


@pages.post("/dossiers/<int:application_id>/instruction/fiche/budget/apercu")
@on_application("application.instruct")
@own_transaction
def preview(application: Application) -> str:
    """The totals and the maximum of what is being typed; nothing is saved."""
    running = drawn_rows.running(view_of(application), typed_lines(request.form))
    steps = explained(running.grant)
    return render_template("cases/_retained_preview.html", case=application, running=running, steps=steps)


@pages.get("/dossiers/<int:application_id>/instruction/rapport.pdf")
@on_application("instruction.read")
def report(application: Application) -> Response:
    """The report for the assembly that decides. Raises Refused (409) before the instruction is finished."""
    content = report_pdf(g.db, application, funder=settings().funder)
    name = f"rapport-instruction-{application.reference}.pdf"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="application/pdf", headers=disposition)


def _write(application: Application, part: str, form: MultiDict[str, str]) -> None:
    if part in KINDS:
        save_points(g.db, application, part, typed_points(form, part), _act(form))
    elif part == "lines":
        rows = typed_lines(form)
        known = {int(key): row for key, row in rows.items() if key.isascii() and key.isdigit() and len(key) < 16}
        save_lines(g.db, application, known, _act(form))
    else:
        save_opinion(g.db, application, typed_answers(opinion_inputs(application), form), _act(form))


def _act(form: MultiDict[str, str]) -> Act:
    return Act(g.actor, g.now, settings(), {}, version_in(form))


def _page(
    view: CaseView,
    *,
    part: str | None = None,
    typed: MultiDict[str, str] | None = None,
    error: CaseworkError | None = None,
) -> Any:
    """`part`: the one that was not saved, given back as it was `typed`."""
    case, stale = view.application, isinstance(error, Stale)
    lines = typed_lines(typed) if typed is not None and part == "lines" else None
    asked = opinion_inputs(case)
    answers = typed_answers(asked, typed) if typed is not None and part == "opinion" else None
    groups = {
        code: drawn_rows.points(view, code, typed_points(typed, code) if part == code else None) for code in KINDS
    }
    expenses, running = drawn_rows.expenses(view, lines), drawn_rows.running(view, lines)
    return case_page(
        view,
        "instruction",
        "cases/instruction_sheet.html",
        status=status_of(error) if error else 200,
        reason=why_not_instructable(g.actor, case),
        titles=SHEET,
        addresses={code: slug for slug, code in PARTS.items()},
        groups=groups,
        verdicts={code: VERDICTS[kind] for code, kind in KINDS.items()},
        expenses=expenses,
        running=running,
        steps=explained(running.grant),
        fields=[drawn(item, answers) for item in asked],
        wrong=part,
        errors=error.errors if isinstance(error, InvalidInput) else {},
        labels=_labels(groups, expenses) | {item.name: item.label for item in asked},
        refused=list(error.reasons) if isinstance(error, Refused) else [error.sentence] if stale and error else [],
        stale=stale,
        seen_version=case.version if typed is None or stale else typed.get("version", case.version),
        left={code: sum(not one.done for one in found) for code, found in {**groups, "lines": expenses}.items()},
    )


def _labels(groups: dict[str, list[drawn_rows.Point]], expenses: list[drawn_rows.Expense]) -> dict[str, str]:
    """What the summary of errors calls each field: « Public visé, observation »."""
    points = {
        f"{name}-{one.key}": f"{one.label}, {text}"
        for group in groups.values()
        for one in group
        for name, text in (("verdict", "avis"), ("remark", "observation"))
    }
    lines = {
        f"{name}-{one.line.id}": f"{one.line.label}, {text}"
        for one in expenses
        for name, text in (("retained", "montant retenu"), ("reason", "motif"))
    }
    return points | lines
