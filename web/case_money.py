"""The amounts of a case, explained: what may be granted and why, what was paid, what the final report comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casework.amounts import AmountError, euros, from_decimal_string
from casework.applications import FinalReport
from casework.expenses import DECISIONS, ExpenseLine, spent
from casework.money import CATEGORIES, INCOMES, live, totals
from web.case_layout import CaseView
from web.case_standing import paid_cents
from workflows.application.control_inputs import RESULT_FIELDS
from workflows.application.files import REPORT_SLOTS
from workflows.application.history import LABELS
from workflows.application.reading import advance_paid_from, grant_from, warnings_of
from workflows.versions import scheme_of

Row = tuple[str, ...]


def instruction(view: CaseView) -> dict[str, Any]:
    """The maximum grant step by step, the budget asked, the documents expected, the opinions and the decision."""
    case, loaded = view.application, view.loaded
    grant = grant_from(case, loaded.budget)
    given = {document.slot for document in loaded.documents}
    return {
        "reads_opinions": view.may("opinion.read"),
        "grant": grant,
        "steps": [(step.label, step.formula, euros(step.amount_cents), step.source) for step in grant.steps],
        "budget": {side: _budget(view, side) for side in ("expense", "income")},
        "expected": [
            {"label": document.label, "done": document.key in given, "optional": not document.required}
            for document in scheme_of(case).form.documents
        ],
        "warnings": [*grant.warnings, *warnings_of(case)],
        "accepted": {warning.code: warning for warning in case.accepted_warnings},
        "settings": [(setting.point, setting.choice) for setting in scheme_of(case).settings],
    }


def _budget(view: CaseView, side: str) -> dict[str, Any]:
    names = CATEGORIES if side == "expense" else INCOMES
    lines = [line for line in view.loaded.budget if line.side == side]
    rows = [(line.label, names[line.category], euros(line.amount_cents)) for line in lines]
    return {"rows": rows, "total": euros(sum(totals(lines, side).values()))}


def payments(view: CaseView) -> dict[str, Any]:
    """The convention, every payment with what cancels it, and the rules that hold between them, checked."""
    case, rows = view.application, view.loaded.payments
    return {
        "payments": rows,
        "net": paid_cents(rows),
        "explanation": explanation_of(case.report),
        "rules": _rules(view) if case.convention is not None else [],
    }


def _rules(view: CaseView) -> list[tuple[str, bool]]:
    rows, convention = view.loaded.payments, view.application.convention
    standing = [payment.amount_cents for payment in rows if payment.live and payment.kind in ("advance", "balance")]
    total, grant = sum(standing), convention.grant_cents if convention else 0
    recovery = live(rows, "recovery")
    advance = advance_paid_from(rows)
    found = [
        (f"Avance et solde ensemble ({euros(total)}) ne dépassent pas la subvention ({euros(grant)}).", total <= grant)
    ]
    if recovery is not None:
        sentence = f"Le reversement ({euros(recovery.amount_cents)}) ne dépasse pas l’avance payée ({euros(advance)})."
        found.append((sentence, recovery.amount_cents <= advance))
    report = view.application.report
    if report is not None and report.due_cents is not None and view.application.state == "closed":
        net = paid_cents(rows)
        found.append((f"Ce qui a été payé, net ({euros(net)}), est ce qui était dû.", net == report.due_cents))
    return found


def explanation_of(report: FinalReport | None) -> dict[str, Any] | None:
    """The balance step by step, as it was computed when the report was validated."""
    if report is None or not report.explanation:
        return None
    known = report.explanation
    return {
        "steps": [(s["label"], s["formula"], _amount(s["amount"]), s["source"]) for s in known["steps"]],
        "warnings": known.get("warnings", []),
        "due": _amount(known["due"]),
    }


def _amount(text: str) -> str:
    try:
        return euros(from_decimal_string(text, negative=True))
    except AmountError:
        return text


def report(view: CaseView) -> dict[str, Any]:
    """The final report as handed in beside what its control accepted, line by line; the draft while it is written."""
    case, loaded = view.application, view.loaded
    written = case.report
    if written is None:
        return {"report": None}
    controlled = written.validated_at is not None
    told = controlled or written.intended_at is not None
    shown = told or view.inside
    return {
        "report": written,
        "controlled": controlled,
        "amounts": list(_compared(written, controlled)),
        "lines": [_line(line, shown) for line in spent(loaded.expenses)],
        "results": [(LABELS[name], written.results[name]) for name in RESULT_FIELDS if name in written.results],
        "income": [(INCOMES[name], euros(cents)) for name, cents in written.income.items()],
        "intended": euros(written.intended["due_cents"]) if written.intended else None,
        "files": [d for d in view.documents if d.slot in REPORT_SLOTS],
    }


def _line(line: ExpenseLine, shown: bool) -> Row:
    decided = DECISIONS[line.decision] if shown and line.decision else "à contrôler"
    accepted = euros(line.accepted_cents or 0) if shown and line.decision else "–"
    said = f"{decided} : {line.why}" if shown and line.lowered else decided
    return (line.label, CATEGORIES[line.category], euros(line.spent_cents), accepted, said)


def _compared(written: FinalReport, controlled: bool) -> Iterable[Row]:
    for name in (*CATEGORIES, "other_funding"):
        declared, accepted = written.declared.get(name), written.accepted.get(name)
        if not declared and not accepted:
            continue
        gap = euros((accepted or 0) - (declared or 0)) if controlled else "–"
        yield (LABELS[name], euros(declared or 0), euros(accepted or 0) if controlled else "à contrôler", gap)
