"""Days that are not what they were, and days that most years do not have."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import paris_day, paris_instant
from casework.db import transaction
from casework.deadlines import Deadline, Reminder, deadlines_of, plan
from casework.outbox import Message
from casework.people import User
from casework.settings import Settings
from jobs import deadlines, digests, outbox
from tests.support.mailserver import Inbox, mail_server
from tests.support.means import means
from tests.support.stories import Teller, cast_of
from workflows.stories import Cast


class Office:
    """One operation under way, with mornings on which reminders are written, summed up and sent."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self.sessions, self.settings, self.inbox = sessions, settings, Inbox()
        with transaction(sessions) as session:
            self.cast: Cast = cast_of(session)
            self.case_id = Teller(session, settings, self.cast).tell("3.5", "execution").id
            session.execute(sa.update(User).values(mail_tasks="never"))
            self.applicant = session.get_one(User, self.cast.applicant.user_id).email

    def mornings(self, first: date, last: date) -> None:
        with mail_server(self.inbox) as port:
            for number in range((last - first).days + 1):
                now = paris_instant(first + timedelta(days=number), time(7, 0))
                given = means(self.sessions, self.settings, now=now, port=port)
                for job in (deadlines, digests, outbox, deadlines, digests, outbox):
                    outcome = job.run(given)
                    assert outcome.failed == 0, outcome.error

    def only(self, kind: str) -> Deadline:
        """The open deadline of this kind that falls first."""
        with self.sessions() as session:
            found = [one for one in deadlines_of(session, self.case_id) if (one.kind, one.status) == (kind, "open")]
        return min(found, key=lambda one: one.due_on)

    def told(self, key: int) -> list[tuple[date, int]]:
        """(day due, step) of what the applicant was told of a deadline, in order: only what was really sent."""
        with self.sessions() as session:
            query = (
                sa.select(Reminder.due_on, Reminder.step)
                .join(Message, Message.id == Reminder.message_id)
                .where(Reminder.deadline_id == key, Reminder.user_id == self.cast.applicant.user_id)
                .where(Message.sent_at.is_not(None))
            )
            return [(due_on, step) for due_on, step in session.execute(query.order_by(Reminder.id))]


@pytest.fixture
def office(sessions: sessionmaker[Session], settings: Settings) -> Office:
    return Office(sessions, settings)


def test_a_deadline_whose_source_moves_after_a_reminder_went_out_is_recalled_for_its_new_day_once_each(
    office: Office,
) -> None:
    report = office.only("final_report")
    first = report.due_on - timedelta(days=31)
    office.mornings(first, first + timedelta(days=3))
    assert office.told(report.id) == [(report.due_on, -30)]
    with transaction(office.sessions) as session:
        case = session.get_one(Application, office.case_id)
        end = case.convention.ends_on - timedelta(days=20)
        at = paris_instant(min(case.convention.ends_on, first + timedelta(days=3)), time(15, 0))
        Teller(session, office.settings, office.cast).fire(
            case, office.cast.officer, "end_early", at, ended_on=end.isoformat(), reason="Le porteur cesse l’action."
        )
    moved = office.only("final_report")
    assert (moved.id, moved.due_on < report.due_on) == (report.id, True)
    office.mornings(paris_day(at) + timedelta(days=1), moved.due_on + timedelta(days=2))
    steps = [step for due_on, step in office.told(report.id) if due_on == moved.due_on]
    assert steps == sorted(set(steps))
    assert steps[-2:] == [0, 1]
    assert [due_on for due_on, _ in office.told(report.id)] == [report.due_on] + [moved.due_on] * len(steps)


def test_what_falls_on_29_february_is_recalled_on_its_day_and_once(office: Office) -> None:
    day = date(2028, 2, 29)
    with transaction(office.sessions) as session:
        session.execute(sa.text("UPDATE deadline SET next_reminder_on = NULL"))
        case = session.get_one(Application, office.case_id)
        known = paris_instant(date(2028, 1, 3), time(9, 0))
        key = plan(session, case, "annual_accounts", due_on=day, owed_by="applicant", source="Fiche", at=known).id
    office.mornings(date(2028, 2, 14), date(2028, 3, 8))
    assert office.told(key) == [(day, step) for step in (-15, -7, -1, 0, 1, 7)]
    with office.sessions() as session:
        steps = session.scalars(sa.select(Reminder).where(Reminder.deadline_id == key)).all()
    planned = {row.step: row.planned_on for row in steps}
    assert (planned[0], planned[1], planned[7]) == (day, date(2028, 3, 1), date(2028, 3, 7))
