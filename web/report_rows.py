"""The expenses of a final report as people type them: rows, totals by category, what is still lacking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.amounts import AmountError, parse_euros
from casework.applications import Application
from casework.documents import Document
from casework.expenses import ExpenseLine, ReportDraft
from casework.french import counted
from casework.money import CATEGORIES, BudgetLine, totals
from workflows.application.reporting import (
    EVIDENCE,
    MAX_LINES,
    RECEIVED,
    categories_of,
    exit_lacks,
    oddities,
    partial_lacks,
    planned_lines,
    unproven,
    unsigned,
    unwritten,
)
from workflows.journey.proofs import Proofs
from workflows.versions import scheme_of

FIELDS = ("category", "label", "spent", "invoice_reference", "invoice_on", "paid_on", "document")
NAMES = {
    "category": "catégorie",
    "label": "fournisseur et objet",
    "spent": "dépensé",
    "invoice_reference": "n° de facture",
    "invoice_on": "date de la facture",
    "paid_on": "payée le",
    "document": "justificatif",
}
FIRST_BLANK_ROWS = 1
MORE_BLANK_ROWS = 5


@dataclass(frozen=True)
class Row:
    """One line of the form. `number` names its fields, `values` is what they hold, as text; `id` the stored line."""

    number: int
    id: str
    values: Mapping[str, str]
    planned_cents: int = 0
    budget_line: str = ""

    @property
    def title(self) -> str:
        return f"Dépense {self.number + 1}"


def typed_rows(form: Any) -> list[dict[str, str]]:
    """The rows as they were sent, in order; too many are cut, and the save then says so."""
    rows = []
    for number in range(MAX_LINES + 1):
        if f"category-{number}" not in form:
            break
        rows.append({name: form.get(f"{name}-{number}", "") for name in ("id", "budget_line", *FIELDS)})
    return rows


def written(line: ExpenseLine) -> dict[str, str]:
    """A line as a form would send it."""
    cents = line.spent_cents or 0
    return {
        "id": str(line.id or ""),
        "budget_line": str(line.budget_line_id or ""),
        "category": line.category,
        "label": line.label,
        "spent": f"{cents // 100},{cents % 100:02d}" if cents else "",
        "invoice_reference": line.invoice_reference,
        "invoice_on": line.invoice_on.isoformat() if line.invoice_on else "",
        "paid_on": line.paid_on.isoformat() if line.paid_on else "",
        "document": str(line.document_id or ""),
    }


def lines_to_write(
    application: Application, draft: ReportDraft | None, lines: Sequence[ExpenseLine], budget: Sequence[BudgetLine]
) -> list[ExpenseLine]:
    """The stored lines; before the first save of this form, those that the budget foresaw.

    The sections of the pedagogical part may be written first: they save nothing of it.
    """
    saved = lines or (draft is not None and (draft.narrative or draft.income or draft.results))
    return list(lines) if saved else planned_lines(scheme_of(application), budget)


def rows_of(typed: Sequence[Mapping[str, str]], known: Sequence[ExpenseLine], *, blank: int) -> list[Row]:
    """What was typed, beside what the budget foresaw for it, then blank rows."""
    planned = {str(line.id): line.planned_cents for line in known if line.id}
    foreseen = {str(line.budget_line_id): line.planned_cents for line in known if not line.id}
    rows = [
        Row(
            number,
            row.get("id", ""),
            {name: row.get(name, "") for name in FIELDS},
            planned.get(row.get("id", "")) or foreseen.get(row.get("budget_line", ""), 0),
            row.get("budget_line", ""),
        )
        for number, row in enumerate(typed)
    ]
    return rows + [Row(len(rows) + rank, "", dict.fromkeys(FIELDS, "")) for rank in range(blank)]


def labels(rows: Sequence[Row]) -> dict[str, str]:
    """What the summary of errors calls each field: « Dépense 2, payée le »."""
    return {f"{name}-{row.number}": f"{row.title}, {text}" for row in rows for name, text in NAMES.items()}


def choices(application: Application, documents: Sequence[Document]) -> dict[str, list[tuple[str, str]]]:
    files = [(str(document.id), document.name) for document in documents if document.slot == EVIDENCE]
    return {"category": list(categories_of(scheme_of(application)).items()), "document": files}


@dataclass(frozen=True)
class Sums:
    """Cents by category, planned beside spent, and what was received. `unread`: amounts that are not understood."""

    rows: list[tuple[str, int, int]]
    received_cents: int
    unread: int
    flat: bool

    @property
    def planned_cents(self) -> int:
        return sum(planned for _, planned, _ in self.rows)

    @property
    def spent_cents(self) -> int:
        return sum(spent for _, _, spent in self.rows)

    @property
    def not_understood(self) -> str:
        if not self.unread:
            return ""
        return f"{counted(self.unread, 'montant')} non compris : ils ne comptent pas."


def sums(
    application: Application, budget: Sequence[BudgetLine], rows: Sequence[Mapping[str, str]], said: Mapping[str, Any]
) -> Sums:
    """The figures of what is typed; nothing is saved, what is not understood is left out and counted."""
    planned, spent = totals(list(budget), "expense"), dict.fromkeys(CATEGORIES, 0)
    unread = received = 0
    for row in rows:
        cents = _cents(row.get("spent", ""))
        unread += cents is None
        if row.get("category") in spent:
            spent[row["category"]] += cents or 0
    for name in RECEIVED:
        cents = _cents(said.get(name) or "")
        unread += cents is None
        received += cents or 0
    known = categories_of(scheme_of(application))
    shown = [(known[code], planned[code], spent[code]) for code in known if planned[code] or spent[code]]
    return Sums(shown, received, unread, "indirect" not in known)


def _cents(text: Any) -> int | None:
    """None for an amount that is not understood; an empty box is nothing."""
    if isinstance(text, int):
        return text
    if not text.strip():
        return 0
    try:
        return parse_euros(text)
    except AmountError:
        return None


def lacks(
    application: Application,
    draft: ReportDraft | None,
    lines: Sequence[ExpenseLine],
    budget: Sequence[BudgetLine],
    documents: Sequence[Document],
    proofs: Proofs,
) -> dict[str, list[str]]:
    """`required`: without which nothing is sent. `partial`, `exits`: what would not be retained, sent as it is.
    `strange`: what is to be read again."""
    found = (unsigned(documents), unwritten(application, draft, lines), unproven(application, draft, documents, proofs))
    return {
        "required": [text for text in found if text],
        "partial": partial_lacks(lines, documents),
        "exits": exit_lacks(proofs),
        "strange": oddities(application, lines, budget),
    }
