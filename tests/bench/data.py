"""Databases to measure: a few dozen cases really told, then multiplied by SQL until there are as many as wanted.

What lists read is copied with every case (territories, opinions, words of the search). What only its own page reads
(convention, deadlines, payments, budget, files) is copied for the first ten thousand cases, and its journal for the
first two thousand. Copies have references, titles, organisations, officers and dates of their own. A copied journal
does not verify: its digests are those of the case it was copied from.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import passwords
from casework.applications import Application
from casework.bank import BankDetails
from casework.clock import SystemClock
from casework.db import Base, make_engine, make_sessions, transaction
from casework.people import Grant, Organisation, User
from casework.schema import upgrade
from casework.search import words_of
from casework.settings import Settings
from casework.storage import Storage
from tests.support import template
from workflows.demo_people import create_people, invented_siret
from workflows.reference_data import create_territories
from workflows.stories import Plan, Story
from workflows.story_bank import invented_iban

PASSWORD = "un mot de passe pour mesurer"
OFFICER = "claire.aubancourt@demo.casework.invalid"
OFFICERS = 12
WHOLE = 10_000
HISTORIES = 2_000
TARGETS = (
    *("draft", "draft", "deposited", "submitted", "submitted", "submitted", "submitted"),
    *("slai_opinion", "slai_opinion", "instruction", "instruction", "instruction", "instructed", "instructed"),
    *("convention", "convention", "advance", "advance", "execution", "execution", "execution", "execution"),
    *("bilan", "balance", "closed", "closed", "closed", "closed"),
)
"""The states of the cases told: as many of each as on an ordinary day of the service."""
KINDS = ("Chantier", "Atelier", "Préparatoire", "Parcours", "Garage", "Jardin", "Café", "Encadrement", "Tremplin")
AIMS = ("solidaire", "d’insertion", "numérique", "de la mobilité", "des compétences", "de l’aide à domicile", "santé")
PLACES = ("Arras", "Lens", "Liévin", "Calais", "Saint-Omer", "Béthune", "Hénin", "Bruay", "Boulogne", "Montreuil")
NAMES = ("Horizon", "Ateliers", "Passerelle", "Toit", "Relais", "Élan", "Chênes", "Ressort", "Trame", "Compagnons")
COPIED = (
    *("application", "application_territory", "co_bearer", "application_partner", "opinion", "correction"),
    *("accepted_warning", "convention", "final_report", "deadline", "budget_line", "document", "payment"),
    *("report_draft", "expense_line", "instruction_point", "line_review"),
    *("event", "event_payload"),
)
LISTED = ("application", "application_territory", "co_bearer", "application_partner", "opinion")


def ordinary_plans() -> list[Plan]:
    """One case in each of the states of `TARGETS`, over the 16 sheets."""
    places = ("Arrageois", "Artois", "Ternois")
    return [Plan(f"3.{rank % 16 + 1}", target, territories=(places[rank % 3],)) for rank, target in enumerate(TARGETS)]


def tell(engine: sa.Engine, folder: Path, plans: Sequence[Plan]) -> None:
    """Fill a migrated database: people, an officer who can sign in, and the cases that are then multiplied."""
    settings = Settings(secret_key="bench", files_dir=str(folder), password_time_cost=1, password_memory_kib=1024)
    sessions = make_sessions(engine)
    now = SystemClock().now()
    with transaction(sessions) as session:
        people = create_people(session, create_territories(session), at=template.NOW)
        claire = session.scalars(sa.select(User).where(User.email == OFFICER)).one()
        claire.password_hash = passwords.hashed(settings, PASSWORD)
        session.add_all(_officer(number) for number in range(OFFICERS))
    for rank, plan in enumerate(plans):
        _tell(sessions, settings, Storage(folder), people.casts[rank % len(people.casts)], plan, now)


def _officer(number: int) -> User:
    name = f"Chargé {NAMES[number % len(NAMES)]} {number + 1}"
    return User(
        email=f"charge{number}@demo.casework.invalid",
        name=name,
        created_at=template.NOW,
        grants=[Grant(role="officer")],
    )


def _tell(
    sessions: sessionmaker[Session], settings: Settings, storage: Storage, cast: Any, plan: Plan, now: datetime
) -> None:
    with transaction(sessions) as session:
        Story(session, storage, settings, cast, plan, now).tell()


def transfer(source_url: str, engine: sa.Engine) -> None:
    """Fill a PostgreSQL database with what was told on SQLite: both engines are measured on the same cases.

    What its migrations had put there is told too: it makes way first.
    """
    upgrade(engine)
    source = make_engine(source_url, keys=template.KEYS)
    with source.connect() as told, engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in Base.metadata.sorted_tables:
            connection.execute(sa.delete(table))
            rows = [dict(row) for row in told.execute(sa.select(table)).mappings()]
            if rows:
                connection.execute(sa.insert(table), rows)
            if "id" in table.c:
                _continue_numbers(connection, table.name)
    source.dispose()


def _continue_numbers(connection: sa.Connection, name: str) -> None:
    """What is added next to this table of PostgreSQL is numbered after what it holds."""
    key = f"pg_get_serial_sequence('{name}', 'id')"
    connection.exec_driver_sql(f"SELECT setval({key}, (SELECT max(id) FROM {name})) WHERE {key} IS NOT NULL")


def multiply(url: str, wanted: int) -> None:
    """Copy the cases told until this database holds `wanted` of them, then gather statistics."""
    engine = make_engine(url, keys=template.KEYS)
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        sa.event.listen(engine, "connect", _hurry)
    with engine.begin() as connection:
        _multiply(connection, wanted)
    with engine.connect().execution_options(**{} if sqlite else {"isolation_level": "AUTOCOMMIT"}) as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM (ANALYZE)")
        connection.commit()
    engine.dispose()


def _hurry(connection: Any, _record: Any) -> None:
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-262144", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _multiply(connection: sa.Connection, wanted: int) -> None:
    told = connection.scalar(sa.select(sa.func.max(Application.id))) or 0
    if told != connection.scalar(sa.select(sa.func.count()).select_from(Application)):
        raise LookupError("the cases told must be numbered without a gap")
    connection.exec_driver_sql("ANALYZE")
    bearers = max(60, wanted // 20)
    titles = _helpers(connection, copies=wanted // told, organisations=bearers)
    strides = {name: _stride(connection, name) for name in COPIED}
    indexes = _drop_indexes(connection)
    for name in COPIED:
        own = _changes(connection.dialect.name, told, titles, bearers) if name == "application" else {}
        if name == "payment":
            own = {"bank_details_id": _account(told), "export_batch_id": "NULL"}
        _copy(connection, name, strides, _limit(name, wanted), own)
    _index(connection, told)
    for definition in indexes:
        connection.execute(sa.text(definition))
    if connection.dialect.name == "postgresql":
        for name in COPIED:
            if "id" in Base.metadata.tables[name].c:
                _continue_numbers(connection, name)


def _drop_indexes(connection: sa.Connection) -> list[str]:
    """Drop the indexes that hold no constraint, quicker to build at the end than row by row; returns how to."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        listed = (
            "SELECT indexname, indexdef, tablename FROM pg_indexes WHERE schemaname = 'public' "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
    else:
        listed = "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    every = connection.exec_driver_sql(listed).all()
    found = [(name, definition) for name, definition, table in every if table in (*COPIED, "application_word")]
    for name, _ in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


