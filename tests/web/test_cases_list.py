"""The list of cases as people open it: filters in the address, nothing that crashes, several cases at once."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    """Three cases of one applicant: a draft, one to admit, one in execution."""
    made = new_town(sessions, settings, clock)
    made.tell("3.10", "draft", title="Le garage des possibles")
    made.tell("3.10", "submitted", title="Jardin de Hénin")
    made.tell("3.12", "execution", title="Chantier du canal")
    return made


def _references(html: str) -> list[str]:
    return re.findall(r'rowheader" data-label="Référence"><a class="nowrap"[^>]*>([^<]+)<', html)


def _cases(town: Town) -> dict[str, Application]:
    with town.sessions() as session:
        return {case.state: case for case in session.scalars(sa.select(Application))}


def test_each_person_sees_its_own_list(signed_in: SignIn, town: Town, sessions: sessionmaker[Session]) -> None:
    assert len(_references(opened(signed_in(town.cast.officer), "/dossiers?vue=tout"))) == 3
    own = opened(signed_in(town.cast.applicant), "/dossiers")
    assert "<h1>Mes dossiers</h1>" in own
    assert "Nouvelle demande" in own
    assert len(_references(own)) == 3
    with transaction(sessions) as session:
        stranger = people.applicant(session, people.organisation(session))
    assert "Aucun dossier pour l’instant" in opened(signed_in(stranger), "/dossiers")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=henin jardin", ["Jardin de Hénin"]),
        ("etat=draft", ["Le garage des possibles"]),
        ("etat=draft&etat=submitted", ["Le garage des possibles", "Jardin de Hénin"]),
        ("dispositif=3.12", ["Chantier du canal"]),
        ("charge=moi", ["Chantier du canal"]),
        ("charge=personne&etat=submitted", ["Jardin de Hénin"]),
        ("campagne=2024&tri=reference&vue=tout", ["Le garage des possibles", "Jardin de Hénin", "Chantier du canal"]),
        ("min=99 999 999", []),
    ],
)
def test_filters_stand_in_the_address(signed_in: SignIn, town: Town, query: str, expected: list[str]) -> None:
    html = opened(signed_in(town.cast.officer), f"/dossiers?{quote(query, safe='=&')}")
    assert set(re.findall(r'case-title">([^<]+)<', html)) == set(expected)
    assert "Tout effacer" in html


def test_a_chosen_filter_has_a_link_that_removes_only_it(signed_in: SignIn, town: Town) -> None:
    html = opened(signed_in(town.cast.officer), "/dossiers?etat=draft&dispositif=3.10")
    assert 'href="/dossiers?etat=draft"' in html
    assert 'href="/dossiers?dispositif=3.10"' in html


WRONG = (
    "etat=nowhere",
    "organisme=abc",
    "organisme=99999999999999999999999",
    "territoire=12a",
    "charge=-1",
    "tri=hasard",
    "sens=oblique",
    "min=beaucoup",
    "apres=9999999999999999999999~2024-01-01T00:00:00+00:00",
    "avant=%F0%9F%92%A5",
    "campagne=1789",
)


def test_what_the_address_says_wrong_is_left_aside_and_said(signed_in: SignIn, town: Town) -> None:
    officer = signed_in(town.cast.officer)
    for query in WRONG:
        html = opened(officer, f"/dossiers?vue=tout&{query}")
        assert "laissés de côté" in html, query
        assert len(_references(html)) == 3, query


def test_an_officer_first_sees_what_is_going_on_and_is_told_so(signed_in: SignIn, town: Town) -> None:
    html = opened(signed_in(town.cast.officer), "/dossiers")
    assert set(re.findall(r'case-title">([^<]+)<', html)) == {"Jardin de Hénin", "Chantier du canal"}
    assert "Affichés : en cours d’instruction ou d’exécution" in html
    assert 'href="/dossiers?vue=tout"' in html
    assert len(_references(opened(signed_in(town.cast.officer), "/dossiers?q=garage"))) == 1
    assert len(_references(opened(signed_in(town.cast.applicant), "/dossiers"))) == 3


def test_a_draft_without_a_title_bears_the_name_of_its_scheme(signed_in: SignIn, town: Town) -> None:
    with transaction(town.sessions) as session:
        draft = session.get_one(Application, _cases(town)["draft"].id)
        draft.title = ""
        name = f"Brouillon – {draft.scheme_version.title}"
    browser = signed_in(town.cast.applicant)
    for address in ("/dossiers", "/a-faire", f"/dossiers/{draft.id}"):
        assert name in unescape(opened(browser, address)), address


def test_nothing_found_says_how_to_go_on(signed_in: SignIn, town: Town) -> None:
    assert "Aucun dossier ne correspond" in opened(signed_in(town.cast.officer), "/dossiers?q=introuvable")


def test_pages_follow_each_other_and_come_back(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    town.copies(_cases(town)["draft"].id, 60)
    browser = signed_in(town.cast.officer)
    first = browser.get("/dossiers?tri=reference&vue=tout").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = browser.get(following[1].replace("&amp;", "&")).text
    assert len(_references(first)) == 50
    assert len(_references(second)) == 13
    assert len({*_references(first), *_references(second)}) == 63
    back = re.search(r'rel="prev" href="([^"]+)"', second)
    assert back is not None
    assert _references(browser.get(back[1].replace("&amp;", "&")).text) == _references(first)
    assert queries_of(engine, browser, "/dossiers") <= MOST_QUERIES
    assert queries_of(engine, browser, "/dossiers?q=garage&etat=draft&tri=echeance&retard=1") <= MOST_QUERIES


def _form(browser: Browser, **data: object) -> str:
    response = browser.post("/dossiers/lot", data=data)
    assert response.status_code == 200
    return response.text


def test_several_cases_are_claimed_and_each_says_what_became_of_it(signed_in: SignIn, town: Town) -> None:
    cases = {state: f"{case.id}:{case.version}" for state, case in _cases(town).items()}
    browser = signed_in(town.cast.officer)
    ticked = [cases["submitted"], cases["draft"], "999999:1", "abc", cases["execution"].split(":")[0] + ":1"]
    html = _form(browser, action="claim", dossier=ticked)
    assert "Fait pour 1 dossier" in html
    assert "Pas possible pour 3 dossiers" in html
    assert "n’est pas possible à l’étape « Brouillon »" in html
    assert "a changé depuis que vous l’avez ouvert" in html
    assert _cases(town)["submitted"].officer_id == town.cast.officer.user_id


def test_a_batch_refuses_what_it_was_not_made_for(signed_in: SignIn, town: Town) -> None:
    officer, applicant = signed_in(town.cast.officer), signed_in(town.cast.applicant)
    assert officer.post("/dossiers/lot", data={"action": "grant", "dossier": "1:1"}).status_code == 404
    assert applicant.post("/dossiers/lot", data={"action": "claim", "dossier": "1:1"}).status_code == 403
    assert officer.post("/dossiers/lot", data={"action": "claim"}).status_code == 303


def test_a_late_case_is_marked(signed_in: SignIn, town: Town, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        session.execute(sa.update(Application).where(Application.state == "submitted").values(due_on=date(2023, 12, 1)))
    html = opened(signed_in(town.cast.officer), "/dossiers?retard=1&etat=submitted")
    assert len(_references(html)) == 1
    assert "En retard" in html
