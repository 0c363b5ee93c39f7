"""A teller of cases for the tests of the workflows, and the sixteen real schemes, read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import workflows
from casework.settings import Settings
from tests.support.stories import Teller, cast_of
from workflows.catalogue import read_dir
from workflows.scheme import Scheme


@pytest.fixture
def teller(session: Session, settings: Settings) -> Teller:
    return Teller(session, settings, cast_of(session))


@pytest.fixture(scope="session")
def schemes() -> dict[str, Scheme]:
    return dict(read_dir(Path(workflows.__file__).parent / "schemes" / "2024"))
