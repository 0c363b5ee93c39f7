"""Participants are told what is recorded of them: the notice of each scheme, and the record that it was given."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.clock import FixedClock
from casework.db import transaction
from casework.information import InformationGiven
from casework.participants import Journey
from casework.people import Actor
from casework.register_tables import LINKED, REGISTER
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.journeys import roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once
from workflows import catalogue
from workflows.rights.collected import CONDITIONS
from workflows.rights.notice import notice

SignIn = Callable[[Actor], Browser]


@dataclass(frozen=True)
class World:
    application: int
    waiting: int
    entered: int
    operator: Actor
    slai: Actor
    officer: Actor
    days: tuple[str, str]


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.14")
        waiting, entered = operation.orient(), operation.entered()
        clock.move_to(operation.late)
        return World(
            operation.application.id,
            waiting.id,
            entered.id,
            operation.operator,
            people.slai(session, operation.territory()),
            people.officer(session),
            (operation.day(3), operation.day(-400)),
        )


@pytest.mark.database("sqlite")
def test_each_scheme_tells_its_participants_what_it_records_of_them(browser: Browser, settings: Settings) -> None:
    schemes = catalogue.read_dir(catalogue.SCHEMES_DIRECTORY / "2024")
    told = {code: str(notice(scheme, settings)) for code, scheme in schemes.items()}
    for words in told.values():
        for expected in ("CNIL", settings.funder, settings.data_officer_email, "2 ans", "article 6"):
            assert expected in words
        assert "(l." not in words
    assert "Entrée au collège".lower() in told["3.10"]
    assert "entrée au collège" not in told["3.14"]
    assert "Comptes rendus d’exécution" in told["3.11"]
    assert "Comptes rendus d’exécution" not in told["3.2"]
    assert "fin de la période d’essai" in told["3.2"]
    assert "à la rue ou hébergées" in told["3.7"]
    address = "/dispositifs/2024/3.2/information"
    assert "Ce que nous notons sur vous" in opened(browser, address)
    assert address in opened(browser, "/dispositifs/2024/3.2")
    assert browser.get("/dispositifs/2024/3.13/information").status_code == 404
    assert browser.get("/dispositifs/2024/rien/information").status_code == 404


@pytest.mark.database("sqlite")
def test_the_notice_is_printed_as_a_tagged_document(browser: Browser) -> None:
    answer = browser.get("/dispositifs/2024/3.9/information.pdf")
    assert answer.mimetype == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"


def test_every_condition_of_the_register_is_asked_of_the_sheet() -> None:
    assert {held.when for held in (*REGISTER, *LINKED) if held.when} <= CONDITIONS.keys()


def test_who_was_not_informed_is_counted_found_and_recorded(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session], engine: sa.Engine
) -> None:
    browser = signed_in(world.operator)
    address = f"/dossiers/{world.application}/participants"
    missing = opened(browser, f"{address}?information=manquante")
    assert f'/participants/{world.waiting}"' in missing
    assert f'/participants/{world.entered}"' in missing
    page = opened(browser, f"/participants/{world.entered}")
    assert "À informer" in page
    assert "/dispositifs/2024/3.14/information" in page
    version = _version(sessions, world.entered)
    act = f"/participants/{world.entered}/actions/record_information"
    wrong = browser.post(act, {"version": version, "given_on": world.days[1], "informed": "read"})
    assert wrong.status_code == 422
    assert "la personne a été orientée le" in wrong.text
    assert browser.post(act, {"version": version, "given_on": world.days[0], "informed": "rien"}).status_code == 422
    assert browser.post(act, {"version": version, "given_on": world.days[0], "informed": "read"}).status_code == 303
    assert "Lue à voix haute le" in opened(browser, f"/participants/{world.entered}")
    again = opened(browser, f"{address}?information=manquante")
    assert f'/participants/{world.entered}"' not in again
    assert f'/participants/{world.waiting}"' in again
    assert queries_of(engine, browser, address) <= MOST_QUERIES
    with sessions() as session:
        last = journal.last_event(session, "journey", world.entered)
        assert last is not None
        assert last.kind == "journey.informed"


def test_the_entry_asks_whether_the_person_was_informed(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.operator)
    data = {"version": _version(sessions, world.waiting), "entered_on": world.days[0], "informed": "handed"}
    assert browser.post(f"/participants/{world.waiting}/actions/admit", data).status_code == 303
    with sessions() as session:
        given = session.scalars(sa.select(InformationGiven)).one()
        assert (given.journey_id, given.way, given.given_on.isoformat()) == (world.waiting, "handed", world.days[0])
        assert given.recorded_by_id == world.operator.user_id


def test_only_who_meets_the_person_says_she_was_informed(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    data = {"version": _version(sessions, world.entered), "given_on": world.days[0], "informed": "sent"}
    act = f"/participants/{world.entered}/actions/record_information"
    assert signed_in(world.officer).post(act, data).status_code == 403
    assert signed_in(world.slai).post(act, data).status_code == 303


def _version(sessions: sessionmaker[Session], journey_id: int) -> str:
    with sessions() as session:
        return str(session.get_one(Journey, journey_id).version)
