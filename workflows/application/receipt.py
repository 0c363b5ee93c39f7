"""The deposit receipt: what was received, when, and the digests that let anybody prove it later.

The receipt describes the file as it was validated, whatever was corrected since: later edits are read backwards from
the journal. The same case always gives the same receipt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import pdf
from casework.amounts import euros
from casework.applications import CHANNELS, Application
from casework.clock import PARIS
from casework.documents import Document
from casework.errors import Refused
from casework.french import counted, grouped_siret, listed, long_date
from casework.journal import Event
from casework.money import budget_of
from casework.people import Organisation, Territory
from casework.settings import Settings
from workflows.application.budgeting import as_rows
from workflows.application.editing import EDITED
from workflows.application.files import documents_at, slots_of
from workflows.application.form import questions_of, sections_of
from workflows.versions import scheme_of

TITLE = "Accusé de réception"
_SUBMITTED = "application.submitted"
_DEPOSITED = "application.deposited"
_PROOF = (
    "L’empreinte du contenu est calculée (SHA-256) sur les réponses, le budget et les empreintes des pièces, tels "
    "qu’ils ont été validés : le moindre changement la modifierait. L’empreinte de l’historique est celle de la "
    "validation dans le registre du service, où chaque entrée scelle toutes celles qui la précèdent."
)


@dataclass(frozen=True)
class _Content:
    """The file as it was validated, as plain data. Amounts in cents, days in ISO form."""

    title: str
    starts_on: str | None
    ends_on: str | None
    territories: list[str]
    co_bearers: list[str]
    answers: dict[str, Any]
    budget: list[list[Any]]
    documents: list[Document]

    @property
    def requested_cents(self) -> int:
        return sum(row[3] for row in self.budget if row[:2] == ["income", "requested"])


def receipt_pdf(session: Session, application: Application, *, funder: str = Settings.funder) -> bytes:
    """The receipt as a tagged PDF. Raises Refused while the file is not validated."""
    data = receipt_data(session, application, funder=funder)
    return pdf.render("receipt", data, at=_submission(session, application, _SUBMITTED).at)


def receipt_data(session: Session, application: Application, *, funder: str = Settings.funder) -> dict[str, Any]:
    """What the receipt says, in French, ready to print. Raises Refused while the file is not validated."""
    submitted = _submission(session, application, _SUBMITTED)
    content = _content_at(session, application, submitted)
    organisation = application.organisation
    return {
        "title": TITLE,
        "funder": funder,
        "reference": application.reference,
        "footer": f"{TITLE} – dossier {application.reference}",
        "summary": f"Dossier de {organisation.name}, reçu le {_hour(application.received_at or submitted.at)}.",
        "deposit": _rows(_deposit(session, application, submitted)),
        "request": _rows(_request(session, application, content)),
        "sections": _sections(application, content),
        "documents_title": _documents_title(content.documents),
        "documents": [_document(application, document) for document in content.documents],
        "proof": _PROOF,
        "digests": [
            {"label": "Empreinte du contenu", "value": _grouped(_digest(application, content))},
            {"label": "Empreinte de l’historique", "value": _grouped(submitted.digest)},
        ],
    }


def content_digest(session: Session, application: Application) -> str:
    """SHA-256 (hex) over the canonical JSON of the file as it was validated. Raises Refused before that."""
    return _digest(application, _content_at(session, application, _submission(session, application, _SUBMITTED)))


def _digest(application: Application, content: _Content) -> str:
    described = {
        "reference": application.reference,
        "scheme": [application.campaign, application.scheme_code, application.scheme_version.digest],
        "siret": application.organisation.siret,
        "channel": [application.channel, application.external_reference],
        "title": content.title,
        "dates": [content.starts_on, content.ends_on],
        "territories": sorted(content.territories),
        "co_bearers": sorted(content.co_bearers),
        "answers": {name: value for name, value in content.answers.items() if value not in (None, "", [])},
        "budget": content.budget,
        "documents": sorted([document.slot, document.digest] for document in content.documents),
    }
    canonical = json.dumps(described, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _submission(session: Session, application: Application, kind: str) -> Event:
    query = sa.select(Event).where(
        Event.subject == "application", Event.subject_id == application.id, Event.kind == kind
    )
    found = session.scalars(query.order_by(Event.sequence.desc()).limit(1)).one_or_none()
    if application.submitted_at is None or found is None:
        raise Refused(["L’accusé de réception existe une fois le dossier déposé et validé."])
    return found


def _content_at(session: Session, application: Application, submitted: Event) -> _Content:
    """The content now, minus what was edited since the validation, the last edit undone first."""
    values: dict[str, Any] = {
        "title": application.title,
        "starts_on": application.starts_on.isoformat() if application.starts_on else None,
        "ends_on": application.ends_on.isoformat() if application.ends_on else None,
        "territories": [territory.code for territory in application.territories],
        "co_bearers": [organisation.siret for organisation in application.co_bearers],
        "budget": as_rows(budget_of(session, application.id)),
    }
    answers = dict(application.answers)
    for event in _edits_since(session, submitted):
        for name, (before, _after) in _changes(event).items():
            (values if name in values else answers)[name] = before
    return _Content(answers=answers, documents=list(documents_at(session, application.id, submitted.at)), **values)


def _edits_since(session: Session, submitted: Event) -> list[Event]:
    query = sa.select(Event).where(
        Event.subject == "application",
        Event.subject_id == submitted.subject_id,
        Event.kind == EDITED,
        Event.sequence > submitted.sequence,
    )
    return list(session.scalars(query.order_by(Event.sequence.desc())))


def _changes(event: Event) -> Mapping[str, list[Any]]:
    if event.payload is None:
        raise Refused(
            ["Une modification de ce dossier a été effacée : l’accusé de réception ne peut plus être refait."]
        )
    changes: Mapping[str, list[Any]] = event.payload.content["changes"]
    return changes


def _deposit(session: Session, application: Application, submitted: Event) -> list[tuple[str, str]]:
    deposited = _submission(session, application, _DEPOSITED)
    rows = [
        ("Déposé", f"{_hour(deposited.at)}, par {deposited.actor_name}"),
        ("Validé", f"{_hour(submitted.at)}, par {submitted.actor_name}"),
        (
            "Session de dépôt",
            f"du {long_date(application.opens_on)} au {long_date(application.closes_on)} inclus",
        ),
        ("Reçu par", CHANNELS[application.channel]),
    ]
    if application.received_at is not None:
        rows.append(("Reçu", _hour(application.received_at)))
    if application.external_reference:
        rows.append(("Référence d’origine", application.external_reference))
    return rows


def _request(session: Session, application: Application, content: _Content) -> list[tuple[str, str]]:
    organisation = application.organisation
    names = {territory.code: territory.name for territory in session.scalars(sa.select(Territory))}
    rows = [
        ("Dispositif", f"{application.scheme_code} {application.scheme_version.title}"),
        ("Campagne", f"{application.campaign}, version {application.scheme_version.number} de la fiche"),
        ("Porteur", f"{organisation.name}, SIRET {grouped_siret(organisation.siret)}"),
    ]
    if content.co_bearers:
        query = sa.select(Organisation).where(Organisation.siret.in_(content.co_bearers)).order_by(Organisation.name)
        shared = [f"{bearer.name}, SIRET {grouped_siret(bearer.siret)}" for bearer in session.scalars(query)]
        rows.append(("Avec", " ; ".join(shared)))
    return [
        *rows,
        ("Titre du projet", content.title),
        ("Opération", _period(content)),
        ("Territoires", listed(sorted(names.get(code, code) for code in content.territories))),
        ("Subvention demandée", euros(content.requested_cents)),
    ]


def _period(content: _Content) -> str:
    days = [datetime.fromisoformat(day).date() for day in (content.starts_on, content.ends_on) if day]
    return f"du {long_date(days[0])} au {long_date(days[1])}" if len(days) == 2 else "dates non indiquées"


def _sections(application: Application, content: _Content) -> list[str]:
    scheme = scheme_of(application)
    lines = []
    for code, label in sections_of(scheme).items():
        asked = questions_of(scheme, code)
        answered = sum(content.answers.get(question.key) not in (None, "", []) for question in asked)
        if code == "budget":
            lines.append(f"{label} : {counted(len(content.budget), 'ligne')}")
        elif asked:
            lines.append(f"{label} : {counted(answered, 'réponse')} sur {len(asked)}")
    return lines


def _documents_title(documents: list[Document]) -> str:
    return counted(len(documents), "pièce jointe", "pièces jointes")


def _document(application: Application, document: Document) -> dict[str, str]:
    return {
        "name": document.name,
        "slot": slots_of(application).get(document.slot, document.slot),
        "size": _size(document.size),
        "digest": f"{document.digest[:8]} {document.digest[8:16]}",
    }


def _rows(rows: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in rows]


def _hour(instant: datetime) -> str:
    """mardi 31 mars 2026 à 14 h 05, heure de Paris"""
    local = instant.astimezone(PARIS)
    return f"{long_date(local.date(), weekday=True)} à {local.hour} h {local.minute:02d}, heure de Paris"


def _size(size: int) -> str:
    """12 octets, 3,4 Ko, 1,2 Mo (1024 bytes to a Ko)."""
    if size < 1024:
        return counted(size, "octet")
    unit, divisor = ("Ko", 1024) if size < 1024 * 1024 else ("Mo", 1024 * 1024)
    tenths = (size * 10 + divisor // 2) // divisor
    return f"{tenths // 10},{tenths % 10} {unit}"


def _grouped(digest: str) -> str:
    """Groups of eight, to be compared by eye."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
