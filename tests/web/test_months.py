"""The grid of a month on screen: typed, pasted, imported, read by those who may, refused line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, sessionmaker

from casework import spreadsheets
from casework.activities import JourneyMonth
from casework.clock import FixedClock
from casework.db import Base, transaction
from casework.durations import said_hours
from casework.identities import Person
from casework.participants import IdentityLook, Journey
from casework.people import Actor
from casework.settings import Settings
from casework.spreadsheets import Column
from tests.support.browser import Browser
from tests.support.following import World, followed
from tests.support.pages import MOST_QUERIES, opened, queries_of

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]
HEAD = ("N°", "Participant", "Présent", "Heures")


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    return followed(sessions, settings, clock)


def seen(page: str) -> dict[str, str]:
    found = re.search(r'name="seen" value="([\d.]+)"', page)
    assert found is not None
    return {"seen": found[1]}


def stored(sessions: sessionmaker[Session]) -> dict[int, tuple[bool, int]]:
    with sessions() as session:
        return {one.journey_id: (one.present, one.minutes) for one in session.scalars(sa.select(JourneyMonth))}


def test_the_operator_types_a_month_and_reads_it_again(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    page = opened(browser, world.address)
    assert "AUBRIETTA Solène" in page
    assert "2 restent à saisir" in page
    typed = {**seen(page), f"hours-{world.first}": "12 h 30", f"present-{world.second}": "non"}
    saved = browser.post(world.address, typed, follow_redirects=True)
    assert "2 participants enregistrés" in saved.text
    assert 'value="12,5"' in saved.text
    assert stored(sessions) == {world.first: (True, 750), world.second: (False, 0)}
    late = browser.post(world.address, typed)
    assert late.status_code == 409
    assert world.actors["applicant"].name in late.text


def boxes(page: str) -> dict[str, str]:
    """Every box of the grid as a browser would send it back, and what it held when it was shown."""
    found = dict(re.findall(r'name="(before-\d+)" value="([^"]*)"', page))
    for name, shown in list(found.items()):
        key = name.partition("-")[2]
        present = re.search(rf'name="present-{key}".*?value="(\w*)" selected', page, re.DOTALL)
        hours = re.search(rf'value="([^"]*)"[^>]*name="hours-{key}"', page)
        assert (present, hours) != (None, None), shown
        found[f"present-{key}"] = present[1] if present else ""
        found[f"hours-{key}"] = hours[1] if hours else ""
    return found


def test_two_tabs_fill_in_one_month_and_neither_erases_the_lines_of_the_other(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    one, other = boxes(opened(browser, world.address)), boxes(opened(browser, world.address))
    browser.post(world.address, {**one, f"hours-{world.first}": "11"})
    saved = browser.post(world.address, {**other, f"hours-{world.second}": "7"}, follow_redirects=True)
    assert "1 participant enregistré" in saved.text
    assert stored(sessions) == {world.first: (True, 660), world.second: (True, 420)}


def test_a_line_that_somebody_else_saved_meanwhile_is_shown_before_it_is_replaced(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    one, other = boxes(opened(browser, world.address)), boxes(opened(browser, world.address))
    browser.post(world.address, {**one, f"hours-{world.first}": "11", f"hours-{world.second}": "9"})
    refused = browser.post(world.address, {**other, f"hours-{world.first}": "8"})
    assert refused.status_code == 422
    assert f"Enregistré entre-temps par {world.actors['applicant'].name} : présent, {said_hours(660)}." in refused.text
    assert stored(sessions) == {world.first: (True, 660), world.second: (True, 540)}
    shown = boxes(refused.text)
    assert (shown[f"hours-{world.first}"], shown[f"hours-{world.second}"]) == ("8", "9")
    browser.post(world.address, shown)
    assert stored(sessions) == {world.first: (True, 480), world.second: (True, 540)}


def test_people_noted_present_at_once_are_not_those_whom_somebody_noted_absent_meanwhile(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    one, other = boxes(opened(browser, world.address)), boxes(opened(browser, world.address))
    filled = browser.post(world.address, {**other, "all_present": "1"})
    browser.post(world.address, {**one, f"present-{world.first}": "non"})
    assert browser.post(world.address, boxes(filled.text)).status_code == 422
    assert stored(sessions) == {world.first: (False, 0)}


def test_what_is_wrong_comes_back_at_its_box_as_it_was_typed(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    typed = {**seen(opened(browser, world.address)), f"hours-{world.first}": "dix", f"present-{world.second}": "oui"}
    answer = browser.post(world.address, typed)
    assert answer.status_code == 422
    for kept in ('value="dix"', f'href="#champ-hours-{world.first}"', "AUBRIETTA Solène, heures", "par exemple 12,5"):
        assert kept in answer.text
    assert stored(sessions) == {}


def test_everybody_is_noted_present_before_it_is_saved(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    typed = {**seen(opened(browser, world.address)), f"present-{world.first}": "non", f"present-{world.second}": ""}
    answer = browser.post(world.address, {**typed, "all_present": "1"})
    assert answer.status_code == 200
    assert answer.text.count('<option value="oui" selected>') == 1
    assert answer.text.count('<option value="non" selected>') == 1
    assert stored(sessions) == {}


def test_lines_are_pasted_from_a_spreadsheet_by_number_or_by_name(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    lines = f"Participant\tPrésent\tHeures\r\n{world.first}\toui\t10,5\r\nbergenia jean noel\tnon\t\r\n"
    sent = {**seen(opened(browser, world.address)), "pasted": lines}
    assert browser.post(f"{world.address}/coller", sent).status_code == 303
    assert stored(sessions) == {world.first: (True, 630), world.second: (False, 0)}


def test_half_the_pasted_lines_are_wrong_each_is_said_and_nothing_is_written(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    lines = f"{world.first}\t10\nInconnue Totale\toui\t5\n{world.second}\toui\t900\n{world.second}"
    sent = {**seen(opened(browser, world.address)), "pasted": lines}
    cut = browser.post(f"{world.address}/coller", sent)
    assert cut.status_code == 422
    assert "Ligne 4 : il manque" in cut.text
    refused = browser.post(f"{world.address}/coller", {**sent, "pasted": lines.rpartition("\n")[0]})
    assert refused.status_code == 422
    assert "Rien n’est enregistré" in refused.text
    for said in ("Ligne 2 (Inconnue Totale) : ", f"Ligne 3 ({world.second}) : heures : "):
        assert said in refused.text
    assert "Inconnue Totale\toui\t5" in refused.text
    assert stored(sessions) == {}
    assert browser.post(f"{world.address}/coller", {**sent, "pasted": " \n"}).status_code == 422


def test_the_month_is_exported_filled_elsewhere_and_imported(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    exported = browser.get(f"{world.address}.xlsx")
    lines = spreadsheets.read(exported.data, HEAD, most=10)
    assert [line.cells["Participant"] for line in lines] == ["AUBRIETTA Solène", "BERGENIA Jean-Noël"]
    token = seen(opened(browser, world.address))

    def workbook(*hours: object) -> tuple[BytesIO, str]:
        rows = [(line.cells["N°"], "", "oui", value) for line, value in zip(lines, hours, strict=True)]
        return BytesIO(spreadsheets.write("M", [Column(label) for label in HEAD], rows)), "mois.xlsx"

    wrong = browser.post(f"{world.address}/importer", {**token, "file": workbook("10", "mille")})
    assert wrong.status_code == 422
    assert f"Ligne 3 ({world.second}) : heures : " in wrong.text
    assert stored(sessions) == {}
    assert browser.post(f"{world.address}/importer", {**token, "file": workbook("10", "7,25")}).status_code == 303
    assert stored(sessions) == {world.first: (True, 600), world.second: (True, 435)}
    for nothing in ({}, {"file": (BytesIO(b"pas un classeur"), "x.xlsx")}):
        assert browser.post(f"{world.address}/importer", {**token, **nothing}).status_code == 422


def test_each_reads_only_the_participants_of_its_scope_and_only_the_operator_writes(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    page = opened(signed_in(world.actors["slai"]), world.address)
    assert "AUBRIETTA Solène" in page
    assert f"/participants/{world.second}" not in page
    assert "BERGENIA" not in page
    assert "BERGENIA" not in str(spreadsheets.read(signed_in(world.actors["slai"]).get(f"{world.address}.xlsx").data,
                                                   HEAD, most=9))  # fmt: skip
    auditor = opened(signed_in(world.actors["auditor"]), world.address)
    assert f"Parcours n° {world.first}" in auditor
    assert "AUBRIETTA" not in auditor
    for outsider in ("other_applicant", "far_slai"):
        for suffix in ("", ".xlsx"):
            assert signed_in(world.actors[outsider]).get(world.address + suffix).status_code == 404
        assert signed_in(world.actors[outsider]).post(world.address, {}).status_code == 404
    for reader in ("slai", "officer", "auditor"):
        for suffix in ("", "/coller", "/importer"):
            assert signed_in(world.actors[reader]).post(world.address + suffix, {}).status_code == 403
    assert stored(sessions) == {}


def test_each_name_that_is_shown_leaves_a_trace(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    opened(signed_in(world.actors["officer"]), world.address)
    with sessions() as session:
        looks = session.scalars(sa.select(IdentityLook)).all()
        assert {look.journey_id for look in looks} == {world.first, world.second}
        assert {look.purpose for look in looks} == {"months"}


@pytest.mark.parametrize("month", ["2023-12", "2031-01", "2024-13", "mars", "2024-3"])
def test_a_month_that_is_not_one_of_the_operation_is_not_found(world: World, signed_in: SignIn, month: str) -> None:
    browser = signed_in(world.actors["applicant"])
    assert browser.get(f"/dossiers/{world.case}/mois/{month}").status_code == 404


def test_the_menu_leads_to_the_month_to_fill_now(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.actors["applicant"])
    assert f"/dossiers/{world.case}/mois" in opened(browser, f"/dossiers/{world.case}/participants")
    landed = browser.get(f"/dossiers/{world.case}/mois")
    assert re.fullmatch(rf"/dossiers/{world.case}/mois/\d{{4}}-\d\d", landed.location)


def test_the_grid_asks_few_queries_whatever_the_people(
    world: World, signed_in: SignIn, engine: sa.Engine, sessions: sessionmaker[Session]
) -> None:
    before = queries_of(engine, signed_in(world.actors["applicant"]), world.address)
    with transaction(sessions) as session:
        journey = session.get_one(Journey, world.first, options=[joinedload(Journey.person)])
        for _ in range(20):
            twin = Person(**_values(journey.person, "id"))
            session.add(Journey(person=twin, **_values(journey, "id", "person_id")))
    assert queries_of(engine, signed_in(world.actors["applicant"]), world.address) == before <= MOST_QUERIES


def _values(row: Base, *left_out: str) -> dict[str, Any]:
    return {c.key: getattr(row, c.key) for c in row.__table__.columns if c.key not in left_out}


def test_the_hours_objective_of_the_operation_is_beside_its_hours(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.actors["applicant"])
    typed = {**seen(opened(browser, world.address)), f"hours-{world.first}": "12,5", f"present-{world.second}": "non"}
    page = browser.post(world.address, typed, follow_redirects=True).text.replace("\xa0", " ")
    assert "Mise à disposition en milieu urbain : 10 h par personne et par mois" in page
    assert "Ce mois, 12 h 30 pour 10 h attendues des présents." in page
