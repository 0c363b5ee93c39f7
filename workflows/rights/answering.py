"""Answering somebody who asks what is held on her: finding her, and giving it all as a document and as data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal, pdf
from casework.errors import Forbidden, NotFound
from casework.french import counted
from casework.identities import Person, people_like
from casework.journey_facts import JourneyFact
from casework.participants import IdentityLook, Journey
from casework.permissions import holds
from casework.person_export import Section, as_json, held_on, one_person, operations_of, said
from casework.published_register import LEGAL_BASIS, PURPOSE, RETENTION
from casework.statement_pages import facts, statement, table, text
from workflows.engine import Act
from workflows.journey.history import LABELS
from workflows.rights.notice import RIGHTS
from workflows.rules.tracks import choice_of, track_of
from workflows.versions import scheme_of

EXPORTED = journal.register("journey.exported", "Données remises à la personne")
FORMATS = {"json": "application/json", "pdf": "application/pdf"}
_WORDS = {**LABELS, "comment": "Rédaction", "themes": "Thèmes", "format": "Forme", "validated": "Validée par le SLAI"}
_UNSAID = ("version",)
_TITLE = "Ce que le service détient sur vous"


def find(session: Session, *, family_name: str, given_name: str, birth_date: date) -> list[Person]:
    """The people of this very name and birth date; an erased identity is never found."""
    found = people_like(session, family_name=family_name, given_name=given_name, birth_date=birth_date)
    return [one.person for one in found if one.exact]


def person_of_journey(session: Session, number: int) -> int | None:
    """The person of a journey; None when there is no such journey."""
    return session.scalar(sa.select(Journey.person_id).where(Journey.id == number))


def export(session: Session, person_id: int, format: str, act: Act) -> bytes:
    """All that is held on the person, as one of FORMATS. Her journeys keep that it was given, and a look is recorded.

    Raises Forbidden or NotFound.
    """
    if not holds(act.actor, "person.export") or act.actor.user_id is None:
        raise Forbidden()
    locked = sa.select(Journey).where(Journey.person_id == person_id).order_by(Journey.id).with_for_update(of=Journey)
    journeys = list(session.scalars(locked))
    person = session.get(Person, person_id)
    if person is None or format not in FORMATS:
        raise NotFound("Cette personne n’existe pas.")
    session.add(IdentityLook(person_id=person_id, user_id=act.actor.user_id, at=act.at, purpose="export"))
    for journey in journeys:
        journal.record(session, "journey", journey.id, EXPORTED, actor=act.actor, at=act.at, format=format)
    session.flush()
    sections = [_in_words_of_sheets(session, person_id, section) for section in held_on(session, person_id)]
    if format == "pdf":
        return _document(session, person, sections, act)
    found = as_json(person_id, operations_of(session, person_id), sections)
    return json.dumps(found, ensure_ascii=False, indent=2).encode()


def _in_words_of_sheets(session: Session, person_id: int, section: Section) -> Section:
    """What a sheet follows is stored under codes of its own: they are given in its words."""
    if section.held.table != JourneyFact.__tablename__:
        return section
    query = sa.select(JourneyFact).join(Journey).where(Journey.person_id.in_(one_person(session, person_id)))
    noted = session.scalars(query.order_by(JourneyFact.id))
    return replace(section, rows=[row | _words(fact) for row, fact in zip(section.rows, noted, strict=True)])


def _words(fact: JourneyFact) -> dict[str, str]:
    track = track_of(scheme_of(fact.journey.application), fact.track)
    choice = choice_of(track, fact.choice) if track is not None else None
    return {"track": track.label if track else fact.track, "choice": choice.label if choice else fact.choice}


def _document(session: Session, person: Person, sections: list[Section], act: Act) -> bytes:
    operations = [
        [str(one.journey), one.reference, one.scheme, one.bearer, one.territory]
        for one in operations_of(session, person.id)
    ]
    head = [("Parcours", False), ("Dossier", False), ("Dispositif", False), ("Porteur", False), ("Territoire", False)]
    settings = act.settings
    summary = f"Au nom de {person.name} : {counted(len(operations), 'parcours', 'parcours')}."
    pages = [
        text("Pourquoi ces données sont détenues", f"{PURPOSE}\n{LEGAL_BASIS}\n{RETENTION}"),
        table("Les opérations", head, operations),
        *(_section(section) for section in sections if section.rows),
        text("Où rien n’est détenu", "\n".join(section.held.label for section in sections if not section.rows)),
        text("Vos droits", "\n".join(RIGHTS) + f"\nÉcrivez à {settings.data_officer_email}. Plainte : www.cnil.fr."),
    ]
    data = statement(_TITLE, f"Personne n° {person.id}", settings.funder, summary, pages)
    return pdf.render("statement", {**data, "footer": f"{_TITLE} – personne n° {person.id}"}, at=act.at)


def _section(section: Section) -> dict[str, Any]:
    held = section.held
    words = [[said(held, name, _told(value), _WORDS) for name, value in row.items()] for row in section.rows]
    if len(words) == 1:
        return facts(held.label, list(zip(held.facts.values(), words[0], strict=True)))
    if len(held.facts) <= 7:
        return table(held.label, [(label, False) for label in held.facts.values()], words)
    rows = [
        (f"{label} ({number})", word)
        for number, row in enumerate(words, start=1)
        for label, word in zip(held.facts.values(), row, strict=True)
    ]
    return facts(held.label, rows)


def _told(value: Any) -> Any:
    """What an entry of the journal kept, without what only the service counts."""
    return {key: one for key, one in value.items() if key not in _UNSAID} if isinstance(value, dict) else value
