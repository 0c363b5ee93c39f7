"""The two documents that close a final report: the certificate of its control, and the explained balance sheet.

Both are made of what the control wrote and never of a new computation: the same case always gives the same pages, and
the steps of the balance are the very ones that the screen and `casework explain balance` say.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import pdf
from casework.amounts import euros, from_decimal_string
from casework.applications import Application, Convention, FinalReport
from casework.clock import paris_day
from casework.errors import Refused
from casework.expenses import DECISIONS, ExpenseLine, expenses_of, spent
from casework.french import long_date
from casework.journal import Event
from casework.money import CATEGORIES, INCOMES
from casework.settings import Settings
from casework.statement_pages import facts as _facts
from casework.statement_pages import statement
from casework.statement_pages import table as _table
from casework.statement_pages import text as _text
from workflows.application.reading import advance_paid
from workflows.versions import scheme_of

CERTIFICATE = "Certificat de service fait"
BALANCE = "Décompte du solde"
_VALIDATED = "application.report_validated"
_RETAINED = (
    "Les dépenses retenues étaient prévues au budget, ont été réalisées dans la période de la convention, acquittées "
    "le jour de l’envoi du bilan et justifiées, sauf explication portée à leur ligne."
)


def certificate_pdf(session: Session, application: Application, *, funder: str = Settings.funder) -> bytes:
    """The certificate of expenditure control as a tagged PDF. Raises Refused before the report is validated."""
    return pdf.render("statement", certificate_data(session, application, funder=funder), at=_validated_at(application))


def balance_pdf(session: Session, application: Application, *, funder: str = Settings.funder) -> bytes:
    """The balance, step by step, as a tagged PDF. Raises Refused before the report is validated."""
    return pdf.render("statement", balance_data(session, application, funder=funder), at=_validated_at(application))


def certificate_data(session: Session, application: Application, *, funder: str = Settings.funder) -> dict[str, Any]:
    """What the certificate says, in French, ready to print: the operation, each line, the totals, who certifies."""
    report, convention = _validated(application)
    lines = spent(expenses_of(session, application.id))
    accepted = sum(line.accepted_cents or 0 for line in lines)
    declared = sum(line.spent_cents for line in lines)
    who = _certifier(session, application)
    return _document(
        application,
        CERTIFICATE,
        funder,
        f"Dépenses déclarées : {euros(declared)}. Dépenses retenues : {euros(accepted)}.",
        [
            _facts("L’opération", [*_parties(application, convention), *_dates(report)]),
            _table("Dépenses ligne par ligne", _LINE_HEAD, [_line(line) for line in lines]),
            _table("Totaux par catégorie", _TOTAL_HEAD, _totals(report)),
            *([_text("Observations", report.observations)] if report.observations else []),
            *([_text("Réponse du porteur", report.answer)] if report.answer else []),
            _text("Certification", f"{_RETAINED} Service fait constaté le {_day(report.validated_at)} par {who}."),
        ],
    )


def balance_data(session: Session, application: Application, *, funder: str = Settings.funder) -> dict[str, Any]:
    """What the balance sheet says: every step of the computation, its source, what is due, paid and left."""
    report, convention = _validated(application)
    known = report.explanation or {}
    due, paid = report.due_cents or 0, advance_paid(session, application)
    left = f"Solde à verser : {euros(due - paid)}." if due >= paid else f"Reversement à demander : {euros(paid - due)}."
    steps = [[s["label"], s["formula"], euros(from_decimal_string(s["amount"])), s["source"]] for s in known["steps"]]
    return _document(
        application,
        BALANCE,
        funder,
        f"Montant dû : {euros(due)}. Avance payée : {euros(paid)}. {left}",
        [
            _facts("L’opération", _parties(application, convention)),
            _facts("Recettes reçues", [(INCOMES[name], euros(cents)) for name, cents in report.income.items()]),
            _table(
                f"Calcul selon la fiche {scheme_of(application).code}",
                [("Étape", False), ("Calcul", False), ("Montant", True), ("Appel", False)],
                steps,
            ),
            *(_text("À noter", text) for text in known.get("warnings", [])),
        ],
    )


_LINE_HEAD = [("Dépense", False), ("Catégorie", False), ("Déclaré", True), ("Retenu", True), ("Contrôle", False)]
_TOTAL_HEAD = [("Catégorie", False), ("Déclaré", True), ("Retenu", True)]


def _line(line: ExpenseLine) -> list[str]:
    decided = DECISIONS[line.decision or "accepted"]
    said = f"{decided} : {line.why}" if line.why else decided
    amounts = [euros(line.spent_cents), euros(line.accepted_cents or 0)]
    return [" ".join((line.label, line.invoice_reference)).strip(), CATEGORIES[line.category], *amounts, said]


def _totals(report: FinalReport) -> list[list[str]]:
    rows = [(CATEGORIES[name], report.declared.get(name, 0), report.accepted.get(name, 0)) for name in CATEGORIES]
    shown = [row for row in rows if row[1] or row[2]]
    total = ("Total", sum(row[1] for row in shown), sum(row[2] for row in shown))
    return [[name, euros(declared), euros(accepted)] for name, declared, accepted in (*shown, total)]


def _parties(application: Application, convention: Convention) -> list[tuple[str, str]]:
    organisation, end = application.organisation, convention.ended_on or convention.ends_on
    return [
        ("Porteur", f"{organisation.name}, SIRET {organisation.siret}"),
        ("Dispositif", f"{application.scheme_code} {application.scheme_version.title}"),
        ("Convention", convention.number),
        ("Période", f"du {long_date(convention.starts_on)} au {long_date(end)}"),
        ("Subvention", euros(convention.grant_cents)),
    ]


def _dates(report: FinalReport) -> list[tuple[str, str]]:
    rows = [("Bilan remis", _day(report.submitted_at))]
    if report.intended_at is not None:
        answered = f", réponse du porteur le {_day(report.answered_at)}" if report.answered_at else ", sans réponse"
        rows.append(("Résultat envisagé", f"envoyé le {_day(report.intended_at)}{answered}"))
    return rows


def _day(instant: datetime | None) -> str:
    return long_date(paris_day(instant)) if instant is not None else ""


def _document(
    application: Application, title: str, funder: str, summary: str, sections: list[dict[str, Any]]
) -> dict[str, Any]:
    return statement(title, application.reference, funder, summary, sections)


def _validated(application: Application) -> tuple[FinalReport, Convention]:
    report, convention = application.report, application.convention
    if report is None or report.validated_at is None or convention is None:
        raise Refused(["Ce document existe une fois le bilan final contrôlé et validé."])
    return report, convention


def _validated_at(application: Application) -> datetime:
    validated_at = _validated(application)[0].validated_at
    if validated_at is None:
        raise LookupError("a validated report has its instant")
    return validated_at


def _certifier(session: Session, application: Application) -> str:
    """Who validated the report, by the journal."""
    query = sa.select(Event).where(
        Event.subject == "application", Event.subject_id == application.id, Event.kind == _VALIDATED
    )
    return session.scalars(query.order_by(Event.sequence.desc()).limit(1)).one().actor_name
