"""What the administration sees of the messages and of the service's health, and what it puts right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.clock import FixedClock
from casework.db import transaction
from casework.outbox import Message, enqueue, fail
from casework.people import Grant, User
from casework.reachable import mark_refused
from casework.runs import DemoClock, JobRun, JobWatch
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.pages import opened, town
from tests.support.template import NOW
from web import create_app
from web.admin_letters import DIGEST, REMINDER
from workflows.letter_texts import NOTICES

pytestmark = pytest.mark.database("sqlite")
SignedIn = Callable[[Any], Browser]


@pytest.fixture
def boss(sessions: sessionmaker[Session], signed_in: SignedIn) -> Browser:
    with transaction(sessions) as session:
        who = people.admin(session)
    return signed_in(who)


def refused(sessions: sessionmaker[Session]) -> tuple[int, int]:
    """Somebody whose address was refused with a message in failure; their id and the message's."""
    with transaction(sessions) as session:
        user = people.user(session, Grant(role="officer"))
        (message,) = enqueue(session, [user], subject="2024-3.5-0001 – avis rendu", body="Bonjour", at=NOW)
        fail(message, "550 inconnu", at=NOW)
        mark_refused(user, "550 inconnu", at=NOW)
        session.flush()
        enqueue(session, [user], subject="2024-3.5-0001 – bilan reçu", body="Bonjour", at=NOW)
        return user.id, message.id


def watch(sessions: sessionmaker[Session], *, silent_in: timedelta) -> None:
    with transaction(sessions) as session:
        session.add(
            JobWatch(name="outbox", position=0, label="Envoi", schedule="x", seen_at=NOW, silent_after=NOW + silent_in)
        )


def test_a_failure_is_shown_with_its_reason_and_corrected_where_it_is(
    boss: Browser, sessions: sessionmaker[Session]
) -> None:
    user_id, message_id = refused(sessions)
    page = opened(boss, "/admin/messages")
    assert "550 inconnu" in page
    answer = boss.post(f"/admin/messages/{message_id}/adresse", {"email": "Nouvelle@exemple.fr"})
    assert answer.status_code == 303
    with sessions() as session:
        user = session.get_one(User, user_id)
        own = list(session.scalars(sa.select(Message).where(Message.user_id == user_id)))
        kinds = [event.kind for event in journal.timeline(session, "user", user_id)]
    assert (user.email, user.mail_refused_at) == ("nouvelle@exemple.fr", None)
    assert [(message.status, message.recipient) for message in own] == [("waiting", "nouvelle@exemple.fr")] * 2
    assert "user.address_corrected" in kinds
    assert "2 messages repartent" in opened(boss, answer.location)


def test_a_failure_is_said_on_the_case_without_the_words_of_the_server(
    sessions: sessionmaker[Session], signed_in: SignedIn, settings: Settings, clock: FixedClock
) -> None:
    place = town(sessions, settings, clock)
    case = place.tell("3.5", "execution")
    page = f"/dossiers/{case}/messages"
    officer = signed_in(place.cast.officer)
    assert "Ce message n’est pas parti" not in opened(officer, page)
    with transaction(sessions) as session:
        message = session.scalars(sa.select(Message).where(Message.application_id == case)).first()
        assert message is not None
        fail(message, "550 inconnu", at=NOW)
    shown = opened(officer, page)
    assert "Ce message n’est pas parti. Un administrateur peut corriger" in re.sub(r"<[^>]+>", "", shown)
    assert "550 inconnu" not in shown


def test_an_address_that_somebody_else_has_is_refused(boss: Browser, sessions: sessionmaker[Session]) -> None:
    _, message_id = refused(sessions)
    with transaction(sessions) as session:
        other = people.user(session)
    answer = boss.post(f"/admin/messages/{message_id}/adresse", {"email": other.email})
    assert answer.status_code == 422
    assert errors_in(answer) == ["Une autre personne a déjà cette adresse."]


def test_a_message_is_sent_again_as_it_is_and_only_once(boss: Browser, sessions: sessionmaker[Session]) -> None:
    _, message_id = refused(sessions)
    assert boss.post(f"/admin/messages/{message_id}/renvoi").status_code == 303
    assert boss.post(f"/admin/messages/{message_id}/renvoi").status_code == 409


def test_messages_are_filtered_and_searched(boss: Browser, sessions: sessionmaker[Session]) -> None:
    refused(sessions)
    assert "avis rendu" in opened(boss, "/admin/messages?etat=failed&q=avis")
    assert "avis rendu" not in opened(boss, "/admin/messages?etat=failed&q=bilan")
    assert "bilan reçu" in opened(boss, "/admin/messages?etat=suppressed")
    assert "Aucun message" in opened(boss, "/admin/messages?etat=sent")


def test_what_needs_a_look_is_said_on_the_service_page(boss: Browser, sessions: sessionmaker[Session]) -> None:
    assert "Aucune tâche ne tourne" in opened(boss, "/admin/exploitation")
    refused(sessions)
    watch(sessions, silent_in=timedelta(minutes=-1))
    with transaction(sessions) as session:
        session.add(JobRun(name="journal", started_at=NOW, ended_at=NOW, failed=1, error="Rupture à l’entrée 7"))
    page = opened(boss, "/admin/exploitation")
    for sentence in (
        "1 tâche ne tourne plus",
        "L’historique a été altéré",
        "Rupture à l’entrée 7",
        "1 message en échec",
        "Sans adresse utilisable",
        "ce qui leur est destiné : 1 message en un mois. Corrigez leur adresse",
    ):
        assert sentence in page


