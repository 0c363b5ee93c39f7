"""What waits for those outside the Département: applicants, SLAI agents, partners."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from casework.amendments import Amendment
from casework.applications import BODIES, Application, Convention, Opinion
from casework.bank import BankDetails
from casework.people import Actor
from workflows.inbox.kind import (
    AMENDABLE,
    Condition,
    Find,
    Kind,
    account,
    always,
    amended,
    awaits_answer,
    cases,
    corrections,
    last_of_organisation,
    open_correction,
    per_opinion,
    report_given,
    signed,
)

_PAID = ("convention", "advance", "execution", "bilan", "balance")


def applicant() -> tuple[Kind, ...]:
    def own_channel(actor: Actor, today: date) -> Condition:
        return Application.channel == "casework"

    def unsigned(actor: Actor, today: date) -> Condition:
        return ~signed(Convention.applicant_signed_on)

    def amendment_unsigned(actor: Actor, today: date) -> Condition:
        return amended(Amendment.status == "accepted", Amendment.applicant_signed_on.is_(None))

    def unreported(actor: Actor, today: date) -> Condition:
        return ~report_given() & ~open_correction()

    def announced(actor: Actor, today: date) -> Condition:
        return awaits_answer() & ~open_correction()

    def elsewhere(actor: Actor, today: date) -> Condition:
        state = Application.state
        return (
            (state.in_(("submitted", "instruction")) & ~open_correction())
            | state.in_(("slai_opinion", "instructed", "advance", "balance"))
            | ((state == "convention") & signed(Convention.applicant_signed_on))
            | ((state == "bilan") & report_given() & ~open_correction() & ~awaits_answer())
        )

    def kind(code: str, find: Find, verb: str, trigger: str, why: str, *states: str) -> Kind:
        return Kind(f"applicant.{code}", "applicant", "mine", find, {"": (verb, trigger)}, {"": why}, states=states)

    def no_account(actor: Actor, today: date) -> Condition:
        """Its own organisation's, neither confirmed nor waiting: a co-bearer is not paid."""
        known = sa.or_(BankDetails.verdict == "confirmed", BankDetails.decided_at.is_(None))
        own = Application.organisation_id.in_(actor.organisations)
        return own & ~account(known) & last_of_organisation(_PAID)

    closing = Application.closes_on
    waited = ("submitted", "slai_opinion", "instruction", "instructed", "convention", "advance", "bilan", "balance")
    return (
        kind(
            "draft",
            cases("applicant", ("draft",), own_channel, due=closing),
            "Compléter et déposer",
            "deposit",
            "Brouillon, à déposer puis à valider avant la clôture",
            "draft",
        ),
        kind(
            "deposited",
            cases("applicant", ("deposited",), own_channel, due=closing),
            "Valider le dossier",
            "validate",
            "Déposé, mais pas encore validé : sans validation avant la clôture, il devient caduc",
            "deposited",
        ),
        kind(
            "correction",
            corrections("applicant", ("submitted", "instruction"), always),
            "Répondre à la demande de correction",
            "answer_correction",
            "Une correction est demandée",
            "submitted",
            "instruction",
        ),
        kind(
            "report_correction",
            corrections("applicant", ("bilan",), always),
            "Corriger le bilan final",
            "submit_report",
            "Une correction du bilan est demandée",
            "bilan",
        ),
        kind(
            "sign",
            cases("applicant", ("convention",), unsigned),
            "Signer la convention",
            "sign_for_applicant",
            "Subvention accordée, convention envoyée",
            "convention",
        ),
        Kind(
            "applicant.bank",
            "applicant",
            "mine",
            cases("applicant", _PAID, no_account, due=sa.null().cast(sa.Date)),
            {"": ("Donner vos coordonnées bancaires", None)},
            {"": "Aucun versement n’est possible sans un compte confirmé"},
            page="organisation",
            states=_PAID,
        ),
        kind(
            "amendment_sign",
            cases("applicant", AMENDABLE, amendment_unsigned),
            "Signer l’avenant",
            "sign_amendment_for_applicant",
            "Avenant accepté, texte établi",
            *AMENDABLE,
        ),
        kind(
            "control_answer",
            cases("applicant", ("bilan",), announced),
            "Répondre au contrôle du bilan",
            "answer_control",
            "Le résultat de contrôle envisagé est connu",
            "bilan",
        ),
        kind(
            "report",
            cases("applicant", ("bilan",), unreported),
            "Remettre le bilan final",
            "submit_report",
            "L’opération est terminée",
            "bilan",
        ),
        Kind(
            "applicant.waiting",
            "applicant",
            "others",
            cases("applicant", waited, elsewhere, due=sa.null().cast(sa.Date), detail=Application.state),
            {"": ("Suivre le dossier", None)},
            {
                "submitted": "Le Département examine la recevabilité",
                "slai_opinion": "Les avis sont demandés",
                "instruction": "Le Département instruit la demande",
                "instructed": "Le Département prépare sa décision",
                "convention": "Le Département doit signer la convention",
                "advance": "Le Département prépare le versement de l’avance",
                "bilan": "Le Département contrôle le bilan final",
                "balance": "Le Département traite le solde",
            },
            states=waited,
        ),
    )


def opinions(role: str) -> Kind:
    def mine(actor: Actor, today: date) -> Condition:
        if role == "slai":
            return (Opinion.body == "slai") & Opinion.territory_id.in_(actor.territories)
        return Opinion.body.in_(actor.partners)

    return Kind(
        f"{role}.opinion",
        role,
        "mine",
        per_opinion(role, mine),
        {"": ("Rendre l’avis", "give_opinion")},
        {"": "Avis demandé ({detail})"},
        page="opinion",
        states=("slai_opinion",),
        names=BODIES,
    )
