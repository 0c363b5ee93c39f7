"""Versions of the schemes: checked, compared, confirmed; nothing is stored before the confirmation."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from casework.db import transaction
from casework.people import Actor
from casework.schemes import SchemeVersion
from tests.support import people
from tests.support.browser import Browser
from tests.support.pages import MOST_QUERIES, SignIn, opened, queries_of
from workflows.catalogue import SCHEMES_DIRECTORY, dump_toml, read_file

ADDRESS = "/admin/dispositifs"
SHEET = read_file(next((SCHEMES_DIRECTORY / "2024").glob("*3_10.toml"), SCHEMES_DIRECTORY / "2024" / "3.10.toml"))


@pytest.fixture
def admin(sessions: sessionmaker[Session]) -> Actor:
    with transaction(sessions) as session:
        return people.admin(session)


def _upload(browser: Browser, text: str | bytes, name: str = "3_10.toml") -> TestResponse:
    raw = text.encode() if isinstance(text, str) else text
    return browser.post(ADDRESS, {"file": (BytesIO(raw), name)}, content_type="multipart/form-data")


def _hidden(page: str) -> dict[str, str]:
    pairs = re.findall(r'<input type="hidden" name="(content|sha256|current)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in pairs}


def _numbers(sessions: sessionmaker[Session], code: str = "3.10") -> list[int]:
    with sessions() as session:
        query = sa.select(SchemeVersion.number).where(SchemeVersion.code == code).order_by(SchemeVersion.number)
        return list(session.scalars(query))


def test_every_version_is_listed_with_its_digest(signed_in: SignIn, admin: Actor, engine: sa.Engine) -> None:
    browser = signed_in(admin)
    page = opened(browser, ADDRESS)
    assert page.count('data-label="Empreinte"') == 16
    assert "Campagne 2024" in page
    assert queries_of(engine, browser, ADDRESS) <= MOST_QUERIES


def test_a_new_version_is_previewed_then_confirmed(
    signed_in: SignIn, admin: Actor, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(admin)
    changed = dump_toml(replace(SHEET, title="Un intitulé nouveau")).replace("\n", "\r\n")
    preview = _upload(browser, changed)
    assert preview.status_code == 200
    assert "1 différence" in preview.text
    assert "Un intitulé nouveau" in preview.text
    assert _numbers(sessions) == [1]
    answer = browser.post(f"{ADDRESS}/importer", _hidden(preview.text))
    assert answer.status_code == 303
    assert _numbers(sessions) == [1, 2]
    page = opened(browser, ADDRESS)
    address = re.search(r'href="([^"]+/comparer[^"]+)"', page)
    assert address is not None
    assert "Un intitulé nouveau" in opened(browser, html.unescape(address[1]))


def test_the_content_of_an_older_version_is_refused_with_its_number(
    signed_in: SignIn, admin: Actor, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(admin)
    for title in ("Un intitulé nouveau", SHEET.title):
        preview = _upload(browser, dump_toml(replace(SHEET, title=title)))
        answer = browser.post(f"{ADDRESS}/importer", _hidden(preview.text))
    assert answer.status_code == 409
    assert "ce contenu est celui de la version 1" in answer.text
    assert _numbers(sessions) == [1, 2]


def test_the_same_content_has_nothing_to_import(signed_in: SignIn, admin: Actor) -> None:
    assert "Aucune différence" in _upload(signed_in(admin), dump_toml(SHEET)).text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code = ", "TOML mal formé"),
        (dump_toml(SHEET).replace("[funding]", "[funding]\nsurprise = 1", 1), "funding.surprise"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("", "campaign"),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_and_reason(
    signed_in: SignIn, admin: Actor, sessions: sessionmaker[Session], text: str | bytes, sentence: str
) -> None:
    answer = _upload(signed_in(admin), text, "fautive.toml")
    assert answer.status_code == 422
    assert "fautive.toml" in answer.text
    assert sentence in answer.text
    assert _numbers(sessions) == [1]


def test_no_file_and_a_huge_file_each_get_a_sentence(signed_in: SignIn, admin: Actor) -> None:
    browser = signed_in(admin)
    assert browser.post(ADDRESS, {}).status_code == 422
    assert _upload(browser, b"#" * 600_000).status_code == 413


def test_a_text_changed_since_the_preview_is_refused(
    signed_in: SignIn, admin: Actor, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(admin)
    fields = _hidden(_upload(browser, dump_toml(replace(SHEET, title="Autre"))).text)
    forged = browser.post(f"{ADDRESS}/importer", {**fields, "content": fields["content"].replace("Autre", "Pire")})
    assert forged.status_code == 422
    assert _numbers(sessions) == [1]


def test_two_administrators_at_once_do_not_overwrite_each_other(
    signed_in: SignIn, admin: Actor, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(admin)
    first = _hidden(_upload(browser, dump_toml(replace(SHEET, title="Un"))).text)
    second = _hidden(_upload(browser, dump_toml(replace(SHEET, title="Deux"))).text)
    assert browser.post(f"{ADDRESS}/importer", first).status_code == 303
    assert browser.post(f"{ADDRESS}/importer", second).status_code == 409
    assert _numbers(sessions) == [1, 2]


@pytest.mark.parametrize("query", ["", "avant=1", "avant=a&apres=b", "avant=1&apres=9999"])
def test_a_comparison_needs_two_versions(signed_in: SignIn, admin: Actor, query: str) -> None:
    assert signed_in(admin).get(f"{ADDRESS}/comparer?{query}").status_code == 404


def test_only_an_administrator_enters(signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        manager = people.manager(session)
    assert signed_in(manager).get(ADDRESS).status_code == 403
