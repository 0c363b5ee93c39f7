"""The budget as a spreadsheet: taken away, brought back. What is read is shown in the form and saved by its button."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import MultiDict

from casework import spreadsheets
from casework.applications import Application
from casework.errors import InvalidInput, Refused
from casework.french import counted
from casework.money import CATEGORIES, INCOMES, BudgetLine, budget_of
from casework.search import folded
from casework.spreadsheets import Column, Line
from web import application_form as form
from web.access import on_application
from web.section_page import section_page
from web.session import own_transaction
from workflows.application.budgeting import MAX_BUDGET_LINES, read_row
from workflows.scheme import Scheme

pages = Blueprint("budget_sheet", __name__)

LARGEST_FILE = 5_000_000
SHOWN_ERRORS = 30
_SIDE_NAMES = {"expense": "Dépense", "income": "Recette"}
_SIDES = {"expense": "Dépenses", "income": "Recettes"}
_SIDE, _CATEGORY, _LABEL, _AMOUNT = "Nature", "Catégorie", "Intitulé", "Montant"
_STAFF = {"fte": "ETP", "gross": "Brut annuel et charges", "share": "Part affectée (%)"}
COLUMNS = (
    Column(_SIDE, width=12, choices=tuple(_SIDE_NAMES.values())),
    Column(_CATEGORY, width=38, choices=(*CATEGORIES.values(), *INCOMES.values())),
    Column(_LABEL, width=50),
    Column(_STAFF["fte"], "number", width=8),
    Column(_STAFF["gross"], "money", width=20),
    Column(_STAFF["share"], "number", width=14),
    Column(_AMOUNT, "money", width=16),
)


@pages.get("/dossiers/<int:application_id>/demande/budget.xlsx")
@on_application("application.read")
def export(application: Application) -> Response:
    """The budget as it is stored; an empty one is the model to fill."""
    names = {"expense": CATEGORIES, "income": INCOMES}
    rows = [
        (_SIDE_NAMES[line.side], names[line.side][line.category], line.label, *_staff(line), line.amount_cents)
        for line in budget_of(g.db, application.id)
    ]
    content = spreadsheets.write("Budget", COLUMNS, rows, blank=MAX_BUDGET_LINES)
    name = f"budget-{application.reference}.xlsx"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=spreadsheets.MEDIA_TYPE, headers=disposition)


def _staff(line: BudgetLine) -> tuple[Decimal | None, int | None, Decimal | None]:
    """How a staff line makes its amount: FTE, gross in cents, share in per cent; nothing for the others."""
    return _unit(line.fte_hundredths), line.gross_cents, _unit(line.share_hundredths)


def _unit(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths) / 100


@pages.post("/dossiers/<int:application_id>/demande/budget/importer")
@on_application("application.edit")
@own_transaction
def bring_back(application: Application) -> Any:
    """Read the workbook into the form. Nothing is stored here; one wrong row and nothing is read, each being named."""
    filing = form.read_filing(application)
    if filing.reason is not None:
        return section_page(filing, "budget", error=Refused([filing.reason]))
    try:
        rows = _read(filing.scheme, _sent())
    except InvalidInput as error:
        return section_page(filing, "budget", error=error)
    typed = MultiDict({"version": str(application.version), "imported": str(len(rows)), "more": "1"})
    for number, row in enumerate(rows):
        typed.update({f"{name}-{number}": value for name, value in row.items()})
    return section_page(filing, "budget", typed=typed)


def _sent() -> bytes:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput({"file": ["Choisissez d’abord un classeur sur votre appareil."]})
    content = sent.stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise InvalidInput({"file": ["Ce classeur dépasse 5 Mo : un budget tient en quelques dizaines de lignes."]})
    return content


def _read(scheme: Scheme, content: bytes) -> list[dict[str, str]]:
    lines = spreadsheets.read(content, [column.label for column in COLUMNS], most=MAX_BUDGET_LINES)
    rows, wrong = [], []
    for line in lines:
        row, faults = _row(scheme, line)
        rows.append(row)
        wrong += [f"Ligne {line.number} : {fault}" for fault in faults]
    if wrong:
        more = len(wrong) - SHOWN_ERRORS
        rest = [f"… et {counted(more, 'autre point', 'autres points')} à corriger."] if more > 0 else []
        raise InvalidInput({"file": ["Rien n’est repris.", *wrong[:SHOWN_ERRORS], *rest]})
    return rows


def _row(scheme: Scheme, line: Line) -> tuple[dict[str, str], list[str]]:
    """The row as the form types it, and what is wrong with it, in the words of the form's own reading."""
    faults = list(line.problems)
    side = _code(_SIDE_NAMES, line.cells[_SIDE]) or _code(_SIDES, line.cells[_SIDE])
    if side is None:
        faults.append(f"nature « {line.cells[_SIDE][:40]} » inconnue, Dépense ou Recette est attendu.")
    known = INCOMES if side == "income" else CATEGORIES
    category = _code(known, line.cells[_CATEGORY])
    if side is not None and category is None:
        faults.append(f"catégorie « {line.cells[_CATEGORY][:40]} » inconnue pour une {_SIDE_NAMES[side].lower()}.")
    row = {
        "side": side or "",
        "category": category or "",
        "label": line.cells[_LABEL] or line.cells[_CATEGORY],
        "amount": line.cells[_AMOUNT],
        **{name: line.cells[label] for name, label in _STAFF.items()},
    }
    wrong = read_row(scheme, row)[1]
    return row, faults + [text for name, text in wrong.items() if category is not None or name != "category"]


def _code(names: dict[str, str], text: str) -> str | None:
    """The code of a label, whatever its case and accents."""
    wanted = folded(text)
    return next((code for code, label in names.items() if wanted in (folded(label), code)), None)
