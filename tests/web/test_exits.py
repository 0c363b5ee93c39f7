"""The page of exits: what is not proven comes first, and is proven on its line; how an exit is classed is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.participants import Journey
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, title_of
from tests.support.journeys import roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.stories import Teller, cast_of
from workflows.stories import PDF

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


def _proof(page: str, name: str) -> str:
    """Where the evidence of this name is read."""
    return re.findall(rf'<a href="([^"]+)">{name}</a>', page)[0]


def test_exits_are_classed_before_they_are_recorded_and_proven_line_by_line(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn, engine: sa.Engine
) -> None:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.14")
        exited, entered = operation.exited("durable-1"), operation.entered()
        case, left_on = operation.application.id, operation.day(95)
        started, ended = operation.day(96), operation.day(150)
        other = people.applicant(session, people.organisation(session))
        auditor, operator = people.auditor(session), operation.operator
        clock.move_to(operation.late)
        keys, version = (exited.id, entered.id), entered.version
    browser, address = signed_in(operator), f"/dossiers/{case}/sorties"

    action = f"/participants/{keys[1]}/actions/record_exit"
    typed = {"version": str(version), "exited_on": left_on, "exit_kind": "transition-1"}
    typed |= {"contract_starts_on": started, "contract_ends_on": ended, "employer_name": "Atelier Aubépine"}
    shown = browser.post(f"{action}/classement", typed)
    assert shown.status_code == 200
    assert not title_of(shown).startswith("Erreur")
    assert "dans la liste des emplois de transition" in shown.text
    assert "ce contrat dure 1 mois et 2" in shown.text
    assert 'value="Atelier Aubépine"' in shown.text
    wrong = browser.post(f"{action}/classement", {**typed, "exit_kind": "durable-2"})
    assert wrong.status_code == 422
    assert "moins de 6 mois" in wrong.text
    with sessions() as session:
        assert session.get_one(Journey, keys[1]).exited_on is None
    assert browser.post(action, typed).status_code == 303

    page = opened(browser, address)
    assert "2 sorties sans justificatif" in page
    assert "Atelier Aubépine" in page
    empty = browser.post(f"{address}/{keys[0]}/justificatif", {})
    assert empty.status_code == 422
    assert "Choisissez d’abord un fichier" in empty.text
    sent = {"file": (BytesIO(PDF), "contrat.pdf")}
    assert browser.post(f"{address}/{keys[0]}/justificatif", sent).status_code == 303
    assert re.search(r"1 sortie sans justificatif", opened(browser, address))
    assert queries_of(engine, browser, address) <= MOST_QUERIES
    assert browser.get(_proof(opened(browser, address), "contrat.pdf")).data == PDF
    other_file = {"file": (BytesIO(PDF + b"%% une autre"), "attestation.pdf")}
    assert browser.post(f"{address}/{keys[0]}/justificatif", other_file).status_code == 303
    replaced = opened(browser, address)
    assert _proof(replaced, "attestation.pdf")
    assert "contrat.pdf" not in replaced
    assert "contrat.pdf" not in opened(signed_in(auditor), address)
    assert "Atelier Aubépine" not in opened(signed_in(auditor), address)
    assert signed_in(other).get(address).status_code == 404
    assert browser.post(f"{address}/999999/justificatif", {"file": (BytesIO(PDF), "c.pdf")}).status_code == 404
