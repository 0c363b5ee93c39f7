"""Transactions that only read: they take no lock, write nothing, and do not plan again what was planned."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session, sessionmaker

from casework.db import reading

PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%name FROM territory%'")


@pytest.mark.database("postgres")
def test_a_reading_transaction_cannot_write(sessions: sessionmaker[Session]) -> None:
    with sessions() as session, pytest.raises(InternalError, match="read-only"):
        reading(session).execute(sa.text("DELETE FROM territory"))


@pytest.mark.database("postgres")
def test_a_statement_read_again_and_again_is_planned_once(sessions: sessionmaker[Session]) -> None:
    """A page ends its reading by a commit: a rollback makes the driver forget every statement it has prepared."""
    for _ in range(8):
        with sessions() as session:
            reading(session).execute(sa.text("SELECT name FROM territory")).all()
            session.commit()
    with sessions() as session:
        assert reading(session).scalar(PREPARED) == 1
