"""People by the thousand in operations already told: journeys, what is done with them, their months and their CRE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from casework.activities import Activity
from casework.applications import Application, Convention, application_territory
from casework.db import make_engine
from casework.identities import Person, age_on, identified
from casework.participants import Journey
from tests.support import template
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.calendar import add_months
from workflows.rules.results import end_of_month

PEOPLE = 150
"""People of each operation."""
EACH = 28
"""Activities of each person who entered: 9 in 10 did."""
KINDS, MODES = ("interview", "workshop", "immersion", "visit", "partner"), ("present", "telephone", "video")
PUBLICS = ("rsa", "rsa", "rsa", "ex_rsa", "rsa")
SLICE = 20_000


@dataclass(frozen=True)
class Population:
    operations: int
    journeys: int
    activities: int


def people(url: str) -> Population:
    """Fill every operation of this database with 150 people each, who live on its territory."""
    engine = make_engine(url, keys=template.KEYS)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _hurry)
    with engine.begin() as connection:
        operations = _operations(connection)
        for rows in _sliced(_people(len(operations) * PEOPLE)):
            connection.execute(sa.insert(Person), rows)
        for rows in _sliced(_journeys(operations)):
            connection.execute(sa.insert(Journey), rows)
        _numbers(connection)
        _activities(connection)
        _months(connection)
        found = Population(
            len(operations),
            *(connection.scalar(sa.select(sa.func.count()).select_from(t)) for t in (Journey, Activity)),
        )
    postgres = engine.dialect.name == "postgresql"
    with engine.connect().execution_options(**{"isolation_level": "AUTOCOMMIT"} if postgres else {}) as plain:
        plain.exec_driver_sql("VACUUM (ANALYZE)" if postgres else "ANALYZE")
        plain.commit()
    engine.dispose()
    return found


def _hurry(connection: Any, _record: Any) -> None:
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-262144", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _operations(connection: sa.Connection) -> list[Any]:
    query = (
        sa.select(Application.id, Application.scheme_code, Convention.starts_on, application_territory.c.territory_id)
        .join(Convention, Convention.application_id == Application.id)
        .join(application_territory, application_territory.c.application_id == Application.id)
    )
    return list(connection.execute(query.order_by(Application.id)))


def _sliced(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    kept: list[dict[str, Any]] = []
    for row in rows:
        kept.append(row)
        if len(kept) == SLICE:
            yield kept
            kept = []
    if kept:
        yield kept


def _born(rank: int) -> date:
    return date(1962 + rank * 7 % 42, 1 + rank % 12, 1 + rank * 11 % 28)


def _people(number: int) -> Iterator[dict[str, Any]]:
    for rank in range(number):
        yield {
            "id": rank + 1,
            "identity": identified(
                {
                    "family_name": f"Nomdessai{rank}",
                    "given_name": f"Prénom{rank % 300}",
                    "birth_date": _born(rank),
                    "town": "Arras",
                    "postcode": "62000",
                }
            ),
            "sex": "FM"[rank % 2],
            "created_at": template.NOW,
        }


def _journeys(operations: list[Any]) -> Iterator[dict[str, Any]]:
    """Of ten people: one waits for the SLAI, three have left, six are accompanied."""
    validated = {
        code for code, one in read_dir(SCHEMES_DIRECTORY / "2024").items() if one.orientation_validated_by_slai
    }
    for number, operation in enumerate(operations):
        for rank in range(PEOPLE):
            key = number * PEOPLE + rank
            entered = None if rank % 10 == 0 else operation.starts_on + timedelta(days=rank % 90)
            left = entered + timedelta(days=120 + rank) if entered and rank % 10 in (1, 2, 3) else None
            wanted = operation.scheme_code in validated
            yield {
                "id": key + 1,
                "person_id": key + 1,
                "application_id": operation.id,
                "territory_id": operation.territory_id,
                "state": "exited" if left else "accompanied" if entered else "oriented",
                "version": 1,
                "publics": ["young" if rank % 7 == 0 else PUBLICS[rank % 5]],
                "oriented_at": template.NOW,
                "age_when_oriented": age_on(_born(key), template.NOW.date()),
                "to_validate": wanted,
                "validated_at": template.NOW if wanted and entered else None,
                "validated_by_id": 1 if wanted and entered else None,
                "entered_on": entered,
                "age_at_entry": age_on(_born(key), entered) if entered else None,
                "exited_on": left,
                "exit_kind": "CDI" if left else None,
                "exit_family": ("durable", "transition", "none")[rank % 3] if left else None,
                "updated_at": template.NOW,
                "state_since": template.NOW,
            }


def _numbers(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TEMPORARY TABLE bench_number (n INTEGER PRIMARY KEY)")
    connection.execute(sa.text("INSERT INTO bench_number (n) VALUES (:n)"), [{"n": n} for n in range(EACH)])


def _activities(connection: sa.Connection) -> None:
    """So many for each person who entered, twelve days apart."""
    day = (
        "j.entered_on + n * 12"
        if connection.dialect.name == "postgresql"
        else "date(j.entered_on, (n * 12) || ' days')"
    )
    _run(
        connection,
        "INSERT INTO activity (journey_id, kind, mode, done_on, minutes, entered_at) "
        f"SELECT j.id, {_turn(KINDS)}, {_turn(MODES)}, {day}, 30 + 15 * (n % 8), :at "
        "FROM journey j CROSS JOIN bench_number WHERE j.entered_on IS NOT NULL",
    )


def _turn(words: tuple[str, ...]) -> str:
    cases = " ".join(f"WHEN {rank} THEN '{word}'" for rank, word in enumerate(words))
    return f"CASE (j.id + n) % {len(words)} {cases} END"


def _months(connection: sa.Connection) -> None:
    """The first six months of 3.10 to 3.12, each with its progress record to write."""
    starts = connection.scalar(sa.select(sa.func.min(Convention.starts_on)))
    assert starts is not None
    there = (
        "FROM journey j JOIN application a ON a.id = j.application_id WHERE a.scheme_code IN ('3.10', '3.11', '3.12') "
        "AND j.entered_on <= :last AND (j.exited_on IS NULL OR j.exited_on >= :month)"
    )
    for rank in range(6):
        month = add_months(starts.replace(day=1), rank)
        period = {"month": month, "last": end_of_month(month)}
        _run(
            connection,
            "INSERT INTO journey_month (journey_id, month, present, minutes, version, entered_at) "
            f"SELECT j.id, :month, true, 60 * (4 + j.id % 9), 1, :at {there}",
            **period,
        )
        _run(
            connection,
            "INSERT INTO progress_record (journey_id, application_id, territory_id, month, state, version, themes, "
            "comment, return_reason, updated_at, state_since) SELECT j.id, j.application_id, j.territory_id, :month, "
            f"'to_write', 1, '[]', '', '', :at, :at {there}",
            **period,
        )


def _run(connection: sa.Connection, text: str, **days: date) -> None:
    bound = [sa.bindparam(name, day, sa.Date) for name, day in days.items()]
    at = sa.bindparam("at", template.NOW, sa.DateTime(timezone=True))
    connection.execute(sa.text(text).bindparams(at, *bound))
