"""The page where the data officer compares people who may be one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.participants import IdentityLook, Journey
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.journeys import roster
from tests.support.stories import Teller, cast_of

SignIn = Callable[[Actor], Browser]
NAMED = {"given_name": "Anaïs", "birth_date": "1998-06-15"}


def test_two_people_are_compared_merged_and_parted(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.12")
        first = operation.exited()
        kept = operation.entered(30, family_name="Lefèvre", **NAMED)
        operation.fire(kept, operation.operator, "record_exit", exited_on=operation.day(50), exit_kind="dropped")
        gone = operation.entered(60, family_name="Lefebvre", person="new", **NAMED)
        keys, alone = (kept.person_id, gone.person_id), first.person_id
        clock.move_to(operation.late)
        officer, operator = people.data_officer(session), operation.operator
        journey_id = gone.id
    browser = signed_in(officer)
    page = browser.get("/rapprochements")
    assert "LEFÈVRE Anaïs" in page.text
    assert "LEFEBVRE Anaïs" in page.text
    with sessions() as session:
        seen = set(session.scalars(sa.select(IdentityLook.person_id).where(IdentityLook.user_id == officer.user_id)))
    assert seen == set(keys)
    assert alone not in seen
    nothing = browser.post("/rapprochements", {"kept": str(keys[0])})
    assert nothing.status_code == 409
    assert "cochez au moins une autre fiche" in nothing.text
    odd = browser.post("/rapprochements", {"kept": "²", "gone": ["rien", "9" * 30]})
    assert odd.status_code == 409
    unknown = browser.post("/rapprochements", {"kept": str(keys[0]), "gone": "999999"})
    assert "n’existe pas" in unknown.text
    done = browser.post("/rapprochements", {"kept": str(keys[0]), "gone": str(keys[1])}, follow_redirects=True)
    assert "1 fiche rapprochée" in done.text
    assert "Aucun doublon probable" in done.text
    with sessions() as session:
        assert session.get_one(Journey, journey_id).person_id == keys[0]
    undone = browser.post("/rapprochements/1/defaire", follow_redirects=True)
    assert f"la fiche n° {keys[1]} est de nouveau à part" in undone.text
    assert browser.post("/rapprochements/1/defaire").status_code == 409
    assert signed_in(operator).get("/rapprochements").status_code == 403


@pytest.mark.database("sqlite")
def test_the_situation_is_typed_from_the_page_of_the_journey_and_shown_to_who_sees_the_person(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.12")
        journey = operation.entered()
        clock.move_to(operation.late)
        operator, manager = operation.operator, people.manager(session)
        key, version = journey.id, journey.version
    form = {"version": str(version), "education": "upper", "training": "4", "obstacles": ["health", "mobility"]}
    done = signed_in(operator).post(f"/participants/{key}/actions/describe", form, follow_redirects=True)
    for said in ("Situation de la personne saisie", "Lycée", "mobilité et santé", "Niveau 4"):
        assert said in done.text
    seen = signed_in(manager).get(f"/participants/{key}").text
    assert "Situation de la personne saisie" in seen
    for hidden in ("Lycée", "mobilité et santé"):
        assert hidden not in seen
