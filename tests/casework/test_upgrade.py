"""What a service of a former version held is all there after an upgrade, on both databases.

Its database is restored as from a backup (`tests/support/former.py`): rows of every table, written by the code of that
time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import schema
from casework.db import make_engine
from casework.identities import Person
from casework.journal import verify
from casework.journey_facts import JourneyFact
from casework.participants import Journey
from tests.support.databases import SharedDatabases, everything
from tests.support.former import REVISIONS, guards_of, lost, made_of, restore, rows_of
from tests.support.template import KEYS
from workflows.checking import unknown_states
from workflows.versions import current_versions, read_versions

IDENTITY = ("birth_date", "family_name", "given_name", "postcode", "town")
MOVED = {
    **{f"person.{name}": "0019" for name in (*IDENTITY, "match_key")},
    "journey.public": "0033",
    "journey_fact.choice": "0034",
    "journey.next_step": "0034",
}
"""The columns whose values a migration changes or moves on purpose, with its number: a test says what becomes of it."""


@pytest.fixture(params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def former(revision: str, database_kind: str, databases: SharedDatabases, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database as the service of this migration left it."""
    url = databases.empty(database_kind, tmp_path)
    engine = make_engine(url, keys=KEYS)
    restore(engine, revision)
    yield engine
    engine.dispose()
    databases.drop(url)


def test_a_former_database_loses_nothing_and_becomes_as_a_new_one(
    former: sa.Engine, revision: str, engine: sa.Engine
) -> None:
    held, guards = rows_of(former), guards_of(former)
    assert [name for name, rows in held.items() if not rows] == [], "every table has something to lose"
    schema.upgrade(former)
    assert lost(held, rows_of(former), apart={name for name, at in MOVED.items() if revision < at}) == []
    assert guards <= guards_of(former), "a table was made again without what guarded it"
    assert made_of(former) == made_of(engine), "a new database is not what a database in service becomes"
    everything(former)
    with Session(former) as session:
        assert verify(session) == (len(held["event"]), None)
        assert unknown_states(session) == []
        assert read_versions(session, current_versions(session))
        _sealed_as_it_was(held, session)


@pytest.mark.parametrize("revision", ["0018"])
def test_people_who_were_readable_are_sealed_as_they_were_and_the_erased_stay_so(former: sa.Engine) -> None:
    known = {row["id"]: row for row in rows_of(former)["person"]}
    schema.upgrade(former)
    with Session(former) as session:
        for person in session.scalars(sa.select(Person)):
            row = known.pop(person.id)
            said = {name: str(row[name]) for name in IDENTITY} | {"phone": "", "email": ""}
            assert person.identity == (None if row["erased_at"] else said)
    assert known == {}


def _sealed_as_it_was(held: Mapping[str, Sequence[Mapping[str, Any]]], session: Session) -> None:
    """The situations of people, what their sheets follow and what follows their exits: the same, readable no more."""
    people = held["journey"]
    publics = {row["id"]: [row["public"]] for row in people}
    choices = {row["id"]: row["choice"] for row in held.get("journey_fact", ())}
    journeys = session.scalars(sa.select(Journey)).all()
    assert {one.id: one.publics for one in journeys} == publics
    assert {one.id: one.next_step for one in journeys} == {row["id"]: row.get("next_step") for row in people}
    assert {one.id: one.choice for one in session.scalars(sa.select(JourneyFact))} == choices
    kept = [bytes(cell) for cell in session.execute(sa.text("SELECT choice FROM journey_fact")).scalars()]
    kept += [bytes(cell) for cell in session.execute(sa.text("SELECT publics FROM journey")).scalars()]
    said = {code.encode() for code in (*choices.values(), "rsa", "young") if code}
    assert not any(code in cell for cell in kept for code in said)
