"""What is kept is seen by the data officer and the managers, and a manager holds the identities of a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock, paris_instant
from casework.db import transaction
from casework.participants import IdentityLook, Journey
from casework.people import Actor
from casework.settings import Settings
from jobs import retention as forgetting
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.journeys import roster
from tests.support.means import means
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once

SignIn = Callable[[Actor], Browser]
LATER = paris_instant(date(2029, 6, 1), time(10, 0))


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> SimpleNamespace:
    """An operation whose only participant never came, given up since by its bearer."""
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        operation = roster(teller, "3.14")
        journey = operation.orient(family_name="Gentianelle")
        operation.fire(journey, operation.operator, "decline", cause="absent", reason="Jamais venue.")
        case = operation.application
        ended = {"state": "terminated", "state_since": operation.late}
        session.execute(sa.update(type(case)).where(type(case).id == case.id).values(ended))
        clock.move_to(LATER)
        return SimpleNamespace(
            case=case.id,
            journey=journey.id,
            person=journey.person_id,
            manager=people.manager(session),
            data_officer=people.data_officer(session),
            applicant=operation.operator,
            auditor=people.auditor(session),
        )


def test_who_would_go_is_said_by_number_until_a_manager_holds_the_case(
    world: SimpleNamespace, signed_in: SignIn, engine: sa.Engine
) -> None:
    watching, deciding = signed_in(world.data_officer), signed_in(world.manager)
    page = opened(watching, "/conservation")
    assert f"Personne n° {world.person}" in page
    assert "GENTIANELLE" not in page.upper()
    address = f"/dossiers/{world.case}/conservation"
    assert address in opened(deciding, f"/dossiers/{world.case}/participants")
    wrong = deciding.post(address, {"reason": " "})
    assert wrong.status_code == 422
    assert errors_in(wrong) == ["Cette réponse est obligatoire."]
    assert deciding.post(address, {"reason": "Contentieux sur le solde."}).status_code == 303
    assert deciding.post(address, {"reason": "Encore."}).status_code == 409
    assert "Contentieux sur le solde." in opened(deciding, address)
    held = opened(watching, "/conservation")
    assert f"Personne n° {world.person}" not in held
    assert "Contentieux sur le solde." in held
    assert queries_of(engine, deciding, "/conservation") <= MOST_QUERIES
    assert queries_of(engine, deciding, address) <= MOST_QUERIES
    assert deciding.post(f"{address}/levee").status_code == 303
    assert deciding.post(f"{address}/levee").status_code == 409
    assert f"Personne n° {world.person}" in opened(watching, "/conservation")


@pytest.mark.database("sqlite")
def test_only_a_manager_holds_a_case(world: SimpleNamespace, signed_in: SignIn) -> None:
    address = f"/dossiers/{world.case}/conservation"
    assert signed_in(world.applicant).post(address, {"reason": "Non."}).status_code == 403
    assert signed_in(world.data_officer).post(address, {"reason": "Non."}).status_code == 404
    assert signed_in(world.auditor).get("/conservation").status_code == 403


def test_whose_identity_is_erased_is_named_nowhere(
    world: SimpleNamespace, signed_in: SignIn, sessions: sessionmaker[Session], settings: Settings
) -> None:
    assert forgetting.run(means(sessions, settings, now=LATER)).done == 1
    for actor in (world.applicant, world.manager):
        page = opened(signed_in(actor), f"/participants/{world.journey}")
        assert "Identité effacée le 1er juin 2029" in page
        assert "Jamais venue." not in page
        assert "GENTIANELLE" not in page.upper()
    roster_page = opened(signed_in(world.applicant), f"/dossiers/{world.case}/participants")
    assert f"Parcours n° {world.journey}" in roster_page
    officer = signed_in(world.data_officer)
    assert "Identité effacée" in opened(officer, f"/personnes/{world.person}")
    answer = officer.post(f"/personnes/{world.person}/export.json")
    assert answer.status_code == 200
    assert "Gentianelle" not in answer.text
    assert officer.post(f"/personnes/{world.person}/export.pdf").status_code == 200
    with sessions() as session:
        looks = session.scalars(sa.select(IdentityLook.purpose)).all()
        assert set(looks) <= {"export"}
        assert session.get_one(Journey, world.journey).state == "declined"
