"""One leader among several schedulers, whatever the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.db import transaction
from casework.runs import Lease
from jobs.leader import leader_for


def test_one_leads_and_the_other_waits_until_it_resigns(engine: sa.Engine, sessions: sessionmaker[Session]) -> None:
    first, second = leader_for(engine, sessions), leader_for(engine, sessions)
    assert [first.leads(), second.leads(), first.leads(), second.leads()] == [True, False, True, False]
    first.resign()
    assert [second.leads(), first.leads()] == [True, False]
    second.resign()


@pytest.mark.database("sqlite")
def test_a_lease_that_is_not_renewed_passes_to_another(engine: sa.Engine, sessions: sessionmaker[Session]) -> None:
    first, second = leader_for(engine, sessions), leader_for(engine, sessions)
    assert first.leads()
    with transaction(sessions) as session:
        session.scalars(sa.select(Lease)).one().until -= timedelta(minutes=1)
    assert [second.leads(), first.leads()] == [True, False]


@pytest.mark.database("postgres")
def test_a_leader_whose_connection_is_cut_knows_it_and_may_lead_again(
    engine: sa.Engine, sessions: sessionmaker[Session]
) -> None:
    first, second = leader_for(engine, sessions), leader_for(engine, sessions)
    assert first.leads()
    cut_connections(engine)
    assert not first.leads()
    assert [second.leads(), first.leads()] == [True, False]
    second.resign()
    assert first.leads()
    first.resign()


def cut_connections(engine: sa.Engine) -> None:
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
    with engine.connect() as connection:
        connection.execute(sa.text(others), {"name": engine.url.database})
