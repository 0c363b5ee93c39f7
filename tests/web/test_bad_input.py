"""Bad input that the follow-up of people meets: refused or warned with its sentence, nothing half written.

Each test is one of the bad inputs that were foreseen, sent to the page where people make it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.activities import Activity, JourneyMonth
from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.participants import Journey
from casework.people import Actor
from casework.progress_records import ProgressRecord
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.journeys import Roster, identity, roster
from tests.support.pages import opened
from tests.support.stories import Teller, cast_of
from workflows.journey.months import grid_of
from workflows.rules.calendar import add_months

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


@dataclass
class World:
    """A 3.10 near its end: one person entered on its tenth day, another oriented and validated."""

    sessions: sessionmaker[Session]
    browser: Browser
    slai: Browser
    case: int
    entered: int
    oriented: int
    day: Callable[[int], str]
    month: date
    territory: int

    def act(self, key: int, trigger: str, **data: str) -> Any:
        with self.sessions() as session:
            version = session.get_one(Journey, key).version
        return self.browser.post(f"/participants/{key}/actions/{trigger}", {"version": str(version), **data})

    def journey(self, key: int) -> Journey:
        with self.sessions() as session:
            return session.get_one(Journey, key)

    def count(self, model: Any) -> int:
        with self.sessions() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn) -> World:
    with transaction(sessions) as session:
        operation: Roster = roster(Teller(session, settings, cast_of(session)), "3.10")
        entered = operation.entered(10, family_name="Aubrietta", given_name="Solène")
        oriented = operation.orient()
        operation.fire(oriented, operation.slai, "validate_orientation")
        clock.move_to(operation.late)
        actors, case, territory = (
            (operation.operator, operation.slai),
            operation.application.id,
            operation.territory().id,
        )
        keys, day, month = (entered.id, oriented.id), operation.day, add_months(operation.starts_on.replace(day=1), 2)
    operator, slai = (signed_in(actor) for actor in actors)
    return World(sessions, operator, slai, case, *keys, day, month, territory)


def refused(answer: Any, field: str, sentence: str) -> None:
    assert answer.status_code == 422
    assert f'href="#champ-{field}"' in answer.text
    assert sentence in answer.text.replace("\xa0", " ")


def test_an_exit_before_the_entry(world: World) -> None:
    answer = world.act(world.entered, "record_exit", exited_on=world.day(9), exit_kind="durable-1")
    refused(answer, "record_exit-exited_on", "La sortie ne peut pas précéder l’entrée")
    assert world.journey(world.entered).state == "accompanied"


def test_an_entry_outside_the_convention(world: World) -> None:
    for day in (-1, 400):
        answer = world.act(world.oriented, "admit", entered_on=world.day(day))
        refused(answer, "admit-entered_on", "l’entrée doit s’y trouver" if day < 0 else "dans le futur")
    assert world.journey(world.oriented).state == "oriented"


def test_25_hours_in_a_day(world: World) -> None:
    form = {"kind": "workshop", "mode": "present", "done_on": world.day(40), "participants": str(world.entered)}
    address = f"/dossiers/{world.case}/activites"
    refused(world.browser.post(address, {**form, "minutes": "1500"}), "minutes", "Une journée compte 1440 minutes")
    assert world.browser.post(address, {**form, "minutes": "900"}).status_code == 303
    refused(world.browser.post(address, {**form, "minutes": "600"}), "participants", "25 h dans la journée")
    assert world.count(Activity) == 1


def test_more_hours_in_a_month_than_its_days_hold(world: World) -> None:
    answer = save_month(world, hours="745")
    assert answer.status_code == 422
    assert "jours de parcours passés ce mois : au plus" in answer.text
    assert world.count(JourneyMonth) == 0


def test_suspensions_that_overlap(world: World) -> None:
    suspended = {"started_on": world.day(50), "reason": "Absence."}
    assert world.act(world.entered, "suspend", **suspended).status_code == 303
    assert world.act(world.entered, "resume", resumed_on=world.day(60)).status_code == 303
    answer = world.act(world.entered, "suspend", started_on=world.day(55), reason="Absence.")
    refused(answer, "suspend-started_on", "Une suspension précédente court jusqu’au")
    assert world.journey(world.entered).state == "accompanied"


def test_a_27_year_old_as_youth(world: World) -> None:
    born = date.fromisoformat(world.day(0)).year - 27
    form = identity(territory=str(world.territory), public="young", birth_date=f"{born}-01-01")
    address, said = (
        f"/dossiers/{world.case}/participants/orienter",
        "Public jeune, mais 27 ans : la fiche s’arrête à 26 ans.",
    )
    unsure = world.slai.post(address, {**form, "confirmed": ""})
    assert unsure.status_code == 422
    assert said in unsure.text
    assert world.slai.post(address, form).status_code == 303
    with world.sessions() as session:
        key = session.scalar(sa.select(sa.func.max(Journey.id))) or 0
    late = world.journey(key).oriented_at.date().isoformat()
    unsure = world.act(key, "admit", entered_on=late)
    assert unsure.status_code == 422
    assert said in unsure.text
    entered = world.act(key, "admit", entered_on=late, confirmed="verified")
    assert entered.status_code == 303, entered.text
    page = opened(world.browser, f"/participants/{key}")
    assert said in page


def test_a_second_live_journey_in_the_same_operation(world: World) -> None:
    before = world.count(Journey)
    form = identity(family_name="Aubrietta", given_name="Solène", territory=str(world.territory))
    address = f"/dossiers/{world.case}/participants/orienter"
    assert world.browser.post(address, form).status_code == 409
    with world.sessions() as session:
        person = session.get_one(Journey, world.entered).person_id
    answer = world.browser.post(address, {**form, "person": str(person)})
    assert answer.status_code == 409
    assert "Cette personne est déjà dans cette opération" in answer.text
    assert world.count(Journey) == before


def save_month(world: World, hours: str) -> Any:
    with world.sessions() as session:
        seen = grid_of(session, session.get_one(Application, world.case), world.month).seen
    form = {"seen": seen, f"hours-{world.entered}": hours}
    return world.browser.post(f"/dossiers/{world.case}/mois/{world.month:%Y-%m}", form)


def test_a_month_already_validated(world: World) -> None:
    assert save_month(world, hours="10").status_code == 303
    with world.sessions() as session:
        key = session.scalars(sa.select(ProgressRecord.id)).one()

    def fire(browser: Browser, trigger: str, **data: str) -> Any:
        with world.sessions() as session:
            version = session.get_one(ProgressRecord, key).version
        return browser.post(f"/cre/{key}/actions/{trigger}", {"version": str(version), **data})

    assert fire(world.browser, "submit_record", themes="mobility", comment="Permis engagé.").status_code == 303
    assert fire(world.slai, "validate_record").status_code == 303
    answer = save_month(world, hours="12")
    assert answer.status_code == 422
    assert "ce mois ne se modifie plus" in answer.text
    with world.sessions() as session:
        assert session.scalars(sa.select(JourneyMonth.minutes)).one() == 600


def workbook(*rows: tuple[Any, ...]) -> dict[str, Any]:
    labels = ("Date", "N°", "Participant", "Activité", "Minutes", "Mode")
    content = spreadsheets.write("A", [spreadsheets.Column(label) for label in labels], rows)
    return {"file": (BytesIO(content), "activites.xlsx")}


def test_an_import_with_half_the_lines_wrong(world: World) -> None:
    address = f"/dossiers/{world.case}/activites"
    good = (world.day(40), str(world.entered), "", "Entretien", "60", "")
    rows = [
        good,
        (world.day(41), "", "aubrietta solene", "atelier", "90", "En présence"),
        (world.day(42), "Personne Inconnue", "", "Danse", "60", ""),
        (world.day(5), str(world.entered), "", "Entretien", "60", ""),
        ("31/02/2024", str(world.entered), "", "Entretien", "1500", "Par pigeon"),
        (world.day(40), str(world.entered), "", "Atelier", "1400", ""),
    ]
    answer = world.browser.post(f"{address}/importer", workbook(*rows))
    assert answer.status_code == 422
    text = answer.text.replace("\xa0", " ")
    for said in (
        "Rien n’est enregistré",
        "Ligne 4 : Cette personne n’est pas entrée dans cette opération. Activité inconnue",
        "Ligne 5 : L’entrée ne date que du",
        "Ligne 6 : Mode inconnu",
        "Cette date n’existe pas",
        "Ligne 7 : Cela ferait 24 h 20 dans la journée",
    ):
        assert said in text
    assert "Ligne 2" not in text
    assert "Ligne 3" not in text
    assert world.count(Activity) == 0
    saved = world.browser.post(f"{address}/importer", workbook(*rows[:2]), follow_redirects=True)
    assert "2 activités enregistrées" in saved.text
    assert world.count(Activity) == 2


def test_pasted_lines_and_the_model_to_fill_in(world: World) -> None:
    address = f"/dossiers/{world.case}/activites"
    assert "Saisir plusieurs activités avec un tableur" in opened(world.browser, address)
    assert "Télécharger le modèle" in opened(world.browser, f"{address}/tableur")
    model = world.browser.get(f"{address}/modele.xlsx")
    lines = spreadsheets.read(model.data, ("Participant", "Activité"), most=9)
    assert [line.cells["Participant"] for line in lines] == ["AUBRIETTA Solène"]
    again = world.browser.post(f"{address}/importer", {"file": (BytesIO(model.data), "m.xlsx")})
    assert again.status_code == 422
    assert "Aucune ligne n’est remplie" in again.text
    wrong = f"{world.day(40)}\t{world.entered}\tEntretien\t60\n{world.day(41)}\tseule"
    answer = world.browser.post(f"{address}/coller", {"pasted": wrong})
    assert answer.status_code == 422
    assert "Ligne 2 : il faut une date" in answer.text
    assert "seule" in answer.text
    assert world.count(Activity) == 0
    assert world.browser.post(f"{address}/coller", {"pasted": wrong.split("\n")[0]}).status_code == 303
    assert world.browser.post(f"{address}/coller", {"pasted": " "}).status_code == 422
    assert world.slai.get(f"{address}/tableur").status_code == 403
    assert world.slai.post(f"{address}/coller", {"pasted": wrong}).status_code == 403
