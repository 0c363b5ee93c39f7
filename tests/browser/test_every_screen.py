"""Every page that a role may open, on a large screen and on a phone, by eye, by axe-core and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from casework.clock import FixedClock
from casework.db import make_engine, make_sessions
from casework.people import ROLES
from casework.settings import Settings
from tests.browser import looking
from tests.browser.person import DESK, Person
from tests.browser.service import running
from tests.browser.world import PUBLIC, World, open_world, tell
from tests.support import template
from tests.support.databases import SharedDatabases

FRAMED = {"admin_letters.html"}
"""What stands inside another page: a mail as it will be read, which is looked at there."""


@pytest.fixture(scope="module")
def world(databases: SharedDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    settings = Settings(
        files_dir=str(folder / "files"),
        secret_key="a key that only the tests know",
        data_keys=template.KEYS,
        password_time_cost=1,
        password_memory_kib=8,
        secure_cookies=False,
    )
    engine = make_engine(databases.new("sqlite", template.fill, folder), keys=template.KEYS)
    sessions, clock = make_sessions(engine), FixedClock(template.NOW)
    cast = tell(settings, sessions, clock)
    with running(settings, sessions, clock) as service:
        yield open_world(service, cast)
    engine.dispose()


@pytest.fixture(scope="module")
def unseen(databases: SharedDatabases) -> looking.Unseen:
    return looking.Unseen(databases.folder)


def _person(chrome: Browser, world: World, role: str) -> Iterator[Person]:
    person = Person(chrome, world.service, world.accounts[role])
    if role != PUBLIC:
        person.open("/a-faire")
    yield person
    person.leave()


@pytest.mark.browser
@pytest.mark.parametrize("role", [PUBLIC, *ROLES])
def test_every_page_of_this_role_is_sound(chrome: Browser, world: World, unseen: looking.Unseen, role: str) -> None:
    faults: list[str] = []
    for person in _person(chrome, world, role):
        for path, html in _pages(world, role):
            if not unseen.first(html):
                continue
            person.page.set_viewport_size(DESK)
            assert person.open(path) == 200, path
            looking.open_everything(person.page)
            faults += looking.violations(person.page)
            faults += looking.too_wide(person.page)
        faults += person.faults
    assert faults == []


def _pages(world: World, role: str) -> list[tuple[str, str]]:
    found = world.pages(role).items()
    return [page for endpoint, pages in found if endpoint not in FRAMED for page in pages]


@pytest.mark.browser
def test_every_address_is_visited_by_somebody(world: World) -> None:
    known = {rule.endpoint for rule in world.service.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert known - world.answering((PUBLIC, *ROLES)) == set(), "ajoutez un exemple de leurs arguments dans world.py"


@pytest.mark.browser
@pytest.mark.parametrize("role", [PUBLIC, "applicant", "officer", "slai"])
def test_the_keyboard_goes_everywhere_and_shows_where_it_is(chrome: Browser, world: World, role: str) -> None:
    wanted = {
        PUBLIC: ("home.index", "auth.sign_in", "organisation.register", "schemes.show"),
        "applicant": ("inbox.index", "applications.section", "applications.overview", "cases.show", "case_files.show"),
        "officer": ("cases_list.index", "cases.show", "cases.history", "cases.notes"),
        "slai": ("opinions.index", "orientations.index", "participants.index"),
    }[role]
    faults: list[str] = []
    for person in _person(chrome, world, role):
        for endpoint in wanted:
            person.open(world.page_of(role, endpoint))
            faults += looking.keyboard(person.page)
    assert faults == []


@pytest.mark.browser
def test_pages_that_refuse_are_sound_too(chrome: Browser, world: World) -> None:
    """A page not found, and a form that comes back with everything to correct."""
    faults: list[str] = []
    for person in _person(chrome, world, PUBLIC):
        assert person.open("/nulle-part") == 404
        faults += looking.violations(person.page) + looking.too_wide(person.page)
        person.open("/inscription")
        person.press("Inscrire mon organisme")
        person.sees("points sont à corriger")
        faults += looking.violations(person.page) + looking.too_wide(person.page)
        faults += person.faults
    assert faults == []
