"""The expenses of a final report as a spreadsheet, and the two documents that close it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import FileStorage

from casework import spreadsheets
from casework.applications import Application
from casework.errors import CaseworkError, InvalidInput, Refused, Stale
from casework.expenses import DECISIONS, ExpenseLine
from casework.french import counted
from casework.money import CATEGORIES
from casework.spreadsheets import Column, Line
from web import report_rows
from web.access import application_in_scope, on_application
from web.actions import version_in
from web.case_layout import CaseView, view_of
from web.fields import stored_answers
from web.render import back_to
from web.report_form import report_page
from web.session import settings, undo
from workflows.application.reporting import MAX_LINES, draft_inputs, save_draft
from workflows.application.statements import balance_pdf, certificate_pdf
from workflows.engine import Act

pages = Blueprint("report_sheet", __name__)
NUMBER = "N°"
COLUMNS = {
    "category": "Catégorie",
    "label": "Fournisseur et objet",
    "spent": "Dépensé",
    "invoice_reference": "N° de facture",
    "invoice_on": "Date de la facture",
    "paid_on": "Payée le",
    "document": "Justificatif",
}
_SHEET = (
    Column(NUMBER, width=8),
    Column(COLUMNS["category"], width=28, choices=tuple(CATEGORIES.values())),
    Column(COLUMNS["label"], width=40),
    Column(COLUMNS["spent"], "money", width=14),
    Column(COLUMNS["invoice_reference"]),
    Column(COLUMNS["invoice_on"], "date", width=16),
    Column(COLUMNS["paid_on"], "date", width=16),
    Column(COLUMNS["document"], width=30),
    Column("Prévu", "money", width=14),
    Column("Retenu", "money", width=14),
    Column("Contrôle", width=40),
)
"""The last three are said by the export, and the import ignores them."""


@pages.get("/dossiers/<int:application_id>/bilan/depenses.xlsx")
@on_application("application.report", "application.edit", "payment.read")
def export(application: Application) -> Response:
    """The lines as they stand; before the first save, those of the budget."""
    view = view_of(application)
    loaded = view.loaded
    lines = report_rows.lines_to_write(application, loaded.draft, loaded.expenses, loaded.retained)
    names = {document.id: document.name for document in loaded.documents}
    report = application.report
    told = view.inside or (report is not None and bool(report.intended_at or report.validated_at))
    content = spreadsheets.write("Dépenses", _SHEET, [_row(line, names, told=told) for line in lines], blank=MAX_LINES)
    return _download(content, spreadsheets.MEDIA_TYPE, f"depenses-{application.reference}.xlsx")


def _row(line: ExpenseLine, names: dict[int, str], *, told: bool) -> list[Any]:
    decided = told and line.decision
    return [
        line.id or "",
        CATEGORIES[line.category],
        line.label,
        line.spent_cents or None,
        line.invoice_reference,
        line.invoice_on,
        line.paid_on,
        names.get(line.document_id or 0, ""),
        line.planned_cents,
        (line.accepted_cents or 0) if decided else None,
        " : ".join(text for text in (DECISIONS[line.decision], line.why) if text) if decided and line.decision else "",
    ]


@pages.post("/dossiers/<int:application_id>/bilan/preparer/importer")
@on_application("application.report")
def import_lines(application: Application) -> Any:
    """Replace the lines by those of the file. One refused line, and nothing is imported: each is said with its why."""
    key, view = application.id, view_of(application)
    lines: list[Line] = []
    try:
        lines = spreadsheets.read(_sent(request.files.get("file")), [NUMBER, *COLUMNS.values()], most=MAX_LINES)
        unusable = [f"Ligne {line.number} : {text}" for line in lines for text in line.problems]
        if unusable:
            raise InvalidInput({"file": unusable})
        said = stored_answers(draft_inputs(application, view.loaded.draft))
        act = Act(g.actor, g.now, settings(), {}, version_in(request.form))
        save_draft(g.db, application, [_typed(line, view) for line in lines], said, act)
    except (InvalidInput, Refused, Stale) as error:
        undo()
        return report_page(view_of(application_in_scope(key)), error=_by_line(error, lines))
    imported = counted(len(lines), "ligne importée", "lignes importées")
    return back_to("report_form.show", f"{imported} : le bilan est enregistré.", application_id=key)


@pages.get("/dossiers/<int:application_id>/bilan/certificat.pdf")
@on_application("application.edit", "payment.read")
def certificate(application: Application) -> Response:
    """The certificate of expenditure control. Raises Refused (409) before the report is validated."""
    content = certificate_pdf(g.db, application, funder=settings().funder)
    return _download(content, "application/pdf", f"certificat-de-service-fait-{application.reference}.pdf")


@pages.get("/dossiers/<int:application_id>/bilan/solde.pdf")
@on_application("application.edit", "payment.read")
def balance(application: Application) -> Response:
    """The balance, step by step. Raises Refused (409) before the report is validated."""
    content = balance_pdf(g.db, application, funder=settings().funder)
    return _download(content, "application/pdf", f"decompte-du-solde-{application.reference}.pdf")


def _download(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, mimetype=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _sent(sent: FileStorage | None) -> bytes:
    if sent is None or not sent.filename:
        raise InvalidInput({"file": ["Choisissez d’abord un fichier sur votre appareil."]})
    return sent.stream.read()


def _typed(line: Line, view: CaseView) -> dict[str, str]:
    """The row as the form would send it: a category and a file are named by their label."""
    choices = report_rows.choices(view.application, view.loaded.documents)
    codes = {name: {label.casefold(): code for code, label in choices[name]} for name in choices}
    row = {name: line.cells[label] for name, label in COLUMNS.items()}
    known = {name: codes[name].get(row[name].casefold(), row[name]) for name in codes}
    return {"id": line.cells[NUMBER], **row, **known}


def _by_line(error: CaseworkError, lines: list[Line]) -> CaseworkError:
    """The fields at fault, named by the line of the file."""
    if not isinstance(error, InvalidInput) or "file" in error.errors:
        return error
    said = []
    for name, sentences in error.errors.items():
        field, _, rank = name.rpartition("-")
        if field in COLUMNS and rank.isdigit():
            said += [f"Ligne {lines[int(rank)].number}, {COLUMNS[field].lower()} : {text}" for text in sentences]
        else:
            said += sentences
    return InvalidInput({"file": said})
