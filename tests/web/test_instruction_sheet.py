"""The sheet of the instruction on the screen: filled part by part, kept when it is refused, read by those who may."""

from __future__ import annotations

import re
from html import unescape

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.money import BudgetLine, budget_of
from casework.reviews import points_of, reviews_of
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town
from workflows.story_instruction import REDUCED

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def sheet(case: int, part: str = "") -> str:
    return f"/dossiers/{case}/instruction/fiche" + (f"/{part}" if part else "")


def lines(town: Town, case: int) -> list[BudgetLine]:
    with town.sessions() as session:
        return [line for line in budget_of(session, case) if line.side == "expense"]


def said(page: str) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(text.split())


def send(browser: Browser, town: Town, case: int, part: str, **typed: str):  # type: ignore[no-untyped-def]
    return browser.post(sheet(case, part), {"version": str(town.case(case).version), **typed})


def test_an_officer_fills_the_sheet_and_ends_the_instruction(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.9", "instruction")
    browser = signed_in(town.cast.officer)
    assert "Remplir la fiche" in opened(browser, f"/dossiers/{case}")
    page = opened(browser, sheet(case))
    for part, kind in (("criteres", "criterion"), ("pieces", "document")):
        verdicts = dict.fromkeys(re.findall(rf'name="(verdict-{kind}-\w+)"', page), "met")
        assert len(verdicts) > 3
        assert send(browser, town, case, part, **verdicts).status_code == 303
    assert browser.post(sheet(case, "budget/retenir"), {"version": town.case(case).version}).status_code == 303
    opinion = {"report": "Projet utile.", "proposed": "12 000"}
    assert send(browser, town, case, "avis", **opinion).status_code == 303
    form = opened(browser, f"/dossiers/{case}?action=finish_instruction")
    assert 'value="12000,00"' in form
    assert "Projet utile." in form
    town.fire(case, town.cast.officer, "finish_instruction", proposed="12 000", report="Projet utile.")
    assert town.case(case).state == "instructed"


def test_what_is_refused_comes_back_at_its_own_box_with_all_that_was_typed(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.9", "instruction")
    browser, line = signed_in(town.cast.officer), lines(town, case)[0]
    answer = send(browser, town, case, "budget", **{f"retained-{line.id}": "99 999 999", f"reason-{line.id}": "Hors"})
    assert answer.status_code == 422
    assert "on ne peut pas retenir davantage" in errors_in(answer)[0]
    assert f'id="champ-retained-{line.id}-erreur"' in answer.text
    assert 'value="99 999 999"' in answer.text
    answer = send(
        browser, town, case, "criteres", **{"verdict-criterion-public": "not_met", "remark-criterion-public": ""}
    )
    assert answer.status_code == 422
    assert 'id="champ-remark-criterion-public-erreur"' in answer.text
    answer = send(browser, town, case, "avis", proposed="99 999 999", report="Trop.")
    assert answer.status_code == 422
    assert "Trop." in answer.text
    assert "budget retenu, est de" in said(answer.text)


def test_somebody_who_saw_an_older_sheet_keeps_what_was_typed(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.9", "instruction")
    seen, browser = town.case(case).version, signed_in(town.cast.officer)
    send(
        browser,
        town,
        case,
        "criteres",
        **{"verdict-criterion-public": "met", "remark-criterion-public": "Vu en comité."},
    )
    late = {"version": str(seen), "verdict-criterion-public": "none", "remark-criterion-public": "Autre lecture."}
    answer = signed_in(town.cast.manager).post(sheet(case, "criteres"), late)
    assert answer.status_code == 409
    assert "Autre lecture." in answer.text
    assert "Fiche d’instruction complétée" in answer.text
    assert f'name="version" value="{town.case(case).version}"' in answer.text


def test_the_totals_follow_what_is_typed_and_nothing_is_saved(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.9", "instruction")
    line = lines(town, case)[0]
    typed = {f"retained-{line.id}": "10 000", f"asked-{line.id}": str(line.amount_cents), f"reason-{line.id}": "Trop"}
    page = signed_in(town.cast.officer).post(sheet(case, "budget/apercu"), typed)
    assert page.status_code == 200
    text = said(page.text)
    rest = sum(one.amount_cents for one in lines(town, case)[1:])
    assert f"Dépenses retenues {(10_000_00 + rest) // 100:,}".replace(",", " ") in text
    assert f"{len(lines(town, case)) - 1} dépenses restent à examiner" in text
    assert "Assiette des charges indirectes" in text
    with town.sessions() as session:
        assert reviews_of(session, case) == []


def test_a_line_changed_by_the_applicant_is_said_and_examined_again(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.9", "instruction", beyond=1)
    line = lines(town, case)[-1]
    with transaction(town.sessions) as session:
        known = {"amount_cents": BudgetLine.amount_cents + 1}
        session.execute(sa.update(BudgetLine).where(BudgetLine.id == line.id).values(known))
    page = said(opened(signed_in(town.cast.officer), sheet(case)))
    assert "Le montant demandé a changé depuis votre examen" in page
    assert "Budget, ligne par ligne 1 à examiner" in page


def test_the_applicant_learns_what_is_retained_and_why_once_it_is_decided(town: Town, signed_in: SignIn) -> None:
    before, after = (town.tell("3.9", state, retained_pct=60) for state in ("instructed", "convention"))
    for reader in (town.cast.applicant, town.cast.officer, town.cast.manager):
        page = opened(signed_in(reader), f"/dossiers/{before}/instruction")
        assert (REDUCED in page) is (reader is not town.cast.applicant)
        assert ("Porteur éligible" in page) is (reader is not town.cast.applicant)
    told = opened(signed_in(town.cast.applicant), f"/dossiers/{after}/instruction")
    assert REDUCED in told
    assert "Budget demandé et retenu" in told
    assert "Porteur éligible" not in told


def test_the_report_is_for_the_services(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.9", "convention")
    address = f"/dossiers/{case}/instruction/rapport.pdf"
    for reader in (town.cast.officer, town.cast.manager, town.cast.finance):
        answer = signed_in(reader).get(address)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    for reader in (town.cast.applicant, town.cast.slai):
        assert signed_in(reader).get(address).status_code == 403
    early = town.tell("3.9", "instruction")
    assert signed_in(town.cast.officer).get(f"/dossiers/{early}/instruction/rapport.pdf").status_code == 409


def test_the_sheet_of_a_colleague_is_read_with_the_reason_why_it_is_closed(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("3.9", "instruction")
    with transaction(sessions) as session:
        colleague = people.officer(session)
    browser = signed_in(colleague)
    page = opened(browser, sheet(case))
    assert "prenez-le en charge pour l’instruire" in page
    assert "Enregistrer :" not in page
    assert send(browser, town, case, "criteres", **{"verdict-criterion-public": "met"}).status_code == 409
    with sessions() as session:
        assert points_of(session, case) == []


def test_no_two_boxes_of_the_sheet_have_the_same_name(town: Town, signed_in: SignIn) -> None:
    """An accreditation is a criterion of 3.10, and a document too."""
    case = town.tell("3.10", "instruction")
    page = opened(signed_in(town.cast.officer), sheet(case))
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert 'name="verdict-criterion-accreditation"' in page
    assert 'name="verdict-document-accreditation"' in page


def test_a_part_that_does_not_exist_is_not_found(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.9", "instruction")
    assert send(signed_in(town.cast.officer), town, case, "rien").status_code == 404


def test_the_pages_of_the_sheet_ask_little_of_the_database(town: Town, signed_in: SignIn, engine: sa.Engine) -> None:
    case = town.tell("3.7", "instruction", beyond=1)
    browser = signed_in(town.cast.officer)
    for address in (sheet(case), f"/dossiers/{case}/instruction"):
        assert queries_of(engine, browser, address) <= MOST_QUERIES
