"""The public home: what is open, what is coming, what is closed, and how to apply."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import PARIS, FixedClock
from casework.db import transaction
from casework.people import Actor, Contact, Territory, job
from tests.support import people
from tests.support.browser import Browser
from tests.support.queries import counted
from tests.support.template import NOW
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir, shift
from workflows.versions import import_schemes

SignedIn = Callable[[Actor], Browser]


def test_open_calls_say_how_many_days_are_left(browser: Browser) -> None:
    page = browser.get("/").text
    assert "15 appels ouverts" in page
    assert "Ferme dans 16 jours" in page
    assert "Dépôt du 14 décembre 2023 au 31 janvier 2024 inclus" in page


def test_a_coming_call_says_when_it_opens(browser: Browser) -> None:
    page = browser.get("/").text
    assert "1 appel à venir" in page
    assert "Ouvre dans 77 jours" in page


def test_the_closing_day_itself_is_still_open(browser: Browser, clock: FixedClock) -> None:
    clock.move_to(datetime(2024, 1, 31, 23, 59, 58, tzinfo=PARIS))
    assert "Ferme aujourd’hui à 23 h 59" in browser.get("/").text
    clock.move_to(datetime(2024, 2, 1, 0, 0, 1, tzinfo=PARIS))
    assert "Ferme aujourd’hui" not in browser.get("/").text


def test_a_year_later_every_call_is_closed_and_still_readable(browser: Browser, clock: FixedClock) -> None:
    clock.move_to(datetime(2025, 6, 1, tzinfo=PARIS))
    page = browser.get("/").text
    assert "Aucun appel ouvert aujourd’hui" in page
    assert "16 appels clos" in page
    assert "/dispositifs/2024/3.10" in page


def test_an_invented_campaign_is_marked_and_comes_first_while_it_is_open(
    browser: Browser, clock: FixedClock, sessions: sessionmaker[Session]
) -> None:
    _import_2025(sessions)
    clock.move_to(datetime(2025, 5, 15, tzinfo=PARIS))
    page = browser.get("/").text
    assert "Campagne de démonstration (inventée)" in page
    assert "/dispositifs/2025/3.2" in page
    assert "/dispositifs/2024/3.2" not in page
    other = browser.get("/?campagne=2024").text
    assert "Campagne de démonstration (inventée)" not in other


def test_an_unknown_campaign_is_not_found(browser: Browser) -> None:
    assert browser.get("/?campagne=1999").status_code == 404


def test_contacts_come_from_the_directory_by_territory(browser: Browser, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        territory = session.scalars(sa.select(Territory).where(Territory.code == "ternois")).one()
        session.add(Contact(label="Direction de l’insertion", phone="03 21 00 00 00"))
        session.add(Contact(label="SLAI Ternois", territory_id=territory.id, email="ternois@exemple.invalid"))
        session.add(Contact(label="Référent AVIP", scheme_code="3.6"))
    page = browser.get("/").text
    assert "Direction de l’insertion" in page
    assert "ternois@exemple.invalid" in page
    assert "Référent AVIP" not in page


def test_an_applicant_is_offered_to_apply_and_a_visitor_to_sign_in(
    browser: Browser, signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    with transaction(sessions) as session:
        applicant = people.applicant(session, people.organisation(session))
        slai = people.slai(session, session.scalars(sa.select(Territory).limit(1)).one())
    assert 'href="/dossiers/nouveau"' in signed_in(applicant).get("/").text
    assert "/connexion?suite=" in browser.get("/").text
    assert "Déposer une demande</a>" not in signed_in(slai).get("/").text


def test_the_home_costs_few_queries_whatever_the_campaigns(
    browser: Browser, engine: sa.Engine, sessions: sessionmaker[Session]
) -> None:
    _import_2025(sessions)
    browser.get("/")
    with counted(engine) as statements:
        assert browser.get("/").status_code == 200
    assert len(statements) <= 8


def _import_2025(sessions: sessionmaker[Session]) -> None:
    later = [shift(scheme, 1) for scheme in read_dir(SCHEMES_DIRECTORY / "2024").values()]
    with transaction(sessions) as session:
        import_schemes(session, later, actor=job("Essai"), at=NOW)
