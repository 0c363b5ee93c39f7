"""Writing the final report: a draft saved as it goes, its expense lines prefilled from the budget, what it lacks.

Each function locks the case, compares the version the person saw, and leaves a journal entry, as for the form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.documents import Document
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.expenses import ExpenseLine, ReportDraft, draft_of, expenses_of, spent
from casework.french import counted, listed
from casework.money import CATEGORIES, INCOMES, BudgetLine, totals
from casework.people import Actor
from casework.permissions import may
from workflows.application.form import documents_of
from workflows.application.reading import retained_of
from workflows.engine import Act, compare_version, touch
from workflows.inputs import Input, optional, read
from workflows.journey.proofs import Proofs
from workflows.journey.reading import gauges
from workflows.rules.declared import Declared, impossible, strange
from workflows.rules.expenses import Frame
from workflows.scheme import Scheme
from workflows.versions import scheme_of

EDITED = journal.register("application.report_edited", "Bilan final préparé")
MAX_LINES = 300
RECEIVED = {name: label for name, label in INCOMES.items() if name != "requested"}
EXIT_EVIDENCE = "exit_evidence"
EVIDENCE = "evidence"
RESULTS = ("months_done", "hours_done", "dynamic_exits")
_KEPT = ("category", "label", "spent_cents", "invoice_reference", "invoice_on", "paid_on", "document_id")


def categories_of(scheme: Scheme) -> dict[str, str]:
    """Where an expense may be declared: indirect costs only where they are not a flat rate, which is computed."""
    flat = scheme.funding.indirect.flat_or_ceiling == "flat"
    return {code: label for code, label in CATEGORIES.items() if not (flat and code == "indirect")}


def line_inputs(scheme: Scheme, documents: Iterable[Document]) -> tuple[Input, ...]:
    """What one line says. Nothing is required while the report is a draft, but its category."""
    files = tuple((str(document.id), document.name) for document in documents if document.slot == EVIDENCE)
    asked = (
        Input("label", "Fournisseur et objet"),
        Input("spent", "Dépensé", "money"),
        Input("invoice_reference", "N° de facture"),
        Input("invoice_on", "Date de la facture", "date"),
        Input("paid_on", "Payée le", "date"),
        Input("document", "Justificatif", "choice", choices=files),
    )
    return (Input("category", "Catégorie", "choice", choices=tuple(categories_of(scheme).items())), *optional(asked))


def result_inputs(application: Application, known: Mapping[str, Any]) -> tuple[Input, ...]:
    """The results the payment depends on (90/5/5 of 3.10–3.12), and exits where the sheet wants them proven."""
    scheme = scheme_of(application)
    measures = {part.measure for part in scheme.funding.conditional_split}
    wanted: list[Input] = []
    if measures & {"months", "months_and_hours"}:
        wanted.append(Input("months_done", "Mois d’accompagnement réalisés", "integer"))
    if "months_and_hours" in measures:
        wanted.append(Input("hours_done", "Heures de mise à disposition réalisées", "integer"))
    if "exits" in measures or scheme.final_report.evidence_required:
        wanted.append(Input("dynamic_exits", "Sorties dynamiques", "integer"))
    return tuple(replace(item, value=known.get(item.name)) for item in wanted)


def draft_inputs(application: Application, draft: ReportDraft | None) -> tuple[Input, ...]:
    """What the report says beside its expenses: the text, the results, the money received from others."""
    income = draft.income if draft else {}
    guided = bool(scheme_of(application).final_report.sections)
    about = "Ce que les rubriques ne disent pas." if guided else "Actions menées, publics, partenaires, suites."
    return (
        Input(
            "narrative",
            "Autres éléments du bilan pédagogique" if guided else "Bilan pédagogique",
            "long_text",
            required=not guided,
            value=draft.narrative if draft else None,
            help=f"{about} N’écrivez aucun nom de participant.",
        ),
        *result_inputs(application, draft.results if draft else {}),
        *(
            Input(name, f"Recettes : {label}", "money", required=False, value=income.get(name))
            for name, label in RECEIVED.items()
        ),
    )


def planned_lines(scheme: Scheme, budget: Sequence[BudgetLine]) -> list[ExpenseLine]:
    """The lines that the budget foresaw, as the instruction retained it, not stored yet, with nothing spent."""
    wanted = categories_of(scheme)
    return [
        ExpenseLine(
            budget_line_id=line.id,
            category=line.category,
            label=line.label,
            planned_cents=line.amount_cents,
            spent_cents=0,
            invoice_reference="",
        )
        for line in budget
        if line.side == "expense" and line.category in wanted and line.amount_cents
    ]


def why_not_writable(actor: Actor, application: Application) -> str | None:
    """None when this person may write the report now, else the sentence that says why not."""
    if not may(actor, "application.report", application):
        return "Seul le porteur écrit son bilan."
    if application.state != "bilan":
        return "Le bilan s’écrit une fois l’opération terminée, jusqu’à sa validation."
    if application.report is not None and not any(correction.waiting for correction in application.corrections):
        return "Le bilan est remis : il ne se modifie plus, sauf si une correction est demandée."
    return None


def _opened(session: Session, application: Application, act: Act) -> Application:
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    compare_version(session, "application", locked, act)
    if not may(act.actor, "application.report", locked):
        raise Forbidden()
    reason = why_not_writable(act.actor, locked)
    if reason:
        raise Refused([reason])
    return locked


def save_draft(
    session: Session, application: Application, rows: Sequence[Mapping[str, Any]], said: Mapping[str, Any], act: Act
) -> Application:
    """Save the whole draft: its lines as typed (`id` names a stored one, those absent are dropped), and what it says.

    A new line may name the budget line it comes from (`budget_line`), which one expense alone speaks for.

    A row left wholly empty is passed over. A line that changes is to be controlled again. Raises Stale, Refused, or
    InvalidInput naming `<field>-<row>` or the field of `draft_inputs`; nothing is saved then.
    """
    locked = _opened(session, application, act)
    draft = draft_of(session, locked.id) or ReportDraft(application_id=locked.id, narrative="", income={}, results={})
    errors: dict[str, list[str]] = {}
    lines = _read_lines(session, locked, rows, errors, act.day)
    answers = _read_said(draft_inputs(locked, draft), said, errors)
    errors |= _too_many_exits(session, locked, answers.get("dynamic_exits"))
    if errors:
        raise InvalidInput(errors)
    stored = {line.id: line for line in expenses_of(session, locked.id)}
    spoken_for = {line.budget_line_id for line in stored.values()}
    foreseen = planned_lines(scheme_of(locked), retained_of(session, locked.id))
    foreseen = [line for line in foreseen if line.budget_line_id not in spoken_for]
    kept = [_stored(session, locked, stored, foreseen, values) for values in lines]
    for line in stored.values():
        if line not in kept:
            session.delete(line)
    draft.narrative = answers["narrative"] or ""
    draft.income = {name: answers[name] for name in RECEIVED if answers.get(name) is not None}
    draft.results = {name: answers[name] for name in RESULTS if answers.get(name) is not None}
    session.add(draft)
    _record(session, locked, act, lines=len(kept), spent_cents=sum(line.spent_cents for line in kept))
    return locked


def _read_lines(
    session: Session,
    application: Application,
    rows: Sequence[Mapping[str, Any]],
    errors: dict[str, list[str]],
    today: date,
) -> list[dict[str, Any]]:
    if len(rows) > MAX_LINES:
        raise InvalidInput({"lines": [f"Un bilan compte au plus {MAX_LINES} lignes."]})
    asked = line_inputs(scheme_of(application), documents_of(session, application.id))
    found = []
    for number, row in enumerate(rows):
        if not any(str(row.get(item.name) or "").strip() for item in asked if item.name != "category"):
            continue
        try:
            found.append(read_line(asked, row, today))
        except InvalidInput as error:
            errors |= {f"{name}-{number}": list(said) for name, said in error.errors.items()}
    return found


def read_line(asked: tuple[Input, ...], row: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The columns of one line, and the id it names if any. Raises InvalidInput naming the fields of the line."""
    values = read(asked, row)
    wrong = impossible(invoice_on=values.get("invoice_on"), paid_on=values.get("paid_on"), today=today)
    if len(values.get("invoice_reference") or "") > ExpenseLine.invoice_reference.type.length:
        wrong["invoice_reference"] = "Cette référence est trop longue : 80 caractères au plus."
    if wrong:
        raise InvalidInput({name: [sentence] for name, sentence in wrong.items()})
    document = values.get("document")
    return {
        "id": _key(row.get("id")),
        "budget_line_id": _key(row.get("budget_line")),
        "category": values["category"],
        "label": values.get("label") or CATEGORIES[values["category"]],
        "spent_cents": values.get("spent") or 0,
        "invoice_reference": values.get("invoice_reference") or "",
        "invoice_on": values.get("invoice_on"),
        "paid_on": values.get("paid_on"),
        "document_id": int(document) if document else None,
    }


