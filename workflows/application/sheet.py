"""What the officer's sheet holds, who fills it, and what it still lacks. `instructing` saves its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from casework.applications import Application
from casework.documents import Document
from casework.french import counted, listed
from casework.money import BudgetLine
from casework.people import Actor
from casework.permissions import may
from casework.reviews import InstructionPoint, LineReview, seen_in, standing_reviews
from workflows.inputs import Input
from workflows.rules.criteria import criteria_of
from workflows.scheme import RequiredDocument, Scheme
from workflows.versions import scheme_of

SHEET = {
    "criteria": "Critères de la fiche",
    "documents": "Pièces du dossier",
    "lines": "Budget, ligne par ligne",
    "opinion": "Avis de synthèse",
}
"""The parts of the sheet, each saved apart."""
KINDS = {"criteria": "criterion", "documents": "document"}
SHOWN_LACKING = 4


def why_not_instructable(actor: Actor, application: Application) -> str | None:
    """None when this person may fill the sheet now, else the sentence that says why not."""
    if not may(actor, "application.instruct", application):
        return "Seuls les services qui instruisent remplissent cette fiche."
    if application.state != "instruction":
        return "La fiche se remplit pendant l’instruction."
    if application.officer_id in (None, actor.user_id) or "manager" in actor.roles:
        return None
    officer = application.officer.name if application.officer else ""
    return f"Ce dossier est suivi par {officer} : prenez-le en charge pour l’instruire."


def expected_documents(scheme: Scheme, documents: Iterable[Document]) -> list[RequiredDocument]:
    """The documents to examine: those that the form requires, and the optional ones that were given."""
    given = {document.slot for document in documents}
    return [document for document in scheme.form.documents if document.required or document.key in given]


def labels_of(application: Application, kind: str, documents: Iterable[Document]) -> dict[str, str]:
    """The points of one kind that this application is examined by: code → label."""
    scheme = scheme_of(application)
    if kind == "criterion":
        return {criterion.code: criterion.label for criterion in criteria_of(scheme)}
    return {document.key: document.label for document in expected_documents(scheme, documents)}


def opinion_inputs(application: Application) -> tuple[Input, ...]:
    """The last part of the sheet; both are asked for good when the instruction ends."""
    return (
        Input(
            "report",
            "Avis de synthèse",
            "long_text",
            required=False,
            value=application.instruction_report,
            help="Recevabilité, intérêt du projet, budget retenu : ce que lira l’assemblée qui décide.",
        ),
        Input(
            "proposed",
            "Montant proposé",
            "money",
            required=False,
            value=application.proposed_cents,
            help="Au plus le montant maximal calculé sur le budget retenu. Écrivez 0 pour proposer un refus.",
        ),
    )


def lacking(
    application: Application,
    *,
    lines: Sequence[BudgetLine],
    documents: Sequence[Document],
    points: Iterable[InstructionPoint],
    reviews: Iterable[LineReview],
) -> dict[str, list[str]]:
    """What each part of the sheet still needs, by name: the points without a verdict that holds, the lines likewise."""
    given = {(point.kind, point.code): point for point in points}
    expenses = [line for line in lines if line.side == "expense"]
    standing = standing_reviews(expenses, reviews)
    found = {
        part: [
            label
            for code, label in labels_of(application, kind, documents).items()
            if not _has_verdict(given.get((kind, code)), documents)
        ]
        for part, kind in KINDS.items()
    }
    return {**found, "lines": [line.label for line in expenses if line.id not in standing]}


def _has_verdict(point: InstructionPoint | None, documents: Iterable[Document]) -> bool:
    if point is None or point.verdict is None:
        return False
    return point.kind != "document" or point.seen == seen_in(point.code, documents)


def why_incomplete(lacks: Mapping[str, Sequence[str]]) -> str | None:
    """The sentence that names what the sheet lacks, None when it is complete."""
    names = [f"« {label} »" for part in lacks.values() for label in part]
    if not names:
        return None
    shown, more = names[:SHOWN_LACKING], len(names) - SHOWN_LACKING
    rest = [counted(more, "autre point", "autres points")] if more > 0 else []
    return f"La fiche d’instruction n’est pas complète. Il reste à examiner : {listed([*shown, *rest])}."
