"""A termination: pronounced, in effect, reported on what was done, then settled by a balance or a recovery."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application, Convention
from casework.clock import paris_day, paris_instant
from casework.db import transaction
from casework.deadlines import FOLLOW_UP, deadlines_of
from casework.envelopes import remaining_for, vote
from casework.errors import Forbidden, InvalidInput, Refused
from casework.french import long_date
from casework.money import live, payments_of
from casework.outbox import Message
from casework.payment_lists import list_payments
from casework.settings import Settings
from jobs import operations
from tests.support.journeys import Roster, identity
from tests.support.means import means
from tests.support.stories import FAR, Teller, cast_of
from workflows.engine import Act, offered
from workflows.inbox import inbox_of
from workflows.journey.orienting import orient
from workflows.rules.calendar import final_report_day
from workflows.stories import Plan, Story
from workflows.versions import scheme_of

WHY = "Cessation d’activité de la structure."


def convention(case: Application) -> Convention:
    assert case.convention is not None
    return case.convention


def middle(case: Application) -> date:
    """A day well inside the operation, and after everything that was told of it."""
    inside = convention(case).starts_on + (convention(case).ends_on - convention(case).starts_on) / 2
    return max(inside, paris_day(case.updated_at))


def terminated(teller: Teller, case: Application, ended_on: date | None = None, at: date | None = None) -> Application:
    """The convention terminated on this day (the middle of the operation), said on that very day."""
    day = ended_on or middle(case)
    when = max(case.updated_at, paris_instant(at or day))
    teller.fire(case, teller.cast.manager, "terminate", when, ended_on=day.isoformat(), reason=WHY)
    return case


def resumed(teller: Teller, case: Application, plan: Plan) -> Story:
    """The story of a case that was moved by hand, to be told from where it is."""
    story = teller.story(plan, until=FAR)
    story.case, story.at = case, case.updated_at
    return story


def opened(teller: Teller, case: Application) -> dict[str, list[date]]:
    found: dict[str, list[date]] = {}
    for one in deadlines_of(teller.session, case.id):
        if one.status == "open":
            found.setdefault(one.kind, []).append(one.due_on)
    return found


def possible(teller: Teller, case: Application, actor: Any, *, days: int = 0) -> dict[str, tuple[str, ...]]:
    at = case.updated_at + timedelta(days=days)
    offers = offered(teller.session, case, actor, at=at, settings=teller.settings)
    return {offer.move.trigger: offer.reasons for offer in offers}


def test_a_termination_asks_the_report_of_what_was_done_until_its_day(teller: Teller) -> None:
    case, cast = terminated(teller, teller.tell("3.5", "execution")), teller.cast
    day = convention(case).terminated_on
    assert day is not None
    assert (case.state, convention(case).ended_on, convention(case).termination_reason) == ("bilan", day, WHY)
    owed = opened(teller, case)
    assert owed["final_report"] == [final_report_day(scheme_of(case), convention(case).starts_on, day)]
    assert all(due < day for due in owed.get("committee", []))
    told = teller.session.scalars(sa.select(Message).where(Message.application_id == case.id)).all()
    bodies = {message.user_id: message.body for message in told if "est résiliée" in message.body}
    assert set(bodies) == {one.user_id for one in (cast.applicant, cast.finance, cast.verifier, cast.slai)}
    letter = bodies[cast.applicant.user_id]
    assert all(part in letter for part in (WHY, long_date(day), "à reverser", long_date(owed["final_report"][0])))


def test_what_was_extended_beyond_the_effective_day_is_cancelled_too(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    committee = [one for one in deadlines_of(teller.session, case.id) if one.kind == "committee"][-1]
    later = (committee.due_on + timedelta(days=10)).isoformat()
    teller.fire(
        case, teller.cast.manager, "extend_deadline", deadline=str(committee.id), new_on=later, reason="Accordé."
    )
    terminated(teller, case, committee.computed_on - timedelta(days=1))
    assert committee.status == "cancelled"


def test_the_report_then_the_control_lead_to_a_recovery(teller: Teller) -> None:
    plan = Plan("3.9", "closed", accepted_pct=30)
    case = terminated(teller, teller.tell("3.9", "execution"))
    story = resumed(teller, case, plan)
    story._report()
    story._control()
    assert case.state == "balance"
    story._order_balance()
    recovery = live(payments_of(teller.session, case.id), "recovery")
    assert recovery is not None
    story._settle()
    assert case.state == "terminated", "a termination that is settled rests as one"
    assert opened(teller, case) == {}


def test_without_any_report_the_whole_advance_is_recovered(teller: Teller) -> None:
    case = terminated(teller, teller.tell("3.10", "execution"))
    advance = live(payments_of(teller.session, case.id), "advance")
    assert advance is not None
    manager, due = teller.cast.manager, opened(teller, case)["final_report"][0]
    (reason,) = possible(teller, case, manager)["record_missing_report"]
    assert "Le porteur a jusqu’au" in reason
    late = paris_instant(due + timedelta(days=1))
    with pytest.raises(Forbidden):
        teller.fire(case, teller.cast.officer, "record_missing_report", late, reason="Rien reçu.")
    teller.fire(case, manager, "record_missing_report", late, reason="Deux relances sans réponse.")
    assert case.report is not None
    assert case.report.answer_due_on is not None
    kept = {**{name: str(value) for name, value in case.report.results.items()}, "other_funding": "0"}
    kept |= {"quality_pct": "0", "reason": "Bilan non remis."}
    with pytest.raises(Refused, match="pour répondre"):
        teller.fire(case, teller.cast.officer, "validate_report", late, **kept)
    after = paris_instant(case.report.answer_due_on + timedelta(days=1))
    teller.fire(case, teller.cast.officer, "validate_report", after, **kept)
    teller.fire(case, teller.cast.finance, "order_recovery")
    recovery = live(payments_of(teller.session, case.id), "recovery")
    assert recovery is not None
    assert recovery.amount_cents == advance.amount_cents


def test_a_report_that_comes_after_all_is_asked_for_as_a_correction(teller: Teller) -> None:
    case = teller.tell("3.9", "bilan")
    late = paris_instant(opened(teller, case)["final_report"][0] + timedelta(days=1))
    teller.fire(case, teller.cast.manager, "record_missing_report", late, reason="Rien reçu.")
    assert "submit_report" not in possible(teller, case, teller.cast.applicant)
    answer = {"stance": "contests", "answer": "Le bilan part demain."}
    teller.fire(case, teller.cast.applicant, "answer_control", late, **answer)
    due = (paris_day(late) + timedelta(days=15)).isoformat()
    teller.fire(case, teller.cast.officer, "request_correction", late, reason="Remettez-le.", due_on=due)
    resumed(teller, case, Plan("3.9", "balance"))._report()
    assert case.report is not None
    assert case.report.declared["personnel"] > 0


def test_nobody_is_oriented_any_more_and_every_journey_is_closed_before_the_report(teller: Teller) -> None:
    case = teller.tell("3.14", "execution")
    roster = Roster(teller, case)
    journey = roster.entered(10)
    terminated(teller, case, convention(case).ends_on - timedelta(days=5))
    act = Act(roster.operator, case.updated_at, teller.settings, identity(territory=str(case.territories[0].id)))
    with pytest.raises(Refused, match="plus personne n’est orienté"):
        orient(teller.session, case, act)
    reasons = possible(teller, case, teller.cast.applicant)["submit_report"]
    assert [text.replace("\xa0", " ") for text in reasons][-1].endswith("1 parcours est encore à clore.")
    roster.fire(journey, roster.operator, "record_exit", exited_on=roster.day(90), exit_kind="durable-1")
    assert not any("à clore" in reason for reason in possible(teller, case, teller.cast.applicant)["submit_report"])


def test_a_termination_to_come_lets_the_operation_run_until_its_day(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        case = teller.tell("3.5", "execution")
        key, said = case.id, paris_day(case.updated_at)
        day = said + timedelta(days=30)
        terminated(teller, case, day, at=said)
        assert case.state == "execution"
        assert possible(teller, case, teller.cast.officer)["end_early"][0].startswith("La convention est résiliée")
        assert possible(teller, case, teller.cast.officer)["propose_amendment"][0].startswith("La convention est rési")
    before, on = (means(sessions, settings, now=paris_instant(one)) for one in (day - timedelta(days=1), day))
    assert operations.run(before).done == 0
    assert operations.run(on).done == 1
    with sessions() as session:
        assert session.get_one(Application, key).state == "bilan"


def test_a_termination_to_come_may_be_cancelled_and_the_deadlines_come_back(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    before, said = opened(teller, case), paris_day(case.updated_at)
    terminated(teller, case, said + timedelta(days=30), at=said)
    assert opened(teller, case) != before
    teller.fire(case, teller.cast.manager, "cancel_termination", reason="Un repreneur est trouvé.")
    assert opened(teller, case) == before
    assert convention(case).terminated_on is None
    terminated(teller, case)
    assert "cancel_termination" not in possible(teller, case, teller.cast.manager)


def test_before_the_first_day_and_without_a_payment_nobody_owes_anything(teller: Teller) -> None:
    case = teller.tell("3.14", "advance", window=1)
    before = convention(case).starts_on - timedelta(days=1)
    terminated(teller, case, before, at=paris_day(case.updated_at))
    assert (case.state, opened(teller, case)) == ("terminated", {})


def test_before_the_first_day_what_was_advanced_is_still_accounted_for(teller: Teller) -> None:
    case = teller.tell("3.14", "execution", window=1)
    before = convention(case).starts_on - timedelta(days=1)
    terminated(teller, case, before)
    assert case.state == "bilan"
    assert set(opened(teller, case)) == {"final_report"}


def test_no_advance_is_asked_of_finance_once_the_convention_is_terminated(teller: Teller) -> None:
    case, finance = teller.tell("3.14", "advance"), teller.cast.finance

    def to_order() -> tuple[bool, bool]:
        tasks = [task for group in inbox_of(teller.session, finance, today=FAR.date()) for task in group.tasks]
        rows = list_payments(teller.session, finance, "to_order").rows
        return any(task.trigger == "order_advance" for task in tasks), any(
            row.application_id == case.id for row in rows
        )

    assert to_order() == (True, True)
    said = paris_day(case.updated_at)
    terminated(teller, case, said + timedelta(days=20), at=said)
    assert case.state == "advance"
    assert to_order() == (False, False)
    assert possible(teller, case, finance)["order_advance"][0].startswith("La convention est résiliée")


def test_an_advance_that_is_ordered_and_unpaid_is_cancelled_first(teller: Teller) -> None:
    case = teller.tell("3.12", "advance", beyond=1)
    assert possible(teller, case, teller.cast.manager)["terminate"] == (
        "L’avance est ordonnée mais pas payée : la finance doit d’abord l’annuler.",
    )


def test_a_convention_that_nobody_signed_is_dropped(teller: Teller) -> None:
    case = teller.tell("3.12", "convention")
    teller.fire(case, teller.cast.manager, "drop_convention", reason="La structure renonce.")
    assert (case.state, case.due_on) == ("terminated", None)


def test_a_termination_takes_effect_inside_the_convention(teller: Teller) -> None:
    case = teller.tell("3.14", "execution")
    for wrong in ("2023-12-31", (convention(case).ends_on + timedelta(days=1)).isoformat()):
        with pytest.raises(InvalidInput) as refusal:
            teller.fire(case, teller.cast.manager, "terminate", ended_on=wrong, reason="Erreur.")
        assert set(refusal.value.errors) == {"ended_on"}


def test_only_a_manager_terminates_and_says_why(teller: Teller) -> None:
    case = teller.tell("3.14", "execution")
    day = middle(case).isoformat()
    for actor in (teller.cast.officer, teller.cast.applicant, teller.cast.finance, teller.cast.slai):
        with pytest.raises(Forbidden):
            teller.fire(case, actor, "terminate", ended_on=day, reason=WHY)
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.manager, "terminate", ended_on=day, reason="")
    assert "reason" in refusal.value.errors


def test_the_envelope_is_freed_of_what_will_not_be_paid(teller: Teller) -> None:
    vote(
        teller.session,
        "2024",
        "3.9",
        amount_cents=90_000_00,
        voted_on=date(2024, 1, 5),
        reference="CD-1",
        actor=teller.cast.manager,
        at=paris_instant(date(2024, 1, 5)),
    )
    case = terminated(teller, teller.tell("3.9", "execution"))
    assert remaining_for(teller.session, case) == 90_000_00 - convention(case).grant_cents
    advance = live(payments_of(teller.session, case.id), "advance")
    assert advance is not None
    story = resumed(teller, case, Plan("3.9", "closed", accepted_pct=30))
    story._report()
    story._control()
    assert case.report is not None
    assert case.report.due_cents is not None
    assert remaining_for(teller.session, case) == 90_000_00 - advance.amount_cents, "what is paid stays engaged"
    story._order_balance()
    story._settle()
    assert remaining_for(teller.session, case) == 90_000_00 - case.report.due_cents


def test_an_open_amendment_lapses_with_the_termination(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    sent = {"ends_on": convention(case).ends_on.isoformat(), "amount": str(convention(case).grant_cents // 100 - 1)}
    teller.fire(case, teller.cast.applicant, "request_amendment", **sent, reason="Moins de besoins.")
    terminated(teller, case)
    assert "request_amendment" in possible(teller, case, teller.cast.applicant)
    assert "refuse_amendment" not in possible(teller, case, teller.cast.officer)


def test_a_settled_termination_may_be_reopened_then_rests_again(teller: Teller) -> None:
    case = terminated(teller, teller.tell("3.9", "execution"))
    resumed(teller, case, Plan("3.9", "closed", accepted_pct=30)).conclude()
    teller.fire(case, teller.cast.manager, "reopen_termination", reason="Erreur de compte.")
    assert case.state == "balance"
    teller.fire(case, teller.cast.finance, "close_again")
    assert case.state == "terminated"


def test_follow_up_before_the_effective_day_is_still_owed(teller: Teller) -> None:
    case = terminated(teller, teller.tell("3.12", "execution"))
    day = convention(case).terminated_on
    assert day is not None
    assert any(kind in FOLLOW_UP for kind in opened(teller, case))
    assert all(due <= day + timedelta(days=45) for due in opened(teller, case).get("cre", []))
