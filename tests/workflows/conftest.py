"""A teller of cases for the tests of the workflows."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from casework.settings import Settings
from tests.support.stories import Teller, cast_of


@pytest.fixture
def teller(session: Session, settings: Settings) -> Teller:
    return Teller(session, settings, cast_of(session))
