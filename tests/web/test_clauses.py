"""The hours of social clauses of a 3.1: entered, imported, corrected, merged, seen by each in its scope."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.clauses import ClauseHours
from casework.clock import FixedClock
from casework.db import transaction
from casework.identities import Person
from casework.participants import IdentityLook
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.journeys import roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once
from workflows.clauses.tables import COLUMNS

SignIn = Callable[[Actor], Browser]


@dataclass(frozen=True)
class World:
    """A 3.1 in execution: one person entered in each of two territories."""

    case: int
    journeys: tuple[int, int]
    day: str
    actors: dict[str, Actor]
    names: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"/dossiers/{self.case}/clauses"

    def typed(self, **changes: str) -> dict[str, str]:
        return {
            "journey": str(self.journeys[0]),
            "orderer": "Bailleur du Bassin",
            "market": "Rénovation lot 3",
            "clause": "execution",
            "company": "Façades du Nord",
            "contract": "secondment",
            "starts_on": self.day,
            "ends_on": "",
            "hours": "70,5",
            **changes,
        }


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        cast = cast_of(session)
        operation = roster(Teller(session, settings, cast), "3.1", territories=("Arrageois", "Ternois"))
        here, there = operation.application.territories
        first, second = (operation.entered(10, territory=str(place.id)) for place in (here, there))
        clock.move_to(operation.late)
        actors = {
            "applicant": operation.operator,
            "slai": people.slai(session, there),
            "officer": cast.officer,
            "manager": cast.manager,
            "other": people.applicant(session, people.organisation(session)),
        }
        names = tuple(one.family_name.upper() for one in session.scalars(sa.select(Person)))
        return World(operation.application.id, (first.id, second.id), operation.day(20), actors, names)


def workbook(*rows: dict[str, str]) -> bytes:
    return spreadsheets.write("Clauses", COLUMNS, [[row.get(column.label, "") for column in COLUMNS] for row in rows])


def line(world: World, journey: int, **changes: str) -> dict[str, str]:
    return {
        "N° de parcours": str(journey),
        "Donneur d’ordre": "Commune",
        "Marché": "Voirie 2024",
        "Type de clause": "Marché réservé",
        "Entreprise": "Pavés et Compagnie",
        "Type de contrat": "Contrat à durée déterminée (CDD)",
        "Début du contrat": world.day,
        "Heures réalisées": "35",
        **changes,
    }


def test_hours_are_entered_imported_corrected_and_counted(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session], engine: sa.Engine
) -> None:
    operator = signed_in(world.actors["applicant"])
    assert operator.post(world.address, world.typed()).status_code == 303
    sent = {"file": (io.BytesIO(workbook(line(world, world.journeys[1]))), "clauses.xlsx")}
    assert operator.post(f"{world.address}/importer", sent).status_code == 303
    with sessions() as session:
        first = session.scalars(sa.select(ClauseHours).order_by(ClauseHours.id)).first()
        assert first is not None
    told = opened(operator, f"/dossiers/{world.case}/historique")
    assert (
        f"parcours n° {world.journeys[0]}, Condition d’exécution, Mise à disposition (AI, ETTI, GEIQ), depuis le"
        in told
    )
    assert "secondment" not in told
    fixed = world.typed(hours="80", version=str(first.version))
    assert operator.post(f"{world.address}/{first.id}", fixed).status_code == 303
    assert "relisez-la" in " ".join(operator.post(f"{world.address}/{first.id}", fixed).text.split())
    page = opened(operator, world.address)
    assert "Pavés et Compagnie" in page
    assert world.names[0] in page
    assert queries_of(engine, operator, world.address) <= MOST_QUERIES
    figures = opened(signed_in(world.actors["officer"]), f"/dossiers/{world.case}/indicateurs")
    assert "additionné d’après les heures de clauses" in figures
    assert "115\xa0h" in figures
    history = opened(operator, f"/dossiers/{world.case}/historique")
    assert "Heures de clauses corrigées" in history
    assert not any(name in history for name in world.names)
    assert operator.post(f"{world.address}/{first.id}/retirer", {}).status_code == 303
    assert "Façades du Nord" not in opened(operator, world.address)


def test_every_wrong_line_is_said_and_nothing_is_kept(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator, one = signed_in(world.actors["applicant"]), world.journeys[0]
    rows = (
        line(world, one),
        line(world, 987654),
        line(world, one, **{"Type de contrat": "Stage", "Heures réalisées": "beaucoup"}),
        line(world, one, **{"Début du contrat": "2019-01-01"}),
        line(world, one, **{"Fin du contrat": world.day, "Heures réalisées": "25"}),
    )
    answer = operator.post(f"{world.address}/importer", {"file": (io.BytesIO(workbook(*rows)), "clauses.xlsx")})
    said = " ".join(errors_in(answer))
    assert answer.status_code == 422
    assert "Ligne 3, N° de parcours : Aucun participant" in said
    assert "Ligne 4, Type de contrat : Choisissez une des réponses proposées." in said
    assert "Ligne 5, Début du contrat : L’entrée dans l’opération" in said
    assert "Ligne 6, Heures réalisées : Entre ces dates" in said
    refused = operator.post(world.address, world.typed(hours="beaucoup", market="Gardé"))
    assert refused.status_code == 422
    assert 'value="Gardé"' in refused.text
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ClauseHours)) == 0


def test_the_merged_table_is_read_by_each_in_its_scope_and_names_only_for_who_may(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session], engine: sa.Engine
) -> None:
    operator = signed_in(world.actors["applicant"])
    operator.post(world.address, world.typed())
    operator.post(world.address, world.typed(journey=str(world.journeys[1]), company="Toitures du Ternois"))
    officer = signed_in(world.actors["officer"])
    assert "Mise à disposition" in opened(officer, "/clauses?campagne=2024")
    assert queries_of(engine, officer, "/clauses?campagne=2024") <= MOST_QUERIES

    def lines(who: str) -> dict[str, str]:
        content = signed_in(world.actors[who]).get("/clauses.xlsx?campagne=2024").data
        found = spreadsheets.read(content, ["Entreprise", "Participant"], most=20)
        return {one.cells["Entreprise"]: one.cells["Participant"] for one in found}

    assert set(lines("slai")) == {"Toitures du Ternois"}
    assert len(lines("officer")) == 2
    assert all(name.startswith("Parcours n°") for name in lines("manager").values())
    with sessions() as session:
        looks = sa.select(sa.func.count()).where(IdentityLook.user_id == world.actors["officer"].user_id)
        assert session.scalar(looks)
    stranger = signed_in(world.actors["other"])
    assert stranger.get(world.address).status_code == 404
    assert stranger.get("/clauses").status_code == 403
    assert signed_in(world.actors["officer"]).post(world.address, world.typed()).status_code == 403
