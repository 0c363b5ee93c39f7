"""What every test starts from: the migrated schema, the nine territories and the sixteen sheets of 2024."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework.clock import PARIS
from casework.db import make_sessions, transaction
from casework.people import TERRITORIES, Territory, job
from casework.schema import upgrade
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.versions import import_schemes

KEYS = "b2YtdGhlLXRlc3RzLWFsb25lLTAxMjM0NTY3ODktYWI"
"""What seals the identities of every database of the tests."""
NOW = datetime(2024, 1, 15, 10, 0, tzinfo=PARIS)
"""Monday 15 January 2024, 10:00 in Paris: the deposit windows of the first semester are open."""


def fill(engine: sa.Engine) -> None:
    upgrade(engine)
    with transaction(make_sessions(engine)) as session:
        session.add_all(Territory(code=code, name=name) for code, name in TERRITORIES.items())
        import_schemes(session, read_dir(SCHEMES_DIRECTORY / "2024").values(), actor=job("Préparation"), at=NOW)
