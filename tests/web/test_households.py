"""The household of a participant of 3.6: children by month of birth, who is three, and families counted once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.errors import Refused
from casework.households import HouseholdChild, household_of
from casework.participants import Journey
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.journeys import roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.stories import Teller, cast_of
from workflows.application.figures import indicators_of
from workflows.engine import Act
from workflows.journey.households import join_household, leave_household, tell_child
from workflows.rules.calendar import add_months

SignIn = Callable[[Actor], Browser]


@dataclass
class Family:
    case: int
    first: int
    second: int
    operator: Actor
    auditor: Actor
    outsider: Actor
    young: str
    three: str


@pytest.fixture
def family(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Family:
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.6")
        month = add_months(operation.starts_on.replace(day=1), -12)
        first = operation.entered(
            10, born=f"{month:%m/%Y}", public="rsa", prescriber="caf", prescriber_body="CAF d’Arras"
        )
        second = operation.entered(12, born="", public="rsa")
        clock.move_to(operation.late)
        return Family(
            operation.application.id, first.id, second.id, operation.operator, people.auditor(session),
            people.applicant(session, people.organisation(session)),
            f"{month:%m/%Y}", f"{add_months(operation.starts_on.replace(day=1), -36):%m/%Y}",
        )  # fmt: skip


def address(key: int) -> str:
    return f"/participants/{key}/foyer"


def test_a_family_is_told_by_months_and_counted_once(
    family: Family, signed_in: SignIn, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    browser = signed_in(family.operator)
    warned = opened(browser, f"/participants/{family.second}")
    assert "Aucun enfant n’est déclaré" in warned
    assert "Un chargé de mission doit l’accepter" in warned
    page = opened(browser, f"/participants/{family.first}")
    assert "Aucun enfant" not in page
    assert "CAF (CAF d’Arras)" in page
    assert "aura 3 ans en" in opened(browser, address(family.first))
    assert browser.post(f"{address(family.first)}/enfants", {"born": family.three}).status_code == 303
    unfinished = f"/dossiers/{family.case}/participants?reste=oui"
    assert opened(browser, unfinished).count("suite des 3 ans d’un enfant") == 1
    assert "3 ans" not in opened(signed_in(family.auditor), unfinished), "who may not read a name reads no age"
    page = opened(browser, address(family.first))
    assert "Préparer la suite" in page
    told = re.findall(r"/foyer/enfants/(\d+)/suite", page)[-1]
    assert browser.post(f"{address(family.first)}/enfants/{told}/suite").status_code == 303
    prepared = opened(browser, address(family.first))
    assert "Préparée le" in prepared
    assert "Préparer la suite" not in prepared
    assert "Personne ici pour le moment" in opened(browser, unfinished)
    assert browser.post(f"{address(family.first)}/enfants/{told}/suite").status_code == 409
    assert families(sessions, family, clock) == 2
    link = {"with": str(family.first)}
    unsure = browser.post(f"{address(family.second)}/parents", link)
    assert unsure.status_code == 200
    assert "Est-ce bien l’autre parent" in unsure.text
    assert re.search(r"<strong>[^<]+ Camille</strong>", unsure.text), "whoever follows them reads the name"
    assert browser.post(f"{address(family.second)}/parents", {**link, "confirmed": "999"}).status_code == 200
    assert families(sessions, family, clock) == 2
    joined = browser.post(f"{address(family.second)}/parents", {**link, "confirmed": str(family.first)})
    assert joined.status_code == 303
    assert "du même foyer" in opened(browser, address(family.second))
    assert families(sessions, family, clock) == 1
    assert browser.post(f"{address(family.first)}/parents/detacher").status_code == 303
    assert families(sessions, family, clock) == 2
    assert browser.post(f"{address(family.first)}/parents/detacher").status_code == 409
    key = re.search(rf"{address(family.first)}/enfants/(\d+)/retirer", opened(browser, address(family.first)))
    assert key is not None
    assert browser.post(f"{address(family.first)}/enfants/{key[1]}/retirer").status_code == 303


def test_a_household_stays_while_an_entry_rests_on_it(session: Session, settings: Settings) -> None:
    """She entered with the child that her partner had told: his child is told on her side first."""
    teller = Teller(session, settings, cast_of(session))
    operation = roster(teller, "3.6")
    month = f"{add_months(operation.starts_on.replace(day=1), -12):%m/%Y}"
    first, second = operation.entered(10, born=month), operation.orient(operation.slai, born="")

    def act(**data: str) -> Act:
        return Act(operation.operator, operation.late, teller.settings, data)

    join_household(teller.session, second, act(**{"with": str(first.id), "confirmed": str(first.id)}))
    operation.fire(second, operation.operator, "admit", entered_on=operation.day(20))
    assert second.warnings == []
    for member in (first, second):
        with pytest.raises(Refused, match=f"L’entrée du parcours n° {second.id} repose"):
            leave_household(teller.session, member, act())
    tell_child(teller.session, second, act(born=month))
    leave_household(teller.session, first, act())
    assert household_of(teller.session, second.id) == [second.id]


def families(sessions: sessionmaker[Session], family: Family, clock: FixedClock) -> float | None:
    with sessions() as session:
        application = session.get_one(Application, family.case)
        found = {one.figure.key: one.tally.value for one in indicators_of(session, application, clock.now().date())}
    return found["accompanied_rsa"]


@pytest.mark.database("sqlite")
def test_a_month_that_is_none_is_refused_at_its_field_and_kept(
    family: Family, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(family.operator)
    for wrong in ("", "mai", "13/2023", "05/1990", "05/2099"):
        refused = browser.post(f"{address(family.second)}/enfants", {"born": wrong})
        assert refused.status_code == 422
        assert 'href="#champ-born"' in refused.text
    for wrong in ("", "999999", str(family.second)):
        assert browser.post(f"{address(family.second)}/parents", {"with": wrong}).status_code == 422
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(HouseholdChild)) == 1


@pytest.mark.database("sqlite")
def test_children_are_sealed_and_read_only_by_who_follows_the_family(
    family: Family, signed_in: SignIn, sessions: sessionmaker[Session], engine: sa.Engine
) -> None:
    with engine.connect() as connection:
        stored = connection.execute(sa.text("SELECT born FROM household_child")).scalar_one()
    assert family.young[-4:].encode() not in bytes(stored)
    assert signed_in(family.outsider).get(address(family.first)).status_code == 404
    assert signed_in(family.auditor).get(address(family.first)).status_code in (403, 404)
    assert signed_in(family.auditor).post(f"{address(family.first)}/enfants", {"born": family.young}).status_code == 403
    assert "Foyer" not in opened(signed_in(family.auditor), f"/participants/{family.first}")
    assert queries_of(engine, signed_in(family.operator), address(family.first)) <= MOST_QUERIES
    with sessions() as session:
        assert session.get_one(Journey, family.first).prescriber == "caf"