def _stride(connection: sa.Connection, name: str) -> int:
    table = Base.metadata.tables[name]
    return connection.scalar(sa.select(sa.func.max(table.c.id))) or 0 if "id" in table.c else 0


def _limit(name: str, wanted: int) -> int:
    """Up to which case the rows of this table are copied."""
    if name in ("event", "event_payload"):
        return min(wanted, HISTORIES)
    return wanted if name in LISTED else min(wanted, WHOLE)


def _helpers(connection: sa.Connection, *, copies: int, organisations: int) -> int:
    """Temporary tables: numbers of copies, titles and organisations with their words. Returns how many titles."""
    for columns in (
        "copy (k INTEGER)",
        "title (n INTEGER PRIMARY KEY, title TEXT UNIQUE)",
        "title_word (n INTEGER, word TEXT, PRIMARY KEY (n, word))",
        "bearer (n INTEGER PRIMARY KEY, id INTEGER)",
        "bearer_word (id INTEGER, word TEXT, PRIMARY KEY (id, word))",
    ):
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE bench_{columns}")
    _fill(connection, "copy", [{"k": k} for k in range(1, copies + 1)])
    titles = [" ".join(parts) for parts in itertools.product(KINDS, AIMS, PLACES)]
    _fill(connection, "title", [{"n": n, "title": title} for n, title in enumerate(titles)])
    _fill(
        connection, "title_word", [{"n": n, "word": word} for n, title in enumerate(titles) for word in _words(title)]
    )
    bearers = _bearers(connection, organisations)
    _fill(connection, "bearer", [{"n": n, "id": key} for n, (key, _) in enumerate(bearers)])
    _fill(connection, "bearer_word", [{"id": key, "word": word} for key, text in bearers for word in _words(text)])
    connection.exec_driver_sql("ANALYZE")
    return len(titles)


