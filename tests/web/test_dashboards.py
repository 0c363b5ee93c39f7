"""The dashboard of an operation: read by each in its scope, frozen when it is sent, compared with today."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.applications import Application
from casework.clock import FixedClock
from casework.committees import Committee
from casework.dashboards import DashboardSnapshot
from casework.db import transaction
from casework.deadlines import Deadline
from casework.identities import Person
from casework.outbox import Message
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.journeys import roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.pdftext import text_of
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once
from web.dashboard_tables import compared
from workflows.rules.dashboard import Column, Table

SignIn = Callable[[Actor], Browser]
SEXES = ("F", "F", "F", "F", "F", "F", "M", "M")


@dataclass(frozen=True)
class World:
    """A 3.5 in execution: six women entered in one territory, two men in the other, and one more who left for a job."""

    case: int
    actors: dict[str, Actor]
    names: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"/dossiers/{self.case}/tableau-de-bord"


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        cast = cast_of(session)
        operation = roster(Teller(session, settings, cast), "3.5", territories=("Arrageois", "Ternois"))
        here, there = operation.application.territories
        entered = [operation.entered(10, sex=sex, territory=str((here if sex == "F" else there).id)) for sex in SEXES]
        entered.append(operation.entered(10, sex="M", territory=str(there.id)))
        operation.fire(entered[-1], operation.operator, "record_exit", exited_on=operation.day(60), exit_kind="job")
        clock.move_to(operation.application.updated_at + timedelta(days=1))
        actors = {
            "applicant": operation.operator,
            "slai": people.slai(session, there),
            "partner": people.partner(session, "mamobilite62"),
            "officer": cast.officer,
            "manager": cast.manager,
            "other": people.applicant(session, people.organisation(session)),
            "caf": people.partner(session, "caf"),
        }
        names = tuple(one.family_name for one in session.scalars(sa.select(Person)))
        return World(operation.application.id, actors, names)


def figures(page: str, table: str, row: str) -> list[str]:
    """The cells of one row of one table, as they read."""
    block = re.search(rf'<section [^>]*aria-labelledby="bloc-{table}">.*?</section>', page, re.DOTALL)
    assert block, table
    found = re.search(rf"<th[^>]*>{re.escape(row)}</th>(.*?)</tr>", block[0], re.DOTALL)
    assert found, row
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def send(browser: Browser, world: World, **data: str) -> None:
    page = opened(browser, f"{world.address}/transmettre")
    version = re.search(r'name="version" value="(\d+)"', page)
    chosen = re.search(r'value="(\d+)"\s+checked', page)
    assert version
    answer = {"version": version[1], "dashboard_for": chosen[1] if chosen else "none", **data}
    sent = browser.post(f"{world.address}/transmettre", answer)
    assert sent.status_code == 303, errors_in(sent)


def test_the_operation_is_read_in_figures_that_are_those_of_its_people(world: World, signed_in: SignIn) -> None:
    page = opened(signed_in(world.actors["officer"]), world.address)
    assert figures(page, "people", "Accompagnées depuis le début") == ["9"]
    assert figures(page, "people", "Sorties") == ["1"]
    assert figures(page, "sex", "Femme") == ["6", "6", "0"]
    assert figures(page, "territory", "Ternois") == ["3", "3", "1"]
    assert figures(page, "exit_families", "Hors sorties dynamiques") == ["1"]
    assert figures(page, "committees", "Comité n° 1")[1] == "En retard"
    assert "Personnes accompagnées chaque mois" in page
    assert not any(name in page for name in world.names)


def test_each_reads_what_is_in_its_scope_and_no_partner_reads_a_small_count(
    world: World, signed_in: SignIn, engine: sa.Engine
) -> None:
    slai = opened(signed_in(world.actors["slai"]), world.address)
    assert figures(slai, "people", "Accompagnées depuis le début") == ["3"]
    assert "Arrageois" not in slai.split("<h2>Tableau de bord</h2>")[1]
    partner = opened(signed_in(world.actors["partner"]), world.address)
    assert figures(partner, "people", "Accompagnées depuis le début") == ["9"]
    assert figures(partner, "people", "Sorties") == ["moins de 5"]
    assert figures(partner, "sex", "Homme")[1] == "moins de 5"
    assert figures(partner, "sex", "Femme")[1] == "non communiqué"
    assert not any(name in partner for name in world.names)
    for end in (".xlsx", ".pdf"):
        assert signed_in(world.actors["partner"]).get(f"{world.address}{end}").status_code == 200
    for stranger in ("other", "caf"):
        browser = signed_in(world.actors[stranger])
        assert [browser.get(f"{world.address}{end}").status_code for end in ("", ".xlsx", ".pdf")] == [404] * 3
    assert signed_in(world.actors["officer"]).get(f"{world.address}/transmettre").status_code == 403
    assert queries_of(engine, signed_in(world.actors["officer"]), world.address) <= MOST_QUERIES


def test_a_dashboard_sent_meets_its_deadline_tells_its_readers_and_never_changes(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator = signed_in(world.actors["applicant"])
    send(operator, world, comment="Le garage a ouvert en mars.")
    with sessions() as session:
        snapshot = session.scalars(sa.select(DashboardSnapshot)).one()
        assert snapshot.intact
        assert snapshot.title == "Tableau de bord avant le comité n° 1"
        met = sa.select(Deadline).where(Deadline.application_id == world.case, Deadline.kind == "dashboard")
        assert [one.status for one in session.scalars(met.order_by(Deadline.rank))] == ["met", "open", "open"]
        told = sa.select(Message).where(Message.subject.endswith("tableau de bord transmis"))
        messages = list(session.scalars(told))
        assert {world.actors[name].user_id for name in ("officer", "slai", "partner")} <= {
            one.user_id for one in messages
        }
        assert world.actors["caf"].user_id not in {one.user_id for one in messages}
        assert all(world.address in one.body and "garage a ouvert" not in one.body for one in messages)
        for change in (
            sa.update(DashboardSnapshot).values(comment="Autre chose"),
            sa.delete(DashboardSnapshot),
        ):
            with pytest.raises(sa.exc.DBAPIError, match="kept as it was"), session.begin_nested():
                session.execute(change)
    page = opened(signed_in(world.actors["officer"]), f"{world.address}/1")
    assert figures(page, "people", "Accompagnées depuis le début") == ["9"]
    assert "Le garage a ouvert en mars." in page
    assert "intacts depuis leur envoi" in page
    assert figures(opened(signed_in(world.actors["slai"]), f"{world.address}/1"), "sex", "Homme")[:1] == ["3"]
    shown = opened(signed_in(world.actors["partner"]), f"{world.address}/1?territoire=Ternois")
    assert figures(shown, "people", "Accompagnées depuis le début") == ["moins de 5"]
    assert "Tableau de bord transmis" in opened(operator, f"/dossiers/{world.case}/historique")
    assert signed_in(world.actors["officer"]).get(f"{world.address}/2").status_code == 404


def test_a_figure_that_has_changed_since_says_what_it_is_today() -> None:
    columns = (Column("Personnes", "people"),)
    sent = Table("people", "Les personnes", "Situation", columns, (("Orientées", 6), ("Sorties", 2), ("Absentes", 1)))
    today = replace(sent, rows=(("Orientées", 8), ("Sorties", 2), ("Suspendues", 3)))
    [shown] = compared([sent], [today])
    assert [[re.sub(r"<[^>]+>", " ", str(cell)) for cell in row] for row in shown["rows"]] == [
        ["Orientées", "6  aujourd’hui 8 "],
        ["Sorties", "2"],
        ["Absentes", "1  aujourd’hui – "],
        ["Suspendues", "–  aujourd’hui 3 "],
    ]


def test_the_page_of_a_committee_leads_to_the_dashboard_that_was_sent_for_it(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator = signed_in(world.actors["applicant"])
    with sessions() as session:
        query = sa.select(Committee).where(Committee.application_id == world.case)
        committees = {one.rank: one.id for one in session.scalars(query)}
    assert "Aucun tableau de bord n’a été transmis" in opened(operator, f"/comites/{committees[1]}")
    send(operator, world, comment="Un mot.")
    page = opened(operator, f"/comites/{committees[1]}")
    for end in ("", ".pdf", ".xlsx"):
        assert f'href="{world.address}/1{end}"' in page
    assert "Aucun tableau de bord n’a été transmis" in opened(operator, f"/comites/{committees[2]}")


def test_what_leaves_the_service_tells_no_small_count_and_nobody(world: World, signed_in: SignIn) -> None:
    send(signed_in(world.actors["applicant"]), world, comment="Un mot.")
    officer = signed_in(world.actors["officer"])
    content = officer.get(f"{world.address}/1.xlsx").data
    cells = {
        line.cells["Rubrique"]: line.cells["Contenu"]
        for line in spreadsheets.read(content, ["Rubrique", "Contenu"], most=20)
    }
    assert cells["Pour"] == "Tableau de bord avant le comité n° 1"
    words = text_of(officer.get(f"{world.address}/1.pdf").data)
    assert "moins de 5" in words
    assert "Un mot." in words
    assert not any(name in words for name in world.names)
    assert officer.get(f"{world.address}.xlsx").data[:2] == b"PK"
    partner = signed_in(world.actors["partner"])
    assert partner.get(f"{world.address}/1.xlsx?territoire=Ternois").data[:2] == b"PK"
    assert "moins de 5" in text_of(partner.get(f"{world.address}/1.pdf?territoire=Ternois").data)


def test_what_is_refused_is_not_sent_and_keeps_what_was_typed(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator = signed_in(world.actors["applicant"])
    answer = operator.post(
        f"{world.address}/transmettre", {"version": "1", "dashboard_for": "none", "comment": "Un mot gardé."}
    )
    assert answer.status_code == 409
    assert "Un mot gardé." in answer.text
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DashboardSnapshot)) == 0
        told = sa.select(sa.func.count()).where(Message.subject.endswith("tableau de bord transmis"))
        assert session.scalar(told) == 0
        version = session.get_one(Application, world.case).version
    wrong = operator.post(f"{world.address}/transmettre", {"version": str(version), "dashboard_for": "999999"})
    assert wrong.status_code == 422
    assert "Choisissez une des réponses proposées." in errors_in(wrong)[0]


def test_the_services_ask_for_one_and_its_deadline_is_met_by_it(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    officer = signed_in(world.actors["officer"])
    with sessions() as session:
        version = session.get_one(Application, world.case).version
    form = {"version": str(version), "reason": "Statistiques du semestre."}
    asking = f"/dossiers/{world.case}/actions/ask_dashboard"
    today = clock.now().date()
    assert officer.post(asking, {**form, "due_on": today.isoformat()}).status_code == 422
    due = today + timedelta(days=6)
    assert officer.post(asking, {**form, "due_on": due.isoformat()}).status_code == 303
    with sessions() as session:
        asked = session.scalars(sa.select(Deadline).where(Deadline.kind == "dashboard_request")).one()
        told = session.scalars(sa.select(Message).where(Message.subject.endswith("tableau de bord demandé"))).one()
        assert told.user_id == world.actors["applicant"].user_id
        assert told.ics is not None
        key = asked.id
    send(signed_in(world.actors["applicant"]), world, dashboard_for=str(key))
    with sessions() as session:
        assert session.get_one(Deadline, key).status == "met"
