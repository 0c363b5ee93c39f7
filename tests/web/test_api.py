"""The gate for machines: the same moves, the same refusals, as JSON in French."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.stories import Teller, cast_of
from workflows.stories import Cast

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


@pytest.fixture
def cast(sessions: sessionmaker[Session]) -> Cast:
    with transaction(sessions) as session:
        return cast_of(session)


@pytest.fixture
def case(cast: Cast, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> int:
    with transaction(sessions) as session:
        told = Teller(session, settings, cast).tell("3.9", "instruction", beyond=1)
        clock.move_to(told.updated_at)
        return told.id


def send(browser: Browser, url: str, body: Any, *, token: bool = True) -> TestResponse:
    headers = {"X-CSRFToken": browser.token()} if token else {}
    return browser.client.post(url, json=body, headers=headers)


def test_a_case_says_what_may_be_done_and_how(case: int, cast: Cast, signed_in: SignIn) -> None:
    facts = signed_in(cast.officer).get(f"/api/dossiers/{case}").get_json()
    assert facts["state"] == "instruction"
    moves = {move["trigger"]: move for move in facts["moves"]}
    assert moves["finish_instruction"]["possible"]
    assert [item["name"] for item in moves["finish_instruction"]["inputs"]] == ["proposed", "report"]


def test_an_action_goes_through_the_same_gate(case: int, cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.officer)
    version = browser.get(f"/api/dossiers/{case}").get_json()["version"]
    url = f"/api/dossiers/{case}/finish_instruction"
    wrong = send(browser, url, {"version": version, "data": {"proposed": "-1", "report": "Vu."}})
    assert wrong.status_code == 422
    assert wrong.mimetype == "application/problem+json"
    assert wrong.get_json()["errors"] == {"proposed": ["Un montant ne peut pas être négatif."]}
    right = {"version": version, "data": {"proposed": "1 000,50", "report": "Vu."}}
    assert send(browser, url, right).get_json()["state"] == "instructed"
    again = send(browser, url, right)
    assert again.status_code == 409
    assert "« Instruction terminée »" in again.get_json()["title"]


def test_refusals_have_their_status(case: int, cast: Cast, signed_in: SignIn) -> None:
    officer = signed_in(cast.officer)
    version = officer.get(f"/api/dossiers/{case}").get_json()["version"]
    right = {"version": version, "data": {"reason": "Nous renonçons."}}
    assert send(officer, f"/api/dossiers/{case}/unknown", right).status_code == 404
    assert send(officer, f"/api/dossiers/{case}/withdraw", right).status_code == 403
    assert send(officer, f"/api/dossiers/{case}/withdraw", ["?"]).status_code == 400
    applicant = signed_in(cast.applicant)
    refused = send(applicant, f"/api/dossiers/{case}/validate", right)
    assert refused.status_code == 409
    assert refused.get_json()["reasons"]
    assert send(applicant, f"/api/dossiers/{case}/withdraw", {**right, "version": "abc"}).status_code == 400
    assert send(applicant, f"/api/dossiers/{case}/withdraw", right, token=False).status_code == 400
    assert send(applicant, f"/api/dossiers/{case}/withdraw", right).status_code == 200
    assert signed_in(cast.finance).get(f"/api/dossiers/{case}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        '{"data": ' + "[" * 100_000,
        '{"version": 1, "data": {"reason": ' + '{"a":' * 50 + "1" + "}" * 52,
        "pas du JSON",
        "[]",
    ],
)
def test_what_is_not_an_action_is_refused(case: int, cast: Cast, signed_in: SignIn, body: str) -> None:
    browser = signed_in(cast.applicant)
    headers = {"X-CSRFToken": browser.token(), "Content-Type": "application/json"}
    answer = browser.client.post(f"/api/dossiers/{case}/withdraw", data=body, headers=headers)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "Envoyez un objet JSON" in answer.get_json()["title"]


def test_every_error_is_for_machines(case: int, cast: Cast, signed_in: SignIn, browser: Browser) -> None:
    officer = signed_in(cast.officer)
    answers = {
        401: browser.get(f"/api/dossiers/{case}"),
        404: officer.get("/api/nulle-part"),
        405: officer.post(f"/api/dossiers/{case}"),
        400: send(officer, f"/api/dossiers/{case}/withdraw", {}, token=False),
    }
    for status, answer in answers.items():
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.get_json()["status"] == status
    assert send(browser, f"/api/dossiers/{case}/withdraw", {}).status_code == 401
