"""The morning summary: one per person and working day, with what is late, due and new; else nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload, sessionmaker

from casework.applications import Application
from casework.clock import paris_day, paris_instant
from casework.db import transaction
from casework.deadlines import Deadline, Reminder, plan
from casework.outbox import Message, enqueue
from casework.people import User, actor_of
from casework.preferences import choose
from casework.settings import Settings
from casework.workdays import working_day_after
from jobs import digests, reminders
from tests.support.means import means
from tests.support.stories import Teller, cast_of
from workflows.inbox import inbox_of

TUESDAY = date(2026, 3, 31)
MORNING = paris_instant(TUESDAY, time(7, 0))


class Office:
    """An officer and a case in execution, one deadline of which is recalled."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self.sessions, self.settings = sessions, settings
        with transaction(sessions) as session:
            cast = cast_of(session)
            case = Teller(session, settings, cast).tell("3.5", "execution")
            self.case_id, self.reference, self.applicant = case.id, case.reference, cast.applicant.user_id
            session.execute(sa.delete(Reminder))
            session.execute(sa.update(User).values(mail_tasks="never"))
            session.execute(sa.delete(Message))

    def recall(self, due_on: date, kind: str = "annual_accounts", *, times: int = 1) -> int:
        """A deadline of this day, recalled `times` times to the applicant; its id."""
        with transaction(self.sessions) as session:
            case = session.get_one(Application, self.case_id)
            planned = plan(
                session, case, kind, due_on=due_on, owed_by="applicant", source="Fiche 3.5 (l.1)", at=MORNING
            )
            for step in range(times):
                session.add(
                    Reminder(
                        deadline_id=planned.id,
                        due_on=due_on,
                        step=step,
                        planned_on=TUESDAY,
                        user_id=self.applicant,
                        role="applicant",
                        created_at=MORNING,
                    )
                )
            return planned.id

    def run(self, now: datetime = MORNING) -> int:
        outcome = digests.run(means(self.sessions, self.settings, now=now))
        assert outcome.failed == 0, outcome.error
        return outcome.done

    def user(self, **changes: object) -> None:
        with transaction(self.sessions) as session:
            session.execute(sa.update(User).where(User.id == self.applicant).values(**changes))

    def mail(self) -> list[Message]:
        with self.sessions() as session:
            return list(
                session.scalars(sa.select(Message).where(Message.user_id == self.applicant).order_by(Message.id))
            )


@pytest.fixture
def office(sessions: sessionmaker[Session], settings: Settings) -> Office:
    return Office(sessions, settings)


def test_nothing_is_written_when_there_is_nothing_to_say(office: Office) -> None:
    assert office.run() == 0
    assert office.mail() == []


def test_a_summary_groups_what_is_late_due_today_and_this_week_by_case(office: Office) -> None:
    office.recall(date(2026, 3, 24))
    office.recall(TUESDAY, "dashboard", times=2)
    office.recall(date(2026, 4, 2), "committee")
    office.recall(date(2026, 4, 30), "annual_accounts")
    assert office.run() == 1
    (mail,) = office.mail()
    assert mail.subject.startswith(f"{office.reference} – récapitulatif du mardi 31 mars 2026 : ")
    places = [mail.body.index(title) for title in ("EN RETARD", "AUJOURD’HUI", "CETTE SEMAINE", "À VENIR")]
    assert places == sorted(places)
    assert "Tableau de bord – mardi 31 mars 2026 (aujourd’hui)" in mail.body
    assert mail.body.count("Tableau de bord") == 1
    assert "jeudi 2 avril 2026 (dans 2 jours)" in mail.body
    assert mail.ics is not None
    assert mail.ics.count("BEGIN:VEVENT") == 4
    with office.sessions() as session:
        assert session.scalars(sa.select(Reminder.message_id).distinct()).all() == [mail.id]


