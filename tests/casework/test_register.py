"""Every relation to a person is declared in the register: a new one forces a decision on what becomes of it."""

from __future__ import annotations

import sqlalchemy as sa

from casework.models import metadata
from casework.permissions import PERMISSIONS
from casework.register import CATEGORIES, Held, reached, rows_of, undeclared
from casework.register_tables import REGISTER


def test_everything_that_leads_to_a_person_is_declared() -> None:
    faults = undeclared(metadata, REGISTER)
    assert faults == [], "declare it in casework/register_tables.py: what for, who sees it, what becomes of it"


def test_a_new_table_a_new_column_and_a_new_file_are_refused_until_they_are_declared() -> None:
    grown = sa.MetaData()
    person = sa.Table("person", grown, sa.Column("id", sa.Integer, primary_key=True), sa.Column("nick", sa.Text))
    sa.Table("document", grown, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "visit",
        grown,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.ForeignKey("person.id")),
        sa.Column("photo_id", sa.ForeignKey("document.id")),
        sa.Column("said", sa.Text),
    )
    sa.Table("detail", grown, sa.Column("visit_id", sa.ForeignKey("visit.id")), sa.Column("n", sa.Integer))
    sa.Table("elsewhere", grown, sa.Column("id", sa.Integer, primary_key=True))
    assert person.name in reached(grown)
    known = [
        _held("person", facts={"id": "Numéro"}),
        _held("visit", "id", "person_id", "photo_id", facts={"said": "Dit"}),
    ]
    assert undeclared(grown, known) == [
        "detail: leads to a person and is not declared in casework/register_tables.py",
        "person.nick: not declared",
        "visit.photo_id: names a file, say so in `files`",
        "visit.said: a free text must be erased",
    ]


def test_what_is_declared_and_no_longer_there_is_said() -> None:
    grown = sa.MetaData()
    sa.Table("person", grown, sa.Column("id", sa.Integer, primary_key=True))
    gone = [_held("person", "nick", facts={"id": "Numéro"}), _held("visit", "id")]
    assert undeclared(grown, [_held("person", "id")]) == ["person: say in `facts` what it tells of the person"]
    assert undeclared(grown, gone) == [
        "person.nick: declared, but there is no such column",
        "visit: declared, but there is no such table",
    ]


def test_each_declaration_says_who_sees_it_and_of_which_category_it_is() -> None:
    for held in REGISTER:
        assert held.seen_by in PERMISSIONS, held.table
        assert held.category in CATEGORIES, held.table
        assert held.label, held.table
        assert held.purpose, held.table


def test_the_rows_about_somebody_are_found_along_the_foreign_keys() -> None:
    condition = str(rows_of(metadata.tables["deadline_extension"], [7]))
    assert "deadline.journey_id IN (SELECT journey.id" in condition
    assert "journey.person_id IN" in condition


def _held(table: str, *technical: str, facts: dict[str, str] | None = None) -> Held:
    return Held(table, table, "", "trace", "admin", facts=facts or {}, technical=technical)
