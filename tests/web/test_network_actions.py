"""The actions of a 3.13: entered, imported line by line, withdrawn, and counted in its indicators."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.applications import Application
from casework.clock import FixedClock
from casework.network_actions import NetworkAction
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.pages import MOST_QUERIES, Town, opened, queries_of, town
from workflows.line_imports import columns_of
from workflows.network.actions import action_inputs, terms_of

SignIn = Callable[[Actor], Browser]
HEAD = ("Date", "Nature", "Orientation", "Objet", "Partenaires ou entreprises", "Structures concernées",
        "Personnes touchées", "Durée")  # fmt: skip


@pytest.fixture
def home(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return town(sessions, settings, clock)


def started(home: Town) -> tuple[int, str]:
    """A 3.13 in execution, and a day of it that is past, as a form sends it."""
    key = home.tell("3.13", "execution")
    starts_on = home.case(key).starts_on
    assert starts_on is not None
    home.clock.move_to(home.clock.now() + timedelta(days=40))
    return key, (starts_on + timedelta(days=10)).isoformat()


def workbook(home: Town, key: int, *rows: tuple[str, ...]) -> bytes:
    with home.sessions() as session:
        terms = terms_of(session.get_one(Application, key))
    assert terms is not None
    return spreadsheets.write("Actions", columns_of(action_inputs(terms)), rows)


def test_actions_are_entered_imported_counted_and_withdrawn(
    home: Town, signed_in: SignIn, sessions: sessionmaker[Session], engine: sa.Engine
) -> None:
    key, day = started(home)
    operator, address = signed_in(home.cast.applicant), f"/dossiers/{key}/reseau"
    typed = {
        "done_on": day,
        "kind": "webinar",
        "theme": "procurement",
        "title": "Répondre à un marché",
        "reached": "42",
        "hours": "1,5",
    }
    assert operator.post(address, typed).status_code == 303
    good = (day, "Formation proposée aux SIAE", "Diversification des activités", "Nouveaux métiers", "", "8", "12", "7")
    sent = {"file": (io.BytesIO(workbook(home, key, good, good)), "actions.xlsx")}
    assert operator.post(f"{address}/importer", sent).status_code == 303
    page = opened(operator, address)
    assert "Répondre à un marché" in page
    assert queries_of(engine, operator, address) <= MOST_QUERIES
    officer = signed_in(home.cast.officer)
    told = opened(officer, f"/dossiers/{key}/historique")
    assert "42 personnes touchées, 1\u00a0h\u00a030" in told
    assert "done_on" not in told
    figures = opened(officer, f"/dossiers/{key}/indicateurs")
    assert ">42<" in figures.replace("\n", "").replace(" ", "")
    assert "additionné d’après les actions du réseau" in figures
    assert "Formations proposées aux SIAE" in opened(officer, f"/dossiers/{key}/tableau-de-bord")
    lines = spreadsheets.read(officer.get(f"{address}.xlsx").data, HEAD, most=20)
    assert sorted(line.cells["Personnes touchées"] for line in lines) == ["12", "12", "42"]
    with sessions() as session:
        first = session.scalars(sa.select(NetworkAction).order_by(NetworkAction.id)).first()
        assert first is not None
    assert operator.post(f"{address}/{first.id}/retirer", {}).status_code == 303
    assert "Répondre à un marché" not in opened(operator, address)
    assert "Action du réseau retirée" in opened(operator, f"/dossiers/{key}/historique")


def test_a_wrong_line_is_said_and_nothing_is_kept(
    home: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    key, day = started(home)
    operator, address = signed_in(home.cast.applicant), f"/dossiers/{key}/reseau"
    good = (day, "Webinaire", "Diversification des activités", "Un webinaire", "", "", "12", "")
    wrong = ("2019-01-01", "Croisière", "Diversification des activités", "", "", "", "-3", "beaucoup")
    late = ("2099-01-01", "Webinaire", "Diversification des activités", "Plus tard", "", "", "1", "beaucoup")
    sent = {"file": (io.BytesIO(workbook(home, key, good, wrong, late)), "actions.xlsx")}
    answer = operator.post(f"{address}/importer", sent)
    assert answer.status_code == 422
    said = " ".join(errors_in(answer))
    assert "Ligne 3, Nature : Choisissez une des réponses proposées." in said
    assert "Ligne 4, Date : Cette date est dans le futur." in said
    assert "Ligne 4, Durée : Écrivez des heures" in said
    refused = operator.post(
        address, {"done_on": "2019-01-01", "kind": "webinar", "theme": "procurement", "title": "Gardé"}
    )
    assert refused.status_code == 422
    assert "La convention couvre la période" in " ".join(errors_in(refused))
    assert 'value="Gardé"' in refused.text
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(NetworkAction)) == 0


def test_only_the_bearer_enters_them_and_a_sheet_with_participants_has_none(
    home: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    key, day = started(home)
    assert signed_in(home.cast.officer).post(f"/dossiers/{key}/reseau", {"done_on": day}).status_code == 403
    with sessions() as session, session.begin():
        stranger = people.applicant(session, people.organisation(session))
    assert signed_in(stranger).get(f"/dossiers/{key}/reseau").status_code == 404
    other = home.tell("3.14", "execution")
    assert signed_in(home.cast.officer).get(f"/dossiers/{other}/reseau").status_code == 404
