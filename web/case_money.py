"""The amounts of a case, explained: what may be granted and why, what was paid, what the final report comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g, url_for

from casework.amounts import AmountError, euros, from_decimal_string
from casework.applications import FinalReport
from casework.bank import confirmed, details_of, pending
from casework.expenses import DECISIONS, ExpenseLine, spent
from casework.money import CATEGORIES, INCOMES, live, totals
from web.budget_compare import years_of
from web.case_layout import CaseView
from web.case_standing import paid_cents
from web.instruction_rows import Expense, expenses, points, verdict_of
from workflows.application.control_inputs import RESULT_FIELDS
from workflows.application.files import REPORT_SLOTS
from workflows.application.history import LABELS
from workflows.application.instruction_report import why_no_report
from workflows.application.reading import advance_paid_from, grant_from, warnings_of
from workflows.application.sheet import KINDS, why_not_instructable
from workflows.rules.grant import Grant
from workflows.versions import scheme_of

Row = tuple[str, ...]


def instruction(view: CaseView) -> dict[str, Any]:
    """The maximum grant step by step, the budget asked and retained, the sheet, the opinions and the decision.

    What is retained, and why, is the services' own until the decision is taken.
    """
    case, loaded = view.application, view.loaded
    told = view.inside or case.decided_on is not None
    grant = grant_from(case, loaded.retained if told else loaded.budget)
    given = {document.slot for document in loaded.documents}
    return {
        "reads_opinions": view.may("opinion.read"),
        "grant": grant,
        "steps": explained(grant),
        "reviewed": told and bool(loaded.reviews),
        "expenses": _expenses(view),
        "incomes": _incomes(view),
        "years": years_of(view, totals(loaded.budget, "expense")) if view.inside else {},
        "points": {part: _points(view, part) for part in KINDS} if view.inside else {},
        "fills": view.inside and why_not_instructable(g.actor, case) is None,
        "printed": view.may("instruction.read") and why_no_report(case) is None and bool(loaded.reviews),
        "expected": [
            {"label": document.label, "done": document.key in given, "optional": not document.required}
            for document in scheme_of(case).form.documents
        ],
        "warnings": [*grant.warnings, *warnings_of(case)],
        "accepted": {warning.code: warning for warning in case.accepted_warnings},
        "settings": [(setting.point, setting.choice) for setting in scheme_of(case).settings],
    }


def explained(grant: Grant) -> list[Row]:
    """The steps of a maximum grant, as `cases/_steps.html` draws them."""
    return [(step.label, step.formula, euros(step.amount_cents), step.source) for step in grant.steps]


def _expenses(view: CaseView) -> dict[str, Any]:
    """The expenses asked, beside what is retained of each and why."""
    rows = expenses(view)
    retained = [one.line.amount_cents if one.reviewed is None else one.reviewed for one in rows]
    return {
        "asked": [(one.line.label, one.category, euros(one.line.amount_cents)) for one in rows],
        "reviewed": [
            (one.line.label, one.category, euros(one.line.amount_cents), _retained(one), one.reason if one.done else "")
            for one in rows
        ],
        "total": euros(sum(one.line.amount_cents for one in rows)),
        "retained": euros(sum(retained)),
    }


def _retained(one: Expense) -> str:
    return "à examiner" if one.reviewed is None else euros(one.reviewed)


def _incomes(view: CaseView) -> dict[str, Any]:
    lines = [line for line in view.loaded.budget if line.side == "income"]
    rows = [(line.label, INCOMES[line.category], euros(line.amount_cents)) for line in lines]
    return {"rows": rows, "total": euros(sum(totals(lines, "income").values()))}


def _points(view: CaseView, part: str) -> list[Row]:
    return [(point.label, verdict_of(point, part), point.remark) for point in points(view, part)]


def payments(view: CaseView) -> dict[str, Any]:
    """The convention, every payment with what cancels it, and the rules that hold between them, checked."""
    case, rows = view.application, view.loaded.payments
    known = details_of(g.db, case.organisation_id) if case.convention is not None else []
    return {
        "payments": rows,
        "accounts": {details.id: details.masked for details in known},
        "account": confirmed(known),
        "account_waits": pending(known) is not None,
        "account_href": _account_href(view),
        "orders": view.may("payment.order"),
        "net": paid_cents(rows),
        "explanation": explanation_of(case.report),
        "rules": _rules(view) if case.convention is not None else [],
    }


def _account_href(view: CaseView) -> str | None:
    """Where this person sees or changes the account of the bearer; None for who need not."""
    case = view.application
    if view.may("bank.read"):
        return url_for("case_bank.show", application_id=case.id)
    if case.organisation_id in g.actor.organisations:
        return url_for("organisation.index", _anchor=f"banque-{case.organisation_id}")
    return None


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