def test_a_service_without_trouble_says_so(boss: Browser, sessions: sessionmaker[Session]) -> None:
    watch(sessions, silent_in=timedelta(minutes=2))
    assert "Tout va bien" in opened(boss, "/admin/exploitation")
    ready = boss.get("/readyz").json
    assert (ready["jobs"], ready["alerts"]) == (True, [])


def test_readiness_tells_silent_jobs_by_the_clock_of_the_service(
    settings: Settings, clock: FixedClock, sessions: sessionmaker[Session]
) -> None:
    """In a demonstration the simulated date is far from the real one."""
    watch(sessions, silent_in=timedelta(minutes=2))
    with transaction(sessions) as session:
        session.add(DemoClock(id=1, offset_seconds=-3600))
    clock.move_to(NOW + timedelta(hours=1))
    ready = Browser(create_app(replace(settings, demo=True), clock=clock, sessions=sessions)).get("/readyz").json
    assert (ready["jobs"], ready["last_job_seconds"]) == (True, 0)
    late = Browser(create_app(settings, clock=clock, sessions=sessions)).get("/readyz").json
    assert (late["jobs"], late["alerts"], late["last_job_seconds"]) == (False, ["jobs.silent"], 3600)


def test_every_letter_is_previewed_with_a_real_case_in_a_frame_that_runs_nothing(
    signed_in: SignedIn, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    case = town(sessions, settings, clock).tell("3.5", "execution")
    with transaction(sessions) as session:
        who = people.admin(session)
    boss = signed_in(who)
    index = opened(boss, "/admin/modeles")
    with sessions() as session:
        reference = session.execute(sa.text("SELECT reference FROM application WHERE id = :id"), {"id": case}).scalar()
    for code in (*NOTICES, REMINDER, DIGEST):
        assert f'href="/admin/modeles/{code}"' in index
        assert "<iframe" in opened(boss, f"/admin/modeles/{code}")
        frame = boss.get(f"/admin/modeles/{code}/html")
        assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
        assert "sandbox" in frame.headers["Content-Security-Policy"]
        assert (reference in frame.text) or code in (REMINDER, DIGEST)
    assert boss.get("/admin/modeles/inconnu").status_code == 404


def test_a_letter_is_previewed_with_the_case_and_the_deadline_that_one_chooses(
    signed_in: SignedIn, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    told = town(sessions, settings, clock)
    chosen, newest = told.tell("3.5", "execution"), told.tell("3.7", "submitted")
    with transaction(sessions) as session:
        who = people.admin(session)
        query = sa.text("SELECT reference FROM application WHERE id = :id")
        mine, other = (session.execute(query, {"id": case}).scalar() for case in (chosen, newest))
    boss = signed_in(who)
    assert f"{other} – " in boss.get("/admin/modeles/advance_to_order/html").text
    letter = boss.get(f"/admin/modeles/advance_to_order/html?dossier={mine}").text
    assert mine in letter
    assert other not in letter
    assert "Tableau de bord" in boss.get(f"/admin/modeles/{REMINDER}/html?dossier={mine}&nature=dashboard").text
    refused = boss.get("/admin/modeles/granted?dossier=2024-3.5-9999")
    assert refused.status_code == 422
    assert "Aucun dossier n’a cette référence." in refused.text
    assert 'value="2024-3.5-9999"' in refused.text
    assert boss.get(f"/admin/modeles/{REMINDER}?dossier={mine}&nature=college_limit").status_code == 422


def test_a_person_chooses_how_to_be_told_except_of_what_the_call_requires(
    sessions: sessionmaker[Session], signed_in: SignedIn
) -> None:
    with transaction(sessions) as session:
        who = people.officer(session)
    mine = signed_in(who)
    assert "Toujours envoyés tout de suite" in opened(mine, "/mon-compte")
    sent = {"news": "never", "deadline": "never", "tasks": "summary", "decision": "never"}
    assert mine.post("/mon-compte/messages", sent).status_code == 303
    with sessions() as session:
        user = session.get_one(User, who.user_id)
    assert (user.mail_news, user.mail_deadline, user.mail_tasks) == ("never", "", "summary")


def test_the_demonstration_shows_its_mail_and_nothing_outside_its_folder(
    settings: Settings, clock: FixedClock, sessions: sessionmaker[Session], tmp_path: Any
) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    head = "From: a@b.fr\nTo: c@d.fr\nSubject: =?utf-8?q?=C3=89ch=C3=A9ance?="
    mail = f"{head}\nDate: Mon, 15 Jan 2024 09:00:00 +0000\n\nBonjour"
    key = "0" * 32
    (folder / f"{key}.eml").write_text(mail, encoding="utf-8")
    demo = replace(settings, demo=True, demo_mail_dir=str(folder))
    browser = Browser(create_app(demo, clock=clock, sessions=sessions))
    assert "Échéance" in opened(browser, "/demo/courrier")
    assert "Bonjour" in opened(browser, f"/demo/courrier/{key}")
    assert browser.get("/demo/courrier/..%2Fsecret").status_code == 404
    assert browser.get(f"/demo/courrier/{'1' * 32}").status_code == 404
    assert Browser(create_app(settings, clock=clock, sessions=sessions)).get("/demo/courrier").status_code == 404
