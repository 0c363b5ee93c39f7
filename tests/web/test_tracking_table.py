"""The tracking table of 3.7: read from the journeys, with names for who may read them, in a workbook too."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.journeys import roster
from tests.support.stories import Teller, cast_of

SignIn = Callable[[Actor], Browser]
pytestmark = pytest.mark.database("sqlite")


def test_the_table_is_read_from_the_journeys_and_names_people_to_who_follows_them(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.7")
        journey = operation.entered(20, family_name="Bruyère", given_name="Solène")
        operation.fire(journey, operation.operator, "describe", obstacles=["housing", "health"])
        clock.move_to(operation.late)
        operator, manager = operation.operator, people.manager(session)
        stranger = people.applicant(session, people.organisation(session))
        address, label = f"/dossiers/{operation.application.id}/tableau-de-suivi", journey.label
    page = signed_in(operator).get(address).text
    for said in ("BRUYÈRE Solène", "Accompagné", "logement et santé"):
        assert said in page
    seen = signed_in(manager).get(address).text
    assert label in seen
    for hidden in ("BRUYÈRE", "logement et santé"):
        assert hidden not in seen
    assert signed_in(stranger).get(address).status_code == 404
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(signed_in(operator).get(f"{address}.xlsx").data))
    rows = sheet.get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["Participant", "État", "Public"]
    assert rows[1][0] == "BRUYÈRE Solène"


def test_only_the_sheet_that_wants_the_table_has_one(
    sessions: sessionmaker[Session], settings: Settings, signed_in: SignIn
) -> None:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.12")
        address, operator = f"/dossiers/{operation.application.id}", operation.operator
    browser = signed_in(operator)
    assert "Tableau de suivi" not in browser.get(f"{address}/participants").text
    assert browser.get(f"{address}/tableau-de-suivi").status_code == 404
