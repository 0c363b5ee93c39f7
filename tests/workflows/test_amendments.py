"""Amendments: asked, decided, signed, in force; what they move, what they may not do, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.amendments import Amendment, amendments_of, terms_in_force
from casework.amounts import decimal_string, euros
from casework.applications import Application, Convention
from casework.clock import paris_day, paris_instant
from casework.committees import committees_of
from casework.db import transaction
from casework.deadlines import Deadline, Reminder, deadlines_of
from casework.envelopes import figures, remaining_for, vote
from casework.errors import CaseworkError, Forbidden, InvalidInput, Refused, Stale
from casework.french import long_date
from casework.money import Payment, payments_of
from casework.opendata import entries
from casework.outbox import Message
from casework.people import Actor, job
from casework.permissions import may
from casework.settings import Settings
from jobs import operations
from tests.support import people
from tests.support.journeys import Roster
from tests.support.means import means
from tests.support.meetings import Meetings
from tests.support.pdftext import text_of
from tests.support.stories import Teller, cast_of
from workflows.application import amendment_text
from workflows.application.reading import amended_maximum
from workflows.engine import Act, fire, offered
from workflows.rules.calendar import add_months, final_report_day
from workflows.stories import Plan
from workflows.versions import scheme_of

WHY = "Recrutement retardé de deux mois."


def convention(case: Application) -> Convention:
    assert case.convention is not None
    return case.convention


def terms(case: Application, **changes: object) -> dict[str, str]:
    """What the form of an amendment sends: the terms in force, with these changes."""
    force = terms_in_force(case)
    sent = {"ends_on": force.ends_on.isoformat(), "amount": decimal_string(force.grant_cents), "reason": WHY}
    return sent | {
        name: value.isoformat() if isinstance(value, date) else str(value) for name, value in changes.items()
    }


def last(teller: Teller, case: Application) -> Amendment:
    return amendments_of(teller.session, case.id)[-1]


def longer(case: Application, months: int = 2) -> date:
    return add_months(convention(case).ends_on, months)


def proposed(teller: Teller, case: Application, **changes: object) -> Amendment:
    """An amendment of the services, with its reasons beyond the sheet and the envelope."""
    sent = terms(case, **changes) | {"derogation_reason": "Accepté par la commission."}
    teller.fire(case, teller.cast.officer, "propose_amendment", **sent)
    found = last(teller, case)
    if found.status == "asked":
        decision = {"decision_reference": "CP-AV-1", "decided_on": paris_day(case.updated_at).isoformat()}
        teller.fire(case, teller.cast.manager, "grant_amendment", **{**sent, **decision})
    return found


def signed(teller: Teller, case: Application) -> None:
    day = paris_day(case.updated_at).isoformat()
    teller.fire(case, teller.cast.applicant, "sign_amendment_for_applicant", signed_on=day)
    teller.fire(case, teller.cast.manager, "sign_amendment_for_funder", signed_on=day)


def amended(teller: Teller, case: Application, **changes: object) -> Amendment:
    found = proposed(teller, case, **changes)
    signed(teller, case)
    return found


def reasons(teller: Teller, case: Application, actor: Actor, trigger: str) -> tuple[str, ...] | None:
    offers = offered(teller.session, case, actor, at=case.updated_at, settings=teller.settings)
    return next((offer.reasons for offer in offers if offer.move.trigger == trigger), None)


def due(teller: Teller, case: Application, kind: str, status: str = "open") -> list[date]:
    return [one.due_on for one in deadlines_of(teller.session, case.id) if (one.kind, one.status) == (kind, status)]


def refused(teller: Teller, case: Application, trigger: str, actor: Actor, **sent: str) -> Mapping[str, Any]:
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, actor, trigger, **sent)
    return refusal.value.errors


def test_an_amendment_lives_from_the_request_to_its_entry_into_force(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    before, end = terms_in_force(case), longer(case)
    teller.fire(case, teller.cast.applicant, "request_amendment", **terms(case, ends_on=end))
    assert (last(teller, case).status, last(teller, case).number) == ("asked", None)
    assert terms_in_force(case) == before
    sent = {"ends_on": end.isoformat(), "derogation_reason": "Retard non imputable au porteur."}
    teller.fire(case, teller.cast.officer, "accept_amendment", **sent)
    assert (last(teller, case).status, last(teller, case).number) == ("accepted", 1)
    assert due(teller, case, "signature") == [paris_day(case.updated_at) + timedelta(days=30)]
    assert terms_in_force(case) == before
    signed(teller, case)
    found = last(teller, case)
    assert (found.status, found.replaced) == ("in_force", before.kept())
    assert convention(case).ends_on == end
    assert due(teller, case, "signature") == []
    assert case.state == "execution", "signing an amendment opens no second advance"
    assert len(payments_of(teller.session, case.id)) == 1
    told = [event.kind for event in journal.timeline(teller.session, "application", case.id, limit=5)]
    assert told[0] == "application.amendment_in_force"


def test_new_dates_move_the_committees_the_report_and_its_reminders(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    committees, report = due(teller, case, "committee"), due(teller, case, "final_report")
    asleep = sa.update(Deadline).where(Deadline.status == "open").values(next_reminder_on=date(2030, 1, 1))
    teller.session.execute(asleep)
    end = longer(case, 4)
    amended(teller, case, ends_on=end)
    more = due(teller, case, "committee")
    assert more[: len(committees)] == committees
    assert committees[-1] < more[-1] < end
    expected = final_report_day(scheme_of(case), convention(case).starts_on, end)
    assert due(teller, case, "final_report") == [expected] != report
    moved = next(one for one in deadlines_of(teller.session, case.id) if one.kind == "final_report")
    assert moved.next_reminder_on == paris_day(case.updated_at)


def test_a_reminder_of_the_former_day_is_not_sent_any_more(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    report = next(one for one in deadlines_of(teller.session, case.id) if one.kind == "final_report")
    waiting = Reminder(
        deadline_id=report.id,
        due_on=report.due_on,
        step=-30,
        planned_on=paris_day(case.updated_at),
        user_id=teller.cast.applicant.user_id,
        role="applicant",
        created_at=case.updated_at,
    )
    teller.session.add(waiting)
    amended(teller, case, ends_on=longer(case))
    teller.session.refresh(waiting)
    assert waiting.skipped is not None
    assert waiting.skipped.startswith("Date recalculée")


def test_an_extended_deadline_keeps_its_extension(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    report = next(one for one in deadlines_of(teller.session, case.id) if one.kind == "final_report")
    far = report.due_on + timedelta(days=300)
    teller.fire(
        case, teller.cast.manager, "extend_deadline", deadline=str(report.id), new_on=far.isoformat(), reason="Accordé."
    )
    end = longer(case)
    amended(teller, case, ends_on=end)
    assert (report.due_on, report.extended) == (far, True)
    assert report.computed_on == final_report_day(scheme_of(case), convention(case).starts_on, end)


def test_what_is_already_held_stays_held_when_the_operation_is_shortened(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    first = next(one for one in deadlines_of(teller.session, case.id) if one.kind == "committee")
    operation = Meetings(teller, case)
    operation.hold(operation.committee())
    operation.convene(operation.committee(3))
    amended(teller, case, ends_on=add_months(convention(case).ends_on, -4))
    assert due(teller, case, "committee", "met") == [first.due_on]
    assert due(teller, case, "committee", "cancelled")
    states = [(one.rank, one.state) for one in committees_of(teller.session, case.id)]
    assert states == [(1, "held"), (2, "planned"), (3, "cancelled")]
    last = teller.session.scalars(sa.select(Message).where(Message.ics.like("%METHOD:CANCEL%"))).first()
    assert last is not None
    assert all(day < convention(case).ends_on for day in due(teller, case, "committee"))


def test_a_longer_operation_plans_more_committees_and_leaves_those_that_are_convened(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    operation = Meetings(teller, case)
    convened = operation.committee(2)
    operation.convene(convened)
    before = [(one.rank, one.day, one.state, one.starts_at) for one in committees_of(teller.session, case.id)]
    amended(teller, case, ends_on=longer(case, 4))
    after = [(one.rank, one.day, one.state, one.starts_at) for one in committees_of(teller.session, case.id)]
    assert after[: len(before)] == before
    assert [(rank, state, at) for rank, _, state, at in after[len(before) :]] == [
        (4, "planned", None),
        (5, "planned", None),
    ]
    assert after[-1][1] == due(teller, case, "committee")[-1]


def test_a_committee_put_off_by_a_manager_moves_while_it_is_only_planned(teller: Teller) -> None:
    """A convened one keeps the moment that its guests have: whoever runs it moves it, and tells them."""
    case = teller.tell("3.5", "execution")
    operation = Meetings(teller, case)
    planned, convened = operation.committee(1), operation.committee(2)
    operation.convene(convened)
    kept = convened.day
    for committee in (planned, convened):
        known = deadlines_of(teller.session, case.id)
        owed = next(one for one in known if (one.kind, one.rank) == ("committee", committee.rank))
        sent = {"deadline": str(owed.id), "new_on": str(owed.due_on + timedelta(days=20)), "reason": "Accordé."}
        before = committee.day
        teller.fire(case, teller.cast.manager, "extend_deadline", **sent)
        assert owed.due_on == before + timedelta(days=20)
    assert planned.day == next(day for day in due(teller, case, "committee"))
    assert (convened.day, convened.state) == (kept, "convened")


def test_the_steps_of_a_journey_follow_the_new_end(teller: Teller) -> None:
    case = teller.tell("3.9", "execution")
    Roster(teller, case).entered(20)
    before = due(teller, case, "milestone")
    case.updated_at = max(case.updated_at, Roster(teller, case).late)
    amended(teller, case, ends_on=longer(case, 4))
    assert before
    assert due(teller, case, "milestone")[0] > before[0]


def test_an_amended_amount_is_the_grant_for_everybody(teller: Teller) -> None:
    case = teller.tell("3.12", "execution", requested=4_000_000)
    lower = convention(case).grant_cents - 100_000
    found = amended(teller, case, amount=decimal_string(lower))
    assert (convention(case).grant_cents, case.granted_cents) == (lower, lower)
    assert (found.decision_reference, found.decided_on) == ("CP-AV-1", paris_day(case.updated_at))
    year = (convention(case).signed_on or date.min).year
    rows = entries(teller.session, teller.settings, year, minimum=0)
    assert [entry.row["montant"] for entry in rows if entry.application_id == case.id] == [decimal_string(lower)]


def test_the_balance_is_computed_on_the_amended_amount(teller: Teller) -> None:
    case = teller.tell("3.9", "bilan", beyond=1)
    assert reasons(teller, case, teller.cast.officer, "propose_amendment") == (
        "Le bilan final est remis : la convention ne change plus.",
    )
    case = teller.tell("3.9", "execution")
    paid = sum(payment.amount_cents for payment in payments_of(teller.session, case.id))
    amended(teller, case, amount=decimal_string(paid))
    story = teller.story(Plan("3.9", "balance"), until=paris_instant(date(2026, 12, 31)))
    story.case, story.at = case, case.updated_at
    for step in (story._end, story._report, story._control):
        step()
    assert case.report is not None
    assert case.report.due_cents == paid
    assert reasons(teller, case, teller.cast.finance, "close_settled") == ()


def test_the_maximum_of_the_sheet_binds_the_new_amount(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    too_much = terms(case, amount="9 000 000")
    errors = refused(teller, case, "propose_amendment", teller.cast.officer, **too_much)
    maximum = amended_maximum(teller.session, case, terms_in_force(case)).maximum_cents
    assert set(errors) == {"amount"}
    assert "montant maximal par les règles de la fiche" in errors["amount"][0]
    assert maximum >= convention(case).grant_cents


def test_a_shorter_operation_lowers_the_cap_by_month(teller: Teller) -> None:
    case = teller.tell("3.12", "execution", requested=99_000_000, posts=2)
    shorter = terms(case, ends_on=add_months(convention(case).ends_on, -3), derogation_reason="Accepté.")
    errors = refused(teller, case, "propose_amendment", teller.cast.officer, **shorter)
    assert "montant maximal" in errors["amount"][0]


def test_nothing_goes_below_what_is_already_ordered_or_paid(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    paid = payments_of(teller.session, case.id)[0].amount_cents
    errors = refused(
        teller, case, "propose_amendment", teller.cast.officer, **terms(case, amount=decimal_string(paid - 1))
    )
    assert list(errors["amount"]) == [
        f"{euros(paid)} sont déjà ordonnés ou versés : la subvention ne peut pas être inférieure."
    ]


def test_the_database_itself_refuses_a_grant_below_what_is_paid(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    with pytest.raises(IntegrityError, match="exceed the grant"):
        teller.session.execute(sa.update(Convention).where(Convention.application_id == case.id).values(grant_cents=1))


def test_an_advance_ordered_since_the_decision_stops_the_signature(teller: Teller) -> None:
    case = teller.tell("3.12", "advance")
    half = convention(case).grant_cents // 2
    proposed(teller, case, amount=decimal_string(half))
    teller.fire(case, teller.cast.finance, "order_advance", amount=decimal_string(half + 100))
    (reason,) = reasons(teller, case, teller.cast.applicant, "sign_amendment_for_applicant") or ()
    assert "déjà ordonnés ou versés" in reason


def test_only_the_increase_is_compared_with_the_envelope(teller: Teller) -> None:
    case = teller.tell("3.12", "execution", requested=4_000_000)
    grant = convention(case).grant_cents
    _voted(teller, grant + 50_000)
    teller.fire(case, teller.cast.officer, "propose_amendment", **terms(case, amount=decimal_string(grant + 60_000)))
    decision = {"decision_reference": "CP-9", "decided_on": paris_day(case.updated_at).isoformat()}
    sent = terms(case, amount=decimal_string(grant + 60_000)) | decision
    errors = refused(teller, case, "grant_amendment", teller.cast.manager, **sent)
    assert list(errors["envelope_reason"]) == [
        f"Il reste {euros(50_000)} : dites pourquoi vous dépassez l’enveloppe de {euros(10_000)}."
    ]
    teller.fire(case, teller.cast.manager, "grant_amendment", **sent, envelope_reason="Report d’une autre fiche.")
    assert remaining_for(teller.session, case) == -10_000, "what is decided is engaged before it is signed"
    signed(teller, case)
    assert remaining_for(teller.session, case) == -10_000


def test_within_the_envelope_an_increase_asks_nothing_more(teller: Teller) -> None:
    case = teller.tell("3.12", "execution", requested=4_000_000)
    grant = convention(case).grant_cents
    _voted(teller, grant + 50_000)
    amended(teller, case, amount=decimal_string(grant + 50_000))
    assert figures(teller.session, "2024")["3.12"].remaining == 0


def _voted(teller: Teller, cents: int) -> None:
    vote(
        teller.session,
        "2024",
        "3.12",
        amount_cents=cents,
        voted_on=date(2024, 1, 5),
        reference="CD-1",
        actor=teller.cast.manager,
        at=paris_instant(date(2024, 1, 5)),
    )


def test_a_manager_decides_what_changes_the_amount_and_an_officer_the_rest(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    lower = decimal_string(convention(case).grant_cents - 100)
    teller.fire(case, teller.cast.applicant, "request_amendment", **terms(case, amount=lower))
    assert reasons(teller, case, teller.cast.officer, "accept_amendment") is None
    assert reasons(teller, case, teller.cast.officer, "grant_amendment") is None
    assert reasons(teller, case, teller.cast.manager, "grant_amendment") == ()
    for actor in (teller.cast.officer, teller.cast.applicant, teller.cast.finance, teller.cast.slai):
        with pytest.raises(Forbidden):
            teller.fire(case, actor, "grant_amendment", **terms(case, amount=lower))


def test_a_refusal_says_why_and_leaves_the_convention_as_it_was(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    before = terms_in_force(case)
    teller.fire(case, teller.cast.applicant, "request_amendment", **terms(case, ends_on=longer(case)))
    teller.fire(case, teller.cast.officer, "refuse_amendment", reason="Le calendrier de la fiche est impératif.")
    found = last(teller, case)
    assert (found.status, found.outcome, found.number) == ("refused", "Le calendrier de la fiche est impératif.", None)
    assert terms_in_force(case) == before
    body = teller.session.scalars(sa.select(Message.body).order_by(Message.id.desc()).limit(1)).one()
    assert "Le calendrier de la fiche est impératif." in body
    amended(teller, case, ends_on=longer(case))
    assert last(teller, case).number == 1, "a refused request takes no number"


def test_an_applicant_takes_its_request_back_and_the_services_give_theirs_up(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    teller.fire(case, teller.cast.applicant, "request_amendment", **terms(case, ends_on=longer(case)))
    teller.fire(case, teller.cast.applicant, "withdraw_amendment", reason="Recrutement finalement fait.")
    assert last(teller, case).status == "withdrawn"
    proposed(teller, case, ends_on=longer(case))
    with pytest.raises(Refused):
        teller.fire(case, teller.cast.applicant, "withdraw_amendment", reason="Trop tard.")
    teller.fire(case, teller.cast.officer, "abandon_amendment", reason="Erreur de date.")
    assert last(teller, case).status == "withdrawn"
    assert due(teller, case, "signature") == []


def test_a_request_that_changes_nothing_or_says_impossible_days_is_refused_at_its_field(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    applicant, day = teller.cast.applicant, paris_day(case.updated_at)
    assert "Rien ne change" in refused(teller, case, "request_amendment", applicant, **terms(case))["ends_on"][0]
    for end in (date(2020, 1, 1), day - timedelta(days=1), add_months(day, 100)):
        assert set(refused(teller, case, "request_amendment", applicant, **terms(case, ends_on=end))) == {"ends_on"}
    assert set(refused(teller, case, "request_amendment", applicant, **terms(case, amount="0"))) == {"amount"}
    assert set(refused(teller, case, "request_amendment", applicant, **terms(case, reason=""))) == {"reason"}


def test_days_out_of_the_sheet_are_accepted_with_a_reason_only(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    errors = refused(teller, case, "propose_amendment", teller.cast.officer, **terms(case, ends_on=longer(case, 3)))
    assert set(errors) == {"derogation_reason"}
    assert "fixe l’opération du" in errors["derogation_reason"][0] or "plus de" in errors["derogation_reason"][0]


def test_people_who_entered_hold_the_operation_around_them(teller: Teller) -> None:
    case = teller.tell("3.14", "execution")
    found = proposed(teller, case, ends_on=convention(case).ends_on - timedelta(days=60))
    length = (convention(case).ends_on - convention(case).starts_on).days
    Roster(teller, case).entered(length - 30)
    (reason,) = reasons_on(teller, case, teller.cast.manager, "sign_amendment_for_funder", convention(case).ends_on)
    assert "1 participant entré hors de cette période" in reason.replace("\xa0", " ")
    assert found.status == "accepted"


def reasons_on(teller: Teller, case: Application, actor: Actor, trigger: str, day: date) -> tuple[str, ...]:
    offers = offered(teller.session, case, actor, at=paris_instant(day), settings=teller.settings)
    return next(offer.reasons for offer in offers if offer.move.trigger == trigger)


def test_a_co_bearer_joins_the_convention_of_a_common_operation(teller: Teller) -> None:
    case = teller.tell("3.7", "execution")
    other = people.organisation(teller.session)
    colleague = people.applicant(teller.session, other)
    assert not may(colleague, "application.read", case)
    found = amended(teller, case, co_bearer=other.siret)
    assert list(case.co_bearers) == [other]
    assert may(colleague, "application.report", case)
    document = text_of(amendment_text.document_of(teller.session, case, found).as_pdf())
    assert other.name.replace(" ", "") in document.replace(" ", "").replace("\n", "")
    amended(teller, case, left=other.id)
    assert list(case.co_bearers) == []


@pytest.mark.parametrize("typed", ["123", "00000000000000", "own"])
def test_an_unknown_co_bearer_is_refused_at_its_field(teller: Teller, typed: str) -> None:
    case = teller.tell("3.7", "execution")
    siret = case.organisation.siret if typed == "own" else typed
    sent = terms(case, co_bearer=siret)
    assert set(refused(teller, case, "request_amendment", teller.cast.applicant, **sent)) == {"co_bearer"}


def test_only_the_common_scheme_asks_for_co_bearers(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    offers = offered(teller.session, case, teller.cast.applicant, at=case.updated_at, settings=teller.settings)
    asked = next(offer.inputs for offer in offers if offer.move.trigger == "request_amendment")
    assert [item.name for item in asked] == ["ends_on", "amount", "reason"]


def test_one_amendment_at_a_time(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    proposed(teller, case, ends_on=longer(case))
    for actor, trigger in ((teller.cast.applicant, "request_amendment"), (teller.cast.officer, "propose_amendment")):
        with pytest.raises(Refused, match="attend ses signatures"):
            teller.fire(case, actor, trigger, **terms(case, ends_on=longer(case, 3)))


def test_the_database_itself_holds_one_open_amendment_and_keeps_closed_ones(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    found = proposed(teller, case, ends_on=longer(case))
    with pytest.raises(IntegrityError), teller.session.begin_nested():
        teller.session.execute(sa.insert(Amendment).values(**_copy(found)))
    signed(teller, case)
    teller.session.flush()
    for statement in ("UPDATE amendment SET grant_cents = 1", "DELETE FROM amendment"):
        with pytest.raises(IntegrityError, match="never changes"), teller.session.begin_nested():
            teller.session.execute(sa.text(statement))


def _copy(found: Amendment) -> dict[str, Any]:
    names = ("application_id", "asked_by", "asked_at", "reason", "starts_on", "ends_on", "grant_cents", "co_bearers")
    return {name: getattr(found, name) for name in names} | {"status": "asked", "decision_reference": "", "outcome": ""}


def test_two_people_ask_at_once_and_one_is_told(sessions: sessionmaker[Session], settings: Settings) -> None:
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        case = teller.tell("3.5", "execution")
        key, version, at, cast = case.id, case.version, case.updated_at, teller.cast
        sent = terms(case, ends_on=longer(case)) | {"derogation_reason": "Accepté."}
    barrier = Barrier(2)

    def ask(one: tuple[Actor, str]) -> str:
        barrier.wait()
        try:
            with transaction(sessions) as own:
                fire(own, own.get_one(Application, key), one[1], Act(one[0], at, settings, sent, version))
        except Stale as stale:
            return stale.sentence
        except CaseworkError as refusal:
            return refusal.sentence
        return "done"

    asked = [(cast.applicant, "request_amendment"), (cast.officer, "propose_amendment")]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(ask, asked))
    assert sorted(result == "done" for result in results) == [False, True]
    assert any("Ce dossier a changé" in result for result in results)
    with sessions() as session:
        assert len(amendments_of(session, key)) == 1


def test_an_operation_does_not_end_while_its_extension_is_being_signed(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        case = teller.tell("3.5", "execution")
        key, end = case.id, convention(case).ends_on
        proposed(teller, case, ends_on=longer(case))
    after = means(sessions, settings, now=paris_instant(end + timedelta(days=2)))
    assert (operations.run(after).done, operations.run(after).failed) == (0, 0)
    with transaction(sessions) as session:
        case = session.get_one(Application, key)
        at = paris_instant(end + timedelta(days=2))
        with pytest.raises(Refused, match="qui prolonge l’opération, attend ses signatures"):
            Teller(session, settings, teller.cast).fire(case, job("Fin"), "end_operation", at)
        Teller(session, settings, teller.cast).fire(
            case, teller.cast.officer, "abandon_amendment", at, reason="Jamais signé."
        )
    assert operations.run(after).done == 1


def test_a_request_of_days_lapses_when_the_operation_is_over(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    teller.fire(case, teller.cast.applicant, "request_amendment", **terms(case, ends_on=longer(case)))
    teller.fire(case, job("Fin"), "end_operation", paris_instant(convention(case).ends_on + timedelta(days=1)))
    assert (case.state, last(teller, case).status) == ("bilan", "lapsed")
    offers = offered(teller.session, case, teller.cast.applicant, at=case.updated_at, settings=teller.settings)
    asked = next(offer.inputs for offer in offers if offer.move.trigger == "request_amendment")
    assert [item.name for item in asked] == ["amount", "reason"], "an operation that is over keeps its days"


def test_an_open_amendment_holds_the_control_of_the_report(teller: Teller) -> None:
    case = teller.tell("3.9", "bilan")
    lower = decimal_string(convention(case).grant_cents - 100)
    teller.fire(case, teller.cast.applicant, "request_amendment", **terms(case, amount=lower))
    assert any(
        "il attend une décision" in reason
        for reason in reasons(teller, case, teller.cast.officer, "validate_report") or ()
    )


@pytest.mark.parametrize("state", ["instructed", "convention", "balance", "closed"])
def test_only_a_signed_convention_that_is_not_controlled_is_amended(teller: Teller, state: str) -> None:
    case = teller.tell("3.9", state)
    assert reasons(teller, case, teller.cast.officer, "propose_amendment") is None
    assert reasons(teller, case, teller.cast.applicant, "request_amendment") is None


def test_a_signature_is_dated_after_the_sending_and_not_in_the_future(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    proposed(teller, case, ends_on=longer(case))
    day = paris_day(case.updated_at)
    for wrong in (day - timedelta(days=1), day + timedelta(days=1)):
        sent = {"signed_on": wrong.isoformat()}
        assert set(refused(teller, case, "sign_amendment_for_applicant", teller.cast.applicant, **sent)) == {
            "signed_on"
        }


def test_the_amendment_says_what_changes_in_both_formats_and_never_changes_itself(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    old, end = convention(case).ends_on, longer(case)
    found = proposed(teller, case, ends_on=end)
    document = amendment_text.document_of(teller.session, case, found)
    said = "".join(text_of(document.as_pdf()).split())
    for expected in ("Avenant n° 1", convention(case).number, long_date(old), long_date(end), WHY, "Comité n° 4"):
        assert "".join(expected.split()) in said, expected
    assert document.as_docx().startswith(b"PK")
    signed(teller, case)
    before = amendment_text.document_of(teller.session, case, found).as_pdf()
    amended(teller, case, ends_on=longer(case, 1))
    assert amendment_text.document_of(teller.session, case, found).as_pdf() == before


def test_the_text_in_force_is_the_convention_with_its_new_terms(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    end = longer(case)
    found = amended(teller, case, ends_on=end)
    document = amendment_text.in_force(teller.session, case, [found], teller.settings)
    said = "".join(text_of(document.as_pdf()).split())
    assert "".join(f"au {long_date(end)} inclus".split()) in said
    assert "modifiéeparl’avenantn°1" in said


def test_a_signed_amendment_keeps_the_payments_of_the_case(teller: Teller) -> None:
    """The triggers of both tables hold together: the grant moves while an advance stands."""
    case = teller.tell("3.12", "execution", requested=4_000_000)
    grant = convention(case).grant_cents
    amended(teller, case, amount=decimal_string(grant + 100))
    teller.session.flush()
    standing = teller.session.scalars(sa.select(Payment).where(Payment.application_id == case.id)).one()
    assert standing.amount_cents <= grant
