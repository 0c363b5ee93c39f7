"""The first page of each person: what to do, in order of date, and links that lead to it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.settings import Settings
from tests.support import people
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def test_each_person_reads_its_own_verb_and_follows_its_link(signed_in: SignIn, town: Town) -> None:
    admitted, opinion = town.tell("3.10", "instruction"), town.tell("3.14", "slai_opinion")
    advance, signed = town.tell("3.10", "advance"), town.tell("3.10", "convention")
    expected = (
        (town.cast.officer, "Instruire la demande", f"/dossiers/{admitted}?action=finish_instruction"),
        (town.cast.slai, "Rendre l’avis", f"/dossiers/{opinion}/avis"),
        (town.cast.finance, "Ordonner l’avance", f"/dossiers/{advance}?action=order_advance"),
        (town.cast.applicant, "Signer la convention", f"/dossiers/{signed}?action=sign_for_applicant"),
        (town.cast.manager, "Enregistrer la signature du Département", f"/dossiers/{signed}?action=sign_for_funder"),
    )
    for actor, verb, address in expected:
        browser = signed_in(actor)
        page = opened(browser, "/a-faire")
        assert verb in page
        assert f'href="{address}' in page
        assert opened(browser, address)


def test_what_is_late_says_by_how_much_and_comes_first(signed_in: SignIn, town: Town) -> None:
    town.tell("3.14", "slai_opinion", title="Projet ancien")
    town.clock.advance(timedelta(days=30))
    page = opened(signed_in(town.cast.slai), "/a-faire")
    assert "en retard de 9 jours" in page
    assert "1 tâche en retard" in page


@pytest.mark.database("sqlite")
def test_a_late_opinion_is_asked_again_from_its_task_which_rests_then(
    signed_in: SignIn, town: Town, engine: sa.Engine
) -> None:
    case = town.tell("3.14", "slai_opinion")
    town.clock.advance(timedelta(days=30))
    browser = signed_in(town.cast.officer)
    address = f"/dossiers/{case}?action=relaunch_opinion"
    assert f'href="{address}#action-relaunch_opinion"' in opened(browser, "/a-faire")
    assert "Aucune relance encore." in opened(browser, address)
    assert queries_of(engine, browser, address) <= MOST_QUERIES
    version = re.findall(r'name="version" value="(\d+)"', opened(browser, address))[0]
    sent = browser.post(f"/dossiers/{case}/actions/relaunch_opinion", {"version": version}, follow_redirects=True)
    assert "Avis relancé." in sent.text
    assert "Une relance est partie aujourd’hui" in sent.text
    assert "Relancer l’avis" not in opened(browser, "/a-faire")


def test_what_waits_for_others_is_there_but_folded(signed_in: SignIn, town: Town) -> None:
    town.tell("3.10", "instructed")
    page = opened(signed_in(town.cast.officer), "/a-faire")
    assert re.search(r"<details class=\"inbox-group\">\s*<summary><h2>En attente d’un autre", page)
    assert "Décision attendue d’un responsable" in page
    assert "Rien n’attend après vous" in page


def test_those_without_cases_find_their_way(signed_in: SignIn, town: Town, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        admin, auditor = people.admin(session), people.auditor(session)
    assert "/admin/utilisateurs" in opened(signed_in(admin), "/a-faire")
    assert 'href="/dossiers?retard=1' in opened(signed_in(auditor), "/a-faire")


def test_the_shortcuts_lead_to_pages_that_open(signed_in: SignIn, town: Town, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        actors = [people.admin(session), people.auditor(session), people.data_officer(session)]
    for actor in actors:
        browser = signed_in(actor)
        addresses = re.findall(r'card-box"><h2><a href="([^"]+)"', opened(browser, "/a-faire"))
        assert addresses
        for address in addresses:
            assert opened(browser, address.replace("&amp;", "&"))


def test_a_full_group_stays_short_and_links_to_the_rest(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    town.copies(town.tell("3.10", "submitted"), 70)
    browser = signed_in(town.cast.officer)
    page = opened(browser, "/a-faire")
    assert page.count('class="todo-main"') == 50
    assert "Les 50 premières sont affichées" in page
    (address,) = re.findall(r'href="(/dossiers\?[^"]+)">Examiner la recevabilité : voir', page)
    assert "71 dossiers" in opened(browser, address.replace("&amp;", "&"))
    assert queries_of(engine, browser, "/a-faire") <= MOST_QUERIES


@pytest.mark.database("postgres")
def test_a_page_asked_again_and_again_is_planned_once(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    """Its reading ends by a commit: a rollback would make the driver forget the statements it has prepared."""
    browser = signed_in(town.cast.officer)
    for _ in range(8):
        opened(browser, "/a-faire")
    with engine.connect() as connection:
        prepared = "SELECT count(*) FROM pg_prepared_statements WHERE strpos(statement, 'FROM application') > 0"
        assert connection.exec_driver_sql(prepared).scalar_one() >= 1
