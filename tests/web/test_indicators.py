"""The indicators of an operation on screen: forecast, achieved, who is behind, what the operator alone knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.participants import Journey
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.journeys import roster
from tests.support.pages import MOST_QUERIES, opened, queries_of, town
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once

SignIn = Callable[[Actor], Browser]


@dataclass(frozen=True)
class World:
    """A 3.14 in execution: seven people entered in two territories, one of them out in a job."""

    case: int
    actors: dict[str, Actor]

    @property
    def address(self) -> str:
        return f"/dossiers/{self.case}/indicateurs"


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.14", territories=("Arrageois", "Ternois"))
        here, there = operation.application.territories
        for rank in range(6):
            sex, place = ("F", here) if rank < 4 else ("M", there)
            operation.entered(10, sex=sex, territory=str(place.id))
        operation.exited(territory=str(here.id))
        clock.move_to(operation.late)
        actors = {
            "applicant": operation.operator,
            "slai": people.slai(session, here),
            "officer": people.officer(session),
            "other_applicant": people.applicant(session, people.organisation(session)),
        }
        return World(operation.application.id, actors)


def row(page: str, label: str) -> list[str]:
    """The figures of one line of the table, as they read."""
    found = re.search(rf'<th scope="row"[^>]*>{re.escape(label)}\s*<.*?</tr>', page, re.DOTALL)
    assert found, label
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found[0], re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def test_what_was_achieved_stands_beside_what_was_foreseen(world: World, signed_in: SignIn) -> None:
    page = opened(signed_in(world.actors["officer"]), world.address)
    assert row(page, "Participants accueillis") == ["10", "7", "5", "2", "0", "7", "7"]
    assert "compté d’après les entrées" in page
    assert "saisi par le porteur" in page


def test_each_figure_opens_the_list_of_the_people_behind_it(world: World, signed_in: SignIn) -> None:
    officer = signed_in(world.actors["officer"])
    page = opened(officer, world.address)
    assert f"/dossiers/{world.case}/participants?indicateur=accompanied&amp;groupe=M#liste" in page
    assert "(RSA)" in opened(officer, f"/dossiers/{world.case}/participants?indicateur=accompanied&groupe=rsa")
    behind = opened(officer, f"/dossiers/{world.case}/participants?indicateur=accompanied&groupe=M")
    assert behind.count('href="/participants/') == 2
    assert "Participants accueillis (hommes)" in behind
    unknown = opened(officer, f"/dossiers/{world.case}/participants?indicateur=inconnu")
    assert unknown.count('href="/participants/') == 7


def test_the_committees_that_are_counted_are_one_click_away(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    here = town(sessions, settings, clock)
    case = here.tell("3.8", "bilan", delivers=True)
    page = opened(signed_in(here.cast.officer), f"/dossiers/{case}/indicateurs")
    assert f'<a href="/dossiers/{case}/comites" aria-label="Comités tenus : 3' in page


def test_figures_are_split_by_territory(world: World, signed_in: SignIn) -> None:
    page = opened(signed_in(world.actors["officer"]), f"{world.address}?par=territoire")
    assert row(page, "Participants accueillis") == ["10", "7", "5", "2"]


def test_figures_are_split_by_the_levels_that_are_said(world: World, signed_in: SignIn, engine: sa.Engine) -> None:
    operator = signed_in(world.actors["applicant"])
    with Session(engine) as session:
        journey = session.scalars(sa.select(Journey).order_by(Journey.id)).first()
        assert journey is not None
        key, version = journey.id, journey.version
    said = {"version": str(version), "education": "upper", "training": "3"}
    assert operator.post(f"/participants/{key}/actions/describe", said).status_code == 303
    page = opened(operator, f"{world.address}?par=niveau")
    assert "Formation : niveau 3 (cap, bep)" in page
    assert row(page, "Participants accueillis") == ["10", "7", "1", "1", "6"]
    group = "Instruction%20:%20lyc%C3%A9e"
    behind = opened(operator, f"/dossiers/{world.case}/participants?indicateur=accompanied&groupe={group}")
    assert behind.count('href="/participants/') == 1


def test_an_slai_counts_the_people_of_its_own_territory(world: World, signed_in: SignIn) -> None:
    page = opened(signed_in(world.actors["slai"]), world.address)
    assert row(page, "Participants accueillis")[1] == "5"


def test_the_operator_says_what_no_fact_gives(world: World, signed_in: SignIn) -> None:
    operator = signed_in(world.actors["applicant"])
    sent = {"remobilised": "4", "was-remobilised": "", "methods": "Ateliers en petits groupes.", "was-methods": ""}
    assert operator.post(world.address, sent).status_code == 303
    page = opened(signed_in(world.actors["officer"]), world.address)
    assert row(page, "Remobilisations dans un parcours d’insertion")[1] == "4"
    assert "Ateliers en petits groupes." in page
    assert "Enregistrer les indicateurs" not in page
    assert "Indicateurs saisis" in opened(operator, f"/dossiers/{world.case}/historique")


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("typed", "said"),
    [("-4", "entre 0 et"), ("quatre", "nombre entier"), ("99999999999", "entre 0 et"), ("1,5", "nombre entier")],
)
def test_a_wrong_figure_says_why_and_keeps_the_rest(world: World, signed_in: SignIn, typed: str, said: str) -> None:
    sent = {"remobilised": typed, "was-remobilised": "", "methods": "Un texte gardé.", "was-methods": ""}
    answer = signed_in(world.actors["applicant"]).post(world.address, sent)
    assert answer.status_code == 422
    assert any(said in error for error in errors_in(answer)), errors_in(answer)
    assert "Un texte gardé." in answer.text


def test_what_a_colleague_changed_meanwhile_is_not_overwritten(world: World, signed_in: SignIn) -> None:
    first, second = signed_in(world.actors["applicant"]), signed_in(world.actors["applicant"])
    first.post(world.address, {"remobilised": "4", "was-remobilised": ""})
    answer = second.post(world.address, {"remobilised": "9", "was-remobilised": ""})
    assert answer.status_code == 422
    assert "entre-temps" in errors_in(answer)[0]
    assert 'value="9"' in answer.text
    again = second.post(world.address, {"remobilised": "9", "was-remobilised": "4"})
    assert again.status_code == 303


def test_nobody_else_says_them_nor_reads_those_of_another(world: World, signed_in: SignIn) -> None:
    assert signed_in(world.actors["officer"]).post(world.address, {"remobilised": "4"}).status_code == 403
    stranger = signed_in(world.actors["other_applicant"])
    assert stranger.get(world.address).status_code == 404
    assert stranger.get(f"{world.address}.xlsx").status_code == 404


def test_what_leaves_the_service_does_not_tell_small_counts(world: World, signed_in: SignIn) -> None:
    officer = signed_in(world.actors["officer"])
    for address in (f"{world.address}.xlsx", "/indicateurs.xlsx?campagne=2024&dispositif=3.14"):
        lines = spreadsheets.read(officer.get(address).data, ["Indicateur", "Réalisé", "Hommes", "Femmes"], most=50)
        first = next(line.cells for line in lines if line.cells["Indicateur"] == "Participants accueillis")
        assert (first["Réalisé"], first["Hommes"], first["Femmes"]) == ("7", "moins de 5", "non communiqué"), address


def test_the_figures_of_the_final_report_stay_as_they_were_sent(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    key = town(sessions, settings, clock).tell("3.14", "balance")
    with sessions() as session:
        report = session.get_one(Application, key).report
        assert report is not None
        assert report.figures is not None
        assert report.figures["accompanied"]["value"] == 0


@pytest.mark.database("sqlite")
def test_what_the_applicant_foresees_is_asked_with_the_application(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    home = town(sessions, settings, clock)
    key = home.tell("3.14", "draft")
    applicant = signed_in(home.cast.applicant)
    page = opened(applicant, f"/dossiers/{key}/demande/objectifs")
    assert "Retours à l’emploi" in page
    version = home.case(key).version
    saved = applicant.post(f"/dossiers/{key}/demande/objectifs", {"goal_work": "3", "version": str(version)})
    assert saved.status_code in (302, 303), saved.text
    with sessions() as session:
        assert session.get_one(Application, key).answers["goal_work"] == 3


def test_the_page_asks_little_whatever_its_people(world: World, signed_in: SignIn, engine: sa.Engine) -> None:
    assert queries_of(engine, signed_in(world.actors["officer"]), world.address) <= MOST_QUERIES


def test_the_operations_of_a_scheme_are_counted_together(world: World, signed_in: SignIn) -> None:
    page = opened(signed_in(world.actors["officer"]), "/indicateurs?campagne=2024&dispositif=3.14")
    assert row(page, "Participants accueillis")[:2] == ["10", "7"]
    assert f'href="/dossiers/{world.case}/indicateurs"' in page
    assert (
        row(opened(signed_in(world.actors["slai"]), "/indicateurs?dispositif=3.14"), "Participants accueillis")[1]
        == "5"
    )


@pytest.mark.database("sqlite")
def test_the_page_opens_where_something_is_funded(world: World, signed_in: SignIn) -> None:
    officer = signed_in(world.actors["officer"])
    for address in ("/indicateurs", "/indicateurs?campagne=2024"):
        assert f'href="/dossiers/{world.case}/indicateurs"' in opened(officer, address)


def test_a_scheme_without_operation_says_so_and_exports_nothing(world: World, signed_in: SignIn) -> None:
    officer = signed_in(world.actors["officer"])
    assert "Aucune opération financée ici" in opened(officer, "/indicateurs?dispositif=3.2")
    assert officer.get("/indicateurs.xlsx?dispositif=3.2").status_code == 409
    assert "laissés de côté" in opened(officer, "/indicateurs?dispositif=9.9")
    assert signed_in(world.actors["other_applicant"]).get("/indicateurs").status_code == 403


def test_the_page_of_a_scheme_asks_little_whatever_its_operations(
    world: World, signed_in: SignIn, engine: sa.Engine
) -> None:
    officer = signed_in(world.actors["officer"])
    assert queries_of(engine, officer, "/indicateurs?dispositif=3.14") <= MOST_QUERIES
