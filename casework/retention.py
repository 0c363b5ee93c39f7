"""Forgetting: two years after the last contact with somebody, nothing here tells who it was; the figures stay.

What goes and what stays is read from the register (`register_tables`). Nobody is forgotten while an operation she took
part in is not settled (its report and its control need what proves an exit), nor while a manager holds its case.
A person is forgotten in one transaction; the bytes of the files go once it is committed, and what a dead process left
of them is found by the orphans' job.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import FINAL_STATES, Application
from casework.clock import paris_day, paris_instant
from casework.documents import CONFIDENTIAL_SLOTS, Document
from casework.french import long_date
from casework.holds import LegalHold
from casework.identities import Person
from casework.participants import LIVE_STATES, Journey
from casework.people import Actor
from casework.person_export import documents_about, events_about, naming_files, one_person
from casework.register import RETENTION_YEARS, dated, rows_of
from casework.register_tables import REGISTER

ERASED = journal.register("journey.erased", "Identité effacée")
FILE_ERASED = journal.register("application.evidence_erased", "Justificatifs de sortie effacés", internal=True)
REASON = f"Durée de conservation passée : {RETENTION_YEARS} ans après le dernier contact."
FILE_KINDS = ("application.document_added", "application.document_removed")
"""What the journal of a case says of a file: its name may name somebody."""


@dataclass(frozen=True)
class Due:
    """Somebody whose retention has passed. `journeys`: how many she had."""

    person_id: int
    last_contact: date
    journeys: int


@dataclass(frozen=True)
class Scan:
    """People read in the order of their numbers: those who are due, and the last number read (None at the end)."""

    due: list[Due]
    last: int | None


def limit_of(day: date) -> date:
    """Whoever was last seen on this day or before is forgotten on `day`."""
    try:
        return day.replace(year=day.year - RETENTION_YEARS)
    except ValueError:
        return day.replace(year=day.year - RETENTION_YEARS, day=28)


def foretold_until(day: date) -> date:
    """The people who will be forgotten are told once a month, until the end of the month that follows."""
    following = (day.replace(day=1) + timedelta(days=62)).replace(day=1)
    return following - timedelta(days=1)


def forgotten_on(last_contact: date) -> date:
    """The first day on which somebody last seen that day is forgotten."""
    try:
        return last_contact.replace(year=last_contact.year + RETENTION_YEARS)
    except ValueError:
        return last_contact.replace(year=last_contact.year + RETENTION_YEARS, month=3, day=1)


def cases_of(session: Session, people: Iterable[int]) -> dict[str, int]:
    """How many of these people each case knows, by its reference."""
    query = sa.select(Application.reference, sa.func.count(Journey.person_id.distinct()))
    query = query.join(Journey, Journey.application_id == Application.id).where(Journey.person_id.in_(list(people)))
    return {row[0]: row[1] for row in session.execute(query.group_by(Application.reference))}


def scan(session: Session, day: date, *, after: int = 0, size: int = 200) -> Scan:
    """Read the next people whose journeys are over, and say who of them is due. Two statements, whatever the size."""
    ids = list(session.scalars(_settled(day).where(Person.id > after).order_by(Person.id).limit(size)))
    return Scan(_due(session, ids, day), ids[-1] if ids else None)


def _settled(day: date) -> sa.Select[int]:
    """The people of whom no case is open nor held, and whom nobody oriented since the limit."""
    since = paris_instant(limit_of(day), time())
    mine = sa.exists().where(Journey.person_id == Person.id)
    in_case = mine.where(Application.id == Journey.application_id)
    unsettled = in_case.where(Application.state.not_in(FINAL_STATES))
    held = mine.where(LegalHold.application_id == Journey.application_id, LegalHold.lifted_at.is_(None))
    recent = mine.where(Journey.oriented_at > since)
    known = (Person.erased_at.is_(None), Person.merged_into_id.is_(None), Person.created_at <= since)
    return sa.select(Person.id).where(*known, ~unsettled, ~held, ~recent)


def _due(session: Session, ids: Sequence[int], day: date) -> list[Due]:
    if not ids:
        return []
    contacts, limit = last_contacts(session, ids), limit_of(day)
    query = sa.select(Journey.person_id, sa.func.count()).where(Journey.person_id.in_(ids))
    numbers = {row[0]: row[1] for row in session.execute(query.group_by(Journey.person_id))}
    return [Due(key, contacts[key], numbers.get(key, 0)) for key in ids if contacts[key] <= limit]


def last_contacts(session: Session, ids: Sequence[int]) -> dict[int, date]:
    """The last day of contact with each of these people: the latest of every declared date, all journeys together.

    A journey that was never closed goes on until its case is settled. Somebody without any journey: the day she was
    made known.
    """
    ended = (
        sa.select(Journey.person_id.label("person_id"), sa.func.max(sa.func.date(Application.state_since)).label("day"))
        .join(Application, Application.id == Journey.application_id)
        .where(Journey.person_id.in_(ids), Journey.state.in_(LIVE_STATES))
        .group_by(Journey.person_id)
    )
    known = sa.select(Person.id.label("person_id"), sa.func.date(Person.created_at).label("day"))
    dates = [dated(held, name, ids) for held in REGISTER for name in held.contacts]
    every = sa.union_all(*dates, ended, known.where(Person.id.in_(ids))).subquery()
    query = sa.select(every.c.person_id, sa.func.max(every.c.day)).group_by(every.c.person_id)
    return {key: _day(day) for key, day in session.execute(query)}


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


@dataclass(frozen=True)
class Forgotten:
    """What was done: how many journeys, and the keys of the bytes that nobody needs any more."""

    journeys: int
    keys: list[str]


def forget(session: Session, person_id: int, *, actor: Actor, at: datetime, day: date) -> Forgotten | None:
    """Erase who this person was, in the caller's transaction; None when she is no longer due.

    The cases are locked first, so that nobody holds nor reopens one of them meanwhile, then the person.
    """
    cases = sorted(set(session.scalars(sa.select(Journey.application_id).where(Journey.person_id == person_id))))
    for case in cases:
        db.lock(session, Application, case)
    db.lock(session, Person, person_id)
    still = session.scalars(_settled(day).where(Person.id == person_id)).all()
    if not _due(session, still, day):
        return None
    ids = one_person(session, person_id)
    journeys = list(session.scalars(sa.select(Journey.id).where(Journey.person_id.in_(ids)).order_by(Journey.id)))
    for journey in journeys:
        db.lock(session, Journey, journey)
    documents = documents_about(session, ids)
    for event in events_about(session, ids):
        if event.payload is not None:
            journal.erase(session, event, actor=actor, at=at, reason=REASON)
    _blank(session, ids, at)
    keys = erase_files(session, documents - _needed_by_others(session, ids), actor=actor, at=at)
    for journey in journeys:
        journal.record(session, "journey", journey, ERASED, actor=actor, at=at)
    return Forgotten(len(journeys), keys)


def _blank(session: Session, ids: Sequence[int], at: datetime) -> None:
    """Each declared column that must not stay gives way; from the farthest table to `person`, which is last."""
    for held in reversed(REGISTER):
        table, mine = held.stored, rows_of(held.stored, ids)
        if held.removed:
            session.execute(sa.delete(table).where(mine))
        elif held.erased:
            session.execute(sa.update(table).where(mine).values(dict(held.erased)))
    session.execute(sa.update(Person).where(Person.id.in_(ids)).values(erased_at=at))
    session.expire_all()


def _needed_by_others(session: Session, ids: Sequence[int]) -> set[int]:
    """The files that also name somebody who is not forgotten."""
    others = sa.select(Person.id).where(Person.erased_at.is_(None), Person.id.not_in(ids))
    return documents_about(session, others)


def erase_files(session: Session, documents: Iterable[int], *, actor: Actor, at: datetime) -> list[str]:
    """Leave of these files a row that names nobody; the keys of the bytes to delete once it is committed."""
    wanted = sa.select(Document).where(Document.id.in_(list(documents)), Document.erased_at.is_(None))
    found = list(session.scalars(wanted.order_by(Document.id)))
    for document in found:
        document.name, document.digest = f"Justificatif effacé le {long_date(paris_day(at))}", ""
        document.media_type = "application/octet-stream"
        document.erased_at, document.removed_at = at, document.removed_at or at
    session.flush()
    _erase_names(session, found, actor=actor, at=at)
    keys = {document.storage_key for document in found}
    needed = sa.select(Document.storage_key).where(Document.storage_key.in_(keys), Document.erased_at.is_(None))
    return sorted(keys - set(session.scalars(needed)))


def _erase_names(session: Session, documents: Sequence[Document], *, actor: Actor, at: datetime) -> None:
    """The journal of the cases wrote the names of the files."""
    numbers = {document.id for document in documents}
    for case in sorted({document.application_id for document in documents}):
        query = sa.select(journal.Event).where(
            journal.Event.subject == "application", journal.Event.subject_id == case, journal.Event.kind.in_(FILE_KINDS)
        )
        for event in session.scalars(query):
            if event.payload is not None and event.payload.content.get("document") in numbers:
                journal.erase(session, event, actor=actor, at=at, reason=REASON)
        journal.record(session, "application", case, FILE_ERASED, actor=actor, at=at)


def leftovers(session: Session, day: date) -> list[tuple[int, list[int]]]:
    """Evidence that no exit names, in settled cases all of whose people are forgotten: (case, files)."""
    someone = sa.exists().where(
        Journey.application_id == Application.id, Person.id == Journey.person_id, Person.erased_at.is_(None)
    )
    held = sa.exists().where(LegalHold.application_id == Application.id, LegalHold.lifted_at.is_(None))
    named = sa.union(*naming_files(sa.select(Person.id).where(Person.erased_at.is_(None))))
    query = (
        sa.select(Document.application_id, Document.id)
        .join(Application, Application.id == Document.application_id)
        .where(
            Document.slot.in_(CONFIDENTIAL_SLOTS),
            Document.erased_at.is_(None),
            Document.added_at <= paris_instant(limit_of(day), time()),
            Application.state.in_(FINAL_STATES),
            ~someone,
            ~held,
            Document.id.not_in(named),
        )
        .order_by(Document.application_id, Document.id)
    )
    found: dict[int, list[int]] = {}
    for case, document in session.execute(query):
        found.setdefault(case, []).append(document)
    return list(found.items())
