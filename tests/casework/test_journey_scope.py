"""Who sees which journeys: the scope of the query and the scope of one loaded journey are the same."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.identities import age_on, new_person, people_like
from casework.participants import Journey
from casework.people import Actor, Territory
from casework.permissions import may_journey, visible_journeys
from tests.support import people, rows
from tests.support.template import NOW


@dataclass(frozen=True)
class World:
    """One operation on two territories and one of another bearer: a journey on each territory of each."""

    here: Territory
    elsewhere: Territory
    operation: Application
    journeys: dict[str, Journey]
    actors: dict[str, Actor]


@pytest.fixture
def world(session: Session) -> World:
    here, elsewhere = rows.territories(session)[:2]
    bearer, other = people.organisation(session), people.organisation(session)
    seen = {"state": "execution", "submitted_at": NOW, "territories": [here, elsewhere]}
    operation = rows.application(session, bearer, "3.1", **seen)
    foreign = rows.application(session, other, "3.2", **seen)
    shared = rows.application(session, other, "3.7", co_bearers=[bearer], **seen)
    journeys = {
        "here": _journey(session, operation, here),
        "elsewhere": _journey(session, operation, elsewhere),
        "foreign": _journey(session, foreign, here),
        "shared": _journey(session, shared, elsewhere),
    }
    actors = {
        "applicant": people.applicant(session, bearer),
        "slai": people.slai(session, here),
        "officer": people.officer(session),
        "officer_3.2": people.officer(session, ["3.2"]),
        "manager": people.manager(session),
        "finance": people.finance(session),
        "auditor": people.auditor(session),
        "partner": people.partner(session, "caf"),
        "admin": people.admin(session),
        "nobody": Actor(name="Personne"),
    }
    return World(here, elsewhere, operation, journeys, actors)


def _journey(session: Session, application: Application, territory: Territory) -> Journey:
    named = {"family_name": "Valériane", "given_name": "Zoé", "birth_date": NOW.date().replace(year=1990)}
    person = new_person(session, {**named, "sex": "F", "postcode": "62000", "town": "Arras"}, at=NOW)
    journey = Journey(
        person=person,
        application=application,
        territory=territory,
        state="oriented",
        publics=["rsa"],
        oriented_at=NOW,
        age_when_oriented=34,
        updated_at=NOW,
        state_since=NOW,
    )
    session.add(journey)
    session.flush()
    return journey


EVERY = {"here", "elsewhere", "foreign", "shared"}
SEEN = {
    "applicant": {"here", "elsewhere", "shared"},
    "slai": {"here", "foreign"},
    "officer": EVERY,
    "officer_3.2": {"foreign"},
    "manager": EVERY,
    "finance": EVERY,
    "auditor": EVERY,
    "partner": set(),
    "admin": set(),
    "nobody": set(),
}
NAMED = {
    role: seen if role in ("applicant", "slai", "officer", "officer_3.2") else set() for role, seen in SEEN.items()
}


@pytest.mark.parametrize("role", list(SEEN))
def test_an_operator_sees_its_own_participants_and_an_slai_those_of_its_territory(
    world: World, session: Session, role: str
) -> None:
    actor = world.actors[role]
    found = set(session.scalars(visible_journeys(sa.select(Journey.id), actor)))
    assert {name for name, journey in world.journeys.items() if journey.id in found} == SEEN[role]
    assert {name for name, journey in world.journeys.items() if may_journey(actor, "journey.read", journey)} == SEEN[
        role
    ]


@pytest.mark.parametrize("role", list(SEEN))
def test_within_one_operation_each_sees_no_more_than_in_all_of_them(world: World, session: Session, role: str) -> None:
    actor, found = world.actors[role], set()
    for operation in {journey.application for journey in world.journeys.values()}:
        query = sa.select(Journey.id).where(Journey.application_id == operation.id)
        found |= set(session.scalars(visible_journeys(query, actor, operation)))
    assert {name for name, journey in world.journeys.items() if journey.id in found} == SEEN[role]


@pytest.mark.parametrize("role", list(NAMED))
def test_identities_are_for_those_who_follow_the_person(world: World, role: str) -> None:
    actor = world.actors[role]
    named = {name for name, journey in world.journeys.items() if may_journey(actor, "journey.identity", journey)}
    assert named == NAMED[role]


def test_an_identity_never_loads_by_itself(world: World, session: Session) -> None:
    key = world.journeys["here"].id
    session.expunge_all()
    journey = session.get_one(Journey, key)
    with pytest.raises(sa.exc.InvalidRequestError, match="raise"):
        _ = journey.person


def test_the_same_person_is_found_whatever_accents_case_and_hyphens(world: World, session: Session) -> None:
    born = NOW.date().replace(year=1990)
    found = people_like(session, family_name="VALERIANE", given_name=" zoe ", birth_date=born)
    assert [one.exact for one in found] == [True] * 4
    assert people_like(session, family_name="Valériane", given_name="Zoé", birth_date=born.replace(year=1991)) == []


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [("2000-02-29", "2025-02-28", 24), ("2000-02-29", "2025-03-01", 25), ("1998-01-15", "2024-01-15", 26)],
)
def test_an_age_is_in_full_years(born: str, day: str, age: int) -> None:
    assert age_on(NOW.date().fromisoformat(born), NOW.date().fromisoformat(day)) == age


@pytest.mark.parametrize(
    "values",
    [
        {"state": "exited"},
        {"state": "accompanied"},
        {"exited_on": NOW.date()},
        {"entered_on": NOW.date()},
        {"exit_kind": "CDI"},
        {"validated_at": NOW},
        {"state": "lost"},
        {"state": "accompanied", "entered_on": NOW.date(), "age_at_entry": 34, "to_validate": True},
    ],
)
def test_the_database_refuses_what_contradicts_itself(
    world: World, session: Session, values: dict[str, object]
) -> None:
    change = sa.update(Journey).where(Journey.id == world.journeys["here"].id).values(**values)
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(change)
