"""The calendar's screens: month, list, scopes, simulation, feed, extensions, and the deadlines of a case."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import FixedClock, paris_day, paris_instant
from casework.committees import Committee, committees_of
from casework.db import transaction
from casework.deadlines import Deadline, deadlines_of
from casework.french import long_date
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.journeys import Roster
from tests.support.meetings import Meetings, convocation
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town
from tests.support.stories import Teller


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def deadline_of(town: Town, case_id: int, kind: str, rank: int = 1) -> Deadline:
    with town.sessions() as session:
        return next(one for one in deadlines_of(session, case_id) if (one.kind, one.rank) == (kind, rank))


def accompanied(town: Town) -> int:
    """An operation of 3.10 in which somebody is accompanied from its first day to its last."""
    case_id = town.tell("3.10", "execution")
    with transaction(town.sessions) as session:
        Roster(Teller(session, town.settings, town.cast), session.get_one(Application, case_id)).came()
    return case_id


def committee_of(town: Town, case_id: int) -> Committee:
    with town.sessions() as session:
        return committees_of(session, case_id)[0]


def test_a_month_shows_each_deadline_on_its_day_and_leads_to_its_case(signed_in: SignIn, town: Town) -> None:
    case_id = accompanied(town)
    cre = deadline_of(town, case_id, "cre", 6)
    browser = signed_in(town.cast.applicant)
    page = opened(browser, f"/calendrier?mois={cre.due_on:%Y-%m}")
    assert f'<a href="/dossiers/{case_id}/echeances">{cre.title}</a>' in page
    assert "Validation des CRE de" not in page, "what the SLAI owes is not the applicant's"
    assert "Validation des CRE de" in opened(browser, f"/calendrier?qui=tout&mois={cre.due_on:%Y-%m}")
    assert "Tout ce que je vois" in page


def test_a_committee_stands_on_the_day_when_it_meets_with_its_hour(
    signed_in: SignIn, town: Town, settings: Settings, engine: sa.Engine
) -> None:
    case_id = town.tell("3.5", "execution")
    with transaction(town.sessions) as session:
        meetings = Meetings(Teller(session, settings, town.cast), session.get_one(Application, case_id))
        committee = meetings.committee()
        due, met_on = committee.day, committee.day - timedelta(days=4)
        meetings.fire(
            committee, meetings.operator, "convene", due - timedelta(days=30), **convocation(met_on, hour="14:30")
        )
    for name in ("applicant", "slai", "officer"):
        address = f"/calendrier?qui=tout&mois={met_on:%Y-%m}"
        cell = day_cell(opened(signed_in(getattr(town.cast, name)), address), met_on)
        assert f'<a href="/comites/{committee.id}">14 h 30 : Comité n°\xa01</a>' in cell, name
    assert "14 h 30" in opened(signed_in(town.cast.applicant), f"/calendrier?mois={met_on:%Y-%m}")
    for elsewhere in (f"nature=cre&mois={met_on:%Y-%m}", f"etat=faites&mois={met_on:%Y-%m}", "dispositif=3.10"):
        assert "14 h 30" not in opened(signed_in(town.cast.officer), f"/calendrier?qui=tout&{elsewhere}")
    with transaction(town.sessions) as session:
        stranger = people.applicant(session, people.organisation(session))
    assert "14 h 30" not in opened(signed_in(stranger), f"/calendrier?qui=tout&mois={met_on:%Y-%m}")
    assert "14 h 30" not in opened(signed_in(town.cast.finance), f"/calendrier?qui=tout&mois={met_on:%Y-%m}")
    assert queries_of(engine, signed_in(town.cast.officer), f"/calendrier?mois={met_on:%Y-%m}") <= MOST_QUERIES


@pytest.mark.database("sqlite")
def test_a_committee_that_is_convened_stands_for_its_deadline_until_its_day_has_passed(
    signed_in: SignIn, town: Town, settings: Settings, browser: Browser, clock: FixedClock
) -> None:
    case_id = town.tell("3.5", "execution")
    due = deadline_of(town, case_id, "committee").due_on
    clock.move_to(paris_instant(due - timedelta(days=30)))
    month = f"/calendrier?qui=tout&mois={due:%Y-%m}"
    operator = signed_in(town.cast.applicant)
    secret = _secret(operator.post("/calendrier/abonnement").text)
    assert "Comité n° 1" in day_cell(opened(operator, month), due)
    assert _entries(browser, secret, "Comité n° 1") == [due]
    with transaction(town.sessions) as session:
        meetings = Meetings(Teller(session, settings, town.cast), session.get_one(Application, case_id))
        met_on = due - timedelta(days=4)
        data = convocation(met_on, hour="14:30")
        meetings.fire(meetings.committee(), meetings.operator, "convene", due - timedelta(days=30), **data)
    assert "Comité n° 1" not in day_cell(opened(operator, month), due)
    assert "Comité n° 1" in day_cell(opened(signed_in(town.cast.finance), month), due)
    assert _entries(browser, secret, "Comité n° 1") == [met_on]
    clock.move_to(paris_instant(met_on + timedelta(days=1)))
    assert "Comité n° 1" in day_cell(opened(signed_in(town.cast.applicant), month), due)
    assert _entries(browser, secret, "Comité n° 1") == [met_on, due]


def _entries(browser: Browser, feed: str, title: str) -> list[date]:
    """The days on which a feed says this, in order."""
    events = Calendar.from_ical(browser.get(feed).text).walk("VEVENT")
    starts = [event.get("dtstart").dt for event in events if title in event.get("summary")]
    return sorted(paris_day(start) if isinstance(start, datetime) else start for start in starts)


def day_cell(page: str, day: date) -> str:
    """What the month says of one day."""
    return page.split(f'<span class="month-name">{long_date(day, weekday=True)}</span>')[1].split("</td>")[0]


def test_what_has_passed_is_marked_in_words(signed_in: SignIn, town: Town, clock: FixedClock) -> None:
    case_id = accompanied(town)
    cre = deadline_of(town, case_id, "cre", 6)
    clock.move_to(paris_instant(cre.due_on + timedelta(days=2)))
    page = opened(signed_in(town.cast.applicant), "/calendrier?vue=liste&etat=retard")
    assert "En retard" in page
    assert cre.title in page
    assert "échéances en retard" in page


def test_each_one_sees_its_own_and_nothing_out_of_its_scope(
    signed_in: SignIn, town: Town, sessions: sessionmaker[Session]
) -> None:
    case_id = town.tell("3.10", "execution")
    with transaction(sessions) as session:
        stranger = people.applicant(session, people.organisation(session))
    reference = town.case(case_id).reference
    for scope in ("moi", "service", "tout"):
        assert reference not in opened(signed_in(stranger), f"/calendrier?vue=liste&qui={scope}")
    assert reference in opened(signed_in(town.cast.applicant), "/calendrier?vue=liste")
    assert reference not in opened(signed_in(town.cast.finance), "/calendrier?vue=liste&qui=moi")
    assert reference in opened(signed_in(town.cast.finance), "/calendrier?vue=liste&qui=tout")


def test_a_list_is_read_page_after_page_with_few_queries(
    signed_in: SignIn, town: Town, engine: sa.Engine, sessions: sessionmaker[Session]
) -> None:
    case_id = town.tell("3.10", "execution")
    with transaction(sessions) as session:
        model = deadlines_of(session, case_id)[-1]
        names = [c.key for c in Deadline.__table__.columns if c.key not in ("id", "title")]
        values = {name: getattr(model, name) for name in names}
        session.add_all(Deadline(**values | {"status": "open", "closed_at": None}, title=f"N° {n}") for n in range(250))
    browser = signed_in(town.cast.manager)
    address = "/calendrier?vue=liste&qui=tout"
    seen: list[str] = []
    while address:
        page = opened(browser, address)
        seen += re.findall(r"N° \d+", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 250
    assert queries_of(engine, browser, "/calendrier?vue=liste&qui=tout") <= MOST_QUERIES
    assert queries_of(engine, browser, "/calendrier?qui=tout") <= MOST_QUERIES


@pytest.mark.parametrize(
    "query", ["mois=2024-13", "mois=0000-01", "du=hier", "nature=x", "dispositif=9.9", "qui=eux", "apres=x~1", "etat=x"]
)
def test_an_address_that_is_not_understood_still_answers(signed_in: SignIn, town: Town, query: str) -> None:
    opened(signed_in(town.cast.officer), f"/calendrier?vue=liste&{query}")
    opened(signed_in(town.cast.officer), f"/calendrier?{query}")


def test_the_deadlines_of_a_case_say_their_rule_and_their_line(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.5", "execution")
    page = opened(signed_in(town.cast.officer), f"/dossiers/{case_id}/echeances")
    assert "Comité n° 1" in page
    assert "début de l’opération + 3 mois" in page
    assert re.search(r"Fiche 3\.5, l\.\d+", page)


def test_what_is_held_is_recorded_from_the_page_of_the_case(signed_in: SignIn, town: Town, clock: FixedClock) -> None:
    case_id = town.tell("3.5", "execution")
    committee = deadline_of(town, case_id, "committee")
    clock.move_to(paris_instant(max(committee.due_on, paris_day(clock.now()))))
    browser = signed_in(town.cast.applicant)
    held = committee_of(town, case_id)
    page = opened(browser, f"/comites/{held.id}")
    said = dict.fromkeys(re.findall(r'name="(presence_[^"]+)"', page), "present")
    form = {"version": held.version, "held_on": committee.due_on.isoformat(), **said}
    assert browser.post(f"/comites/{held.id}/actions/hold_committee", form).status_code == 303
    page = opened(browser, f"/dossiers/{case_id}/echeances")
    assert f"fait le {committee.due_on:%d/%m/%Y}" in page
    assert "Comité n° 1" in opened(browser, f"/dossiers/{case_id}/historique")


def test_the_simulation_says_what_the_command_line_says(signed_in: SignIn, town: Town) -> None:
    browser = signed_in(town.cast.officer)
    page = opened(browser, "/calendrier/simulation?dispositif=3.5&debut=2026-01-01&fin=2026-12-31")
    assert "1er avril 2026 – Comité n° 1" in page
    assert "02/03/2026 (J-30)" in page or "27/02/2026 (J-30)" in page
    assert "Porteur de projet, Chargé de mission, Responsable" in page
    assert "casework explain calendar --scheme 3.5 --start 2026-01-01 --end 2026-12-31" in page
    opened(browser, "/calendrier/simulation?dispositif=3.8&debut=2026-01-01&fin=2026-12-31&cloture=30/06")
    wrong = browser.get("/calendrier/simulation?dispositif=3.5&debut=2026-12-31&fin=2026-01-01")
    assert wrong.status_code == 422
    assert "la fin de l’opération précède son début" in wrong.text


def test_a_feed_answers_to_its_secret_alone_and_is_revoked(
    signed_in: SignIn, town: Town, browser: Browser, settings: Settings
) -> None:
    case_id = accompanied(town)
    mine = signed_in(town.cast.applicant)
    first = _secret(mine.post("/calendrier/abonnement").text)
    answer = browser.get(first)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/calendar")
    events = Calendar.from_ical(answer.text).walk("VEVENT")
    days = {event.get("dtstart").dt for event in events}
    assert deadline_of(town, case_id, "cre", 6).due_on in days
    assert all(isinstance(day, date) for day in days)
    assert town.cast.applicant.name not in answer.text
    assert town.cast.officer.name not in answer.text
    second = _secret(mine.post("/calendrier/abonnement").text)
    assert browser.get(first).status_code == 404
    assert browser.get(second).status_code == 200
    mine.post("/calendrier/abonnement/fermer")
    assert browser.get(second).status_code == 404


@pytest.mark.database("sqlite")
def test_who_has_no_calendar_is_not_led_to_one(signed_in: SignIn, town: Town) -> None:
    with transaction(town.sessions) as session:
        administrator = people.admin(session)
    assert "/calendrier" not in opened(signed_in(administrator), "/mon-compte")
    assert 'href="/calendrier"' not in opened(signed_in(administrator), "/calendrier/abonnement")
    assert "/calendrier/abonnement" in opened(signed_in(town.cast.officer), "/mon-compte")


def _secret(page: str) -> str:
    found = re.search(r"/calendrier/[A-Za-z0-9_-]+\.ics", page)
    assert found is not None
    return found[0]


def test_several_deadlines_are_extended_each_through_the_gate(signed_in: SignIn, town: Town) -> None:
    first, second = town.tell("3.5", "execution"), town.tell("3.10", "execution")
    some = [deadline_of(town, first, "final_report"), deadline_of(town, second, "final_report")]
    browser = signed_in(town.cast.manager)
    assert some[0].title in opened(browser, "/calendrier/prolonger?nature=final_report")
    empty = browser.post("/calendrier/prolonger", {"reason": "x", "choice": "days", "days": "3"})
    assert empty.status_code == 422
    missing = browser.post("/calendrier/prolonger", {"echeance": str(some[0].id), "choice": "days", "reason": "x"})
    assert missing.status_code == 422
    answer = browser.post(
        "/calendrier/prolonger",
        {
            "echeance": [str(one.id) for one in some] + ["999999", "abc"],
            "choice": "days",
            "days": "10",
            "reason": "Panne du service de dépôt.",
        },
    )
    assert answer.status_code == 200
    assert "2 échéances prolongées" in answer.text
    assert "Cette échéance n’existe pas" in answer.text
    for one, case_id in zip(some, (first, second), strict=True):
        assert deadline_of(town, case_id, "final_report").due_on == one.due_on + timedelta(days=10)
        page = opened(browser, f"/dossiers/{case_id}/echeances")
        assert "Panne du service de dépôt." in page


def test_one_date_for_all_is_refused_where_it_is_not_later(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.5", "execution")
    one = deadline_of(town, case_id, "final_report")
    answer = signed_in(town.cast.manager).post(
        "/calendrier/prolonger",
        {"echeance": str(one.id), "choice": "date", "new_on": one.due_on.isoformat(), "reason": "Essai."},
    )
    assert "choisissez une date plus lointaine" in answer.text


def test_two_overdue_cre_are_flagged_on_the_case_and_in_the_list(
    signed_in: SignIn, town: Town, clock: FixedClock
) -> None:
    case_id = accompanied(town)
    clock.move_to(paris_instant(deadline_of(town, case_id, "cre", 8).due_on))
    browser = signed_in(town.cast.officer)
    assert re.search(r"[2-9] CRE en retard, le premier depuis le", opened(browser, f"/dossiers/{case_id}"))
    assert "CRE en retard" in opened(browser, "/dossiers")
