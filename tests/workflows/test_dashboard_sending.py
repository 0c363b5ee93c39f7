"""Who receives the mail that a dashboard was sent: those who sit in its committee, once each, and only if it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.dashboards import DashboardSnapshot
from casework.db import transaction
from casework.deadlines import deadlines_of
from casework.outbox import Message
from casework.people import Actor, User
from casework.settings import Settings
from jobs import outbox
from tests.support import people
from tests.support.databases import everything
from tests.support.mailserver import Inbox, mail_server
from tests.support.means import means
from tests.support.stories import Teller, cast_of
from workflows.stories import Cast


class Undone(Exception):
    """What comes after the sending fails, in the same transaction."""


def told(session: Session, *actors: Actor) -> list[str]:
    return sorted(session.get_one(User, actor.user_id).email for actor in actors)


def sent(session: Session) -> list[str]:
    """To whom it was written that a dashboard was sent, one address for each message."""
    session.flush()
    query = sa.select(Message.recipient).where(Message.subject.endswith("tableau de bord transmis"))
    return sorted(session.scalars(query))


def transmit(teller: Teller, case: Application) -> None:
    """The next dashboard that is owed."""
    owed = next(one for one in deadlines_of(teller.session, case.id) if (one.kind, one.status) == ("dashboard", "open"))
    teller.fire(case, teller.cast.applicant, "transmit_dashboard", dashboard_for=str(owed.id))


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("code", ["3.8", "3.9", "3.14", "3.15", "3.16"])
def test_where_the_departement_sits_its_officer_and_the_slai_of_the_operation_are_told_once_each(
    teller: Teller, code: str
) -> None:
    session, cast = teller.session, teller.cast
    case = teller.tell(code, "execution", territories=("Arrageois", "Ternois"))
    one_place = people.slai(session, case.territories[1])
    people.slai(session)
    people.officer(session)
    readers = told(session, cast.officer, cast.slai, one_place)
    transmit(teller, case)
    assert sent(session) == readers
    transmit(teller, case)
    assert sent(session) == sorted(readers * 2)


@pytest.mark.database("sqlite")
def test_a_case_that_nobody_took_tells_every_officer_of_its_sheet(teller: Teller) -> None:
    session, cast = teller.session, teller.cast
    case = teller.tell("3.9", "execution")
    case.officer = None
    own, _ = people.officer(session, ["3.9"]), people.officer(session, ["3.1"])
    transmit(teller, case)
    assert sent(session) == told(session, cast.officer, own, cast.slai)


def test_a_dashboard_whose_sending_is_undone_sends_no_mail(
    sessions: sessionmaker[Session], settings: Settings, engine: sa.Engine
) -> None:
    inbox = Inbox()
    with transaction(sessions) as session:
        cast = cast_of(session)
        case = Teller(session, settings, cast).tell("3.9", "execution")
        key, later = case.id, case.updated_at + timedelta(hours=1)
        earlier = sa.update(Message).where(Message.next_try_at.is_not(None))
        session.execute(earlier.values(next_try_at=None, sent_at=case.updated_at))
        readers = told(session, cast.officer, cast.slai)
    before = everything(engine)
    with pytest.raises(Undone):
        _transmit_then_fail(sessions, settings, cast, key)
    assert everything(engine) == before
    with mail_server(inbox) as port:
        outbox.run(means(sessions, settings, now=later, port=port))
        assert inbox.received == []
        with transaction(sessions) as session:
            _transmit(session, settings, cast, key)
        outbox.run(means(sessions, settings, now=later, port=port))
    assert sorted(inbox.recipients) == readers
    with sessions() as session:
        assert session.scalars(sa.select(DashboardSnapshot.number)).all() == [1]


def _transmit_then_fail(sessions: sessionmaker[Session], settings: Settings, cast: Cast, key: int) -> None:
    with transaction(sessions) as session:
        _transmit(session, settings, cast, key)
        assert sent(session) == told(session, cast.officer, cast.slai)
        raise Undone


def _transmit(session: Session, settings: Settings, cast: Cast, key: int) -> None:
    transmit(Teller(session, settings, cast), session.get_one(Application, key))
