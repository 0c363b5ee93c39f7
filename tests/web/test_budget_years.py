"""The budget of an earlier year beside the new one: asked, retained, spent; copied in, shown before it is saved."""

from __future__ import annotations

import re
from html import unescape

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.money import BudgetLine, budget_of
from casework.settings import Settings
from tests.support import people
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town

pytestmark = pytest.mark.database("sqlite")
CODE = "3.2"


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def said(page: str) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(text.split())


def written(cents: int) -> str:
    return f"{cents // 100:,},{cents % 100:02d} €".replace(",", " ", f"{cents // 100:,}".count(","))


def staff(town: Town, case: int) -> BudgetLine:
    with town.sessions() as session:
        return next(line for line in budget_of(session, case) if line.is_staff)


@pytest.fixture
def renewal(town: Town) -> tuple[int, int]:
    """An operation that is over, of which six tenths of the staff were retained, and the draft that follows it."""
    return town.tell(CODE, "closed", retained_pct=60), town.tell(CODE, "draft", window=1)


def test_what_was_asked_retained_and_spent_stands_beside_the_new_budget(
    town: Town, signed_in: SignIn, renewal: tuple[int, int]
) -> None:
    former, draft = renewal
    asked = staff(town, former).amount_cents
    page = said(opened(signed_in(town.cast.applicant), f"/dossiers/{draft}/demande/budget"))
    row = page[page.index("Les demandes précédentes") :]
    retained = asked * 60 // 100
    now = written(staff(town, draft).amount_cents)
    assert f"Frais de personnel {written(asked)} {written(retained)} {written(retained)} {now}" in row
    assert "2024 demandé 2024 retenu 2024 dépensé Cette demande" in row


@pytest.mark.database("sqlite")
def test_two_earlier_applications_of_one_year_are_told_apart_by_their_references(
    town: Town, signed_in: SignIn, renewal: tuple[int, int]
) -> None:
    other, draft = town.tell(CODE, "convention"), renewal[1]
    page = said(opened(signed_in(town.cast.applicant), f"/dossiers/{draft}/demande/budget"))
    for case in (renewal[0], other):
        assert f"{town.case(case).reference} demandé" in page
    assert "2024 demandé" not in page


def test_the_new_column_follows_what_is_typed(town: Town, signed_in: SignIn, renewal: tuple[int, int]) -> None:
    typed = {"side-0": "expense", "category-0": "personnel", "fte-0": "1", "gross-0": "12 345", "share-0": "100"}
    preview = signed_in(town.cast.applicant).post(f"/dossiers/{renewal[1]}/demande/budget/apercu", typed)
    row = said(preview.text).partition("Les demandes précédentes")[2]
    assert "12 345,00 € Frais de fonctionnement" in row


def test_an_earlier_budget_is_copied_in_and_stored_only_once_saved(
    town: Town, signed_in: SignIn, renewal: tuple[int, int]
) -> None:
    former, draft = renewal
    with transaction(town.sessions) as session:
        session.execute(sa.delete(BudgetLine).where(BudgetLine.application_id == draft))
    browser = signed_in(town.cast.applicant)
    page = browser.post(f"/dossiers/{draft}/demande/budget/reprendre", {"former": str(former)})
    assert page.status_code == 200
    assert f"Le budget du dossier {town.case(former).reference} est repris ici" in page.text
    with town.sessions() as session:
        assert budget_of(session, draft) == []
    sent = {name: unescape(value) for name, value in re.findall(r'name="([a-z]+-\d+)" value="([^"]*)"', page.text)}
    sent = {re.sub("^champ-", "", name): value for name, value in sent.items()} | chosen(page.text)
    answer = browser.post(f"/dossiers/{draft}/demande/budget", {"version": town.case(draft).version, **sent})
    assert answer.status_code == 303
    with town.sessions() as session:
        copied, original = budget_of(session, draft), budget_of(session, former)
        assert [line.values() for line in copied] == [line.values() for line in original]
        assert {line.id for line in copied}.isdisjoint({line.id for line in original})


def chosen(page: str) -> dict[str, str]:
    """The option chosen in each list."""
    lists = re.findall(r'<select[^>]* name="(category-\d+)".*?</select>', page, re.DOTALL)
    parts = re.split(r'<select[^>]* name="category-\d+"', page)[1:]
    found = {}
    for name, part in zip(lists, parts, strict=True):
        option = re.search(r'<option value="(\w*)" selected', part.partition("</select>")[0])
        found[name] = option[1] if option else ""
    return found


@pytest.mark.parametrize("whose", ["another", "its own", "nothing"])
def test_only_an_earlier_budget_of_the_same_organisation_is_copied(
    town: Town, signed_in: SignIn, renewal: tuple[int, int], whose: str
) -> None:
    former, draft = renewal
    with transaction(town.sessions) as session:
        stranger = people.organisation(session, "Un autre atelier")
        other = session.get_one(Application, former)
        if whose == "another":
            other.organisation = stranger
    wanted = {"another": str(former), "its own": str(draft), "nothing": ""}[whose]
    answer = signed_in(town.cast.applicant).post(f"/dossiers/{draft}/demande/budget/reprendre", {"former": wanted})
    assert answer.status_code == 404


@pytest.mark.parametrize("state", ["draft", "rejected", "inadmissible"])
def test_what_was_never_examined_or_was_refused_is_no_reference(town: Town, signed_in: SignIn, state: str) -> None:
    former, draft = town.tell(CODE, "convention"), town.tell(CODE, "draft", window=1)
    with transaction(town.sessions) as session:
        session.execute(sa.update(Application).where(Application.id == former).values(state=state))
    assert "Les demandes précédentes" not in opened(signed_in(town.cast.applicant), f"/dossiers/{draft}/demande/budget")


def test_what_is_retained_is_not_said_before_it_is_decided(town: Town, signed_in: SignIn) -> None:
    former, draft = town.tell(CODE, "instructed", retained_pct=60), town.tell(CODE, "draft", window=1)
    asked = staff(town, former).amount_cents
    page = said(opened(signed_in(town.cast.applicant), f"/dossiers/{draft}/demande/budget"))
    assert f"Frais de personnel {written(asked)} – –" in page


def test_an_officer_reads_the_years_in_the_instruction(town: Town, signed_in: SignIn) -> None:
    town.tell(CODE, "closed")
    case = town.tell(CODE, "instruction", window=1)
    assert "Les demandes précédentes" in opened(signed_in(town.cast.officer), f"/dossiers/{case}/instruction")


def test_the_years_ask_little_of_the_database(
    town: Town, signed_in: SignIn, engine: sa.Engine, renewal: tuple[int, int]
) -> None:
    address = f"/dossiers/{renewal[1]}/demande/budget"
    assert queries_of(engine, signed_in(town.cast.applicant), address) <= MOST_QUERIES
