"""The essential data of subsidy conventions, in the national format « SCDL subventions ».

Source: decree 2017-779 of 5 May 2017 and order of 17 November 2017. One row per convention signed in the year, for a
grant of 23,000 € or more by default (`THRESHOLD`, in cents). Every row is checked against the format before anything
is written: a file with a fault is never published.

Choices: the convention names one beneficiary, so its share is 1.00; a grant paid as an advance then a balance is
« échelonné »; the period of payment goes from the first payment (the signature while there is none) to the last one
of a closed case (the end of the operation while it runs).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.amounts import decimal_string
from casework.applications import Application, Convention
from casework.money import Payment
from casework.settings import Settings
from casework.sirets import possible_siret

THRESHOLD = 23_000_00
COLUMNS = (
    "nomAttribuant",
    "idAttribuant",
    "dateConvention",
    "referenceDecision",
    "nomBeneficiaire",
    "idBeneficiaire",
    "objet",
    "montant",
    "nature",
    "conditionsVersement",
    "datesPeriodeVersement",
    "idRAE",
    "notificationUE",
    "pourcentageSubvention",
)
OPTIONAL = ("referenceDecision", "idRAE")
LONGEST = {"nomAttribuant": 140, "nomBeneficiaire": 140, "objet": 356, "conditionsVersement": 356, "idRAE": 5}
NATURES = ("aide en numéraire", "aide en nature", "aide en numéraire;aide en nature")

Row = dict[str, str]


@dataclass(frozen=True)
class Fault:
    """What the format refuses: which case, which column, and why, in French."""

    reference: str
    application_id: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.reference}, {self.column} : {self.sentence}"


@dataclass(frozen=True)
class Entry:
    """One convention as a row of the file."""

    reference: str
    application_id: int
    row: Row


def entries(session: Session, settings: Settings, year: int, *, minimum: int = THRESHOLD) -> list[Entry]:
    """The conventions signed by both parties in this year, of `minimum` cents or more, in the order of signature."""
    signed = _signed_on()
    query = (
        sa.select(Application, Convention)
        .join(Convention, Convention.application_id == Application.id)
        .where(signed >= date(year, 1, 1), signed <= date(year, 12, 31), Convention.grant_cents >= minimum)
        .order_by(signed, Application.id)
    )
    found = session.execute(query).all()
    payments = _paid_days(session, [case.id for case, _ in found])
    return [
        Entry(case.reference, case.id, _row(case, convention, payments.get(case.id, []), settings))
        for case, convention in found
    ]


def years(session: Session) -> list[int]:
    """The years in which some convention was signed, the newest first."""
    signed = _signed_on()
    first, last = session.execute(sa.select(sa.func.min(signed), sa.func.max(signed))).one()
    return list(range(last.year, first.year - 1, -1)) if first and last else []


def faults(found: Sequence[Entry]) -> list[Fault]:
    """Everything that the format refuses, case by case."""
    return [
        Fault(entry.reference, entry.application_id, column, sentence)
        for entry in found
        for column in COLUMNS
        if (sentence := _fault(column, entry.row[column])) is not None
    ]


def as_csv(found: Sequence[Entry]) -> str:
    """The file: comma, UTF-8 without mark, one line of names. The caller has seen that there is no fault."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(entry.row for entry in found)
    return written.getvalue()


def _signed_on() -> sa.ColumnElement[date]:
    """The day the second signature was given; NULL while one is missing."""
    applicant, funder = Convention.applicant_signed_on, Convention.funder_signed_on
    later = sa.case((applicant >= funder, applicant), else_=funder)
    return sa.case((sa.and_(applicant.is_not(None), funder.is_not(None)), later), else_=sa.null())


def _paid_days(session: Session, case_ids: Sequence[int]) -> dict[int, list[date]]:
    out = sa.select(Payment.application_id, Payment.paid_on).where(
        Payment.application_id.in_(case_ids),
        Payment.kind.in_(("advance", "balance")),
        Payment.reversed_by_id.is_(None),
        Payment.paid_on.is_not(None),
    )
    found: dict[int, list[date]] = {}
    for case_id, day in session.execute(out.order_by(Payment.paid_on)):
        if day is not None:
            found.setdefault(case_id, []).append(day)
    return found


def _row(case: Application, convention: Convention, paid: list[date], settings: Settings) -> Row:
    signed_on = convention.signed_on or convention.sent_on
    first = paid[0] if paid else signed_on
    settled = case.state in ("closed", "terminated")
    last = paid[-1] if paid and settled else max(first, convention.last_on)
    period = first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"
    return {
        "nomAttribuant": settings.funder,
        "idAttribuant": settings.funder_siret,
        "dateConvention": signed_on.isoformat(),
        "referenceDecision": _plain(case.decision_reference),
        "nomBeneficiaire": _plain(case.organisation.name),
        "idBeneficiaire": case.organisation.siret,
        "objet": _plain(f"{case.title} – {case.scheme_version.title}"),
        "montant": decimal_string(convention.grant_cents),
        "nature": "aide en numéraire",
        "conditionsVersement": "unique" if settled and len(paid) == 1 else "échelonné",
        "datesPeriodeVersement": period,
        "idRAE": "",
        "notificationUE": "non",
        "pourcentageSubvention": "1.00",
    }


def _plain(text: str) -> str:
    """One line that no spreadsheet takes for a formula."""
    return " ".join(text.split()).lstrip("=+-@ ")


def _fault(column: str, value: str) -> str | None:
    if not value:
        return None if column in OPTIONAL else "cette donnée est obligatoire."
    if len(value) > LONGEST.get(column, len(value)):
        return f"{len(value)} caractères, {LONGEST[column]} au plus."
    known = _SHAPES.get(column)
    if known is not None and not known[0].fullmatch(value):
        return known[1]
    if column in ("idAttribuant", "idBeneficiaire") and possible_siret(value) is None:
        return "ce numéro SIRET n’existe pas."
    if column == "nature" and value not in NATURES:
        return "la nature n’est pas une de celles du format."
    if column == "datesPeriodeVersement":
        first, _, last = value.partition("/")
        return "la période finit avant de commencer." if last and last < first else None
    return None


_DAY = r"\d{4}-\d{2}-\d{2}"
_SHAPES = {
    "dateConvention": (re.compile(_DAY), "une date AAAA-MM-JJ est attendue."),
    "idAttribuant": (re.compile(r"\d{14}"), "un SIRET de quatorze chiffres est attendu."),
    "idBeneficiaire": (re.compile(r"\d{14}"), "un SIRET de quatorze chiffres est attendu."),
    "montant": (re.compile(r"\d+\.\d{2}"), "un montant comme 1234.50 est attendu."),
    "datesPeriodeVersement": (re.compile(rf"{_DAY}(/{_DAY})?"), "une date ou deux séparées par / sont attendues."),
    "notificationUE": (re.compile("oui|non"), "oui ou non est attendu."),
    "pourcentageSubvention": (re.compile(r"0\.\d[1-9]|0\.[1-9]\d|1\.00"), "une part de 0.01 à 1.00 est attendue."),
}
