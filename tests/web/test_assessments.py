"""The pages of grids: filled in by the operator, read side by side by who sees identities, missing ones named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.assessments import Assessment
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor, Territory
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.grids import answers, assess
from tests.support.journeys import roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


@dataclass(frozen=True)
class World:
    """A 3.14 near its end: one person assessed at entry, one not yet; and a 3.4 with somebody evaluated."""

    case: int
    first: int
    second: int
    evaluated: int
    form: dict[str, str]
    actors: dict[str, Actor]


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        operation, skills = roster(teller, "3.14"), roster(teller, "3.4")
        first, second = operation.entered(10, family_name="Aubrietta"), operation.entered(10)
        assess(operation, first, "entry", 12, 2)
        evaluated = skills.entered(10, family_name="Bergenia")
        assess(skills, evaluated, "evaluation", 12, 3, result="upgrade")
        here = operation.territory()
        far = session.scalars(sa.select(Territory).where(Territory.id != here.id)).first()
        assert far is not None
        clock.move_to(max(operation.late, skills.late))
        actors = {
            "applicant": operation.operator,
            "slai": people.slai(session, here),
            "officer": people.officer(session),
            "auditor": people.auditor(session),
            "other_applicant": people.applicant(session, people.organisation(session)),
            "far_slai": people.slai(session, far),
        }
        form = answers(operation, 100, 3)
        return World(operation.application.id, first.id, second.id, evaluated.id, form, actors)


def test_the_operator_fills_in_a_grid_and_reads_how_the_person_has_moved(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    address = f"/participants/{world.first}/evaluations/midway"
    assert "Aucun commentaire n’est demandé" in opened(browser, address)
    wrong = browser.post(address, {**world.form, "level-project": "", "version": "0"})
    assert wrong.status_code == 422
    assert errors_in(wrong) == ["Cette réponse est obligatoire."]
    assert len(re.findall(r"\bchecked\b", wrong.text)) == len(world.form) - 2
    saved = browser.post(address, {**world.form, "version": "0"}, follow_redirects=True)
    assert "Point intermédiaire : évaluation enregistrée." in saved.text
    assert "Fragile : des premiers pas, avec beaucoup d’appui" in saved.text
    assert "En progrès : des acquis, avec un peu d’appui" in saved.text
    again = browser.post(address, {**world.form, "version": "0"})
    assert again.status_code == 409
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Assessment)) == 3


def test_the_list_says_who_lacks_which_grid_and_how_far_people_came(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.actors["applicant"])
    roster_page = opened(browser, f"/dossiers/{world.case}/participants")
    assert roster_page.count("Il manque : ") == 2
    assert "grille d’entrée, relevé des freins à l’entrée et point intermédiaire" in roster_page
    unfinished = opened(browser, f"/dossiers/{world.case}/participants?reste=oui")
    assert unfinished.count("Il manque : ") == 2
    page = opened(browser, f"/dossiers/{world.case}/evaluations")
    assert page.count("À faire") == 3 + 1
    assert "Chemin parcouru" not in page
    browser.post(f"/participants/{world.first}/evaluations/midway", {**world.form, "version": "0"})
    assert "Chemin parcouru" in opened(browser, f"/dossiers/{world.case}/evaluations")


def test_levels_are_read_with_the_identity_and_by_nobody_else(world: World, signed_in: SignIn) -> None:
    level, address = "Fragile : des premiers pas", f"/participants/{world.first}"
    for role, reads in (("applicant", True), ("slai", True), ("officer", True), ("auditor", False)):
        assert (level in opened(signed_in(world.actors[role]), address)) is reads, role
    assert signed_in(world.actors["slai"]).get(f"{address}/evaluations/entry").status_code == 403
    assert signed_in(world.actors["auditor"]).get(f"{address}/evaluations/entry.pdf").status_code == 403
    for role in ("other_applicant", "far_slai"):
        browser = signed_in(world.actors[role])
        assert browser.get(f"/dossiers/{world.case}/evaluations").status_code == 404
        assert browser.get(f"{address}/evaluations/entry.pdf").status_code == 404
        assert browser.post(f"{address}/evaluations/exit", world.form).status_code in (403, 404)


def test_the_grid_of_an_evaluation_is_a_document_to_hand_over(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.actors["applicant"])
    address = f"/participants/{world.evaluated}"
    assert "À remettre à niveau" in opened(browser, address)
    document = browser.get(f"{address}/evaluations/evaluation.pdf")
    assert (document.status_code, document.mimetype, document.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert browser.get(f"{address}/evaluations/entry").status_code == 404
    assert browser.get(f"/participants/{world.first}/evaluations/exit.pdf").status_code == 404


def test_the_pages_of_grids_cost_few_queries(world: World, signed_in: SignIn, engine: sa.Engine) -> None:
    browser = signed_in(world.actors["applicant"])
    for address in (
        f"/dossiers/{world.case}/evaluations",
        f"/dossiers/{world.case}/participants",
        f"/participants/{world.first}",
        f"/participants/{world.first}/evaluations/entry",
    ):
        assert queries_of(engine, browser, address) <= MOST_QUERIES, address
