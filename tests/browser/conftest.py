"""One Chromium per worker; a service of its own, on its own database, for each test that plays a life."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.settings import Settings
from tests.browser.service import Service, running
from tests.browser.stage import Stage
from tests.support import chromium


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """A Chromium without a window. Its absence fails the test with what to install; it never skips it."""
    with sync_playwright() as playwright:
        try:
            path = chromium.executable(playwright.chromium.executable_path)
        except chromium.ChromiumAbsent as absent:
            pytest.fail(str(absent), pytrace=False)
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=[*sandbox, "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def service(settings: Settings, sessions: sessionmaker[Session], clock: FixedClock) -> Iterator[Service]:
    with running(settings, sessions, clock) as started:
        yield started


@pytest.fixture
def stage(chrome: Browser, service: Service, tmp_path: Path) -> Iterator[Stage]:
    """The browser complains of nothing while a life is played: no error of a script, no breach of the policy."""
    papers = tmp_path / "papers"
    papers.mkdir()
    opened = Stage(chrome, service, papers)
    yield opened
    opened.close()
    assert opened.faults == []
