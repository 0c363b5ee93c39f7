"""The payment order says whom to pay, how much, why, and which two people stand behind it."""

from __future__ import annotations

import io

import pikepdf
import pytest

from casework.amounts import euros
from casework.applications import Application
from casework.errors import Refused
from casework.french import euros_in_words
from casework.money import Payment, live, payments_of
from tests.support.pdftext import text_of
from tests.support.stories import Teller
from workflows.application.payment_orders import PAYMENT_ORDER, RECOVERY_ORDER, order_data, order_pdf
from workflows.application.reading import advance_of

pytestmark = pytest.mark.database("sqlite")


def flat(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def standing(teller: Teller, case: Application, kind: str) -> Payment:
    found = live(payments_of(teller.session, case.id), kind)
    assert found is not None
    return found


def ordered(teller: Teller) -> tuple[Application, Payment]:
    case = teller.tell("3.10", "advance")
    teller.fire(case, teller.cast.finance, "order_advance", amount="1 234,50", order_reference="BC-7")
    return case, standing(teller, case, "advance")


def test_the_order_of_an_advance_says_everything_that_the_payer_needs(teller: Teller) -> None:
    case, payment = ordered(teller)
    teller.fire(case, teller.cast.verifier, "verify_payment")
    assert payment.bank_details is not None
    assert case.convention is not None
    said = flat(text_of(order_pdf(case, payment, funder="Le Département")))
    expected = [
        PAYMENT_ORDER,
        payment.number,
        euros(123_450),
        euros_in_words(123_450),
        "BC-7",
        case.organisation.name,
        case.organisation.siret,
        payment.bank_details.holder,
        payment.bank_details.iban,
        case.convention.number,
        case.title,
        case.decision_reference,
        teller.cast.finance.name,
        teller.cast.verifier.name,
        teller.cast.officer.name,
    ]
    for step in advance_of(case).steps:
        expected += [step.label, step.formula, euros(step.amount_cents), step.source]
    for text in expected:
        assert flat(text) in said, text


def test_the_order_of_a_balance_has_the_steps_that_the_control_kept(teller: Teller) -> None:
    case = teller.tell("3.10", "closed")
    assert case.report is not None
    assert case.report.explanation is not None
    said = flat(text_of(order_pdf(case, standing(teller, case, "balance"))))
    for step in case.report.explanation["steps"]:
        assert flat(step["label"]) in said
        assert flat(step["formula"]) in said


def test_a_recovery_names_a_debtor_and_no_account(teller: Teller) -> None:
    case = teller.tell("3.14", "closed", accepted_pct=50)
    account = standing(teller, case, "advance").bank_details
    data = order_data(case, standing(teller, case, "recovery"))
    said = flat(text_of(order_pdf(case, standing(teller, case, "recovery"))))
    assert data["title"] == RECOVERY_ORDER
    assert flat("Débiteur") in said
    assert account is not None
    assert account.iban not in said


def test_it_is_tagged_and_always_the_same(teller: Teller) -> None:
    case, payment = ordered(teller)
    teller.fire(case, teller.cast.verifier, "verify_payment")
    first = order_pdf(case, payment)
    assert order_pdf(case, payment) == first
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"


def test_it_does_not_exist_before_a_second_person_has_verified_it_nor_for_a_reversal(teller: Teller) -> None:
    case, payment = ordered(teller)
    with pytest.raises(Refused, match="vérifié par une seconde personne"):
        order_pdf(case, payment)
    teller.fire(case, teller.cast.verifier, "verify_payment")
    reverse = {"payment": str(payment.id), "reason": "Erreur de montant."}
    teller.fire(case, teller.cast.verifier, "reverse_payment", **reverse)
    assert "ne vaut plus" in order_data(case, payment)["summary"]
    reversal = next(row for row in payments_of(teller.session, case.id) if row.kind == "reversal")
    with pytest.raises(Refused, match="écriture contraire"):
        order_pdf(case, reversal)
