"""What is late is asked again by a letter of the officer, once a day at most; then the officer's task rests a week."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import paris_day
from casework.errors import Refused
from casework.french import long_date
from casework.outbox import Message
from casework.people import Actor
from tests.support import people
from tests.support.stories import Teller
from workflows.application.relaunching import QUIET_DAYS
from workflows.engine import offered
from workflows.inbox import inbox_of

STEPS = pytest.mark.parametrize(
    ("state", "trigger", "verb", "reader", "link"),
    [
        ("slai_opinion", "relaunch_opinion", "Relancer l’avis", "slai", "/avis"),
        ("bilan", "relaunch_report", "Relancer le bilan final", "applicant", "?action=submit_report"),
    ],
)


def late(case: Application) -> datetime:
    """An instant five days after what is awaited was due."""
    assert case.due_on is not None
    return case.updated_at + (case.due_on - paris_day(case.updated_at)) + timedelta(days=5)


def verbs(session: Session, actor: Actor, case: Application, at: datetime) -> dict[str, str]:
    """The group of each task of this person on this case, by its verb."""
    session.flush()
    groups = inbox_of(session, actor, today=paris_day(at))
    return {task.verb: group.code for group in groups for task in group.tasks if task.case_id == case.id}


def letters(session: Session, case: Application, user_id: int | None) -> list[Message]:
    session.flush()
    mine = (Message.application_id == case.id, Message.user_id == user_id, Message.subject.contains("relancé"))
    return list(session.scalars(sa.select(Message).where(*mine)))


@STEPS
def test_what_is_late_is_asked_again_once_a_day_and_leaves_the_officer_in_peace_for_a_week(
    teller: Teller, session: Session, state: str, trigger: str, verb: str, reader: str, link: str
) -> None:
    case, cast = teller.tell("3.14", state), teller.cast
    officer, at = cast.officer, late(case)
    awaited = people.slai(session, case.territories[0]) if reader == "slai" else cast.applicant
    assert verbs(session, officer, case, at)[verb] == "mine"
    teller.fire(case, officer, trigger, at, word="Un appel suffit.")
    (letter,) = letters(session, case, awaited.user_id)
    assert f"/dossiers/{case.id}{link}" in letter.body
    assert "Message : Un appel suffit." in letter.body
    with pytest.raises(Refused, match="demain"):
        teller.fire(case, officer, trigger, at + timedelta(hours=1))
    assert verbs(session, officer, case, at) == {"Suivre le dossier": "others"}
    assert verb in verbs(session, officer, case, at + timedelta(days=QUIET_DAYS + 1))
    tomorrow = at + timedelta(days=1)
    offers = offered(session, case, officer, at=tomorrow, settings=teller.settings)
    (again,) = [offer for offer in offers if offer.move.trigger == trigger]
    assert again.possible
    assert f"Dernière relance le {long_date(paris_day(at))}." in again.inputs[0].help
    teller.fire(case, officer, trigger, tomorrow)
    assert len(letters(session, case, awaited.user_id)) == 2


@STEPS
def test_nobody_is_asked_again_in_time_nor_by_whoever_owes_it(
    teller: Teller, session: Session, state: str, trigger: str, verb: str, reader: str, link: str
) -> None:
    case, cast = teller.tell("3.14", state), teller.cast

    def names(actor: Actor, at: datetime) -> set[str]:
        return {one.move.trigger for one in offered(session, case, actor, at=at, settings=teller.settings)}

    assert trigger not in names(cast.officer, case.updated_at)
    assert verb not in verbs(session, cast.officer, case, case.updated_at)
    assert trigger in names(cast.officer, late(case))
    assert trigger not in names(getattr(cast, reader), late(case))
