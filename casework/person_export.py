"""All that is held on one person, read along the declared register: whatever table is declared is in the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.documents import Document
from casework.french import short_date, short_moment
from casework.identities import Person
from casework.journal import SUBJECTS, Event, label_of
from casework.participants import STATES, Journey
from casework.people import Organisation, Territory, User
from casework.register import Held, rows_of
from casework.register_tables import LINKED, REGISTER


@dataclass(frozen=True)
class Section:
    """What one table holds on the person: each row maps the columns of `held.facts` to what is stored."""

    held: Held
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Operation:
    """Where a journey takes place, for whoever reads the answer."""

    journey: int
    reference: str
    scheme: str
    bearer: str
    territory: str
    state: str


def operations_of(session: Session, person_id: int) -> list[Operation]:
    columns: tuple[Any, ...] = (
        Journey.id,
        Application.reference,
        Application.scheme_code,
        Organisation.name,
        Territory.name.label("territory"),
        Journey.state,
    )
    query = (
        sa.select(*columns)
        .join(Application, Application.id == Journey.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Territory, Territory.id == Journey.territory_id)
        .where(Journey.person_id == person_id)
    )
    return [
        Operation(row.id, row.reference, row.scheme_code, row.name, row.territory, STATES[row.state])
        for row in session.execute(query.order_by(Journey.id))
    ]


def one_person(session: Session, person_id: int) -> list[int]:
    """The numbers under which a person is held: her own, then those of the people that turned out to be her."""
    found = [person_id]
    for key in found:
        found += session.scalars(sa.select(Person.id).where(Person.merged_into_id == key).order_by(Person.id))
    return found


def held_on(session: Session, person_id: int) -> list[Section]:
    """Every declared table, in the order of the register, with what it holds on this person; empty ones included."""
    names, ids = _Names(session), one_person(session, person_id)
    sections = [Section(held, _rows(session, held, ids, names)) for held in REGISTER]
    linked = {"document": _documents, "event": _events}
    return [*sections, *(Section(held, linked[held.table](session, held, ids)) for held in LINKED)]


class _Names:
    """Who an account is: a name is said, never a number."""

    def __init__(self, session: Session) -> None:
        self.session, self.known = session, dict[int, str]()

    def of(self, key: int | None) -> str | None:
        if key is None:
            return None
        if key not in self.known:
            self.known[key] = self.session.scalar(sa.select(User.name).where(User.id == key)) or "–"
        return self.known[key]


def _rows(session: Session, held: Held, ids: list[int], names: _Names) -> list[dict[str, Any]]:
    table = held.stored
    columns = [table.c[name] for name in held.facts]
    query = sa.select(*columns).where(rows_of(table, ids)).order_by(*table.primary_key.columns)
    people = {key.parent.name for key in table.foreign_keys if key.column.table.name == "user_account"}
    return [
        {name: names.of(value) if name in people else value for name, value in row._mapping.items()}
        for row in session.execute(query)
    ]


def documents_about(session: Session, person_ids: Sequence[int] | sa.Select[int]) -> set[int]:
    """The files that the declared columns name for these people."""
    named = naming_files(person_ids)
    return set(session.scalars(sa.union(*named))) if named else set()


def naming_files(person_ids: Sequence[int] | sa.Select[int]) -> list[sa.Select[int]]:
    """For each declared column that names a file about somebody: the files it names for these people."""
    return [
        sa.select(held.stored.c[name]).where(held.stored.c[name].is_not(None), rows_of(held.stored, person_ids))
        for held in REGISTER
        for name in held.files
    ]


def _documents(session: Session, held: Held, ids: list[int]) -> list[dict[str, Any]]:
    query = sa.select(Document).where(Document.id.in_(documents_about(session, ids)))
    return [{name: getattr(one, name) for name in held.facts} for one in session.scalars(query.order_by(Document.id))]


def subjects_of(session: Session, person_ids: Sequence[int]) -> dict[str, list[int]]:
    """The chains of the journal that tell these people's journeys: a subject is named after its table."""
    tables = {held.table: held.stored for held in REGISTER}
    return {
        subject: list(session.scalars(sa.select(tables[subject].c.id).where(rows_of(tables[subject], person_ids))))
        for subject in SUBJECTS
        if subject in tables
    }


def events_about(session: Session, person_ids: Sequence[int]) -> list[Event]:
    """The journal's entries that concern these people's journeys, the oldest first."""
    chains = [
        sa.and_(Event.subject == subject, Event.subject_id.in_(keys))
        for subject, keys in subjects_of(session, person_ids).items()
    ]
    return list(session.scalars(sa.select(Event).where(sa.or_(sa.false(), *chains)).order_by(Event.id)))


def _events(session: Session, held: Held, ids: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "kind": label_of(event.kind),
            "at": event.at,
            "actor_name": event.actor_name,
            "payload": event.payload.content if event.payload else None,
        }
        for event in events_about(session, ids)
    ]


def said(held: Held, name: str, value: Any, labels: Mapping[str, str]) -> str:
    """A stored value in French; `labels`: those of what the journal's payloads name."""
    codes = held.codes.get(name, {})
    match value:
        case None | "":
            return "–"
        case bool():
            return "oui" if value else "non"
        case datetime():
            return short_moment(value)
        case date():
            return short_date(value)
        case dict():
            words = {**labels, **codes}
            return " ; ".join(f"{words.get(key, key)} : {said(held, key, one, labels)}" for key, one in value.items())
        case list() | tuple():
            return ", ".join(codes.get(str(one), str(one)) for one in value) or "–"
    return codes.get(str(value), str(value))


def as_json(person_id: int, operations: Iterable[Operation], sections: Iterable[Section]) -> dict[str, Any]:
    """The answer for a machine: stored values, their labels, and the words of their codes."""
    return {
        "person": person_id,
        "operations": [vars(one) for one in operations],
        "held": [
            {
                "table": section.held.table,
                "label": section.held.label,
                "purpose": section.held.purpose,
                "fate": section.held.fate,
                "columns": dict(section.held.facts),
                "codes": {name: dict(words) for name, words in section.held.codes.items()},
                "rows": [{name: _plain(value) for name, value in row.items()} for row in section.rows],
            }
            for section in sections
        ],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