def test_a_summary_counts_what_is_late_as_the_page_does_and_keeps_the_delays_of_others_apart(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    office.recall(date(2026, 3, 24))
    office.recall(date(2026, 3, 25))
    office.recall(date(2026, 3, 26), "dashboard")

    def late() -> int:
        with sessions() as session:
            user = session.get_one(User, office.applicant, options=[selectinload(User.grants)])
            groups = inbox_of(session, actor_of(user), today=TUESDAY)
            return sum(group.late for group in groups if group.code != "others")

    assert office.run() == 1
    (mail,) = office.mail()
    own = late()
    assert mail.subject.endswith(f" : {own} en retard")
    section = mail.body.partition("EN RETARD")[2].partition("Voir tout")[0]
    assert section.count("(en retard de") == own
    with transaction(sessions) as session:
        session.execute(sa.update(Reminder).values(message_id=None, role="manager"))
        session.execute(sa.update(Deadline).values(status="met", closed_at=MORNING, next_reminder_on=None))
    office.run(MORNING + timedelta(days=1))
    told = office.mail()[-1]
    assert "EN RETARD CHEZ D’AUTRES" in told.body
    assert told.subject.endswith(f" : {late()} en retard")
    assert late() < own


def test_one_summary_a_day_whatever_runs_and_the_next_day_only_what_is_new(office: Office) -> None:
    office.recall(TUESDAY)
    assert [office.run(), office.run(), office.run(MORNING + timedelta(hours=1))] == [1, 0, 0]
    assert office.run(MORNING + timedelta(days=1)) == 0
    office.recall(date(2026, 4, 3), "dashboard")
    assert office.run(MORNING + timedelta(days=2)) == 1


@pytest.mark.parametrize(
    "now",
    [
        paris_instant(TUESDAY, time(6, 59)),
        paris_instant(date(2026, 4, 4), time(9, 0)),
        paris_instant(date(2026, 4, 6), time(9, 0)),
    ],
    ids=["before seven", "saturday", "easter monday"],
)
def test_nobody_is_written_to_early_nor_on_a_day_of_rest(office: Office, now: datetime) -> None:
    office.recall(TUESDAY)
    assert office.run(now) == 0


def test_a_day_without_the_service_is_told_the_next_working_day(office: Office) -> None:
    office.recall(date(2026, 3, 27))
    assert office.run() == 1
    assert "EN RETARD" in office.mail()[0].body


def test_two_jobs_at_once_write_one_summary(office: Office) -> None:
    office.recall(TUESDAY)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: office.run(), range(4))) == 1
    assert len(office.mail()) == 1


def test_who_prefers_reminders_at_once_has_one_mail_for_each_deadline_and_no_summary(
    office: Office, sessions: sessionmaker[Session], settings: Settings
) -> None:
    office.user(mail_deadline="now")
    office.recall(TUESDAY, times=2)
    assert office.run() == 0
    assert reminders.run(means(sessions, settings, now=MORNING)).done == 1
    assert reminders.run(means(sessions, settings, now=MORNING)).done == 0
    (mail,) = office.mail()
    assert mail.subject == f"{office.reference} – Comptes et documents annuels : aujourd’hui"
    assert "mardi 31 mars 2026" in mail.body
    assert mail.ics is not None


def test_news_kept_for_the_morning_are_in_the_summary(office: Office, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        user = session.get_one(User, office.applicant)
        choose(user, {"news": "summary"})
        (held,) = enqueue(
            session, [user], subject="2024-3.5-0001 – avance payée", body="…", at=MORNING, category="news"
        )
    assert office.run() == 1
    kept, summary = office.mail()
    assert "CE QUI A AVANCÉ" in summary.body
    assert "2024-3.5-0001 – avance payée" in summary.body
    assert (kept.id, kept.in_digest_id, kept.status) == (held.id, summary.id, "held")
    assert office.run(MORNING + timedelta(days=1)) == 0


def test_what_came_to_do_since_the_last_summary_is_new_once(
    office: Office, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        cast = cast_of(session)
        case = Teller(session, settings, cast).tell("3.5", "convention")
        day = working_day_after(paris_day(case.state_since))
        office.applicant = cast.applicant.user_id
        session.execute(sa.update(User).where(User.id != office.applicant).values(mail_tasks="never"))
        session.execute(sa.delete(Reminder))
        session.execute(sa.delete(Message))
    assert office.run(paris_instant(day, time(7, 0))) == 1
    assert f"/dossiers/{case.id}?action=sign_for_applicant" in office.mail()[0].body
    assert office.run(paris_instant(working_day_after(day), time(7, 0))) == 0


def test_the_summary_of_somebody_without_an_address_goes_to_the_others_who_are_told_so(office: Office) -> None:
    office.user(mail_refused_at=MORNING, mail_refused_reason="550")
    office.recall(TUESDAY)
    assert office.run() == 1
    with office.sessions() as session:
        original, *copies = session.scalars(sa.select(Message).order_by(Message.id))
    assert original.status == "suppressed"
    assert copies
    assert all(copy.body.startswith("Ce message était destiné à") for copy in copies)


def test_a_deadline_moved_after_its_reminder_keeps_one_entry_in_calendars(office: Office) -> None:
    key = office.recall(TUESDAY)
    office.run()
    with transaction(office.sessions) as session:
        session.get_one(Deadline, key).due_on = date(2026, 5, 29)
        session.execute(sa.update(Reminder).values(message_id=None))
    office.run(MORNING + timedelta(days=1))
    first, second = office.mail()
    uid = f"UID:echeance-{key}@casework"
    assert uid in (first.ics or "")
    assert uid in (second.ics or "")
    assert "20260529" in (second.ics or "")