def _fill(connection: sa.Connection, name: str, rows: list[dict[str, Any]]) -> None:
    columns = ", ".join(rows[0])
    values = ", ".join(f":{column}" for column in rows[0])
    connection.execute(sa.text(f"INSERT INTO bench_{name} ({columns}) VALUES ({values})"), rows)


def _words(text: str) -> set[str]:
    return {part for word in words_of(text) for part in (word, *word.split("-")) if part}


def _bearers(connection: sa.Connection, number: int) -> list[tuple[int, str]]:
    first = (connection.scalar(sa.select(sa.func.max(Organisation.id))) or 0) + 1
    rows = []
    for rank in range(number):
        place = PLACES[rank % len(PLACES)]
        rows.append(
            {
                "id": first + rank,
                "siret": invented_siret(1000 + rank),
                "legal_form": "association",
                "town": place,
                "name": f"{NAMES[rank // 10 % len(NAMES)]} {AIMS[rank // 100 % len(AIMS)]} de {place} {rank}",
                "created_at": template.NOW,
            }
        )
    connection.execute(sa.insert(Organisation), rows)
    connection.execute(sa.insert(BankDetails), _accounts(connection, [row["id"] for row in rows]))
    return [(row["id"], f"{row['name']} {row['siret']} {row['town']}") for row in rows]


def _accounts(connection: sa.Connection, bearers: Sequence[int]) -> list[dict[str, Any]]:
    """A confirmed account for each organisation, like those that the real acts gave to the first ones."""
    told = connection.execute(sa.select(BankDetails.__table__).order_by(BankDetails.id).limit(1)).one()._mapping
    first = (connection.scalar(sa.select(sa.func.max(BankDetails.id))) or 0) + 1
    return [
        {**told, "id": first + rank, "organisation_id": bearer, "iban": invented_iban(1000 + rank)}
        for rank, bearer in enumerate(bearers)
    ]


def _copy(connection: sa.Connection, name: str, strides: dict[str, int], limit: int, own: dict[str, str]) -> None:
    """One INSERT … SELECT: each row of the cases told, once for each copy, keys moved by the same stride."""
    table = Base.metadata.tables[name]
    values = [own.get(column.name) or _value(column, strides) for column in table.columns]
    columns = ", ".join(column.name for column in table.columns)
    source, case, told = _source(name)
    stride = strides["application"]
    kept = f"{told} AND {case} <= {stride} AND {case} + c.k * {stride} <= {limit}"
    copied = f"SELECT {', '.join(values)} FROM {source} CROSS JOIN bench_copy c WHERE {kept}"
    connection.execute(sa.text(f"INSERT INTO {name} ({columns}) {copied}"))


def _source(name: str) -> tuple[str, str, str]:
    """The table read, the column that says of which case a row is, and which rows are of cases at all."""
    if name == "event":
        return "event s", "s.subject_id", "s.subject = 'application'"
    if name == "event_payload":
        return "event_payload s JOIN event e ON e.id = s.event_id", "e.subject_id", "e.subject = 'application'"
    return f"{name} s", "s.id" if name == "application" else "s.application_id", "1 = 1"


