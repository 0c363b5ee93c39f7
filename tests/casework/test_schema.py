"""The migrations make exactly the tables of the models, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from casework import schema
from casework.committees import committees_of, held_without
from casework.db import make_engine
from casework.identities import people_like
from casework.models import metadata
from casework.participants import Journey
from casework.people import Territory
from casework.schemes import SchemeVersion
from casework.sealed import Unreadable, give
from tests.support.databases import SharedDatabases
from tests.support.template import KEYS


@pytest.fixture
def empty(database_kind: str, databases: SharedDatabases, tmp_path: Path) -> Iterator[sa.Engine]:
    url = databases.empty(database_kind, tmp_path)
    engine = make_engine(url, keys=KEYS)
    yield engine
    engine.dispose()
    databases.drop(url)


def test_an_empty_database_is_brought_up_to_date(empty: sa.Engine) -> None:
    assert not schema.is_current(empty)
    schema.upgrade(empty)
    assert schema.is_current(empty)


def test_upgrading_again_changes_nothing(engine: sa.Engine) -> None:
    schema.upgrade(engine)
    assert schema.is_current(engine)


def test_the_migrations_make_what_the_models_say(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    drift = [str(difference)[:150] for difference in differences]
    assert drift == [], "a model changed: write its migration with `make migration`"


def test_foreign_keys_are_held_after_an_upgrade(engine: sa.Engine) -> None:
    schema.upgrade(engine)
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.text("INSERT INTO role_grant (user_id, role) VALUES (4242, 'manager')"))


def test_every_test_starts_from_the_nine_territories_and_the_sixteen_sheets(session: Session) -> None:
    assert session.scalar(sa.select(sa.func.count(Territory.id))) == 9
    assert session.scalar(sa.select(sa.func.count(SchemeVersion.id))) == 16


def test_an_expense_that_was_planned_finds_its_line_when_budgets_are_told_apart(empty: sa.Engine) -> None:
    _upgrade_to_before(empty, "say_how_a_budget_is_made.py")
    known = sa.MetaData()
    known.reflect(empty, only=("application", "budget_line", "expense_line"))
    with empty.begin() as connection:
        bearer = _row(connection, known.tables["organisation"], siret="0" * 14, legal_form="association")
        given = {"organisation_id": bearer, "channel": "casework", "state": "bilan"}
        case = _row(connection, known.tables["application"], **given)
        said = {"application_id": case, "category": "personnel", "label": "Encadrante"}
        _row(connection, known.tables["budget_line"], side="expense", amount_cents=100, **{**said, "label": "Autre"})
        line = _row(connection, known.tables["budget_line"], side="expense", amount_cents=300, **said)
        _row(connection, known.tables["expense_line"], planned_cents=300, spent_cents=250, **said)
        _row(connection, known.tables["expense_line"], planned_cents=0, spent_cents=9, **said)
    schema.upgrade(empty)
    with empty.connect() as connection:
        query = sa.text("SELECT budget_line_id, planned_cents, spent_cents FROM expense_line ORDER BY id")
        assert connection.execute(query).all() == [(line, 300, 250), (None, 0, 9)]
        kept = sa.text("SELECT amount_cents, gross_cents FROM budget_line ORDER BY id")
        assert connection.execute(kept).all() == [(100, None), (300, None)]


def test_the_people_already_known_are_sealed_and_found_again(empty: sa.Engine) -> None:
    _upgrade_to_before(empty, "seal_who_participants_are.py")
    known = sa.MetaData()
    known.reflect(empty, only=("person", "journey"))
    named = {"family_name": "Lefèvre", "given_name": "Anaïs", "birth_date": date(1990, 5, 3)}
    with empty.begin() as connection:
        person = _row(connection, known.tables["person"], sex="F", postcode="62170", **named)
        told = {"channel": "casework", "state": "execution"}
        bearer = _row(connection, known.tables["organisation"], siret="0" * 14, legal_form="association")
        case = _row(connection, known.tables["application"], organisation_id=bearer, **told)
        oriented = {"state": "oriented", "public": "rsa", "to_validate": False}
        _row(connection, known.tables["journey"], person_id=person, application_id=case, **oriented)
    schema.upgrade(empty)
    with empty.connect() as connection, Session(connection) as session:
        found = people_like(session, **{**named, "family_name": "Lefebvre"})
        assert [(one.person.id, one.person.name, one.person.postcode) for one in found] == [
            (person, "LEFÈVRE Anaïs", "62170")
        ]
        assert connection.scalar(sa.text("SELECT age_when_oriented FROM journey")) == 33
        assert session.scalars(sa.select(Journey.publics)).one() == ["rsa"]
        assert b"rsa" not in bytes(connection.scalar(sa.text("SELECT publics FROM journey")))
        assert {column["name"] for column in sa.inspect(connection).get_columns("person")}.isdisjoint(named)


def test_people_are_never_left_readable_for_want_of_a_key(empty: sa.Engine) -> None:
    _upgrade_to_before(empty, "seal_who_participants_are.py")
    known = sa.MetaData()
    known.reflect(empty, only=("person",))
    with empty.begin() as connection:
        _row(connection, known.tables["person"], sex="F", postcode="62170")
    give(empty, "")
    with pytest.raises(Unreadable):
        schema.upgrade(empty)
    assert not schema.is_current(empty)
    give(empty, KEYS)
    schema.upgrade(empty)
    assert schema.is_current(empty)


def _upgrade_to_before(engine: sa.Engine, name: str) -> None:
    """Up to the migration that comes before the one whose file ends so."""
    config = schema.alembic_config()
    config.attributes["engine"] = engine
    steps = ScriptDirectory.from_config(config).walk_revisions()
    following = next(step for step in steps if step.path.endswith(name))
    command.upgrade(config, str(following.down_revision))


def _row(connection: sa.Connection, table: sa.Table, **given: object) -> int:
    """A row of an earlier schema: what is not given and may not be absent is filled by kind, its parents included."""
    values = dict(given)
    for column in table.columns:
        if column.nullable or column.name in given or (column.primary_key and column.name == "id"):
            continue
        parent = next(iter(column.foreign_keys), None)
        values[column.name] = _row(connection, parent.column.table) if parent else _filler(column)
    added = connection.execute(table.insert().values(values)).inserted_primary_key
    assert added is not None
    return int(added[0])


def _filler(column: sa.Column[Any]) -> object:
    kind = column.type
    if isinstance(kind, sa.DateTime):
        return datetime(2024, 5, 2, tzinfo=UTC)
    if isinstance(kind, sa.Date):
        return date(2024, 5, 2)
    if isinstance(kind, sa.JSON):
        return {}
    if isinstance(kind, sa.String):
        return column.name[: min(kind.length or 5, 5)]
    return 1 if isinstance(kind, sa.Integer) else True


def test_the_committees_recorded_before_still_count_and_those_to_come_are_to_convene(empty: sa.Engine) -> None:
    _upgrade_to_before(empty, "convene_committees.py")
    known = sa.MetaData()
    known.reflect(empty, only=("application", "deadline"))
    with empty.begin() as connection:
        bearer = _row(connection, known.tables["organisation"], siret="0" * 14, legal_form="association")
        case = _row(
            connection, known.tables["application"], organisation_id=bearer, channel="casework", state="execution"
        )
        owed = {"application_id": case, "kind": "committee", "owed_by": "applicant", "due_on": date(2024, 4, 1)}
        held = {"closed_at": datetime(2024, 4, 3, tzinfo=UTC), "done_on": date(2024, 4, 3), "outcome": "À Arras."}
        _row(connection, known.tables["deadline"], status="met", rank=1, title="Comité n° 1", **owed, **held)
        _row(connection, known.tables["deadline"], status="open", rank=2, title="Comité n° 2", **owed)
        _row(connection, known.tables["deadline"], status="cancelled", rank=3, **owed, closed_at=held["closed_at"])
    schema.upgrade(empty)
    with empty.connect() as connection, Session(connection) as session:
        found = [(one.rank, one.title, one.day, one.state_label) for one in committees_of(session, case)]
        assert found == [
            (2, "Comité n° 2", date(2024, 4, 1), "À convoquer"),
            (1, "Comité n° 1", date(2024, 4, 3), "Tenu"),
        ]
        assert held_without(session, [case]) == {}
