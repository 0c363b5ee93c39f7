"""The list of schemes and the sheet of one: what an association reads, and what only the services read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.db import transaction
from casework.people import Actor, job
from tests.support import people
from tests.support.browser import Browser
from tests.support.queries import counted
from tests.support.template import NOW
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.versions import import_schemes

SignedIn = Callable[[Actor], Browser]
CODES = [f"3.{number}" for number in range(1, 17)]


def test_the_list_shows_every_scheme_in_the_order_of_the_sheets(browser: Browser) -> None:
    page = browser.get("/dispositifs").text
    places = [page.index(f'/dispositifs/2024/{code}"') for code in CODES]
    assert places == sorted(places)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("code", CODES)
def test_every_sheet_says_the_whole_without_lines_of_the_text(browser: Browser, code: str) -> None:
    response = browser.get(f"/dispositifs/2024/{code}")
    assert response.status_code == 200
    for heading in ("Quand déposer", "Pour qui", "Ce qui est financé", "Les versements", "Le bilan final"):
        assert heading in response.text
    assert "(l." not in response.text
    assert "Anomalies" not in response.text


def test_the_sheet_gives_windows_amounts_and_documents(browser: Browser) -> None:
    page = browser.get("/dispositifs/2024/3.10").text
    for fact in ("31 janvier 2024", "195,00", "20 % des dépenses directes", "agrément", "0,45 par poste", "Statuts"):
        assert fact.lower() in page.lower().replace("\u00a0", " ")


def test_the_services_read_lines_anomalies_choices_and_version(
    signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    with transaction(sessions) as session:
        officer = people.officer(session)
    page = signed_in(officer).get("/dispositifs/2024/3.10").text
    for fact in ("(l.2534)", "Anomalies du texte", "Choix de paramétrage", "Version 1", "Heure de clôture"):
        assert fact in page


def test_an_applicant_does_not_read_anomalies(signed_in: SignedIn, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        applicant = people.applicant(session, people.organisation(session))
    page = signed_in(applicant).get("/dispositifs/2024/3.10").text
    assert "Choix de paramétrage" not in page
    assert "/dossiers/nouveau?dispositif=2024/3.10" in page


def test_a_scheme_that_does_not_open_yet_may_be_prepared(browser: Browser) -> None:
    page = browser.get("/dispositifs/2024/3.9").text
    assert "le dépôt s’ouvre le 1er avril 2024" in page


def test_an_older_version_is_named_and_the_newest_one_read(
    signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    scheme = read_dir(SCHEMES_DIRECTORY / "2024")["3.4"]
    with transaction(sessions) as session:
        import_schemes(session, [replace(scheme, summary="Résumé réécrit.")], actor=job("Essai"), at=NOW)
        officer = people.officer(session)
    page = signed_in(officer).get("/dispositifs/2024/3.4").text
    assert "Résumé réécrit." in page
    assert "Versions précédentes" in page


@pytest.mark.parametrize("address", ["/dispositifs/2024/9.9", "/dispositifs/1999/3.1", "/dispositifs/2024/%00"])
def test_an_unknown_scheme_is_not_found(browser: Browser, address: str) -> None:
    assert browser.get(address).status_code in (400, 404)


@pytest.mark.parametrize("address", ["/dispositifs", "/dispositifs/2024/3.10"])
def test_few_queries_a_page(
    signed_in: SignedIn, engine: sa.Engine, sessions: sessionmaker[Session], address: str
) -> None:
    with transaction(sessions) as session:
        officer = people.officer(session)
    browser = signed_in(officer)
    browser.get(address)
    with counted(engine) as statements:
        assert browser.get(address).status_code == 200
    assert len(statements) <= 8