def _too_many_exits(session: Session, application: Application, exits: int | None) -> dict[str, list[str]]:
    """Nobody leaves without having come: an operation whose people are followed here has no more exits than people."""
    people = gauges(session, application).people if exits else 0
    if not exits or not people or exits <= people:
        return {}
    came = counted(people, "personne a été accompagnée", "personnes ont été accompagnées")
    return {"dynamic_exits": [f"{came} dans cette opération : vérifiez le nombre de sorties."]}


def _key(typed: Any) -> int | None:
    text = str(typed or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _read_said(asked: tuple[Input, ...], said: Mapping[str, Any], errors: dict[str, list[str]]) -> dict[str, Any]:
    try:
        return read(optional(asked), said)
    except InvalidInput as error:
        errors |= {name: list(sentences) for name, sentences in error.errors.items()}
        return {}


def _stored(
    session: Session,
    application: Application,
    stored: Mapping[int, ExpenseLine],
    foreseen: list[ExpenseLine],
    values: Mapping[str, Any],
) -> ExpenseLine:
    """The line of these values: the stored one when it is named, brought up to date; else a new one."""
    line = stored.get(values["id"]) if values["id"] is not None else None
    if line is None:
        line = ExpenseLine(application_id=application.id, planned_cents=0)
        planned = _foreseen_for(values, foreseen)
        if planned is not None:
            foreseen.remove(planned)
            line.budget_line_id, line.planned_cents = planned.budget_line_id, planned.planned_cents
        session.add(line)
    elif any(getattr(line, name) != values[name] for name in _KEPT):
        line.forget_control()
    for name in _KEPT:
        setattr(line, name, values[name])
    return line


def _foreseen_for(values: Mapping[str, Any], foreseen: Iterable[ExpenseLine]) -> ExpenseLine | None:
    """The planned line that a new expense comes from: the one it names, else the one of its category and label."""
    named = next((line for line in foreseen if line.budget_line_id == values["budget_line_id"]), None)
    wanted = (values["category"], values["label"])
    return named or next((line for line in foreseen if (line.category, line.label) == wanted), None)


def link_evidence(session: Session, application: Application, line_id: int, document_id: int, act: Act) -> Application:
    """Give a line the evidence that has just been joined. Raises NotFound, Stale, Refused."""
    locked = _opened(session, application, act)
    line = next((line for line in expenses_of(session, locked.id) if line.id == line_id), None)
    if line is None or document_id not in {document.id for document in documents_of(session, locked.id)}:
        raise NotFound()
    line.document_id = document_id
    line.forget_control()
    _record(session, locked, act, document=document_id)
    return locked


def _record(session: Session, application: Application, act: Act, **content: Any) -> None:
    touch(application, act.at)
    session.flush()
    journal.record(session, "application", application.id, EDITED, actor=act.actor, at=act.at, **content)


def unsigned(documents: Iterable[Document]) -> str | None:
    """The sentence that asks for the signed report, None when it is there."""
    if "final_report" in {document.slot for document in documents}:
        return None
    return "Joignez d’abord le bilan final signé, dans les pièces."


def unwritten(application: Application, draft: ReportDraft | None, lines: Iterable[ExpenseLine]) -> str | None:
    """The sentence that says what the report itself still lacks: its text, an expense, its results."""
    asked = result_inputs(application, draft.results if draft else {})
    sections = unwritten_sections(scheme_of(application), draft)
    if scheme_of(application).final_report.sections:
        lacks = [f"« {label} »" for label in sections]
    else:
        lacks = [] if draft and draft.narrative else ["le bilan pédagogique"]
    lacks += [] if spent(lines) else ["au moins une dépense"]
    lacks += [f"« {item.label} »" for item in asked if item.value is None]
    return f"Il manque, dans « Préparer le bilan » : {listed(lacks)}." if lacks else None


def written_of(draft: ReportDraft | None) -> dict[str, str]:
    """What each section of the pedagogical part says, by its key."""
    return dict(draft.sections or {}) if draft is not None else {}


def unwritten_sections(scheme: Scheme, draft: ReportDraft | None) -> list[str]:
    """The labels of the sections that say nothing yet."""
    written = written_of(draft)
    return [section.label for section in scheme.final_report.sections if not written.get(section.key)]


def unproven(
    application: Application, draft: ReportDraft | None, documents: Iterable[Document], proofs: Proofs
) -> str | None:
    """3.7, 3.9–3.12, 3.14–3.16: copies of contracts and certificates "devront être impérativement fournies".

    Where exits are followed here, those without evidence are named one by one instead (`exit_lacks`).
    """
    report = scheme_of(application).final_report
    exits = draft.results.get("dynamic_exits") if draft else None
    if (
        proofs.followed
        or not report.evidence_required
        or not exits
        or EXIT_EVIDENCE in {document.slot for document in documents}
    ):
        return None
    return "Joignez les pièces probantes des sorties : la fiche les exige avec le bilan."


def exit_lacks(proofs: Proofs) -> list[str]:
    """What a report may be sent without, but whose exits the control does not retain: said before it is sent."""
    return [proofs.sentence] if proofs.sentence else []


def oddities(application: Application, lines: Iterable[ExpenseLine], budget: Sequence[BudgetLine]) -> list[str]:
    """What a report may say, but is to be read again before it is sent: one sentence each."""
    convention = application.convention
    if convention is None:
        return []
    said = [Declared(line.category, line.spent_cents, line.invoice_on, line.paid_on) for line in lines]
    frame = Frame(convention.starts_on, convention.last_on, convention.last_on)
    return strange(said, totals(list(budget), "expense"), frame)


def partial_lacks(lines: Iterable[ExpenseLine], documents: Iterable[Document]) -> list[str]:
    """What a report may be sent without, but whose expense would be refused: said before it is sent."""
    standing = {document.id for document in documents}
    declared = [line for line in spent(lines) if line.category != "indirect"]
    counts = (
        (sum(line.document_id not in standing for line in declared), "sans justificatif"),
        (sum(not line.invoice_reference or line.invoice_on is None for line in declared), "sans facture datée"),
        (sum(line.paid_on is None for line in declared), "sans date de paiement"),
    )
    return [f"{counted(number, 'dépense')} {text}" for number, text in counts if number]
