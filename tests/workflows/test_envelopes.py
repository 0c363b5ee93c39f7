"""Envelopes: what is voted, what decisions engage, and the reason that a manager gives beyond it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import paris_day, paris_instant
from casework.db import transaction
from casework.envelopes import EnvelopeVote, Figures, figures, remaining_for, vote
from casework.errors import InvalidInput
from casework.people import Actor
from casework.settings import Settings
from tests.support.stories import Teller, cast_of


def voted(session: Session, actor: Actor, cents: int, code: str = "3.12") -> None:
    day = date(2024, 1, 10)
    vote(
        session,
        "2024",
        code,
        amount_cents=cents,
        voted_on=day,
        reference="CD-2024-7",
        actor=actor,
        at=paris_instant(day),
    )


def granted(teller: Teller, case: Application, amount: str, **more: str) -> None:
    day = paris_day(case.updated_at).isoformat()
    answers = {"granted": amount, "decision_reference": "CP-1", "decided_on": day, **more}
    teller.fire(case, teller.cast.manager, "grant", **answers)


def test_what_is_granted_is_engaged_and_what_is_paid_is_counted(teller: Teller) -> None:
    voted(teller.session, teller.cast.manager, 90_000_00)
    running, closed = teller.tell("3.12", "execution"), teller.tell("3.12", "closed", accepted_pct=50)
    found = figures(teller.session, "2024")["3.12"]
    assert running.granted_cents is not None
    assert closed.report is not None
    assert closed.report.due_cents is not None
    advance = found.paid - closed.report.due_cents
    assert 0 < advance < running.granted_cents
    assert found == Figures(90_000_00, running.granted_cents + closed.report.due_cents, found.paid, 2)


def test_beyond_the_envelope_a_manager_says_why_and_the_history_keeps_it(teller: Teller) -> None:
    voted(teller.session, teller.cast.manager, 500_00)
    case = teller.tell("3.12", "instructed")
    with pytest.raises(InvalidInput) as refused:
        granted(teller, case, "600,00")
    (sentence,) = refused.value.errors["envelope_reason"]
    assert sentence.replace("\xa0", " ") == "Il reste 500,00 € : dites pourquoi vous dépassez l’enveloppe de 100,00 €."
    granted(teller, case, "600,00", envelope_reason="Report demandé à la prochaine session.")
    assert remaining_for(teller.session, case) == -100_00


def test_within_the_envelope_nothing_more_is_asked(teller: Teller) -> None:
    voted(teller.session, teller.cast.manager, 500_00)
    case = teller.tell("3.12", "instructed")
    granted(teller, case, "500,00")
    assert remaining_for(teller.session, case) == 0


def test_without_a_vote_no_envelope_is_exceeded(teller: Teller) -> None:
    case = teller.tell("3.12", "instructed")
    granted(teller, case, "600,00")
    assert remaining_for(teller.session, case) is None


def test_a_vote_may_take_back_but_never_more_than_there_is(teller: Teller) -> None:
    voted(teller.session, teller.cast.manager, 500_00)
    voted(teller.session, teller.cast.manager, -200_00)
    assert figures(teller.session, "2024")["3.12"].voted == 300_00
    with pytest.raises(InvalidInput):
        voted(teller.session, teller.cast.manager, -300_01)


@pytest.mark.parametrize("statement", ["UPDATE envelope_vote SET amount_cents = 1", "DELETE FROM envelope_vote"])
def test_a_vote_is_never_changed(teller: Teller, statement: str) -> None:
    voted(teller.session, teller.cast.manager, 500_00)
    with pytest.raises(sa.exc.IntegrityError, match="votes are kept"):
        teller.session.execute(sa.text(statement))


def test_two_managers_deciding_at_once_do_not_share_the_last_euros(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        voted(session, teller.cast.manager, 1_000_00)
        cases = [teller.tell("3.12", "instructed").id for _ in range(2)]
        cast = teller.cast

    def decide(case_id: int) -> bool:
        with transaction(sessions) as own:
            granted(Teller(own, settings, cast), own.get_one(Application, case_id), "700,00")
            return True

    def attempt(case_id: int) -> bool:
        try:
            return decide(case_id)
        except InvalidInput:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, cases)) == [False, True]
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(EnvelopeVote)) == 1
        assert figures(session, "2024")["3.12"].engaged == 700_00
