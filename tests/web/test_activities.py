"""The page of activities: entered for several people at once, read by those who may, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.activities import Activity
from casework.clock import FixedClock
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.following import World, followed
from tests.support.pages import MOST_QUERIES, opened, queries_of

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    return followed(sessions, settings, clock)


def address(world: World) -> str:
    return f"/dossiers/{world.case}/activites"


def form(world: World, *people: int, **changes: str) -> dict[str, Any]:
    said = {"kind": "interview", "mode": "telephone", "done_on": f"{world.month}-12", "minutes": "45"}
    return {**said, "participants": [str(key) for key in people], **changes}


def stored(sessions: sessionmaker[Session]) -> list[Activity]:
    with sessions() as session:
        return list(session.scalars(sa.select(Activity).order_by(Activity.id)))


def ticked(page: str) -> list[str]:
    return re.findall(r'name="participants"\s+value="(\d+)"\s+checked', page)


def test_an_activity_is_entered_for_several_people_and_withdrawn_for_one(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    saved = browser.post(address(world), form(world, world.first, world.second), follow_redirects=True)
    assert "Activité enregistrée pour 2 participants." in saved.text
    assert saved.text.count("45\u00a0min") == 2
    mistaken = stored(sessions)[0]
    gone = browser.post(f"{address(world)}/{mistaken.id}/retirer", {}, follow_redirects=True)
    assert "Activité retirée." in gone.text
    assert [one.journey_id for one in stored(sessions)] == [world.second]
    assert "Activité retirée" in opened(browser, f"/dossiers/{world.case}/historique")


def test_what_is_wrong_comes_back_ticked_and_names_the_person(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    answer = browser.post(address(world), form(world, world.first, done_on="2024-01-02", minutes="45"))
    assert answer.status_code == 422
    assert "AUBRIETTA Solène : l’entrée ne date que du" in answer.text
    assert ticked(answer.text) == [str(world.first)]
    assert browser.post(address(world), form(world, minutes="x")).status_code == 422
    assert stored(sessions) == []


def test_each_reads_the_activities_of_its_scope_and_only_the_operator_writes(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    signed_in(world.actors["applicant"]).post(address(world), form(world, world.first, world.second))
    page = opened(signed_in(world.actors["slai"]), address(world))
    assert "AUBRIETTA" in page
    assert "BERGENIA" not in page
    assert f"/participants/{world.second}" not in page
    assert "AUBRIETTA" not in opened(signed_in(world.actors["auditor"]), address(world))
    key = stored(sessions)[0].id
    for outsider in ("other_applicant", "far_slai"):
        assert signed_in(world.actors[outsider]).get(address(world)).status_code == 404
        assert signed_in(world.actors[outsider]).post(f"{address(world)}/{key}/retirer").status_code == 404
    assert "Erreur de saisie" in opened(signed_in(world.actors["applicant"]), address(world))
    for reader in ("slai", "officer", "auditor"):
        assert "Erreur de saisie" not in opened(signed_in(world.actors[reader]), address(world))
        assert signed_in(world.actors[reader]).post(address(world), form(world, world.first)).status_code == 403
        assert signed_in(world.actors[reader]).post(f"{address(world)}/{key}/retirer").status_code == 403
    assert len(stored(sessions)) == 2


def test_the_page_of_a_journey_leads_to_its_form_and_shows_what_was_done(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.actors["applicant"])
    browser.post(address(world), form(world, world.first))
    page = opened(browser, f"/participants/{world.first}")
    assert "Entretien" in page
    assert "45\u00a0min" in page
    chosen = opened(browser, f"{address(world)}?personne={world.first}")
    assert ticked(chosen) == [str(world.first)]


def test_the_page_asks_few_queries(world: World, signed_in: SignIn, engine: sa.Engine) -> None:
    browser = signed_in(world.actors["applicant"])
    browser.post(address(world), form(world, world.first, world.second))
    for page in (address(world), f"/participants/{world.first}"):
        assert queries_of(engine, browser, page) <= MOST_QUERIES
