"""The convention tab of a case, its downloads, and the text that an administrator writes."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from casework.agreements import ConventionTemplate, provided_text
from casework.amounts import euros
from casework.clock import FixedClock
from casework.db import transaction
from casework.documents import Document
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town
from tests.support.pdftext import text_of
from workflows.stories import PDF

pytestmark = pytest.mark.database("sqlite")

ADDRESS = "/admin/conventions"


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


@pytest.fixture
def admin(sessions: sessionmaker[Session]) -> Actor:
    with transaction(sessions) as session:
        return people.admin(session)


def _numbers(sessions: sessionmaker[Session]) -> list[int]:
    with sessions() as session:
        own = sa.select(ConventionTemplate.number).where(ConventionTemplate.kind == "convention")
        return list(session.scalars(own.order_by(ConventionTemplate.number)))


def test_applicant_and_services_read_and_download_the_convention(
    signed_in: SignIn, town: Town, engine: sa.Engine
) -> None:
    case_id = town.tell("3.10", "convention")
    address = f"/dossiers/{case_id}/convention"
    for actor in (town.cast.applicant, town.cast.officer, town.cast.manager, town.cast.finance):
        browser = signed_in(actor)
        page = opened(browser, address)
        assert euros(town.case(case_id).granted_cents or 0) in page
        for part in ("Les parties", "Article 1 – Objet", "Calendrier", "Version du texte", "attendue"):
            assert part in page
        assert browser.get(f"{address}.pdf").data.startswith(b"%PDF")
        assert browser.get(f"{address}.docx").data.startswith(b"PK")
    assert signed_in(town.cast.slai).get(address).status_code == 403
    assert queries_of(engine, signed_in(town.cast.officer), address) <= MOST_QUERIES


def test_before_the_grant_the_tab_says_so_and_the_files_are_refused(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.1", "instructed")
    browser = signed_in(town.cast.officer)
    assert "Pas encore de convention" in opened(browser, f"/dossiers/{case_id}/convention")
    for kind in ("pdf", "docx"):
        assert browser.get(f"/dossiers/{case_id}/convention.{kind}").status_code == 409
    assert f"/dossiers/{case_id}/convention" not in opened(browser, f"/dossiers/{case_id}")


def test_a_text_is_previewed_on_a_real_convention_then_kept_for_the_next_ones(
    signed_in: SignIn, town: Town, admin: Actor, sessions: sessionmaker[Session], engine: sa.Engine
) -> None:
    case_id = town.tell("3.1", "convention")
    browser = signed_in(admin)
    fields = {"text": "# Essai\r\nPour {montant_lettres}.", "current": "1"}
    preview = browser.post(ADDRESS, {**fields, "action": "apercu"})
    assert preview.status_code == 200
    assert "Article 1 – Essai" in preview.text
    assert town.case(case_id).reference in preview.text
    pdf = browser.post(ADDRESS, {**fields, "action": "pdf"})
    assert "Article1–Essai" in re.sub(r"\s", "", text_of(pdf.data))
    assert _numbers(sessions) == [1]
    assert browser.post(ADDRESS, {**fields, "action": "enregistrer"}).status_code == 303
    assert _numbers(sessions) == [1, 2]
    assert "Version 2" in opened(browser, ADDRESS)
    assert provided_text().splitlines()[1][:40] in opened(browser, f"{ADDRESS}/1").replace("&#39;", "'")
    assert "Article 1 – Objet" in opened(signed_in(town.cast.officer), f"/dossiers/{case_id}/convention")
    following = town.tell("3.1", "convention")
    assert "Article 1 – Essai" in opened(signed_in(town.cast.officer), f"/dossiers/{following}/convention")
    assert queries_of(engine, browser, ADDRESS) <= MOST_QUERIES


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "obligatoire"),
        ("# Objet\n{secret}", "Ligne 2 : le champ « secret » n’existe pas"),
        ("# Objet\n" + "mot " * 20_000, "trop long"),
        (provided_text(), "déjà la version en cours"),
    ],
)
def test_a_wrong_text_is_refused_with_its_line_and_given_back(
    signed_in: SignIn, admin: Actor, sessions: sessionmaker[Session], text: str, sentence: str
) -> None:
    answer = signed_in(admin).post(ADDRESS, {"text": text, "current": "1", "action": "enregistrer"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert text[:20] in answer.text
    assert _numbers(sessions) == [1]


def test_without_any_convention_the_preview_says_so(signed_in: SignIn, admin: Actor) -> None:
    answer = signed_in(admin).post(ADDRESS, {"text": "# A\nb", "current": "1", "action": "apercu"})
    assert "il n’y en a pas encore" in answer.text


def test_two_administrators_do_not_overwrite_each_other(
    signed_in: SignIn, admin: Actor, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(admin)
    assert browser.post(ADDRESS, {"text": "# A\nb", "current": "1"}).status_code == 303
    assert browser.post(ADDRESS, {"text": "# A\nc", "current": "1"}).status_code == 409
    assert _numbers(sessions) == [1, 2]


def _join(browser: Browser, town: Town, case_id: int, content: bytes) -> TestResponse:
    data = {
        "slot": "signed_convention",
        "version": str(town.case(case_id).version),
        "file": (BytesIO(content), "s.pdf"),
    }
    return browser.post(f"/dossiers/{case_id}/pieces/joindre", data, content_type="multipart/form-data")


def test_a_signature_keeps_the_signed_file_with_its_digest_and_that_file_stays(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.1", "convention")
    browser = signed_in(town.cast.applicant)
    address = f"/dossiers/{case_id}/convention"
    assert "le fichier signé dans les pièces" in opened(browser, address)
    assert _join(browser, town, case_id, PDF).status_code == 303
    assert "Fichier signé" in opened(browser, f"/dossiers/{case_id}?action=sign_for_applicant")
    with town.sessions() as session:
        document = session.scalars(sa.select(Document).where(Document.slot == "signed_convention")).one()
    today = town.clock.now().date().isoformat()
    key = str(document.id)
    town.fire(case_id, town.cast.applicant, "sign_for_applicant", signed_on=today, signed_file=key)
    page = opened(browser, address)
    assert document.digest in page
    assert f"/dossiers/{case_id}/pieces/{key}" in page
    assert "s.pdf" in opened(browser, f"/dossiers/{case_id}/historique")
    form = {"version": str(town.case(case_id).version)}
    refused = browser.post(f"/dossiers/{case_id}/pieces/{key}/enlever", form)
    assert refused.status_code == 409
    assert "ne se retire plus" in refused.text


def test_the_signed_file_is_joined_only_while_signatures_are_awaited(signed_in: SignIn, town: Town) -> None:
    for state in ("instructed", "advance"):
        case_id = town.tell("3.1", state)
        assert _join(signed_in(town.cast.officer), town, case_id, PDF).status_code == 409
