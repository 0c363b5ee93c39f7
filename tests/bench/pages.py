"""Pages and transitions over HTTP, signed in as an officer, each beside the floor under the same gunicorn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from casework.applications import Application
from casework.clock import SystemClock, paris_day
from casework.db import make_engine
from tests.bench import data, servers
from tests.bench.databases import Databases
from tests.bench.figures import Figure, alternated, median, milliseconds
from tests.bench.servers import Browser, NoAnswer, Server, token_in

LIST = ("/dossiers",)
FILTERED = (
    "/dossiers?etat=instruction",
    "/dossiers?etat=submitted&etat=slai_opinion&tri=echeance",
    "/dossiers?dispositif=3.4&campagne=2024",
    "/dossiers?territoire=1&etat=execution",
)
SEARCHES = ("chantier", "jardin arras", "passerelle lens", "relais")
PAGE_TARGET, GROWTH_TARGET, TRANSITION_TARGET, START_TARGET, MEMORY_TARGET = 4, 1.3, 30, 2, 150


Visit = Callable[[int], object]


@dataclass(frozen=True)
class Effort:
    """How much is measured: cases of each database, rounds of each page, transitions of each kind."""

    small: int
    usual: int
    large: int
    rounds: int
    transitions: int


FULL = Effort(small=1_000, usual=10_000, large=100_000, rounds=200, transitions=40)
QUICK = Effort(small=1_000, usual=10_000, large=30_000, rounds=60, transitions=12)


def measure(databases: Databases, kind: str, effort: Effort, parts: set[str]) -> Iterator[Figure]:
    """The figures of one engine, in the order in which they are measured."""
    where = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[kind]
    if parts & {"pages", "transitions"}:
        yield from _usual(databases.new(kind, effort.usual), databases.folder, where, effort, parts)
    if "growth" in parts:
        small, large = databases.new(kind, effort.small), databases.new(kind, effort.large)
        yield from _growth(small, large, databases.folder, where, effort)


def _usual(url: str, folder: Path, where: str, effort: Effort, parts: set[str]) -> Iterator[Figure]:
    place = f"{where}, {effort.usual:,} cases"
    with ExitStack() as stack:
        bare = stack.enter_context(servers.floor(url, folder))
        server = stack.enter_context(servers.service(url, folder))
        officer = _officer(server)
        if "pages" in parts:
            yield from _floors(Browser(bare.port), where, effort)
            for name, addresses, target in _pages(url):
                yield _page(name, place, (bare, server), officer, addresses, effort, target)
        if "transitions" in parts:
            yield from _transitions(url, server, officer, place, effort)
        yield Figure("start to first answer", place, server.seconds, "s", START_TARGET, processor=server.busy)
        _spread(server, url)
        yield Figure("memory of a worker", place, server.worker_mib(), "MiB", MEMORY_TARGET)


def _officer(server: Server) -> Browser:
    return Browser(server.port).sign_in(data.OFFICER, data.PASSWORD)


def _floors(browser: Browser, where: str, effort: Effort) -> Iterator[Figure]:
    for name in ("hello", "select", "table"):
        times = [milliseconds(lambda address=f"/{name}": browser.must_get(address)) for _ in range(effort.rounds)]
        yield Figure(f"floor: {name}", where, median(times), "ms")


def _pages(url: str) -> Iterator[tuple[str, tuple[str, ...], float | None]]:
    yield "list", LIST, PAGE_TARGET
    yield "filtered list", FILTERED, PAGE_TARGET
    yield "search by words", tuple(f"/dossiers?q={text.replace(' ', '+')}" for text in SEARCHES), PAGE_TARGET
    rows = _cases(url, Application.id <= data.HISTORIES)
    yield "search of a reference", tuple(f"/dossiers?q={row.reference}" for row in rows[:40]), PAGE_TARGET
    yield "case page", tuple(f"/dossiers/{row.id}" for row in rows[:120]), PAGE_TARGET
    yield "to do", ("/a-faire",), None


def _page(
    name: str,
    place: str,
    running: tuple[Server, Server],
    officer: Browser,
    addresses: tuple[str, ...],
    effort: Effort,
    target: float | None,
) -> Figure:
    """`running`: the floor, then the service."""
    bare = Browser(running[0].port)
    visits = (lambda _: bare.must_get("/table"), _turning(officer, addresses))
    return _compared(name, place, running, visits, effort, target)


def _growth(small: str, large: str, folder: Path, where: str, effort: Effort) -> Iterator[Figure]:
    """The same pages on a small and on a large database, in turn, under two services."""
    with ExitStack() as stack:
        few, many = (stack.enter_context(servers.service(url, folder)) for url in (small, large))
        officers = [_officer(server) for server in (few, many)]
        place = f"{where}, {effort.large:,} / {effort.small:,}"
        for name, addresses in (("list", LIST), ("filtered list", FILTERED)):
            visits = (_turning(officers[0], addresses), _turning(officers[1], addresses))
            yield _compared(f"{name}, as cases grow", place, (few, many), visits, effort, GROWTH_TARGET)


def _turning(browser: Browser, addresses: tuple[str, ...]) -> Visit:
    """These pages one after the other, by the number of the round."""
    return lambda number: browser.must_get(addresses[number % len(addresses)])


def _compared(
    name: str,
    place: str,
    running: tuple[Server, Server],
    visits: tuple[Visit, Visit],
    effort: Effort,
    target: float | None,
) -> Figure:
    """The second visit beside the first, in turn; also in the processor time of the two servers.

    That time leaves out PostgreSQL, which runs beside them, and what others do on the machine.
    """
    busy = [server.busy_seconds() for server in running]
    first, second = alternated(*visits, effort.rounds)
    spent = [server.busy_seconds() - before for server, before in zip(running, busy, strict=True)]
    return Figure(name, place, second, "ms", target, first, spent[1] / spent[0] if spent[0] else None)


def _transitions(url: str, server: Server, officer: Browser, place: str, effort: Effort) -> Iterator[Figure]:
    """Real POSTs with the form's token, each on a case of its own."""
    token = token_in(officer.must_get("/dossiers"))
    later = (paris_day(SystemClock().now()) + timedelta(days=20)).isoformat()
    waiting = _cases(url, Application.state == "submitted", Application.id > data.HISTORIES)
    every: list[float] = []
    busy = server.busy_seconds()
    for rank, (trigger, typed) in enumerate(
        (
            ("claim", {}),
            ("admit", {}),
            ("request_correction", {"reason": "Joignez le budget détaillé.", "due_on": later}),
        )
    ):
        first = rank * (effort.transitions + 3)
        times = [
            milliseconds(lambda row=row, trigger=trigger, typed=typed: _fire(officer, row, trigger, token, typed))
            for row in waiting[first : first + effort.transitions + 3]
        ][3:]
        every += times
        yield Figure(f"transition {trigger}", place, median(times), "ms")
    spent = (server.busy_seconds() - busy) * 1000 / (3 * (effort.transitions + 3))
    yield Figure("transitions, all", place, median(every), "ms", TRANSITION_TARGET, processor=spent)


def _fire(officer: Browser, row: Any, trigger: str, token: str, typed: dict[str, str]) -> None:
    form = {"csrf_token": token, "version": str(row.version), **typed}
    status, page = officer.post(f"/dossiers/{row.id}/actions/{trigger}", form)
    if status != 303:
        raise NoAnswer(f"{trigger} on {row.reference} answered {status}: {page[-3000:]}")


def _cases(url: str, *conditions: sa.ColumnElement[bool]) -> list[Any]:
    """Cases in an order that mixes states and sheets."""
    engine = make_engine(url)
    with engine.connect() as connection:
        query = sa.select(Application.id, Application.reference, Application.version).where(*conditions)
        rows = list(connection.execute(query.order_by(Application.updated_at, Application.id)))
    engine.dispose()
    return rows


def _spread(server: Server, url: str) -> None:
    """Ask pages of every kind on several connections, so that each worker has served its share."""
    addresses = [address for _, found, _ in _pages(url) for address in found[:6]]
    officer = _officer(server)
    for _ in range(8):
        browser = Browser(server.port)
        browser.cookies = dict(officer.cookies)
        for address in addresses:
            browser.must_get(address)
