"""The pages of progress records (CRE): submitted in a batch, validated in a batch, returned, printed, each in scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.clock import FixedClock
from casework.outbox import Message
from casework.people import Actor
from casework.progress_records import ProgressRecord
from casework.settings import Settings
from tests.support.browser import Browser, errors_in
from tests.support.following import World, followed
from tests.support.pages import MOST_QUERIES, opened, queries_of, town
from tests.support.pdftext import text_of
from workflows.progress.guards import NOTHING_TOLD
from workflows.rules.calendar import add_months

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    return followed(sessions, settings, clock)


def records(sessions: sessionmaker[Session]) -> list[ProgressRecord]:
    with sessions() as session:
        return list(session.scalars(sa.select(ProgressRecord).order_by(ProgressRecord.journey_id)))


def listed(world: World) -> str:
    return f"/dossiers/{world.case}/cre/{world.month}"


def said(world: World, signed_in: SignIn) -> Browser:
    """The operator, who has just said the month of both people."""
    browser = signed_in(world.actors["applicant"])
    typed = {"seen": "0.0", f"hours-{world.first}": "12,5", f"hours-{world.second}": "8"}
    assert browser.post(world.address, typed).status_code == 303
    return browser


def ticked(found: list[ProgressRecord]) -> dict[str, list[str]]:
    return {"cre": [f"{record.id}:{record.version}" for record in found]}


def submitted(world: World, signed_in: SignIn, sessions: sessionmaker[Session]) -> list[ProgressRecord]:
    operator = said(world, signed_in)
    assert operator.post(listed(world), ticked(records(sessions))).status_code == 303
    return records(sessions)


def test_the_records_of_a_month_are_submitted_together(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator = said(world, signed_in)
    page = opened(operator, listed(world))
    assert page.count("À rédiger") == 2
    assert "12\u00a0h\u00a030" in page
    done = operator.post(listed(world), ticked(records(sessions)), follow_redirects=True)
    assert "2 CRE remis au SLAI." in done.text
    assert [record.state for record in records(sessions)] == ["submitted", "submitted"]
    again = operator.post(listed(world), {"cre": ["999:1", "x"]}, follow_redirects=True)
    assert "n’attend plus cette action" in again.text
    assert "Cochez au moins un CRE." in operator.post(listed(world), {}, follow_redirects=True).text


def test_a_record_that_tells_nothing_is_not_ticked_and_is_refused_by_its_number(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator = signed_in(world.actors["applicant"])
    typed = {"seen": "0.0", f"present-{world.first}": "oui", f"hours-{world.second}": "8"}
    assert operator.post(world.address, typed).status_code == 303
    empty, full = records(sessions)
    page = opened(operator, listed(world))
    assert f'value="{empty.id}:{empty.version}"' not in page
    assert f'value="{full.id}:{full.version}" checked' in page
    assert "Ni heure, ni activité, ni texte : à rédiger avant de le remettre" in page
    done = operator.post(listed(world), ticked([empty, full]), follow_redirects=True)
    assert "1 CRE remis au SLAI." in done.text
    assert f"parcours n° {world.first} : {NOTHING_TOLD}" in done.text
    assert [record.state for record in records(sessions)] == ["to_write", "submitted"]
    assert "Remettre au SLAI les CRE cochés" not in done.text, "nothing is left that may be submitted from the list"
    officer = opened(signed_in(world.actors["officer"]), listed(world))
    assert "Rédiger" not in officer


def test_people_without_a_month_are_said_in_the_right_number(world: World, signed_in: SignIn) -> None:
    operator = signed_in(world.actors["applicant"])
    assert "2 personnes n’ont pas encore de mois saisi : leurs comptes rendus s’ouvriront" in opened(
        operator, listed(world)
    )
    operator.post(world.address, {"seen": "0.0", f"hours-{world.first}": "12,5"})
    page = opened(operator, listed(world))
    assert "1 personne n’a pas encore de mois saisi : son compte rendu s’ouvrira" in page
    assert "le CRE : AUBRIETTA Solène" in page


def test_a_month_whose_records_are_all_submitted_offers_nothing_to_save(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator = said(world, signed_in)
    assert "Enregistrer le mois" in opened(operator, world.address)
    operator.post(listed(world), ticked(records(sessions)[:1]))
    assert "Enregistrer le mois" in opened(operator, world.address)
    operator.post(listed(world), ticked(records(sessions)[1:]))
    page = opened(operator, world.address)
    assert "ce mois ne se modifie plus" in page
    for button in ("Enregistrer le mois", "Enregistrer ces lignes", "Importer"):
        assert button not in page


def test_the_records_to_do_open_at_the_month_that_has_waited_longest(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator, todo = signed_in(world.actors["applicant"]), f"/dossiers/{world.case}/cre"
    third = date.fromisoformat(f"{world.month}-01")
    first, second = add_months(third, -2), add_months(third, -1)
    assert operator.get(todo).location == f"{todo}/{first:%Y-%m}"
    typed = {"seen": "0.0", f"hours-{world.first}": "12,5", f"hours-{world.second}": "8"}
    assert operator.post(f"/dossiers/{world.case}/mois/{first:%Y-%m}", typed).status_code == 303
    operator.post(f"{todo}/{first:%Y-%m}", ticked(records(sessions)))
    assert operator.get(todo).location == f"{todo}/{second:%Y-%m}"


def test_an_slai_validates_in_a_batch_what_waits_on_its_territory_alone(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    both = submitted(world, signed_in, sessions)
    slai = signed_in(world.actors["slai"])
    page = opened(slai, "/cre")
    assert "AUBRIETTA Solène" in page
    assert "BERGENIA" not in page
    done = slai.post("/cre", ticked(both), follow_redirects=True)
    assert "1 CRE validé et transmis au Département." in done.text
    assert "Un CRE coché n’attend plus cette action." in done.text
    assert [record.state for record in records(sessions)] == ["transmitted", "submitted"]
    assert "Aucun CRE n’attend" in opened(signed_in(world.actors["far_slai"]), "/cre")


def test_a_record_is_written_returned_with_a_reason_and_sent_again(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator = said(world, signed_in)
    page, record = f"/cre/{records(sessions)[0].id}", records(sessions)[0]
    text = {"themes": "mobility", "comment": "Recherche d’un garage solidaire."}
    sent = operator.post(f"{page}/actions/submit_record", {"version": record.version, **text})
    assert sent.status_code == 303
    slai = signed_in(world.actors["slai"])
    read = opened(slai, page)
    for shown in ("Recherche d’un garage solidaire.", "La mobilité", "AUBRIETTA Solène", "12\u00a0h\u00a030"):
        assert shown in read
    version = {"version": re.findall(r'name="version" value="(\d+)"', read)[0]}
    silent = slai.post(f"{page}/actions/return_record", version)
    assert silent.status_code == 422
    assert errors_in(silent) == ["Cette réponse est obligatoire."]
    reason = "Le total ne suit pas le planning."
    assert slai.post(f"{page}/actions/return_record", {**version, "reason": reason}).status_code == 303
    assert reason in opened(operator, page)
    assert slai.post(f"{page}/actions/validate_record", version).status_code == 409
    assert slai.get(f"{page}/actions/return_record").status_code == 303


def test_nobody_reaches_a_record_out_of_its_scope(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    first, second = submitted(world, signed_in, sessions)
    address = f"/cre/{first.id}"
    for outsider in ("other_applicant", "far_slai", "other_slai"):
        browser = signed_in(world.actors[outsider])
        assert browser.get(address).status_code == 404
        assert browser.get(f"{address}.pdf").status_code == 404
        assert browser.post(f"{address}/actions/validate_record", {"version": first.version}).status_code == 404
    for outsider in ("other_applicant", "far_slai"):
        for page in (listed(world), f"{listed(world)}.xlsx", f"/dossiers/{world.case}/cre"):
            assert signed_in(world.actors[outsider]).get(page).status_code == 404
    slai = signed_in(world.actors["slai"])
    assert f'href="/cre/{second.id}"' not in opened(slai, listed(world))
    for actor in ("slai", "officer", "auditor"):
        assert signed_in(world.actors[actor]).post(listed(world), ticked([first])).status_code == 403
    for actor in ("applicant", "officer", "auditor"):
        assert signed_in(world.actors[actor]).post("/cre", ticked([first])).status_code == 403
    officer = signed_in(world.actors["officer"])
    assert officer.post(f"{address}/actions/validate_record", {"version": first.version}).status_code == 403
    assert [record.state for record in records(sessions)] == ["submitted", "submitted"]


def test_the_document_and_the_workbook_name_people_to_those_who_follow_them_only(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    first = submitted(world, signed_in, sessions)[0]
    officer, auditor = signed_in(world.actors["officer"]), signed_in(world.actors["auditor"])
    printed = officer.get(f"/cre/{first.id}.pdf")
    assert printed.mimetype == "application/pdf"
    assert "AUBRIETTA Solène" in text_of(printed.data)
    hidden = auditor.get(f"/cre/{first.id}.pdf")
    assert "AUBRIETTA" not in text_of(hidden.data)
    assert f"Parcours n° {first.journey_id}" in text_of(hidden.data)
    assert "aubrietta" not in printed.headers["Content-Disposition"].lower()
    book = [line.cells for line in sheet(officer, world)]
    assert [(line["Participant"], line["Heures"]) for line in book] == [
        ("AUBRIETTA Solène", "12,5"),
        ("BERGENIA Jean-Noël", "8"),
    ]
    assert "AUBRIETTA" not in str(sheet(auditor, world))
    assert len(sheet(signed_in(world.actors["slai"]), world)) == 1


def sheet(browser: Browser, world: World) -> list[spreadsheets.Line]:
    content = browser.get(f"{listed(world)}.xlsx").data
    return spreadsheets.read(content, ("N°", "Participant", "État", "Heures"), most=9)


def test_no_mail_names_a_participant(world: World, signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    submitted(world, signed_in, sessions)
    with sessions() as session:
        told = "".join(f"{one.subject}{one.body}{one.html}" for one in session.scalars(sa.select(Message)))
    assert "aubrietta" not in told.lower()


def test_a_sheet_without_records_has_no_such_page(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    page = opened(signed_in(world.actors["applicant"]), f"/dossiers/{world.case}/participants")
    assert f"/dossiers/{world.case}/cre" in page
    other = town(sessions, settings, clock)
    case = other.tell("3.9", "execution")
    browser = signed_in(other.cast.applicant)
    assert "/cre" not in opened(browser, f"/dossiers/{case}/participants")
    assert browser.get(f"/dossiers/{case}/cre").status_code == 404


def test_the_pages_ask_few_queries(
    world: World, signed_in: SignIn, engine: sa.Engine, sessions: sessionmaker[Session]
) -> None:
    first = submitted(world, signed_in, sessions)[0]
    for actor, pages in (
        ("applicant", (listed(world), f"/cre/{first.id}", f"/dossiers/{world.case}")),
        ("slai", ("/cre", f"/cre/{first.id}")),
        ("officer", (listed(world), f"/cre/{first.id}")),
    ):
        for page in pages:
            assert queries_of(engine, signed_in(world.actors[actor]), page) <= MOST_QUERIES, page
