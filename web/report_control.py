"""The control of a final report, line by line: the five tests of each, the decision, the running total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, render_template, request
from werkzeug.datastructures import MultiDict

from casework.amounts import AmountError, parse_euros
from casework.applications import Application
from casework.errors import CaseworkError, InvalidInput, Refused, Stale
from casework.expenses import DECISIONS, REASONS, ExpenseLine, spent
from casework.french import counted
from casework.money import CATEGORIES
from web.access import application_in_scope, on_application
from web.actions import version_in
from web.case_layout import CaseView, case_page, view_of
from web.errors import status_of
from web.render import back_to
from web.session import own_transaction, settings, undo
from workflows.application.control import accept_passing, controlled_lines, save_control, why_not_controllable
from workflows.application.reporting import result_inputs
from workflows.engine import Act
from workflows.journey.proofs import proofs_of
from workflows.journey.reading import has_participants
from workflows.progress.reading import computed_results

pages = Blueprint("report_control", __name__)
FIELDS = ("decision", "accepted", "reason", "comment")


@pages.get("/dossiers/<int:application_id>/bilan/controle")
@on_application("application.instruct")
def show(application: Application) -> Any:
    return _page(view_of(application))


@pages.post("/dossiers/<int:application_id>/bilan/controle")
@on_application("application.instruct")
def save(application: Application) -> Any:
    """Save every decision taken so far. What is refused comes back as it was typed."""
    key, typed = application.id, typed_decisions(request.form)
    try:
        save_control(g.db, application, typed, _act())
    except (InvalidInput, Refused, Stale) as error:
        undo()
        return _page(view_of(application_in_scope(key)), typed=typed, error=error)
    return back_to("report_control.show", "Le contrôle est enregistré.", application_id=key)


@pages.post("/dossiers/<int:application_id>/bilan/controle/accepter")
@on_application("application.instruct")
def accept(application: Application) -> Any:
    """Accept at once every undecided line that passes the five tests."""
    key = application.id
    try:
        number = accept_passing(g.db, application, _act())
    except (Refused, Stale) as error:
        undo()
        return _page(view_of(application_in_scope(key)), error=error)
    said = f"{counted(number, 'dépense acceptée', 'dépenses acceptées')}." if number else "Rien de plus n’est accepté."
    return back_to("report_control.show", said, kind="success" if number else "info", application_id=key)


@pages.post("/dossiers/<int:application_id>/bilan/controle/apercu")
@on_application("application.instruct")
@own_transaction
def preview(application: Application) -> str:
    """The running total of what is being decided; nothing is saved."""
    view = view_of(application)
    totals = running(spent(view.loaded.expenses), typed_decisions(request.form))
    return render_template("cases/_control_totals.html", totals=totals)


def _act() -> Act:
    return Act(g.actor, g.now, settings(), {}, version_in(request.form))


def typed_decisions(form: MultiDict[str, str]) -> dict[int, dict[str, str]]:
    """What was typed for each line, by its id."""
    keys = [name.removeprefix("line-") for name in form if name.startswith("line-")]
    known = [key for key in keys if key.isascii() and key.isdigit() and len(key) < 16]
    return {int(key): {name: form.get(f"{name}-{key}", "") for name in FIELDS} for key in known}


def running(lines: list[ExpenseLine], typed: Mapping[int, Mapping[str, str]]) -> dict[str, Any]:
    """Cents declared and accepted by category, and how many lines are left, with what is typed and not saved yet."""
    rows: dict[str, list[int]] = {}
    left = 0
    for line in lines:
        accepted = _accepted(line, typed.get(line.id))
        left += accepted is None
        sums = rows.setdefault(line.category, [0, 0])
        sums[0] += line.spent_cents
        sums[1] += accepted or 0
    shown = [(CATEGORIES[code], *rows[code]) for code in CATEGORIES if code in rows]
    return {
        "rows": shown,
        "declared": sum(row[1] for row in shown),
        "accepted": sum(row[2] for row in shown),
        "left": counted(left, "ligne à contrôler", "lignes à contrôler") if left else "",
    }


def _accepted(line: ExpenseLine, row: Mapping[str, str] | None) -> int | None:
    """Cents accepted of a line, None while nobody decided. A reduced amount that is not understood counts for 0."""
    if row is None:
        return line.accepted_cents
    match row.get("decision"):
        case "accepted":
            return line.spent_cents
        case "refused":
            return 0
        case "reduced":
            try:
                return min(parse_euros(row.get("accepted", "")), line.spent_cents)
            except AmountError:
                return 0
    return None


def _page(
    view: CaseView, *, typed: Mapping[int, Mapping[str, str]] | None = None, error: CaseworkError | None = None
) -> Any:
    case, loaded = view.application, view.loaded
    lines = controlled_lines(case, loaded.expenses, loaded.retained, loaded.documents, today=g.today)
    names = {document.id: document.name for document in loaded.documents}
    cards = [
        {
            "line": one.line,
            "tests": one.tests,
            "passes": one.passes,
            "values": (typed or {}).get(one.line.id) or _stored(one.line),
            "file": (one.line.document_id, names[one.line.document_id]) if one.line.document_id in names else None,
        }
        for one in lines
    ]
    stale = isinstance(error, Stale)
    return case_page(
        view,
        "report",
        "cases/report_control.html",
        status=status_of(error) if error else 200,
        reason=why_not_controllable(g.actor, case, g.today),
        cards=cards,
        decisions=DECISIONS,
        reasons=REASONS,
        errors=error.errors if isinstance(error, InvalidInput) else {},
        labels=_labels(cards),
        refused=list(error.reasons) if isinstance(error, Refused) else [error.sentence] if stale and error else [],
        stale=stale,
        seen_version=case.version if typed is None or stale else request.form.get("version", case.version),
        totals=running([one.line for one in lines], typed or {}),
        category_names=CATEGORIES,
        computed=_computed(view),
        proofs=proofs_of(g.db, case),
        passing=sum(one.passes and one.line.decision is None for one in lines),
    )


def _computed(view: CaseView) -> list[tuple[str, str, str]]:
    """What the applicant declared beside what its participants' journeys, and their validated records, say."""
    case = view.application
    if case.report is None or not has_participants(case):
        return []
    found = computed_results(g.db, case)
    return [
        (item.label, str(case.report.results.get(item.name, "–")), str(found.get(item.name, "–")))
        for item in result_inputs(case, {})
    ]


def _stored(line: ExpenseLine) -> dict[str, str]:
    cents = line.accepted_cents
    amount = f"{cents // 100},{cents % 100:02d}" if cents is not None and line.decision == "reduced" else ""
    return {"decision": line.decision or "", "accepted": amount, "reason": line.reason, "comment": line.comment}


def _labels(cards: list[dict[str, Any]]) -> dict[str, str]:
    names = {"decision": "décision", "accepted": "montant retenu", "reason": "motif", "comment": "précision"}
    return {
        f"{name}-{card['line'].id}": f"Ligne {rank}, {text}"
        for rank, card in enumerate(cards, start=1)
        for name, text in names.items()
    }
