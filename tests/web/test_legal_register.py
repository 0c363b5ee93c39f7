"""The published register says what the code holds on participants."""

from __future__ import annotations

import json

import pytest

from casework.__main__ import main
from casework.register_tables import REGISTER
from tests.support.browser import Browser
from tests.support.template import KEYS

pytestmark = pytest.mark.database("sqlite")


def test_anybody_reads_what_is_held_why_by_whom_and_what_becomes_of_it(browser: Browser) -> None:
    page = browser.get("/registre-des-traitements").text
    for held in REGISTER:
        assert held.label in page, held.table
    assert "donnée sensible" in page
    assert "protection-des-donnees@casework.invalid" in page
    assert "2 ans après le dernier contact" in page
    assert "/registre-des-traitements" in browser.get("/mentions-legales").text


def test_the_command_writes_every_declared_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEWORK_SECRET_KEY", "une clé d’essai")
    monkeypatch.setenv("CASEWORK_DATA_KEYS", KEYS)
    assert main(["register", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    written = {
        (table["table"], one["column"])
        for category in found["categories"]
        for table in category["tables"]
        for one in table["data"]
    }
    assert {(held.table, name) for held in REGISTER for name in held.facts} <= written
    assert main(["register"]) == 0
    assert "Identité de la personne (person)" in capsys.readouterr().out
