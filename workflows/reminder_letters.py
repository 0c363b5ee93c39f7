"""Reminders of deadlines as letters of their own, for whoever prefers them at once to the morning summary."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.deadlines import Deadline
from casework.french import distance, long_date
from casework.mail import Letter, as_calendar, as_html, as_text
from casework.outbox import enqueue
from casework.people import User
from casework.preferences import NOW
from casework.reminders import Pending, pending_reminders, people_with_reminders
from casework.settings import Settings
from workflows.letters import day_of, deadline_address, facts_of


def people_told_at_once(session: Session) -> list[int]:
    """The ids of those who prefer reminders at once and for whom some wait."""
    chosen = set(session.scalars(sa.select(User.id).where(User.mail_deadline == NOW)))
    return [user_id for user_id in people_with_reminders(session) if user_id in chosen] if chosen else []


def write_reminders(session: Session, settings: Settings, user_id: int, *, today: date, at: datetime) -> int:
    """One message for each deadline recalled to this person; how many. The person's row is locked meanwhile."""
    query = sa.select(User).where(User.id == user_id).with_for_update()
    user = session.scalars(query).one()
    by_deadline: dict[int, list[Pending]] = {}
    for recall in pending_reminders(session, user_id):
        by_deadline.setdefault(recall.deadline.id, []).append(recall)
    for recalls in by_deadline.values():
        last = recalls[-1]
        letter = reminder_letter(last.deadline, last.application, last.reminder.note, settings, today)
        day = day_of(last.application, settings, last.deadline)
        (message,) = enqueue(
            session,
            [user],
            subject=letter.subject,
            body=as_text(letter, settings),
            html=as_html(letter, settings),
            ics=as_calendar((day,), at=at),
            at=at,
            application_id=last.application.id,
            category="deadline",
        )
        session.flush()
        for recall in recalls:
            recall.reminder.message_id = message.id
    return len(by_deadline)


def reminder_letter(deadline: Deadline, case: Application, note: str, settings: Settings, today: date) -> Letter:
    """One deadline of one case: what, until when, how far it is; `note` says why it comes to somebody else."""
    when, distant = long_date(deadline.due_on, weekday=True), distance(deadline.due_on, today)
    return Letter(
        subject=f"{case.reference} – {deadline.label} : {distant}",
        paragraphs=(f"« {deadline.label} » est attendu pour le {when} ({distant}).", *((note,) if note else ())),
        facts=(("Échéance", when), ("Pourquoi cette date", deadline.source), *facts_of(case)),
        link=("Voir ce qui est attendu", deadline_address(settings, deadline)),
        closing=(f"Pour recevoir plutôt un récapitulatif par jour : {settings.public_url}/mon-compte",),
    )
