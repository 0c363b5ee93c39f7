"""Preparing a final report and controlling it: what the pages show, refuse, keep and cost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.clock import FixedClock
from casework.db import transaction
from casework.expenses import ExpenseLine, expenses_of
from casework.people import Actor
from casework.settings import Settings
from casework.spreadsheets import Column
from tests.support.browser import Browser
from tests.support.pages import MOST_QUERIES, Town, opened, queries_of
from tests.support.stories import cast_of
from web.report_sheet import COLUMNS
from workflows.stories import PDF

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    with transaction(sessions) as session:
        return Town(sessions, settings, clock, cast_of(session))


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def row(number: int, **values: str) -> dict[str, str]:
    return {f"{name}-{number}": text for name, text in {"category": "personnel", "id": "", **values}.items()}


def test_what_is_wrong_comes_back_as_typed_and_what_is_right_is_saved(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("3.9", "bilan")
    browser, address = signed_in(town.cast.applicant), f"/dossiers/{case}/bilan/preparer"
    page = opened(browser, address)
    assert "prévu" in page
    assert "Bilan à écrire" in opened(browser, f"/dossiers/{case}/bilan")
    assert "Joignez d’abord le bilan final signé" in page
    wrong = {"version": version(page), **row(0, label="Salaires", spent="mille"), "narrative": "Tenu.", "own": "-3"}
    answer = browser.post(address, wrong)
    assert answer.status_code == 422
    for kept in ('value="mille"', 'value="-3"', "Tenu.", 'href="#champ-spent-0"', "Ce montant n’est pas compris"):
        assert kept in answer.text
    more = browser.post(address, {**wrong, "more": "1"})
    assert more.status_code == 200
    assert more.text.count('class="report-line"') == 6
    right = {**wrong, **row(0, label="Salaires", spent="1 000,50"), "own": ""}
    assert browser.post(address, right).status_code == 303
    assert "Bilan commencé, pas encore remis" in opened(browser, f"/dossiers/{case}/bilan")
    stale = browser.post(address, right)
    assert stale.status_code == 409
    assert "Bilan final préparé" in stale.text
    assert 'value="1 000,50"' in stale.text
    with sessions() as session:
        assert [line.spent_cents for line in expenses_of(session, case)] == [100_050]


def shown(page: str) -> dict[str, str]:
    """What the form holds, as a browser sends it back."""
    found = dict(
        re.findall(r'<input[^>]*name="((?:id|budget_line|label|spent)-\d+|version|shown)" value="([^"]*)"', page)
    )
    found |= {name.replace("spent", "category"): "personnel" for name in found if name.startswith("spent")}
    found |= {name: text for text, name in re.findall(r'value="([^"]*)"[^>]*name="(own|others)"', page)}
    return {name: html.unescape(text) for name, text in found.items()}


def test_two_tabs_prepare_one_report_and_neither_erases_what_the_other_wrote(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("3.9", "bilan")
    browser, address = signed_in(town.cast.applicant), f"/dossiers/{case}/bilan/preparer"
    first = {"version": version(opened(browser, address)), "narrative": "Tenu."}
    browser.post(address, {**first, **row(0, label="Salaires", spent="10"), **row(1, label="Loyer", spent="20")})
    one, other = shown(opened(browser, address)), shown(opened(browser, address))
    added = row(2, label="Copies", spent="5")
    assert browser.post(address, {**one, "narrative": "Tenu en mai.", "spent-0": "11", **added}).status_code == 303
    refused = browser.post(address, {**other, "narrative": "Tenu.", "spent-1": "22"})
    assert refused.status_code == 409
    assert "Vous avez changé tous les deux" not in refused.text
    assert "Tenu en mai." in refused.text
    again = {**shown(refused.text), "narrative": "Tenu en mai."}
    assert [again[f"spent-{number}"] for number in range(3)] == ["11,00", "22", "5,00"]
    assert browser.post(address, again).status_code == 303
    with sessions() as session:
        assert [line.spent_cents for line in expenses_of(session, case)] == [1100, 2200, 500]


def test_what_both_changed_in_a_report_is_told_before_it_is_replaced(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.9", "bilan")
    browser, address = signed_in(town.cast.applicant), f"/dossiers/{case}/bilan/preparer"
    first = {"version": version(opened(browser, address)), "narrative": "Tenu.", **row(0, label="Salaires", spent="10")}
    browser.post(address, first)
    one, other = shown(opened(browser, address)), shown(opened(browser, address))
    browser.post(address, {**one, "narrative": "Tenu en mai.", "spent-0": "11"})
    refused = browser.post(address, {**other, "narrative": "Tenu en juin.", "spent-0": "12"})
    assert "Vous avez changé tous les deux" in refused.text
    for told in (
        "Autres éléments du bilan pédagogique : Tenu en mai.",
        "Dépense 1 : Salaires, 11,00 €",
        "Tenu en juin.",
        'value="12"',
    ):
        assert told in refused.text


def test_the_totals_follow_what_is_typed_and_nothing_is_saved(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("3.9", "bilan")
    browser = signed_in(town.cast.applicant)
    typed = {**row(0, spent="1 234,50"), **row(1, spent="abc"), "own": "10"}
    answer = browser.post(f"/dossiers/{case}/bilan/preparer/apercu", typed)
    assert "1\u202f234,50" in answer.text
    assert "1 montant non compris" in answer.text
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count(ExpenseLine.id))) == 0


def test_an_evidence_is_joined_to_its_line(town: Town, signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    case = town.tell("3.9", "bilan")
    browser, address = signed_in(town.cast.applicant), f"/dossiers/{case}/bilan/preparer"
    saved = {"version": version(opened(browser, address)), **row(0, label="Salaires", spent="10")}
    browser.post(address, saved)
    with sessions() as session:
        line = expenses_of(session, case)[0].id
    sent = {"version": version(opened(browser, address)), "line": str(line)}
    assert browser.post(f"{address}/justificatif", sent).status_code == 422
    sent["file"] = (BytesIO(PDF), "bulletin.pdf")  # type: ignore[assignment]
    assert browser.post(f"{address}/justificatif", sent).status_code == 303
    with sessions() as session:
        assert expenses_of(session, case)[0].document_id is not None


def test_a_late_report_says_what_follows(town: Town, signed_in: SignIn) -> None:
    case = town.tell("3.5", "bilan")
    browser, address = signed_in(town.cast.applicant), f"/dossiers/{case}/bilan/preparer"
    assert "Bilan en retard" not in opened(browser, address)
    town.clock.move_to(town.clock.now().replace(year=town.clock.now().year + 1))
    page = opened(signed_in(town.cast.applicant), address)
    assert "Ce bilan était dû le" in page
    assert "le solde restera bloqué" in page


def test_the_control_is_saved_line_by_line_and_a_second_officer_is_told(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("3.9", "bilan", beyond=1, disputed=True)
    browser, address = signed_in(town.cast.officer), f"/dossiers/{case}/bilan/controle"
    page = opened(browser, address)
    assert page.count("Dans la période : non") == 1
    with sessions() as session:
        lines = [line.id for line in expenses_of(session, case)]
    first = {"version": version(page), f"line-{lines[0]}": "1", f"decision-{lines[0]}": "reduced"}
    wrong = browser.post(address, {**first, f"accepted-{lines[0]}": "tout", f"comment-{lines[0]}": "Vu."})
    assert wrong.status_code == 422
    assert 'value="tout"' in wrong.text
    assert "Choisissez le motif." in wrong.text
    preview = browser.post(f"{address}/apercu", {**first, f"accepted-{lines[0]}": "12,34"})
    assert "12,34" in preview.text
    accepted = browser.post(f"{address}/accepter", {"version": version(page)}, follow_redirects=True)
    assert f"{len(lines) - 1} dépenses acceptées." in accepted.text
    late = {f"accepted-{lines[0]}": "10", f"reason-{lines[0]}": "share"}
    second = browser.post(address, {**first, **late})
    assert second.status_code == 409
    assert 'value="10"' in second.text


@pytest.mark.parametrize("told", [False, True])
def test_the_applicant_reads_the_decisions_once_they_are_announced(
    town: Town, signed_in: SignIn, told: bool, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("3.9", "bilan", beyond=1, disputed=True)
    officer, address = signed_in(town.cast.officer), f"/dossiers/{case}/bilan/controle"
    with sessions() as session:
        late = expenses_of(session, case)[-1].id
    officer.post(f"{address}/accepter", {"version": version(opened(officer, address))})
    refused = {f"line-{late}": "1", f"decision-{late}": "refused", f"reason-{late}": "out_of_period"}
    officer.post(address, {"version": version(opened(officer, address)), **refused})
    if told:
        town.fire(case, town.cast.officer, "send_intended_result", other_funding="0", dynamic_exits="6")
    page = opened(signed_in(town.cast.applicant), f"/dossiers/{case}/bilan")
    assert ("Hors de la période de la convention" in page) is told


def test_both_pages_ask_few_queries_whatever_the_lines(town: Town, signed_in: SignIn, engine: sa.Engine) -> None:
    case = town.tell("3.12", "bilan", beyond=1, disputed=True)
    for actor, page in ((town.cast.officer, "controle"), (town.cast.applicant, "preparer")):
        assert queries_of(engine, signed_in(actor), f"/dossiers/{case}/bilan/{page}") <= MOST_QUERIES


HEAD = ("N°", *COLUMNS.values())


def typed(rows: Sequence[Sequence[object]]) -> tuple[BytesIO, str]:
    """A workbook filled by somebody who types everything as text."""
    return BytesIO(spreadsheets.write("D", [Column(label) for label in HEAD], rows)), "d.xlsx"


def test_the_expenses_are_exported_filled_elsewhere_and_imported_whole(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("3.9", "bilan")
    browser, address = signed_in(town.cast.applicant), f"/dossiers/{case}/bilan/preparer"
    lines = spreadsheets.read(browser.get(f"/dossiers/{case}/bilan/depenses.xlsx").data, HEAD, most=50)
    filled = [list(line.cells.values()) for line in lines]
    filled[0][3:7] = ["1234,5", "F-1", "31/03/2024", "2024-04-02"]
    sent = {"version": version(opened(browser, address)), "file": typed(filled)}
    done = browser.post(f"{address}/importer", sent, follow_redirects=True)
    assert f"{len(lines)} lignes importées" in done.text
    with sessions() as session:
        first = expenses_of(session, case)[0]
        assert (first.spent_cents, first.invoice_reference, str(first.paid_on)) == (123_450, "F-1", "2024-04-02")
        assert first.planned_cents > 0


def test_one_refused_line_and_nothing_is_imported_each_said_with_its_number(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("3.9", "bilan")
    browser, address = signed_in(town.cast.applicant), f"/dossiers/{case}/bilan/preparer"
    rows = [
        ("", "Frais de personnel", "Salaires", 10, "F-1", "2024-03-01", "", ""),
        ("", "Voyages", "Train", "dix", "F-2", "2024-13-01", "", ""),
        ("", "Frais de personnel", "=1+1", 10, "", "", "", "absent.pdf"),
    ]
    sent = {"version": version(opened(browser, address)), "file": typed(rows)}
    answer = browser.post(f"{address}/importer", sent)
    assert answer.status_code == 422
    assert "Rien n’est importé" in answer.text
    for said in ("Ligne 3, catégorie", "Ligne 3, dépensé", "Ligne 3, date de la facture", "Ligne 4, justificatif"):
        assert said in answer.text
    nothing = browser.post(f"{address}/importer", {"version": version(answer.text)})
    assert nothing.status_code == 422
    with sessions() as session:
        assert expenses_of(session, case) == []


def test_the_certificate_and_the_balance_sheet_are_downloaded_once_validated(town: Town, signed_in: SignIn) -> None:
    case, open_case = town.tell("3.9", "balance"), town.tell("3.1", "bilan", beyond=1)
    browser = signed_in(town.cast.applicant)
    page = opened(browser, f"/dossiers/{case}/bilan")
    for name in ("certificat", "solde"):
        assert f"/bilan/{name}.pdf" in page
        assert browser.get(f"/dossiers/{case}/bilan/{name}.pdf").data.startswith(b"%PDF")
        assert browser.get(f"/dossiers/{open_case}/bilan/{name}.pdf").status_code == 409
