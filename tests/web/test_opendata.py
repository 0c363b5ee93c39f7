"""The page of the essential data, its file, and the command that writes the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from casework.__main__ import main
from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.pages import MOST_QUERIES, Town, opened, queries_of, town
from tests.support.template import KEYS

SignIn = Callable[[Actor], Browser]


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return town(sessions, settings, clock)


def test_the_page_shows_what_the_file_holds(world: Town, signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    case = world.case(world.tell("3.12", "execution"))
    manager = signed_in(world.cast.manager)
    address = "/donnees-essentielles?annee=2024&minimum=1"
    assert case.reference in opened(manager, address)
    file = manager.get("/donnees-essentielles.csv?annee=2024&minimum=1")
    assert file.mimetype == "text/csv"
    assert "subventions-" in file.headers["Content-Disposition"]
    assert file.text.startswith("nomAttribuant,idAttribuant,")
    assert queries_of(sessions.kw["bind"], manager, address) <= MOST_QUERIES
    assert signed_in(world.cast.officer).get("/donnees-essentielles").status_code == 403


@pytest.mark.database("sqlite")
def test_a_file_with_a_fault_is_not_made(world: Town, signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    key = world.tell("3.12", "execution")
    with transaction(sessions) as session:
        session.get_one(Application, key).organisation.siret = "1" * 14
    manager = signed_in(world.cast.manager)
    refused = manager.get("/donnees-essentielles.csv?annee=2024&minimum=1")
    assert refused.status_code == 409
    assert "ce numéro SIRET n’existe pas" in refused.text
    assert "Télécharger" not in refused.text


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("annee=demain", "« demain » n’est pas comprise"),
        ("annee=0000", "« 0000 » n’est pas comprise"),
        ("annee=²024", "« ²024 » n’est pas comprise"),
        ("minimum=-3", "ne peut pas être négatif"),
        ("minimum=NaN", "n’est pas compris"),
    ],
)
def test_a_strange_address_is_understood_as_far_as_it_can_be(
    world: Town, signed_in: SignIn, asked: str, said: str
) -> None:
    page = opened(signed_in(world.cast.manager), f"/donnees-essentielles?{asked}")
    assert "Données essentielles" in page
    assert said in page


def test_the_command_writes_the_same_file_or_says_why_not(
    world: Town, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = world.case(world.tell("3.12", "execution"))
    monkeypatch.setenv("CASEWORK_DATABASE_URL", database_url)
    monkeypatch.setenv("CASEWORK_SECRET_KEY", "une clé d’essai")
    monkeypatch.setenv("CASEWORK_DATA_KEYS", KEYS)
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "subventions.csv"
    assert main(["opendata", "--year", "2024", "--minimum", "1", "--to", str(target)]) == 0
    assert case.decision_reference in target.read_text(encoding="utf-8")
    assert main(["opendata", "--year", "2024", "--minimum", "beaucoup", "--to", str(target)]) == 2
    assert "--minimum" in capsys.readouterr().err
    assert main(["opendata", "--year", "0", "--to", str(target)]) == 2
