"""The application form of a scheme: its sections, what each asks, and what is still missing before a deposit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.documents import Document
from casework.french import listed
from casework.money import CATEGORIES, BudgetLine, budget_of, totals
from casework.sirets import possible_siret
from workflows.inputs import Input
from workflows.rules.figures import UNFORESEEN
from workflows.rules.funded import funded_categories
from workflows.scheme import Figure, Question, Scheme
from workflows.versions import scheme_of

SECTIONS = {
    "porteur": "Le porteur",
    "projet": "Le projet",
    "public": "Le public",
    "moyens": "Les moyens",
    "suivi": "Le suivi",
    "objectifs": "Les objectifs",
    "budget": "Le budget",
    "pieces": "Les pièces",
    "engagements": "Les engagements",
}
GOALS = "objectifs"
_KINDS = {"number": "integer"}


@dataclass(frozen=True)
class Missing:
    """Something the file lacks: where it is asked, and what it is, in French."""

    section: str
    label: str
    name: str


def sections_of(scheme: Scheme) -> dict[str, str]:
    """The sections this scheme has, in order; one without any question is left out."""
    asked = {question.section for question in scheme.form.questions} | {"porteur", "projet", "budget", "pieces"}
    asked |= {GOALS} if goals_of(scheme) else set()
    return {code: label for code, label in SECTIONS.items() if code in asked}


def questions_of(scheme: Scheme, section: str) -> tuple[Question, ...]:
    if section == GOALS:
        return goals_of(scheme)
    return tuple(question for question in scheme.form.questions if question.section == section)


def goals_of(scheme: Scheme) -> tuple[Question, ...]:
    """What is forecast of each figure of the sheet's indicators that is a number. Nothing here is compulsory."""
    return tuple(
        Question(goal_key(figure), GOALS, figure.label, "number", required=False, line=figure.line)
        for figure in scheme.figures
        if figure.foreseen and figure.measure not in UNFORESEEN
    )


def goal_key(figure: Figure) -> str:
    """Under which name the answers of an application hold the forecast of a figure."""
    return f"goal_{figure.key}"


def question_inputs(scheme: Scheme, section: str, answers: dict[str, Any]) -> tuple[Input, ...]:
    """The scheme's own questions of a section, with what has been answered so far."""
    return tuple(
        Input(
            question.key,
            question.label,
            _KINDS.get(question.kind, question.kind),
            question.required,
            question.help or "",
            tuple((choice, choice) for choice in question.choices),
            answers.get(question.key),
        )
        for question in questions_of(scheme, section)
    )


def identity_inputs(application: Application, territories: tuple[tuple[str, str], ...]) -> tuple[Input, ...]:
    """What every project says: its title, its dates, its territories."""
    chosen = [str(territory.id) for territory in application.territories]
    return (
        Input("title", "Titre du projet", value=application.title),
        Input("starts_on", "Début de l’opération", "date", value=application.starts_on),
        Input("ends_on", "Fin de l’opération", "date", value=application.ends_on),
        Input("territories", "Territoires concernés", "choices", choices=territories, value=chosen),
    )


def documents_of(session: Session, application_id: int) -> list[Document]:
    """The files of the case that stand, in the order they came."""
    query = sa.select(Document).where(Document.application_id == application_id, Document.removed_at.is_(None))
    return list(session.scalars(query.order_by(Document.id)))


def missing(session: Session, application: Application) -> list[Missing]:
    """Everything still missing before this application can be deposited, in the order of the form."""
    return missing_from(application, budget_of(session, application.id), documents_of(session, application.id))


def missing_from(application: Application, lines: Sequence[BudgetLine], documents: Sequence[Document]) -> list[Missing]:
    """The same as `missing`, from a budget and files already loaded."""
    scheme = scheme_of(application)
    found = [
        *_missing_bearer(application),
        *_missing_identity(application),
        *_missing_answers(scheme, application.answers),
        *_missing_budget(scheme, list(lines)),
        *_missing_documents(scheme, {document.slot for document in documents}),
    ]
    order = list(SECTIONS)
    return sorted(found, key=lambda item: order.index(item.section))


def _missing_bearer(application: Application) -> list[Missing]:
    if possible_siret(application.organisation.siret):
        return []
    return [Missing("porteur", "Un numéro SIRET valide", "siret")]


def _missing_identity(application: Application) -> list[Missing]:
    wanted = {
        "title": (application.title, "Titre du projet"),
        "starts_on": (application.starts_on, "Début de l’opération"),
        "ends_on": (application.ends_on, "Fin de l’opération"),
        "territories": (application.territories, "Territoires concernés"),
    }
    return [Missing("projet", label, name) for name, (value, label) in wanted.items() if not value]


def _missing_answers(scheme: Scheme, answers: dict[str, Any]) -> list[Missing]:
    return [
        Missing(question.section, question.label, question.key)
        for question in scheme.form.questions
        if question.required and answers.get(question.key) in (None, "", [])
    ]


def _missing_budget(scheme: Scheme, lines: list[BudgetLine]) -> list[Missing]:
    expenses, incomes = sum(totals(lines, "expense").values()), sum(totals(lines, "income").values())
    found = []
    if not expenses:
        found.append(Missing("budget", "Au moins une dépense", "expense"))
    if not_funded := sorted({line.category for line in lines if line.side == "expense"} - {*funded_categories(scheme)}):
        names = listed([f"« {CATEGORIES[code]} »" for code in not_funded])
        found.append(Missing("budget", f"Des dépenses que la fiche finance, au lieu de {names}", "category"))
    if any(line.is_staff and line.gross_cents is None for line in lines):
        found.append(Missing("budget", "Les ETP, le salaire et la part de chaque poste", "staff"))
    if not totals(lines, "income")["requested"]:
        found.append(Missing("budget", "La subvention demandée au Département", "requested"))
    if expenses != incomes:
        found.append(Missing("budget", "Un budget équilibré : autant de recettes que de dépenses", "balance"))
    return found


def _missing_documents(scheme: Scheme, slots: set[str]) -> list[Missing]:
    return [
        Missing("pieces", document.label, document.key)
        for document in scheme.form.documents
        if document.required and document.key not in slots
    ]
