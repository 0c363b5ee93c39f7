"""One explanation everywhere: what the screen, the document and the command line say of an amount is the same text."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from casework.__main__ import main
from casework.amounts import decimal_string, euros, from_decimal_string
from casework.applications import Application
from casework.clock import FixedClock
from casework.money import budget_of, totals
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.pages import Town, opened, town
from tests.support.pdftext import text_of
from workflows.application import reading

SignIn = Callable[[Actor], Browser]
Steps = list[dict[str, str]]


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return town(sessions, settings, clock)


def squeezed(text: str) -> str:
    return "".join(html.unescape(text).split())


def asked(capsys: pytest.CaptureFixture[str], folder: Path, verb: str, scheme: str, data: dict[str, Any]) -> Steps:
    """The steps that `casework explain` answers."""
    path = folder / "input.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    main(["explain", verb, "--scheme", scheme, "--input", str(path), "--json"])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return list(answer["steps"])


def said(text: str, steps: Steps) -> list[str]:
    """The steps that this text does not say whole: label, figures, result and source."""
    found = squeezed(text)
    parts = [(one["label"], one["formula"], euros(from_decimal_string(one["amount"])), one["source"]) for one in steps]
    return [label for label, *rest in parts if not all(squeezed(part) in found for part in (label, *rest))]


def expenses(amounts: dict[str, int]) -> dict[str, str]:
    return {
        name.removesuffix("_cents"): decimal_string(cents)
        for name, cents in vars(reading.expenses_from(amounts)).items()
        if name.endswith("_cents")
    }


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("code", ["3.1", "3.5", "3.7", "3.10", "3.11", "3.12"])
def test_a_balance_is_explained_with_the_same_steps_everywhere(
    world: Town, signed_in: SignIn, capsys: pytest.CaptureFixture[str], tmp_path: Path, code: str
) -> None:
    key = world.tell(code, "closed")
    with world.sessions() as session:
        case = session.get_one(Application, key)
        report = case.report
        assert report is not None
        results = report.results
        data = {
            **expenses(report.accepted),
            "grant": decimal_string(case.granted_cents or 0),
            "advance_paid": decimal_string(reading.advance_paid(session, case)),
            "other_funding": decimal_string(report.accepted.get("other_funding", 0)),
            "posts": reading.posts_of(case),
            "months_done": results.get("months_done") or 0,
            "hours_done": results.get("hours_done") or 0,
            "setting": "rural" if case.answers.get("setting") in ("rural", "Rural") else "urban",
            "dynamic_exits": results.get("dynamic_exits") or 0,
            "quality_pct": results.get("quality_pct") or 0,
        }
    steps = asked(capsys, tmp_path, "balance", code, data)
    officer = signed_in(world.cast.officer)
    assert steps
    assert said(opened(officer, f"/dossiers/{key}/versements"), steps) == []
    assert said(text_of(officer.get(f"/dossiers/{key}/bilan/solde.pdf").data), steps) == []


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("code", ["3.1", "3.5", "3.7", "3.10", "3.12", "3.16"])
def test_a_grant_is_explained_on_screen_as_on_the_command_line(
    world: Town, signed_in: SignIn, capsys: pytest.CaptureFixture[str], tmp_path: Path, code: str
) -> None:
    key = world.tell(code, "instruction")
    with world.sessions() as session:
        case = session.get_one(Application, key)
        lines = budget_of(session, key)
        incomes = totals(lines, "income")
        data = {
            **expenses(totals(lines, "expense")),
            "requested": decimal_string(incomes["requested"]),
            "other_funding": decimal_string(sum(incomes.values()) - incomes["requested"] - incomes["own"]),
            "posts": reading.posts_of(case),
            "months": reading.months_of(case),
        }
        if fte := case.answers.get("support_staff_fte"):
            data["fte"] = fte
    steps = asked(capsys, tmp_path, "grant", code, data)
    assert steps
    assert said(opened(signed_in(world.cast.officer), f"/dossiers/{key}/instruction"), steps) == []
