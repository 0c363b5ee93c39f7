"""The bank account of an organisation: who gives it, who confirms it, what is ordered on it, who is told."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.applications import Application
from casework.bank import BankDetails, BankLook, confirmed, details_of, pending, record_looks
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.ibans import grouped_iban, masked_iban, possible_iban
from casework.money import live, payments_of
from casework.outbox import Message
from casework.people import Actor, Organisation
from casework.settings import Settings
from tests.support import people, rows
from tests.support.stories import Teller, cast_of
from tests.support.template import NOW
from workflows import bank
from workflows.application.files import orphans
from workflows.engine import Act, offered
from workflows.story_bank import ensure_account, give_account, invented_iban
from workflows.story_plan import PDF


@pytest.fixture
def teller(session: Session, settings: Settings) -> Teller:
    return Teller(session, settings, cast_of(session))


def given(teller: Teller, *, rank: int = 0) -> BankDetails:
    cast = teller.cast
    return give_account(
        teller.session, teller.storage, teller.settings, cast.applicant, cast.organisation_id, NOW, rank=rank
    )


def act(teller: Teller, actor: Actor) -> Act:
    return Act(actor, NOW, teller.settings)


def ready(teller: Teller) -> Application:
    """Both have signed, and the organisation never gave an account."""
    case = teller.tell("3.10", "convention")
    day = case.updated_at.date().isoformat()
    teller.fire(case, teller.cast.applicant, "sign_for_applicant", signed_on=day)
    teller.fire(case, teller.cast.manager, "sign_for_funder", signed_on=day)
    assert case.state == "advance"
    return case


def why_not(teller: Teller, case: Application, trigger: str = "order_advance") -> tuple[str, ...]:
    offers = offered(teller.session, case, teller.cast.finance, at=case.updated_at, settings=teller.settings)
    return next(offer.reasons for offer in offers if offer.move.trigger == trigger)


def test_an_iban_is_read_with_its_check_digits_and_shown_whole_or_masked() -> None:
    number = invented_iban(7)
    assert possible_iban(f" {grouped_iban(number).lower()} ") == number
    swapped = number[:-4] + number[-3] + number[-4] + number[-2:]
    assert possible_iban(swapped) is None or swapped == number
    assert possible_iban("FR76") is None
    assert masked_iban(number) == f"FR •••• {number[-4:]}"


def test_an_order_without_a_confirmed_account_is_refused_and_says_where_to_look(teller: Teller) -> None:
    case = ready(teller)
    (reason,) = why_not(teller, case)
    assert "n’a pas de coordonnées bancaires confirmées" in reason
    assert reason.page == "/coordonnees-bancaires"  # type: ignore[attr-defined]
    with pytest.raises(Refused):
        teller.fire(case, teller.cast.finance, "order_advance", amount="1 000")
    waiting = given(teller)
    assert "attendent d’être confirmées" in why_not(teller, case)[0]
    bank.confirm(teller.session, case.organisation_id, waiting.id, act(teller, teller.cast.officer))
    assert why_not(teller, case) == ()
    teller.fire(case, teller.cast.finance, "order_advance", amount="1 000")
    advance = live(payments_of(teller.session, case.id), "advance")
    assert advance is not None
    assert advance.bank_details_id == waiting.id


def test_a_balance_asks_for_an_account_too_and_a_recovery_for_none(teller: Teller) -> None:
    balance = teller.tell("3.10", "balance")
    recovery = teller.tell("3.1", "balance", accepted_pct=30, results_pct=30)
    other = people.organisation(teller.session)
    for case in (balance, recovery):
        case.organisation_id = other.id
    teller.session.flush()
    assert "coordonnées bancaires" in why_not(teller, balance, "order_balance")[0]
    assert why_not(teller, recovery, "order_recovery") == ()


def test_a_new_account_changes_nothing_of_what_is_ordered(teller: Teller) -> None:
    case = teller.tell("3.10", "advance")
    session, cast = teller.session, teller.cast
    first = confirmed(details_of(session, case.organisation_id))
    assert first is not None
    teller.fire(case, cast.finance, "order_advance", amount="1 000")
    second = given(teller, rank=1)
    assert confirmed(details_of(session, case.organisation_id)) is first
    bank.confirm(session, case.organisation_id, second.id, act(teller, cast.officer))
    assert confirmed(details_of(session, case.organisation_id)) is second
    teller.fire(case, cast.verifier, "verify_payment")
    advance = live(payments_of(session, case.id), "advance")
    assert advance is not None
    assert advance.bank_details_id == first.id
    move = sa.text("UPDATE payment SET bank_details_id = :other WHERE id = :id")
    with pytest.raises(sa.exc.IntegrityError, match="keeps its account"), session.begin_nested():
        session.execute(move, {"other": second.id, "id": advance.id})


def test_the_database_refuses_a_payment_to_any_other_account(teller: Teller) -> None:
    case = teller.tell("3.10", "advance")
    session = teller.session
    foreign = rows.bank_account(session, people.organisation(session).id)
    unconfirmed = given(teller, rank=3)
    for key in (None, foreign.id, unconfirmed.id):
        values = {"c": case.id, "at": NOW, "by": teller.cast.finance.user_id, "account": key}
        with pytest.raises(sa.exc.IntegrityError, match="confirmed account"), session.begin_nested():
            session.execute(
                sa.text(
                    "INSERT INTO payment (application_id, kind, amount_cents, ordered_at, ordered_by_id, "
                    "order_reference, paid_reference, reason, bank_details_id) "
                    "VALUES (:c, 'advance', 1, :at, :by, '', '', '', :account)"
                ).bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True))),
                values,
            )


def test_only_its_own_members_give_an_account_and_only_the_services_confirm_it(teller: Teller) -> None:
    session, cast = teller.session, teller.cast
    stranger = people.applicant(session, people.organisation(session))
    stored = teller.storage.put(io.BytesIO(PDF), name="rib.pdf", limit=10_000, at=NOW)
    answers = {"holder": "Autrui", "iban": invented_iban(5), "bic": ""}
    for actor in (stranger, cast.officer, cast.finance, cast.manager):
        with pytest.raises(Forbidden):
            bank.enter(session, teller.storage, cast.organisation_id, answers, stored, act(teller, actor))
    assert not teller.storage.exists(stored.key), "the proof of a refused account is deleted"
    waiting = given(teller)
    for actor in (cast.applicant, stranger, cast.finance, cast.slai):
        with pytest.raises(Forbidden):
            bank.confirm(session, cast.organisation_id, waiting.id, act(teller, actor))
    with pytest.raises(Forbidden):
        bank.withdraw(session, cast.organisation_id, waiting.id, act(teller, stranger))
    with pytest.raises(NotFound):
        bank.confirm(session, people.organisation(session).id, waiting.id, act(teller, cast.officer))


def test_an_officer_who_is_a_member_never_confirms_its_own_organisation(teller: Teller) -> None:
    session, cast = teller.session, teller.cast
    waiting = given(teller)
    both = people.applicant(session, session.get_one(Organisation, cast.organisation_id))
    insider = Actor(both.name, both.user_id, frozenset({"officer", "applicant"}), both.organisations, schemes=None)
    with pytest.raises(Forbidden, match="un autre agent"):
        bank.confirm(session, cast.organisation_id, waiting.id, act(teller, insider))
    decide = sa.text(
        "UPDATE bank_details SET verdict = 'confirmed', decided_at = entered_at, decided_by_id = :who WHERE id = :id"
    )
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(decide, {"who": both.user_id, "id": waiting.id})


def test_what_is_wrong_is_said_at_its_field(teller: Teller) -> None:
    session, cast = teller.session, teller.cast
    wrong = {"holder": " ", "iban": invented_iban(3)[:-1] + "X", "bic": "ABC"}
    stored = teller.storage.put(io.BytesIO(b"du texte"), name="rib.txt", limit=10_000, at=NOW)
    with pytest.raises(InvalidInput) as refused:
        bank.enter(session, teller.storage, cast.organisation_id, wrong, stored, act(teller, cast.applicant))
    assert set(refused.value.errors) == {"holder", "iban", "bic", "file"}
    assert details_of(session, cast.organisation_id) == []


def test_one_account_at_most_waits_and_a_refusal_leaves_the_former(teller: Teller) -> None:
    session, cast, key = teller.session, teller.cast, teller.cast.organisation_id
    ensure_account(session, teller.storage, teller.settings, cast.applicant, cast.officer, key, NOW)
    standing = confirmed(details_of(session, key))
    first, second = given(teller, rank=1), given(teller, rank=2)
    assert (first.verdict, second.verdict) == ("withdrawn", None)
    with pytest.raises(InvalidInput):
        bank.refuse(session, key, second.id, "  ", act(teller, cast.officer))
    bank.refuse(session, key, second.id, "Le titulaire n’est pas l’organisme.", act(teller, cast.officer))
    known = details_of(session, key)
    assert (confirmed(known), pending(known), len(known)) == (standing, None, 3)
    with pytest.raises(Refused, match="déjà une réponse"):
        bank.confirm(session, key, second.id, act(teller, cast.officer))
    with pytest.raises(Refused, match="déjà vos coordonnées"):
        given(teller)


@pytest.mark.parametrize("column", ["iban = 'FR0000000000000'", "holder = 'Autrui'", "verdict = NULL", "reason = 'x'"])
def test_an_account_never_changes_once_decided_and_is_never_deleted(teller: Teller, column: str) -> None:
    session, cast = teller.session, teller.cast
    details = given(teller)
    bank.confirm(session, cast.organisation_id, details.id, act(teller, cast.officer))
    record_looks(session, [details], user_id=cast.finance.user_id or 0, at=NOW, purpose="order")
    for statement in (
        f"UPDATE bank_details SET {column}",
        "DELETE FROM bank_details",
        "UPDATE bank_look SET purpose = 'check'",
        "DELETE FROM bank_look",
    ):
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.execute(sa.text(statement))
    assert session.scalar(sa.select(sa.func.count()).select_from(BankLook)) == 1


def test_both_sides_are_told_and_no_mail_nor_journal_entry_holds_the_iban(teller: Teller) -> None:
    session, cast, key = teller.session, teller.cast, teller.cast.organisation_id
    case = teller.tell("3.10", "instruction")
    colleague = people.applicant(session, case.organisation)
    first = given(teller)
    bank.refuse(session, key, first.id, "Il manque une page.", act(teller, cast.officer))
    second = given(teller, rank=1)
    bank.confirm(session, key, second.id, act(teller, cast.officer))
    session.flush()
    about = sa.select(Message).where(Message.subject.contains("coordonnées bancaires")).order_by(Message.id)
    mails = list(session.scalars(about))
    told = {(mail.user_id, mail.subject.rpartition("–")[2].strip()) for mail in mails}
    for member in (cast.applicant, colleague):
        for news in ("données", "refusées", "confirmées"):
            assert (member.user_id, f"coordonnées bancaires {news}") in told
    assert (cast.officer.user_id, "coordonnées bancaires à confirmer") in told
    asked = next(mail for mail in mails if mail.user_id == cast.officer.user_id)
    assert f"/dossiers/{case.id}/coordonnees-bancaires" in asked.body
    assert any("Il manque une page." in mail.body for mail in mails)
    events = journal.timeline(session, "organisation", key)
    assert [event.kind.rpartition(".")[2] for event in events[:4]] == [
        "bank_confirmed",
        "bank_entered",
        "bank_refused",
        "bank_entered",
    ]
    written = [*(f"{mail.subject} {mail.body} {mail.html}" for mail in mails)]
    written += [str(event.payload.content) for event in events if event.payload]
    for details in (first, second):
        for text in written:
            assert details.iban not in text.replace(" ", "")
            assert details.iban[4:-4] not in text.replace(" ", "")
    assert any(second.masked in text for text in written)


def test_whoever_may_verify_an_order_is_told_of_it_and_not_the_one_who_wrote_it(teller: Teller) -> None:
    case = teller.tell("3.10", "advance")
    third = people.finance(teller.session)
    teller.fire(case, teller.cast.finance, "order_advance", amount="1 000")
    teller.session.flush()
    waiting = sa.select(Message).where(Message.subject.endswith("versement à vérifier"))
    mails = list(teller.session.scalars(waiting))
    assert {mail.user_id for mail in mails} == {teller.cast.verifier.user_id, third.user_id}
    assert f"/dossiers/{case.id}?action=verify_payment" in mails[0].body


def test_the_proof_of_an_account_is_never_an_orphan(teller: Teller) -> None:
    details = given(teller)
    lost = teller.storage.put(io.BytesIO(PDF + b"% perdu"), name="perdu.pdf", limit=10_000, at=NOW)
    later = NOW.replace(year=NOW.year + 1)
    assert orphans(teller.session, teller.storage, now=later) == [lost.key]
    assert teller.storage.exists(details.proof_key)
