"""The follow-up of operations, among 200,000 journeys and 5,000,000 activities: pages, indicators, a grid saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import sqlalchemy as sa

from casework import passwords
from casework.applications import Application
from casework.db import make_engine
from casework.people import TERRITORIES, Grant, Territory, User
from casework.settings import Settings
from tests.bench import data, servers
from tests.bench.databases import Databases
from tests.bench.figures import Figure, alternated, median, milliseconds
from tests.bench.population import PEOPLE, people
from tests.bench.servers import Browser, NoAnswer, token_in
from tests.support import template
from workflows.stories import Plan

PLANS = [
    Plan(("3.10", "3.12", "3.9", "3.6")[rank % 4], "execution", territories=(name,))
    for rank, name in enumerate(TERRITORIES.values())
]
TERRITORY = "Arrageois"
OPERATOR, SLAI = "porteur@exemple.invalid", "slai@exemple.invalid"
SCHEME, MONTH = "3.10", "2024-03"
FULL, QUICK = 1_336, 200
"""Operations: 200,000 journeys, or 30,000; as many for each plan."""
PAGE_TARGET, INDICATORS_TARGET, DASHBOARD_TARGET, CAMPAIGN_TARGET, GRID_TARGET = 4, 200, 2, 10, 500
FOLLOWED, CAMPAIGN_ROUNDS, GRIDS = 20, 3, 12


@dataclass(frozen=True)
class _Place:
    """A database of operations full of people: the measured ones, and how it is named in the figures."""

    url: str
    cases: list[int]
    where: str


def measure(kind: str, where: str, rounds: int, *, quick: bool) -> Iterator[Figure]:
    with Databases.opened(PLANS) as databases:
        url = databases.new(kind, QUICK if quick else FULL)
        filled = people(url)
        place = _Place(url, _staffed(url), f"{where}, {filled.journeys:,} journeys, {filled.activities:,} activities")
        with ExitStack() as stack:
            bare = stack.enter_context(servers.floor(url, databases.folder))
            server = stack.enter_context(servers.service(url, databases.folder))
            operator, slai, officer = (
                Browser(server.port).sign_in(email, data.PASSWORD) for email in (OPERATOR, SLAI, data.OFFICER)
            )
            yield from _pages(place, Browser(bare.port), operator, slai, rounds)
            yield from _indicators(place, operator, officer, rounds)
            yield _grids(place, operator)


def _staffed(url: str) -> list[int]:
    """The operations that one operator follows, and who signs in: this operator, and an agent of their territory."""
    engine = make_engine(url)
    settings = Settings(secret_key="bench", password_time_cost=1, password_memory_kib=1024)
    hashed = passwords.hashed(settings, data.PASSWORD)
    with engine.begin() as connection:
        query = sa.select(Application.id, Application.organisation_id).where(Application.scheme_code == SCHEME)
        cases = list(connection.execute(query.order_by(Application.id).limit(FOLLOWED)))
        bearer, keys = cases[0].organisation_id, [case.id for case in cases]
        connection.execute(sa.update(Application).where(Application.id.in_(keys)).values(organisation_id=bearer))
        territory = connection.scalar(sa.select(Territory.id).where(Territory.name == TERRITORY))
        scopes = {
            OPERATOR: {"role": "applicant", "organisation_id": bearer},
            SLAI: {"role": "slai", "territory_id": territory},
        }
        key = (connection.scalar(sa.select(sa.func.max(User.id))) or 0) + 1
        for rank, (email, scope) in enumerate(scopes.items()):
            person = {"id": key + rank, "email": email, "name": email, "password_hash": hashed}
            connection.execute(sa.insert(User), [person | {"active": True, "created_at": template.NOW}])
            connection.execute(sa.insert(Grant), [scope | {"user_id": key + rank}])
    engine.dispose()
    return keys


def _pages(place: _Place, bare: Browser, operator: Browser, slai: Browser, rounds: int) -> Iterator[Figure]:
    """Each beside the floor page; the roster in turn over operations, each look at it recorded."""
    rosters = [f"/dossiers/{case}/participants" for case in place.cases]
    measured = (
        (f"roster of {PEOPLE} people", operator, rosters),
        ("to do of an SLAI", slai, ["/a-faire"]),
        ("orientations to validate", slai, ["/orientations"]),
        (f"months of {PEOPLE} people", operator, [f"/dossiers/{case}/mois/{MONTH}" for case in place.cases]),
    )
    for rank, (name, browser, addresses) in enumerate(measured):
        floor, found = alternated(
            lambda _: bare.must_get("/table"),
            lambda number, browser=browser, addresses=addresses: browser.must_get(addresses[number % len(addresses)]),
            rounds,
        )
        yield Figure(name, place.where, found, "ms", PAGE_TARGET if rank < 3 else None, floor)


def _indicators(place: _Place, operator: Browser, officer: Browser, rounds: int) -> Iterator[Figure]:
    pages = [f"/dossiers/{case}/indicateurs" for case in place.cases]
    times = [milliseconds(lambda page=page: operator.must_get(page)) for page in (pages * rounds)[: max(20, rounds)]]
    yield Figure("indicators of an operation", place.where, median(times), "ms", INDICATORS_TARGET)
    sheets = [f"/dossiers/{case}/tableau-de-bord.xlsx" for case in place.cases]
    times = [milliseconds(lambda sheet=sheet: operator.must_download(sheet)) / 1000 for sheet in sheets]
    yield Figure("dashboard in a spreadsheet", place.where, median(times), "s", DASHBOARD_TARGET)
    campaign = f"/indicateurs?campagne=2024&dispositif={SCHEME}"
    seconds = [milliseconds(lambda: officer.must_get(campaign)) / 1000 for _ in range(CAMPAIGN_ROUNDS)]
    yield Figure("indicators of a campaign", place.where, median(seconds), "s", CAMPAIGN_TARGET)


def _grids(place: _Place, operator: Browser) -> Figure:
    """The form of a month as it was shown, every line of it changed, and saved."""
    times = []
    for case in place.cases[:GRIDS]:
        address = f"/dossiers/{case}/mois/{MONTH}"
        page = operator.must_get(address)
        form = {"csrf_token": token_in(page), "seen": _hidden(page, "seen")}
        for key in re.findall(r'name="present-(\d+)"', page):
            form |= {f"present-{key}": "oui", f"hours-{key}": "17,5"}
        times.append(milliseconds(lambda address=address, form=form: _save(operator, address, form)))
    return Figure(f"save a month, {len(form) // 2 - 1} lines", place.where, median(times), "ms", GRID_TARGET)


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    if found is None:
        raise NoAnswer(f"the page holds no {name}")
    return found[1]


def _save(operator: Browser, address: str, form: dict[str, str]) -> None:
    status, page = operator.post(address, form)
    if status != 303:
        raise NoAnswer(f"{address} answered {status}: {page[:3000]}")
