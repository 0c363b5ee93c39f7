"""The life of an application on the real schemes, from the draft to the balance, by real transitions."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework import journal
from casework.applications import FINAL_STATES, STATES
from casework.deadlines import Deadline
from casework.errors import InvalidInput
from casework.money import live, payments_of
from casework.outbox import Message
from tests.support.stories import Teller
from workflows.application import APPLICATION, MAIN_PATH
from workflows.checking import faults
from workflows.engine import workflows
from workflows.stories import Plan

CODES = tuple(f"3.{number}" for number in range(1, 17))


def test_the_declared_machines_leave_nobody_stuck() -> None:
    assert [fault for workflow in workflows() for fault in faults(workflow)] == []
    assert set(APPLICATION.states) == set(STATES)


@pytest.mark.parametrize("code", CODES)
def test_an_application_of_every_scheme_goes_from_draft_to_closed(teller: Teller, code: str) -> None:
    case = teller.tell(code, "closed")
    assert case.state == "closed"
    states = [
        event.after for event in reversed(journal.timeline(teller.session, "application", case.id)) if event.after
    ]
    entered = list(dict.fromkeys(states))
    assert entered == list(MAIN_PATH)
    payments = payments_of(teller.session, case.id)
    advance, balance = live(payments, "advance"), live(payments, "balance")
    assert advance is not None
    assert case.granted_cents is not None
    assert advance.amount_cents + (balance.amount_cents if balance else 0) <= case.granted_cents
    read, broken = journal.verify(teller.session)
    assert broken is None
    assert read > len(MAIN_PATH)


def test_nothing_is_due_on_a_case_once_it_is_closed(teller: Teller) -> None:
    case = teller.tell("3.9", "closed")
    assert case.due_on is None
    still_open = teller.session.scalars(sa.select(Deadline).where(Deadline.status == "open")).all()
    assert still_open == []


def test_a_scheme_without_prior_opinion_opens_its_instruction_at_once(teller: Teller) -> None:
    story = teller.story(Plan("3.10", "submitted"))
    case = story.tell()
    story.wait(20)
    story.fire(teller.cast.officer, "admit")
    assert case.state == "instruction"
    assert case.opinions == []


def test_each_territory_gives_its_own_opinion(teller: Teller) -> None:
    case = teller.tell("3.5", "slai_opinion", territories=("Ternois", "Artois", "Calaisis"))
    assert sorted(opinion.title for opinion in case.opinions) == ["SLAI Artois", "SLAI Calaisis", "SLAI Ternois"]
    assert all(opinion.waiting for opinion in case.opinions)


def test_less_is_accepted_than_was_advanced_and_the_difference_is_recovered(teller: Teller) -> None:
    case = teller.tell("3.14", "closed", accepted_pct=50)
    payments = payments_of(teller.session, case.id)
    advance, recovery = live(payments, "advance"), live(payments, "recovery")
    assert live(payments, "balance") is None
    assert advance is not None
    assert recovery is not None
    assert case.report is not None
    assert recovery.amount_cents == advance.amount_cents - (case.report.due_cents or 0)


def test_the_applicant_receives_a_message_at_each_turn(teller: Teller) -> None:
    case = teller.tell("3.12", "closed")
    subjects = teller.session.scalars(
        sa.select(Message.subject).where(Message.user_id == teller.cast.applicant.user_id).order_by(Message.id)
    ).all()
    about = (f"{case.reference} – ", f"{case.organisation.name} – ")
    said = [subject.removeprefix(about[0]).removeprefix(about[1]) for subject in subjects]
    assert said == [
        "dossier déposé, à valider",
        "dossier validé",
        "subvention accordée",
        "coordonnées bancaires données",
        "coordonnées bancaires confirmées",
        "avance payée",
        "bilan attendu",
        "bilan validé",
        "solde payé",
    ]


def test_every_state_is_final_or_has_a_way_out() -> None:
    left = {source for move in APPLICATION.moves.values() for source in move.sources if move.to}
    assert set(STATES) - left <= set(FINAL_STATES)


def test_a_reference_too_long_for_its_column_is_refused_on_its_field(teller: Teller) -> None:
    case = teller.tell("3.12", "instructed")
    with pytest.raises(InvalidInput) as refused:
        teller.fire(
            case,
            teller.cast.manager,
            "reject",
            reason="Besoin déjà couvert.",
            decision_reference="x" * 81,
            decided_on=case.updated_at.date().isoformat(),
        )
    assert "80 caractères" in refused.value.errors["decision_reference"][0]
