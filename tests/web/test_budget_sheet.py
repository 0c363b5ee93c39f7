"""The budget taken away as a workbook and brought back: shown first, stored only when it is saved."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser

import pytest
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.clock import FixedClock
from casework.money import budget_of
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.pages import Town, town
from web.budget_sheet import COLUMNS

SignIn = Callable[[Actor], Browser]
ROWS = [
    ("Dépense", "Frais de personnel", "Encadrante", Decimal("0.8"), 40_000_00, Decimal(75), 30_000_00),
    ("Recette", "Subvention demandée au Département", "Demande", "", "", "", 30_000_00),
]

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return town(sessions, settings, clock)


class Form(HTMLParser):
    """What the form of the budget would send as it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        kept = ("id-", "side-", "category-", "label-", "fte-", "gross-", "share-", "amount-")
        if tag == "input" and (name == "version" or name.startswith(kept)):
            self.values.setdefault(name, given.get("value") or "")
        if tag == "select":
            self._select = name
        if tag == "option" and "selected" in given:
            self.values[self._select] = given.get("value") or ""


def sent(rows: list[tuple[object, ...]]) -> dict[str, object]:
    return {"file": (io.BytesIO(spreadsheets.write("Budget", COLUMNS, rows)), "budget.xlsx")}


def stored(world: Town, case: int) -> list[tuple[str, int]]:
    with world.sessions() as session:
        return [(line.label, line.amount_cents) for line in budget_of(session, case)]


def test_a_budget_goes_out_and_comes_back_the_same(world: Town, signed_in: SignIn) -> None:
    case = world.tell("3.12", "draft")
    browser, address = signed_in(world.cast.applicant), f"/dossiers/{case}/demande/budget"
    file = browser.get(f"{address}.xlsx")
    assert file.mimetype == spreadsheets.MEDIA_TYPE
    before = stored(world, case)
    page = browser.post(f"{address}/importer", {"file": (io.BytesIO(file.data), "budget.xlsx")})
    assert page.status_code == 200
    assert f"{len(before)} lignes lues" in unescape(page.text)
    assert stored(world, case) == before


def test_what_is_read_is_stored_only_once_it_is_saved(world: Town, signed_in: SignIn) -> None:
    case = world.tell("3.12", "draft")
    browser, address = signed_in(world.cast.applicant), f"/dossiers/{case}/demande/budget"
    page = browser.post(f"{address}/importer", sent(ROWS)).text
    assert ("Encadrante", 30_000_00) not in stored(world, case)
    assert 'value="Encadrante"' in page
    assert browser.post(address, Form(page).values).status_code == 303
    assert stored(world, case) == [("Encadrante", 30_000_00), ("Demande", 30_000_00)]


def test_one_wrong_row_and_nothing_is_read_each_being_named(world: Town, signed_in: SignIn) -> None:
    case = world.tell("3.12", "draft")
    none = ("", "", "")
    wrong = [
        *ROWS,
        ("Dépense", "Cadeaux", "Fête", *none, 10_00),
        ("Don", "CAF", "Aide", *none, 5_00),
        ("Recette", "CAF", "Rien", *none, ""),
        ("Dépense", "Location de locaux", "Bureau", *none, 10_00),
        ("Dépense", "Frais de personnel", "Autre", Decimal(1), 40_000_00, Decimal(75), 40_000_00),
    ]
    answer = signed_in(world.cast.applicant).post(f"/dossiers/{case}/demande/budget/importer", sent(wrong))
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert "Rien n’est repris." in page
    assert "Ligne 4 : catégorie « Cadeaux » inconnue pour une dépense." in page
    assert "Ligne 5 : nature « Don » inconnue" in page
    assert "Ligne 6 :" in page
    assert "Ligne 7 : Le dispositif 3.12 ne finance pas « Location de locaux »" in page
    assert "Ligne 8 : Ce montant n’est pas celui du calcul" in page
    assert 'value="Encadrante"' not in page


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "Choisissez d’abord"), (b"%PDF-1.4", "n’est pas un classeur"), (b"x" * 5_000_001, "dépasse 5 Mo")],
    ids=["nothing", "pdf", "huge"],
)
def test_what_is_not_a_workbook_is_refused_in_a_sentence(
    world: Town, signed_in: SignIn, content: bytes | None, said: str
) -> None:
    case = world.tell("3.12", "draft")
    file = {} if content is None else {"file": (io.BytesIO(content), "budget.xlsx")}
    answer = signed_in(world.cast.applicant).post(f"/dossiers/{case}/demande/budget/importer", file)
    assert answer.status_code == 422
    assert said in unescape(answer.text)


def test_a_budget_that_may_not_change_reads_no_workbook(world: Town, signed_in: SignIn) -> None:
    case = world.tell("3.12", "submitted")
    answer = signed_in(world.cast.applicant).post(f"/dossiers/{case}/demande/budget/importer", sent(ROWS))
    assert answer.status_code == 409
    assert signed_in(world.cast.officer).get(f"/dossiers/{case}/demande/budget.xlsx").status_code == 200
