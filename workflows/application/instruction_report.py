"""The report of an instruction, printed for the assembly that decides: the sheet as the officer left it.

It exists once the instruction is finished. The steps of the maximum grant are the very ones of the screen and of
`casework explain grant`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import pdf
from casework.amounts import euros
from casework.applications import VERDICTS, Application, Opinion
from casework.casefile import CaseFile, load_case
from casework.clock import paris_day
from casework.errors import Refused
from casework.french import listed, long_date
from casework.journal import Event
from casework.money import CATEGORIES, INCOMES
from casework.reviews import VERDICTS as POINT_VERDICTS
from casework.reviews import standing_reviews
from casework.settings import Settings
from workflows.application import printed
from workflows.application.reading import grant_from, warnings_of
from workflows.application.sheet import labels_of

TITLE = "Rapport d’instruction"
BEFORE = ("draft", "deposited", "submitted", "slai_opinion", "instruction")
_FINISHED = "application.instructed"
_LINE_HEAD = [("Dépense", False), ("Catégorie", False), ("Demandé", True), ("Retenu", True), ("Motif", False)]
_POINT_HEAD = [("Point examiné", False), ("Avis", False), ("Observation", False)]


def report_pdf(session: Session, application: Application, *, funder: str = Settings.funder) -> bytes:
    """The report as a tagged PDF. Raises Refused before the instruction is finished."""
    event = _finished(session, application)
    return pdf.render("statement", report_data(session, application, event, funder=funder), at=event.at)


def report_data(
    session: Session, application: Application, finished: Event, *, funder: str = Settings.funder
) -> dict[str, Any]:
    """What the report says, in French, ready to print. `finished`: who ended the instruction, and when."""
    loaded = load_case(session, application)
    grant = grant_from(application, loaded.retained)
    steps = [[step.label, step.formula, euros(step.amount_cents), step.source] for step in grant.steps]
    proposed = application.proposed_cents or 0
    said = f"Montant demandé : {euros(application.requested_cents)}. Montant proposé : {euros(proposed)}."
    return printed.document(
        application,
        TITLE,
        funder,
        f"{said} Maximum par les règles de la fiche : {euros(grant.maximum_cents)}.",
        [
            printed.facts("La demande", _facts(application)),
            printed.text("Avis de synthèse", application.instruction_report),
            printed.table("Avis recueillis", _POINT_HEAD, [_opinion(opinion) for opinion in application.opinions]),
            _points("Critères de la fiche", "criterion", application, loaded),
            _points("Pièces du dossier", "document", application, loaded),
            printed.table("Dépenses, ligne par ligne", _LINE_HEAD, _lines(loaded)),
            printed.facts("Recettes prévues", _incomes(loaded)),
            printed.table(f"Calcul selon la fiche {application.scheme_code}", printed.STEP_HEAD, steps),
            *(
                printed.text("À noter", warning.full_sentence)
                for warning in [*grant.warnings, *warnings_of(application)]
            ),
            printed.text("Instruction", f"Instruction terminée le {_day(finished.at)} par {finished.actor_name}."),
        ],
    )


def why_no_report(application: Application) -> str | None:
    """None once the report may exist, else the sentence that says why not."""
    return "Ce rapport existe une fois l’instruction terminée." if application.state in BEFORE else None


def _finished(session: Session, application: Application) -> Event:
    query = sa.select(Event).where(
        Event.subject == "application", Event.subject_id == application.id, Event.kind == _FINISHED
    )
    found = session.scalars(query.order_by(Event.sequence.desc()).limit(1)).one_or_none()
    reason = why_no_report(application)
    if found is None or reason is not None:
        raise Refused([reason or "Ce dossier n’a pas été instruit."])
    return found


def _facts(application: Application) -> list[tuple[str, str]]:
    organisation, start, end = application.organisation, application.starts_on, application.ends_on
    return [
        ("Porteur", f"{organisation.name}, SIRET {organisation.siret}"),
        ("Projet", application.title),
        ("Dispositif", f"{application.scheme_code} {application.scheme_version.title}"),
        ("Territoires", listed([territory.name for territory in application.territories])),
        ("Opération", f"du {long_date(start)} au {long_date(end)}" if start and end else ""),
    ]


def _opinion(opinion: Opinion) -> list[str]:
    if opinion.skipped_at is not None:
        return [opinion.title, "Passé outre", opinion.skip_reason]
    return [opinion.title, VERDICTS[opinion.verdict] if opinion.verdict else "Attendu", opinion.text]


def _points(title: str, kind: str, application: Application, loaded: CaseFile) -> dict[str, Any]:
    known = {point.code: point for point in loaded.points if point.kind == kind}
    rows = [
        [label, POINT_VERDICTS[kind].get(known[code].verdict or "", ""), known[code].remark]
        for code, label in labels_of(application, kind, loaded.documents).items()
        if code in known
    ]
    return printed.table(title, _POINT_HEAD, rows)


def _lines(loaded: CaseFile) -> list[list[str]]:
    expenses = [line for line in loaded.budget if line.side == "expense"]
    standing = standing_reviews(expenses, loaded.reviews)
    retained = {line.id: line.amount_cents for line in loaded.retained}
    rows = [
        [
            line.label,
            CATEGORIES[line.category],
            euros(line.amount_cents),
            euros(retained[line.id]),
            standing[line.id].reason if line.id in standing else "",
        ]
        for line in expenses
    ]
    asked, kept = sum(line.amount_cents for line in expenses), sum(retained[line.id] for line in expenses)
    return [*rows, ["Total", "", euros(asked), euros(kept), ""]]


def _incomes(loaded: CaseFile) -> list[tuple[str, str]]:
    return [
        (f"{line.label} ({INCOMES[line.category]})", euros(line.amount_cents))
        for line in loaded.budget
        if line.side == "income"
    ]


def _day(instant: datetime) -> str:
    return long_date(paris_day(instant))
