"""The table of clauses, in the columns of a clauses follow-up tool, over one operation or all those of a campaign.

l.160-166: the table of all the territories is put together to measure the return to work, with the kinds of public and
the hours worked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from casework import spreadsheets
from casework.clauses import CLAUSES, CONTRACTS, ClauseHours
from casework.durations import typed_hours
from casework.participants import PUBLICS, Journey
from casework.people import Actor, Territory
from casework.permissions import visible_journeys
from casework.spreadsheets import Column, Sheet
from workflows.rules.dashboard import Column as Cell
from workflows.rules.dashboard import Table, discreet

COLUMNS = (
    Column("Territoire", width=20),
    Column("N° de parcours", width=14),
    Column("Participant", width=32),
    Column("Public", width=28),
    Column("Âge à l’entrée", width=14),
    Column("Donneur d’ordre", width=28),
    Column("Marché", width=36),
    Column("Type de clause", width=30),
    Column("Entreprise", width=28),
    Column("Type de contrat", width=30),
    Column("Début du contrat", width=16),
    Column("Fin du contrat", width=16),
    Column("Heures réalisées", width=16),
)


def contracts_of(
    session: Session,
    applications: Sequence[int],
    actor: Actor,
    *,
    options: Sequence[Any] = (),
    before: int | None = None,
    limit: int | None = None,
) -> list[ClauseHours]:
    """The contracts of these operations that this actor may see, the last entered first, each with its journey."""
    query = sa.select(ClauseHours).join(Journey, Journey.id == ClauseHours.journey_id)
    query = query.options(contains_eager(ClauseHours.journey).options(*options))
    query = visible_journeys(query.where(Journey.application_id.in_(applications)), actor)
    if before is not None:
        query = query.where(ClauseHours.id < before)
    return list(session.scalars(query.order_by(ClauseHours.id.desc()).limit(limit)))


def summary_of(session: Session, applications: Sequence[int], actor: Actor) -> list[Table]:
    """People and hours by kind of contract, of clause, by public and by territory, in one query."""
    columns: tuple[Any, ...] = (
        ClauseHours.contract,
        ClauseHours.clause,
        Journey.publics,
        Territory.name,
        Journey.person_id,
        sa.func.sum(ClauseHours.minutes),
    )
    query = sa.select(*columns).join(Journey, Journey.id == ClauseHours.journey_id)
    query = query.join(Territory, Territory.id == Journey.territory_id).where(Journey.application_id.in_(applications))
    found = session.execute(visible_journeys(query, actor).group_by(*columns[:5]))
    rows = [(contract, clause, publics[0], *rest) for contract, clause, publics, *rest in found]
    asked: tuple[tuple[str, str, int, Mapping[str, str]], ...] = (
        ("contract", "Par type de contrat", 0, CONTRACTS),
        ("clause", "Par type de clause", 1, CLAUSES),
        ("public", "Par public", 2, PUBLICS),
        ("territory", "Par territoire", 3, {}),
    )
    return [_table(rows, *one) for one in asked]


def _table(rows: Iterable[Any], key: str, title: str, place: int, labels: Mapping[str, str]) -> Table:
    people: dict[str, set[int]] = {}
    minutes: dict[str, int] = {}
    for row in rows:
        people.setdefault(row[place], set()).add(row[4])
        minutes[row[place]] = minutes.get(row[place], 0) + int(row[5])
    known = [code for code in labels if code in people] if labels else sorted(people)
    found = tuple((labels.get(code, code), len(people[code]), round(minutes[code] / 60, 2)) for code in known)
    columns = (Cell("Personnes", "people"), Cell("Heures", "hours"))
    return Table(key, title, title.removeprefix("Par ").capitalize(), columns, found, (tuple(range(len(found))),), 1)


def workbook(contracts: Sequence[ClauseHours], names: Mapping[int, str], summary: Sequence[Table]) -> bytes:
    """One line for each contract, then the merged figures. `names`: who may be named, by journey; else its number."""
    lines = Sheet("Clauses", COLUMNS, [_line(one, names) for one in contracts])
    return spreadsheets.write_book([lines, *summary_sheets(summary)])


def summary_sheets(summary: Sequence[Table]) -> list[Sheet]:
    """The merged figures; they leave the service, so no small count of people is in them."""
    return [_sheet(discreet(table)) for table in summary]


def _sheet(table: Table) -> Sheet:
    columns = [Column(table.first, width=40), *(Column(one.label, kind="any", width=18) for one in table.columns)]
    return Sheet(table.title, columns, table.rows)


def _line(one: ClauseHours, names: Mapping[int, str]) -> list[Any]:
    journey = one.journey
    return [
        journey.territory.name,
        str(journey.id),
        names.get(journey.id, journey.label),
        journey.publics_said,
        "" if journey.age_at_entry is None else str(journey.age_at_entry),
        one.orderer,
        one.market,
        CLAUSES[one.clause],
        one.company,
        CONTRACTS[one.contract],
        f"{one.starts_on:%d/%m/%Y}",
        f"{one.ends_on:%d/%m/%Y}" if one.ends_on else "",
        typed_hours(one.minutes),
    ]
