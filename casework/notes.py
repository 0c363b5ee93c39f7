"""Internal notes of the services on a case. They are added, never edited; the journal says that one was written."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application, Note
from casework.errors import NotFound
from casework.people import Actor

ADDED = journal.register("application.note_added", "Note interne ajoutée", internal=True)


def add_note(session: Session, application: Application, text: str, *, actor: Actor, at: datetime) -> Note:
    """Keep a note. The case is locked for its journal, but nothing of it changes: nobody's page becomes stale."""
    if db.lock(session, Application, application.id) is None:
        raise NotFound()
    note = Note(application_id=application.id, at=at, author_id=actor.user_id, text=text)
    session.add(note)
    session.flush()
    journal.record(session, "application", application.id, ADDED, actor=actor, at=at, note=note.id)
    return note


def notes_of(session: Session, application_id: int) -> list[Note]:
    """The newest first."""
    query = sa.select(Note).where(Note.application_id == application_id)
    return list(session.scalars(query.order_by(Note.id.desc())))