def _value(column: sa.Column[Any], strides: dict[str, int]) -> str:
    targets = [key.column.table.name for key in column.foreign_keys]
    owner = column.table.name if column.name == "id" else targets[0] if targets else None
    if column.name == "subject_id":
        owner = "application"
    if owner in COPIED:
        return f"s.{column.name} + c.k * {strides[owner]}"
    if column.table.name == "convention" and column.name == "number":
        return "s.number || '-' || CAST(c.k AS TEXT)"
    return f"s.{column.name}"


def _changes(dialect: str, stride: int, titles: int, bearers: int) -> dict[str, str]:
    """What a copied case has of its own. Dates are spread over half a year, due dates around today."""
    key = f"(s.id + c.k * {stride})"
    minutes, days = f"(-1 - ({key} * 7919) % 262800)", f"(({key} * 31) % 150 - 30)"
    aligned = (
        "(CURRENT_DATE - CAST(s.updated_at AS DATE))"
        if dialect == "postgresql"
        else ("CAST(julianday('now') - julianday(s.updated_at) AS INTEGER)")
    )
    last_officer = "(SELECT max(u.id) FROM user_account u)"
    moved = f"({aligned} * 1440 + {minutes})"
    if dialect == "postgresql":
        instants = {name: f"s.{name} + make_interval(mins => CAST({moved} AS INTEGER))" for name in _INSTANTS}
        due = f"CASE WHEN s.due_on IS NULL THEN NULL ELSE CURRENT_DATE + CAST({days} AS INTEGER) END"
    else:
        written = "strftime('%Y-%m-%d %H:%M:%f', s.{0}, CAST({1} AS TEXT) || ' minutes') || '000'"
        instants = {name: written.format(name, moved) for name in _INSTANTS}
        due = f"CASE WHEN s.due_on IS NULL THEN NULL ELSE date('now', CAST({days} AS TEXT) || ' days') END"
    return {
        **instants,
        "due_on": due,
        "reference": f"s.campaign || '-' || s.scheme_code || '-' || CAST(100000 + {key} AS TEXT)",
        "title": f"(SELECT t.title FROM bench_title t WHERE t.n = ({key} * 31) % {titles})",
        "organisation_id": f"(SELECT b.id FROM bench_bearer b WHERE b.n = ({key} * 17) % {bearers})",
        "officer_id": f"CASE WHEN s.officer_id IS NULL THEN NULL ELSE {last_officer} - {key} % {OFFICERS} END",
        "requested_cents": f"s.requested_cents + ({key} * 7919) % 1000000",
    }


def _account(stride: int) -> str:
    """The account of the copied case's own organisation, for what was ordered on one."""
    bearer = f"(SELECT a.organisation_id FROM application a WHERE a.id = s.application_id + c.k * {stride})"
    mine = f"(SELECT max(b.id) FROM bank_details b WHERE b.organisation_id = {bearer})"
    return f"CASE WHEN s.bank_details_id IS NULL THEN NULL ELSE {mine} END"


_INSTANTS = ("created_at", "updated_at", "state_since")


def _index(connection: sa.Connection, told: int) -> None:
    """The words of the copies, in the order of the index."""
    parts = ("a.reference", "a.campaign", "a.scheme_code", "CAST(100000 + a.id AS TEXT)")
    own = " UNION ".join(f"SELECT {part} AS word, a.id AS id FROM application a WHERE a.id > {told}" for part in parts)
    connection.exec_driver_sql(
        f"INSERT INTO application_word (word, application_id) SELECT word, id FROM ({own} "
        f"UNION SELECT w.word, a.id FROM application a JOIN bench_bearer_word w ON w.id = a.organisation_id "
        f"WHERE a.id > {told} "
        f"UNION SELECT w.word, a.id FROM application a JOIN bench_title t ON t.title = a.title "
        f"JOIN bench_title_word w ON w.n = t.n WHERE a.id > {told}) AS every ORDER BY word, id"
    )
