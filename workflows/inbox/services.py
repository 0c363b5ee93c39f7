"""What waits for the managers and for finance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from casework.amendments import Amendment
from casework.applications import FINAL_STATES, Application, Convention
from casework.bank import BankDetails
from casework.money import Payment
from casework.payment_lists import balance_side
from casework.people import Actor
from workflows.inbox.kind import (
    AMENDABLE,
    ESCALATED,
    Condition,
    Find,
    Kind,
    account,
    always,
    amended,
    amended_amount,
    cases,
    joined,
    live_payment,
    signed,
    waiting_opinion,
)


def manager() -> tuple[Kind, ...]:
    def unsigned(actor: Actor, today: date) -> Condition:
        return ~signed(Convention.funder_signed_on)

    def amendment_to_decide(actor: Actor, today: date) -> Condition:
        return amended(Amendment.status == "asked", amended_amount())

    def amendment_unsigned(actor: Actor, today: date) -> Condition:
        return amended(Amendment.status == "accepted", Amendment.funder_signed_on.is_(None))

    def opposed(actor: Actor, today: date) -> Condition:
        return ~waiting_opinion()

    def late(actor: Actor, today: date) -> Condition:
        mine = (Application.state == "convention") & ~signed(Convention.funder_signed_on)
        return sa.and_(Application.due_on <= ESCALATED, Application.state != "instructed", ~mine)

    def kind(code: str, find: Find, verb: str, trigger: str, why: str, *states: str) -> Kind:
        return Kind(f"manager.{code}", "manager", "mine", find, {"": (verb, trigger)}, {"": why}, states=states)

    followed = tuple(state for state in _STAGES if state not in FINAL_STATES)
    return (
        kind(
            "decide",
            cases("manager", ("instructed",), always),
            "Décider",
            "grant",
            "Instruction terminée",
            "instructed",
        ),
        kind(
            "sign",
            cases("manager", ("convention",), unsigned),
            "Enregistrer la signature du Département",
            "sign_for_funder",
            "Subvention accordée, convention établie",
            "convention",
        ),
        kind(
            "amendment",
            cases("manager", AMENDABLE, amendment_to_decide, due=sa.null().cast(sa.Date)),
            "Décider d’un avenant",
            "grant_amendment",
            "Le montant de la convention changerait",
            *AMENDABLE,
        ),
        kind(
            "amendment_sign",
            cases("manager", AMENDABLE, amendment_unsigned),
            "Enregistrer la signature de l’avenant",
            "sign_amendment_for_funder",
            "Avenant accepté, texte établi",
            *AMENDABLE,
        ),
        kind(
            "opposed",
            cases("manager", ("slai_opinion",), opposed),
            "Trancher un avis défavorable",
            "reject_for_opinion",
            "Un avis défavorable empêche le financement",
            "slai_opinion",
        ),
        Kind(
            "manager.late",
            "manager",
            "service",
            cases("manager", followed, late, detail=Application.state),
            {"": ("Suivre un retard", None)},
            _STAGES,
            states=followed,
        ),
    )


_STAGES = {
    "draft": "Brouillon",
    "deposited": "Déposé, pas encore validé",
    "submitted": "Recevabilité",
    "slai_opinion": "Avis attendus",
    "instruction": "En instruction",
    "convention": "Signature du porteur attendue",
    "advance": "Avance à verser",
    "execution": "Opération en cours",
    "bilan": "Bilan final attendu ou à contrôler",
    "balance": "Solde à traiter",
}


_WITHOUT_ACCOUNT = {"bank": "Convention signée ; en attente de coordonnées bancaires confirmées"}


def _account_state() -> sa.ColumnElement[str]:
    """ "bank" while the organisation has no confirmed account."""
    return sa.case((account(BankDetails.verdict == "confirmed"), ""), else_="bank")


def finance() -> tuple[Kind, ...]:
    def no_advance(actor: Actor, today: date) -> Condition:
        return ~live_payment("advance") & ~signed(Convention.terminated_on)

    def by_another(actor: Actor, today: date) -> Condition:
        return Payment.ordered_by_id != actor.user_id

    def waits(verified: bool) -> Callable[[], tuple[Condition, ...]]:
        """The order of the case that is not paid yet, once it is verified or while it is not."""
        seen = Payment.verified_at.is_not(None) if verified else Payment.verified_at.is_(None)
        return lambda: (
            Payment.application_id == Application.id,
            Payment.kind != "reversal",
            Payment.paid_on.is_(None),
            Payment.reversed_by_id.is_(None),
            seen,
        )

    def no_balance(actor: Actor, today: date) -> Condition:
        return ~live_payment("balance", "recovery")

    def unpaid(actor: Actor, today: date) -> Condition:
        return Payment.kind.in_(("balance", "recovery"))

    def kind(
        code: str, find: Find, acts: dict[str, tuple[str, str | None]], why: str | dict[str, str], *states: str
    ) -> Kind:
        whys = {"": why} if isinstance(why, str) else why
        return Kind(f"finance.{code}", "finance", "mine", find, acts, whys, states=states)

    return (
        kind(
            "advance",
            cases("finance", ("advance",), no_advance, detail=_account_state()),
            {"": ("Ordonner l’avance", "order_advance")},
            {"": "Convention signée par les deux parties", **_WITHOUT_ACCOUNT},
            "advance",
        ),
        kind(
            "to_verify",
            joined(
                cases("finance", ("advance", "balance"), by_another, since=Payment.ordered_at),
                Payment,
                waits(verified=False),
            ),
            {"": ("Vérifier le versement", "verify_payment")},
            "Ordonné par une autre personne",
            "advance",
            "balance",
        ),
        kind(
            "advance_ordered",
            joined(cases("finance", ("advance",), always), Payment, waits(verified=True)),
            {"": ("Enregistrer le paiement de l’avance", "record_advance")},
            "Avance ordonnée et vérifiée",
            "advance",
        ),
        kind(
            "balance",
            cases("finance", ("balance",), no_balance, detail=balance_side()),
            {
                "": ("Ordonner le solde", "order_balance"),
                "recovery": ("Demander le reversement", "order_recovery"),
                "settled": ("Clore sans solde à payer", "close_settled"),
            },
            "Bilan final validé",
            "balance",
        ),
        kind(
            "balance_ordered",
            joined(cases("finance", ("balance",), unpaid, detail=Payment.kind), Payment, waits(verified=True)),
            {
                "": ("Enregistrer le paiement du solde", "record_balance"),
                "recovery": ("Enregistrer le reversement reçu", "record_recovery"),
            },
            "Ordonné et vérifié, pas encore payé",
            "balance",
        ),
    )
