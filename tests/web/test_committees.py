"""The pages of committees: those of an operation, one of them, those of somebody's scope."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from sqlalchemy.orm import Session, sessionmaker

from casework import feeds
from casework.applications import Application
from casework.clock import FixedClock, paris_instant
from casework.committees import Committee, committees_of
from casework.db import transaction
from casework.people import Territory
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.meetings import Meetings, convocation
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town
from tests.support.pdftext import text_of
from tests.support.stories import Teller


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def committee_of(town: Town, case_id: int, rank: int = 1) -> Committee:
    with town.sessions() as session:
        return next(one for one in committees_of(session, case_id) if one.rank == rank)


def attendance(page: str, **presences: str) -> dict[str, str]:
    names = dict.fromkeys(re.findall(r'name="presence_([^"]+)"', page))
    return {f"presence_{name}": presences.get(name.partition("-")[0], "present") for name in names}


def test_a_committee_goes_from_its_convocation_to_its_minutes_by_its_page(
    signed_in: SignIn, town: Town, clock: FixedClock, engine: sa.Engine
) -> None:
    case_id = town.tell("3.5", "execution")
    committee = committee_of(town, case_id)
    clock.move_to(paris_instant(committee.day - timedelta(days=20)))
    operator = signed_in(town.cast.applicant)
    assert "Comité n° 1" in opened(operator, f"/dossiers/{case_id}/comites")
    address = f"/comites/{committee.id}"
    page = opened(operator, f"{address}?action=convene")
    assert "Date du prochain comité" in page
    assert "Toujours convoqués" in page
    assert queries_of(engine, operator, address) <= MOST_QUERIES

    form = {"version": committee.version, **convocation(committee.day, hour="x", place="Salle bleue")}
    wrong = operator.post(f"{address}/actions/convene", form)
    assert wrong.status_code == 422
    assert "Cette heure n’est pas comprise" in wrong.text
    assert "Salle bleue" in wrong.text
    done = operator.post(f"{address}/actions/convene", {"version": committee.version, **convocation(committee.day)})
    assert done.status_code == 303, done.text
    again = operator.post(f"{address}/actions/convene", {"version": committee.version, **convocation(committee.day)})
    assert again.status_code == 409

    assert _text(operator, f"{address}/convocation.pdf").count("Mamobilité62")
    for reader in (town.cast.slai, town.cast.partner, town.cast.officer, town.cast.manager):
        assert "Convoqué" in opened(signed_in(reader), address)
    assert f"/comites/{committee.id}" in opened(signed_in(town.cast.slai), "/comites")
    (meeting,) = _feed(town, signed_in).walk("VEVENT")
    assert meeting["UID"] == f"comite-{committee.id}@casework"

    clock.move_to(paris_instant(committee.day))
    operator = signed_in(town.cast.applicant)
    page = opened(operator, f"{address}?action=hold_committee")
    held = {"version": committee_of(town, case_id).version, "held_on": committee.day.isoformat()}
    operator.post(f"{address}/actions/hold_committee", {**held, **attendance(page, mamobilite62="absent")})
    case = f"/dossiers/{case_id}"
    for place in (address, case, f"{case}/echeances", "/dossiers", "/comites?liste=sans-membre"):
        assert "sans Mamobilité62 (l.1099)" in opened(signed_in(town.cast.officer), place), place
    assert "Voir un comité incomplet" in opened(signed_in(town.cast.officer), "/a-faire")
    with transaction(town.sessions) as session:
        session.get_one(Application, case_id).officer_id = None
    unassigned = opened(signed_in(town.cast.officer), "/a-faire").split("À mon service")[1]
    assert "Voir un comité incomplet" in unassigned, "nobody took this case: the service is told"
    assert "sans chargé de mission" in unassigned.split("Voir un comité incomplet")[1].split("</li>")[0]
    with transaction(town.sessions) as session:
        session.get_one(Application, case_id).officer_id = town.cast.officer.user_id

    minutes = {"version": committee_of(town, case_id).version, "minutes": "Le garage ouvre le samedi."}
    operator.post(f"{address}/actions/validate_minutes", minutes)
    assert "Accepter le compte rendu" in opened(signed_in(town.cast.slai), "/a-faire")
    accepted = {"version": committee_of(town, case_id).version}
    assert signed_in(town.cast.slai).post(f"{address}/actions/acknowledge_minutes", accepted).status_code == 303
    assert "Le garage ouvre le samedi." in _text(signed_in(town.cast.partner), f"{address}/compte-rendu.pdf")


def _text(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return text_of(answer.data)


def _feed(town: Town, signed_in: SignIn) -> Calendar:
    """The feed of the partner, who owes nothing else."""
    with transaction(town.sessions) as session:
        token = feeds.open_feed(session, town.cast.partner.user_id or 0, at=town.clock.now())
    return Calendar.from_ical(opened(signed_in(town.cast.manager), f"/calendrier/{token}.ics"))


@pytest.mark.database("sqlite")
def test_who_must_sit_is_said_on_the_page_and_in_the_letter_and_who_sat_in_the_indicators(
    signed_in: SignIn, town: Town, clock: FixedClock
) -> None:
    """3.14: a representative of the Département (l.3636), who is its officer or the SLAI; who sat is said (l.3760)."""
    case_id = town.tell("3.14", "execution")
    committee = committee_of(town, case_id)
    clock.move_to(paris_instant(committee.day - timedelta(days=20)))
    operator, address = signed_in(town.cast.applicant), f"/comites/{committee.id}"
    form = opened(operator, f"{address}?action=convene").replace("\xa0", " ")
    assert "Toujours convoqués, leur présence étant obligatoire : SLAI Arrageois, Chargé de mission" in form
    guest = "Ana Roux, OPCO, ana.roux@opco.invalid"
    sent = {"version": committee.version, **convocation(committee.day, others=guest)}
    assert operator.post(f"{address}/actions/convene", sent).status_code == 303
    letter = _text(operator, f"{address}/convocation.pdf")
    seats = re.findall(r'data-label="Membre">(.*?)</th><td[^>]*>(.*?)</td>', opened(operator, address))
    assert [wanted for _, wanted in seats] == ["Invité", "Obligatoire", "Obligatoire", "Invité"]
    assert seats[1][0] == "SLAI Arrageois"
    assert "".join(f"{who}{wanted}" for who, wanted in seats) in letter.replace(" (l.3636)", "")
    clock.move_to(paris_instant(committee.day))
    operator = signed_in(town.cast.applicant)
    page = opened(operator, f"{address}?action=hold_committee")
    held = {"version": committee_of(town, case_id).version, "held_on": committee.day.isoformat()}
    operator.post(f"{address}/actions/hold_committee", {**held, **attendance(page, officer="absent")})
    figures = opened(signed_in(town.cast.officer), f"/dossiers/{case_id}/indicateurs")
    said = figures.split("Composition des comités de pilotage")[1]
    assert f"{committee.day:%d/%m/%Y} : " in said
    assert "SLAI Arrageois" in said
    assert "Chargé de mission" not in said
    assert "Ana Roux" not in said, "guests are people, and no body of the sheet"


@pytest.mark.database("sqlite")
def test_what_a_committee_lacked_leads_to_it_whoever_may_open_it(
    signed_in: SignIn, town: Town, settings: Settings
) -> None:
    case_id = town.tell("3.5", "execution")
    with transaction(town.sessions) as session:
        case = session.get_one(Application, case_id)
        held = Meetings(Teller(session, settings, town.cast), case)
        held.hold(held.committee(), mamobilite62="absent")
    for reader, leads in ((town.cast.officer, True), (town.cast.finance, False)):
        page = opened(signed_in(reader), f"/dossiers/{case_id}")
        flag = page[page.index('<p class="case-flag">') :].partition("</p>")[0]
        assert "tenu sans Mamobilité62" in flag
        assert (f'href="/dossiers/{case_id}/comites"' in flag) is leads


def test_a_committee_of_elsewhere_does_not_exist(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.5", "execution")
    committee = committee_of(town, case_id)
    with transaction(town.sessions) as session:
        strangers = [
            people.applicant(session, people.organisation(session)),
            people.slai(session, _elsewhere(session, case_id)),
            people.partner(session, "convergence"),
            people.officer(session, ["3.1"]),
        ]
    for stranger in strangers:
        browser = signed_in(stranger)
        for page in ("", "/convocation.pdf", "/compte-rendu.pdf", "/invitation.ics", "/actions/convene"):
            answer = browser.get(f"/comites/{committee.id}{page}")
            assert answer.status_code == (303 if page.startswith("/actions") else 404), page
        posted = browser.post(f"/comites/{committee.id}/actions/convene", {"version": 1})
        assert posted.status_code == 404
        assert f"/comites/{committee.id}" not in opened(browser, "/comites")


def _elsewhere(session: Session, case_id: int) -> Territory:
    """A territory that this operation does not cover."""
    covered = {territory.id for territory in session.get_one(Application, case_id).territories}
    return next(one for one in session.scalars(sa.select(Territory)) if one.id not in covered)


def test_an_officer_convenes_the_meetings_of_3_13_and_the_operator_only_reads(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.13", "execution")
    day = (town.clock.now() + timedelta(days=30)).date().isoformat()
    asked = {"title": "Réunion de suivi", "day": day}
    address = f"/dossiers/{case_id}/comites"
    assert "Prévoir une réunion" not in opened(signed_in(town.cast.applicant), address)
    assert signed_in(town.cast.applicant).post(address, asked).status_code == 403
    officer = signed_in(town.cast.officer)
    wrong = officer.post(address, {**asked, "day": "2001-01-01"})
    assert wrong.status_code == 422
    assert "Cette date est passée" in wrong.text
    assert officer.post(address, asked).status_code == 303
    assert "Réunion de suivi" in opened(signed_in(town.cast.applicant), address)


def test_a_sheet_without_committees_has_no_page_of_them(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.1", "execution")
    browser = signed_in(town.cast.applicant)
    assert browser.get(f"/dossiers/{case_id}/comites").status_code == 404
    assert "/comites" not in opened(browser, f"/dossiers/{case_id}").split("<main", 1)[-1]
