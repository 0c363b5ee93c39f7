"""The letters of a case's life: their form, their exact link, the day before which an answer is awaited."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import PARIS
from casework.french import long_date
from casework.outbox import Message
from casework.preferences import CATEGORIES
from casework.settings import Settings
from tests.support.stories import Teller, cast_of
from workflows.application import APPLICATION
from workflows.letter_texts import NOTICES, Notice

STATES = ("lapsed", "inadmissible", "rejected", "closed", "terminated", "withdrawn")


@pytest.fixture
def told(session: Session, settings: Settings) -> list[Message]:
    """Every message of a case told to its end, with a correction on the way."""
    teller = Teller(session, settings, cast_of(session))
    case = teller.tell("3.5", "submitted")
    due = case.updated_at.astimezone(PARIS).date().replace(day=28)
    teller.fire(case, teller.cast.officer, "request_correction", reason="Il manque un devis.", due_on=due.isoformat())
    teller.tell("3.5", "closed")
    session.flush()
    of_cases = sa.select(Message).where(Message.application_id.is_not(None))
    return list(session.scalars(of_cases.order_by(Message.id)))


def test_every_message_begins_with_the_reference_and_is_written_twice(told: list[Message], session: Session) -> None:
    assert len(told) > 8
    for message in told:
        case = session.get_one(Application, message.application_id)
        assert message.subject.startswith(f"{case.reference} – ")
        assert case.title in message.body
        assert message.html is not None
        assert case.reference in message.html
        assert "<style" not in message.html
        assert 'lang="fr"' in message.html
        assert f"/dossiers/{case.id}" in message.body


def test_a_request_says_until_when_in_full_opens_its_form_and_joins_a_calendar(
    told: list[Message], settings: Settings
) -> None:
    message = next(m for m in told if m.subject.endswith("correction demandée"))
    key = message.application_id
    assert f"{settings.public_url}/dossiers/{key}?action=answer_correction#action-answer_correction" in message.body
    assert "Motif : Il manque un devis." in message.body
    assert message.ics is not None
    day = next(line for line in message.ics.splitlines() if line.startswith("DTSTART")).rpartition(":")[2]
    due = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    assert long_date(due, weekday=True) in message.body
    assert "UID:echeance-" in message.ics


@pytest.mark.parametrize("notice", NOTICES.values(), ids=lambda notice: notice.code)
def test_every_letter_leads_to_an_action_that_exists(notice: Notice) -> None:
    for action in (notice.action, notice.report_action):
        assert not action or action in APPLICATION.moves
    assert notice.category in CATEGORIES
    assert notice.subject == notice.subject.strip()
