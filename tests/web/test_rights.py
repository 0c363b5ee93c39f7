"""Answering people about their data, and watching who looks at whom: the pages of the data officer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pikepdf
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.activities import Activity
from casework.clock import FixedClock
from casework.db import transaction
from casework.participants import IdentityLook
from casework.people import Actor
from casework.person_export import held_on
from casework.register_tables import LINKED, REGISTER
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.journeys import identity, roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.pdftext import text_of
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once
from web import create_app
from workflows.engine import Act
from workflows.journey.tracks import record_fact

SignIn = Callable[[Actor], Browser]
WHO = {"family_name": "Hellébore", "given_name": "Maïa", "birth_date": "1991-04-02"}


@dataclass(frozen=True)
class World:
    """Somebody with two journeys, one exited with an activity, and a data officer."""

    person: int
    journey: int
    officer: Actor
    others: dict[str, Actor]
    application: int


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.14")
        journey = operation.orient(**WHO, town="Béthune", postcode="62400")
        reason = "Aucune nouvelle depuis."
        operation.fire(journey, operation.operator, "decline", cause="absent", reason=reason)
        second = operation.orient(**identity(**WHO), person=str(journey.person_id))
        operation.fire(second, operation.operator, "admit", entered_on=operation.day(5))
        done = {"kind": "workshop", "mode": "present", "minutes": 95, "entered_at": operation.late}
        session.add(Activity(journey_id=second.id, done_on=date.fromisoformat(operation.day(9)), **done))
        clock.move_to(operation.late)
        others = {
            "applicant": operation.operator,
            "slai": operation.slai,
            "officer": people.officer(session),
            "manager": people.manager(session),
            "auditor": people.auditor(session),
            "admin": people.admin(session),
        }
        data_officer = people.data_officer(session)
        return World(journey.person_id, second.id, data_officer, others, operation.application.id)


def test_somebody_is_found_by_the_very_name_and_birth_date_and_the_look_is_kept(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.officer)
    wrong = browser.post("/personnes", {**WHO, "birth_date": "2 avril"})
    assert wrong.status_code == 422
    assert "Cette date n’existe pas" in errors_in(wrong)[0]
    assert "Hellébore" in wrong.text
    nobody = browser.post("/personnes", {**WHO, "birth_date": "1991-04-03"})
    assert "Personne n’est connu ainsi" in nobody.text
    assert _looks(sessions) == []
    found = browser.post("/personnes", {**WHO, "family_name": "HELLEBORE"})
    assert found.status_code == 200
    assert f"/personnes/{world.person}" in found.text
    assert "HELLÉBORE Maïa" in browser.post("/personnes", {"journey": str(world.journey)}).text
    assert "62400 Béthune" in opened(browser, f"/personnes/{world.person}")
    assert _looks(sessions) == [(world.person, world.officer.user_id, "request")] * 3


def test_all_that_is_declared_is_given_as_data_and_said_on_the_journeys(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    answer = signed_in(world.officer).post(f"/personnes/{world.person}/export.json")
    assert answer.status_code == 200
    given: dict[str, Any] = {one["table"]: one for one in json.loads(answer.data)["held"]}
    assert set(given) == {held.table for held in (*REGISTER, *LINKED)}
    for held in (*REGISTER, *LINKED):
        assert set(given[held.table]["columns"]) == set(held.facts)
    assert given["person"]["rows"][0]["identity"]["family_name"] == "Hellébore"
    assert len(given["journey"]["rows"]) == 2
    assert [row["minutes"] for row in given["activity"]["rows"]] == [95]
    assert "Aucune nouvelle depuis." in json.dumps(given["event"]["rows"], ensure_ascii=False)
    assert given["identity_look"]["rows"][-1]["user_id"] == world.officer.name
    with sessions() as session:
        last = journal.last_event(session, "journey", world.journey)
        assert last is not None
        assert last.kind == "journey.exported"
        assert last.payload is not None
        assert last.payload.content == {"format": "json"}
        assert journal.verify(session)[1] is None
    assert _looks(sessions) == [(world.person, world.officer.user_id, "export")]


def test_it_is_given_as_a_tagged_document_in_french(world: World, signed_in: SignIn) -> None:
    answer = signed_in(world.officer).post(f"/personnes/{world.person}/export.pdf")
    assert answer.mimetype == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert pdf.Root.MarkInfo.Marked
    words = text_of(answer.data)
    for expected in ("Hellébore", "Atelier", "En présence", "Accompagné", "Identité de la personne"):
        assert expected in words
    assert "workshop" not in words


def test_what_a_sheet_follows_is_given_in_its_words(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.8")
        journey, person = operation.entered(5), people.data_officer(session)
        for track, choice, day in (("requests", "rqth", -200), ("phase", "reception", 6)):
            said = {"choice": choice, "since_on": operation.day(day)}
            record_fact(session, journey, track, Act(operation.operator, operation.late, settings, said))
        clock.move_to(operation.late)
        key = journey.person_id
    browser = signed_in(person)
    held = json.loads(browser.post(f"/personnes/{key}/export.json").data)["held"]
    rows = next(one["rows"] for one in held if one["table"] == "journey_fact")
    assert [(row["track"], row["choice"]) for row in rows] == [
        ("Demande déposée", "RQTH"),
        ("Phase de l’opération", "Accueil : cadre, objectifs et diagnostic approfondi"),
    ]
    words = text_of(browser.post(f"/personnes/{key}/export.pdf").data)
    assert "Déposée" in words
    assert {"deposited", "reception"}.isdisjoint(words.split())


@pytest.mark.parametrize("role", ["applicant", "slai", "officer", "manager", "auditor", "admin"])
@pytest.mark.database("sqlite")
def test_nobody_else_may_find_export_or_read_who_looked(world: World, signed_in: SignIn, role: str) -> None:
    browser = signed_in(world.others[role])
    assert browser.post("/personnes", WHO).status_code == 403
    assert browser.get(f"/personnes/{world.person}").status_code == 403
    assert browser.post(f"/personnes/{world.person}/export.json").status_code == 403
    assert browser.get("/consultations").status_code == 403


@pytest.mark.database("sqlite")
def test_the_data_officer_has_no_power_over_cases(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.officer)
    assert browser.get(f"/dossiers/{world.application}").status_code == 404
    assert browser.get(f"/participants/{world.journey}").status_code == 403
    assert browser.post(f"/personnes/{world.person}/export.txt").status_code == 404
    assert browser.get("/personnes/999999").status_code == 404


def test_looks_are_read_by_person_user_and_period_page_by_page(
    world: World, signed_in: SignIn, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("applicant", "slai"):
        opened(signed_in(world.others[role]), f"/participants/{world.journey}")
    browser = signed_in(world.officer)
    page = opened(browser, "/consultations")
    assert page.count(f"Personne n° {world.person}") == 2
    assert world.others["slai"].name in page
    assert "HELLÉBORE" not in page
    assert opened(browser, f"/consultations?personne={world.person + 1}").count("Personne n° ") == 0
    only = opened(browser, f"/consultations?utilisateur={world.others['slai'].name}")
    assert only.count(f"Personne n° {world.person}") == 1
    assert "Aucune consultation" in opened(browser, "/consultations?au=2020-01-01")
    assert browser.get("/consultations?du=demain").status_code == 422
    assert "Cette date précède « Du »." in browser.get("/consultations?du=2024-02-01&au=2024-01-31").text
    assert queries_of(engine, browser, "/consultations") <= MOST_QUERIES
    monkeypatch.setattr("casework.looks.PAGE", 1)
    first = opened(browser, "/consultations")
    assert first.count(f"Personne n° {world.person}") == 1
    assert "avant=" in first


def test_a_day_on_which_somebody_looked_at_many_people_stands_out(
    world: World, settings: Settings, clock: FixedClock, sessions: sessionmaker[Session], signed_in: SignIn
) -> None:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.14")
        operation.orient(**identity())
        operation.orient(**identity())
        clock.move_to(max(clock.now(), operation.late))
        operator, case = operation.operator, operation.application.id
    opened(signed_in(operator), f"/dossiers/{case}/participants")
    assert "Journées à regarder de près" not in opened(signed_in(world.officer), "/consultations")
    strict = create_app(replace(settings, looks_alert=1), clock=clock, sessions=sessions)
    page = opened(Browser(strict).sign_in(world.officer), "/consultations")
    assert "Journées à regarder de près" in page
    assert f"{operator.name}, le " in page


def test_an_empty_answer_still_says_each_table(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        assert [section.rows for section in held_on(session, 999_999)] == [[] for _ in (*REGISTER, *LINKED)]


def _looks(sessions: sessionmaker[Session]) -> list[tuple[int, int, str]]:
    with sessions() as session:
        columns = (IdentityLook.person_id, IdentityLook.user_id, IdentityLook.purpose)
        return [tuple(row) for row in session.execute(sa.select(*columns).order_by(IdentityLook.id))]
