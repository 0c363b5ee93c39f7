"""The register of what is held on participants: every table that leads to a person, declared once.

The published register, the information notice, the answer to somebody who asks what is held on her, the measure of
the last contact and the erasure are all read from `register_tables.REGISTER`; a test refuses a table or a column that
leads to `person` and is not declared there. A new table is declared by one `Held`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa

from casework.db import Base

CATEGORIES = {
    "identity": "Identité",
    "situation": "Situation et parcours",
    "followup": "Suivi de l’accompagnement",
    "trace": "Traces de l’usage du service",
}
RETENTION_YEARS = 2
ERASED_FATE = "Effacé deux ans après le dernier contact"
KEPT_FATE = "Gardé sans identité, pour les statistiques"


@dataclass(frozen=True)
class Held:
    """What one table holds on a participant.

    `facts`: the French label of each column that says something of the person. `technical`: the other columns (keys,
    who typed, when). Together they are all the columns of the table. `erased`: what takes the place of each column
    that must not stay once the retention has passed; the other columns stay, without an identity to lead to. `removed`:
    the rows themselves go.
    `sensitive`: the columns whose reading could harm (RSA, health, housing). `contacts`: the dates that prove a contact
    with the person. `files`: the columns that name a stored file about the person, whose bytes go with the erasure;
    `case_files`: those that name a file of the case, which stays.
    `seen_by`: the permission that opens it. `when`: where only some schemes ask for it, which ones
    (`workflows.rights.collected`). `codes`: the French words of the codes that some columns hold.
    """

    table: str
    label: str
    purpose: str
    category: str
    seen_by: str
    facts: Mapping[str, str]
    technical: tuple[str, ...]
    erased: Mapping[str, Any] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    contacts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    case_files: tuple[str, ...] = ()
    removed: bool = False
    when: str = ""
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.facts) | frozenset(self.technical)

    @property
    def stored(self) -> sa.Table:
        return Base.metadata.tables[self.table]

    @property
    def fate(self) -> str:
        """What becomes of it, in a sentence's worth of words."""
        if self.removed:
            return ERASED_FATE
        said = [self.facts[name].lower() for name in self.erased if name in self.facts]
        if not said:
            return KEPT_FATE
        every = set(self.facts) <= set(self.erased)
        return ERASED_FATE if every else f"{ERASED_FATE} : {', '.join(said)}. Le reste est gardé sans identité"


def reached(metadata: sa.MetaData) -> frozenset[str]:
    """The tables that lead to `person` by foreign keys, `person` first of all."""
    found = {"person"}
    while True:
        more = {table.name for table in metadata.tables.values() if _parents(table, found)} - found
        if not more:
            return frozenset(found)
        found |= more


def _parents(table: sa.Table, among: Iterable[str]) -> list[sa.ForeignKey]:
    """The keys of a table that lead to one of these tables, itself left out; only those to `person` when it has any."""
    keys = [key for key in table.foreign_keys if key.column.table.name in among and key.column.table is not table]
    direct = [key for key in keys if key.column.table.name == "person"]
    return sorted(direct or keys, key=lambda key: key.parent.name)


@cache
def _known(metadata: sa.MetaData) -> frozenset[str]:
    return reached(metadata)


def rows_of(table: sa.Table, person_ids: Sequence[int] | sa.Select[int]) -> sa.ColumnElement[bool]:
    """The condition that holds for the rows of this table about these people."""
    ids = person_ids
    if table.name == "person":
        return table.c.id.in_(ids)
    conditions = []
    for key in _parents(table, _known(table.metadata)):
        parent = key.column.table
        direct = parent.name == "person"
        conditions.append(
            key.parent.in_(ids) if direct else key.parent.in_(sa.select(key.column).where(rows_of(parent, ids)))
        )
    return sa.or_(*conditions)


def dated(held: Held, column: str, person_ids: Sequence[int]) -> sa.Select[Any]:
    """(person, last day) of a date of this table, for each of these people who has one."""
    table = held.stored
    source, person = _to_person(table)
    day = sa.func.max(sa.func.date(table.c[column]))
    query = sa.select(person.label("person_id"), day.label("day")).select_from(source)
    return query.where(person.in_(person_ids), table.c[column].is_not(None)).group_by(person)


def _to_person(table: sa.Table) -> tuple[sa.FromClause, sa.ColumnElement[Any]]:
    """The table joined to those that lead from it to a person, and the column that says which."""
    source: sa.FromClause = table
    while True:
        key = _parents(table, _known(table.metadata))[0]
        if key.column.table.name == "person":
            return source, key.parent
        source = source.join(key.column.table, key.parent == key.column)
        table = key.column.table


def undeclared(metadata: sa.MetaData, register: Iterable[Held]) -> list[str]:
    """What leads to a person, or names a file about one, without being declared; what is declared and is not there."""
    declared = {held.table: held for held in register}
    faults = []
    for name in sorted(reached(metadata) | declared.keys()):
        table, held = metadata.tables.get(name), declared.get(name)
        if table is None:
            faults.append(f"{name}: declared, but there is no such table")
        elif held is None:
            faults.append(f"{name}: leads to a person and is not declared in casework/register_tables.py")
        else:
            faults += _faults_of(table, held)
    return faults


def _faults_of(table: sa.Table, held: Held) -> list[str]:
    columns = {column.name for column in table.columns}
    faults = [f"{table.name}.{name}: not declared" for name in sorted(columns - held.columns)]
    faults += [f"{table.name}.{name}: declared, but there is no such column" for name in sorted(held.columns - columns)]
    pointed = {key.parent.name for key in table.foreign_keys if key.column.table.name == "document"}
    unsaid = pointed - set(held.files) - set(held.case_files)
    faults += [f"{table.name}.{name}: names a file, say so in `files`" for name in sorted(unsaid)]
    files = set(held.files) | set(held.case_files)
    unknown = (set(held.erased) | set(held.contacts) | held.sensitive | files) - columns
    faults += [f"{table.name}.{name}: spoken of, but there is no such column" for name in sorted(unknown)]
    silent = [] if held.facts else [f"{table.name}: say in `facts` what it tells of the person"]
    return [*faults, *silent, *_texts_that_stay(table, held)]


def _texts_that_stay(table: sa.Table, held: Held) -> list[str]:
    """A free text may say anything of anybody: it is erased, or is one of those that no person types."""
    return [
        f"{table.name}.{column.name}: a free text must be erased"
        for column in table.columns
        if isinstance(column.type, sa.Text) and column.name in held.facts and column.name not in held.erased
    ]
