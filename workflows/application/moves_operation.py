"""The moves of a funded operation: convention, advance, end. The final report follows, in `moves_control`."""

from __future__ import annotations

from workflows.application import amendment_effects, amendment_rules, checks, effects, guards, inputs, payment_effects
from workflows.application.notices import tell
from workflows.application.powers import DECIDE, INSTRUCT, PAY, power
from workflows.engine import Move
from workflows.inputs import REASON

CONVENTION = (
    Move(
        "sign_for_applicant",
        ("convention",),
        None,
        "Enregistrer la signature du porteur",
        "application.applicant_signed",
        "Convention signée par le porteur",
        power=power("application.sign"),
        inputs=inputs.signature,
        checks=(checks.not_in_the_future("signed_on"), checks.signed_after_sending),
        effects=(effects.sign_for_applicant,),
        relevant=lambda context: context.case.convention.applicant_signed_on is None,
    ),
    Move(
        "sign_for_funder",
        ("convention",),
        None,
        "Enregistrer la signature du Département",
        "application.funder_signed",
        "Convention signée par le Département",
        power=DECIDE,
        inputs=inputs.signature,
        checks=(checks.not_in_the_future("signed_on"), checks.signed_after_sending),
        effects=(effects.sign_for_funder,),
        relevant=lambda context: context.case.convention.funder_signed_on is None,
    ),
    Move(
        "open_advance",
        ("convention",),
        "advance",
        "Passer à l’avance",
        "application.convention_signed",
        "Convention signée par les deux parties",
        guards=(guards.both_have_signed,),
        effects=(
            effects.open_advance,
            tell("advance_to_order"),
        ),
        automatic=True,
    ),
    Move(
        "order_advance",
        ("advance",),
        None,
        "Ordonner l’avance",
        "application.advance_ordered",
        "Avance ordonnée",
        power=PAY,
        inputs=inputs.advance,
        guards=(
            guards.no_advance_is_ordered,
            guards.bank_details_are_confirmed,
            amendment_rules.convention_is_not_terminated,
        ),
        checks=(checks.positive("amount"), checks.within_advance_ceiling),
        effects=(payment_effects.order_advance, tell("payment_to_verify")),
        relevant=lambda context: guards.payment(context, "advance") is None,
    ),
    Move(
        "record_advance",
        ("advance",),
        "execution",
        "Enregistrer le paiement de l’avance",
        "application.advance_paid",
        "Avance payée",
        power=PAY,
        inputs=inputs.PAID,
        guards=(guards.advance_is_ordered, guards.payment_is_verified),
        checks=(checks.not_in_the_future("paid_on"), checks.paid_after_signature),
        effects=(
            payment_effects.records_payment("advance"),
            effects.meets("advance"),
            tell("advance_paid"),
        ),
    ),
    Move(
        "waive_advance",
        ("advance",),
        "execution",
        "Commencer sans avance",
        "application.advance_waived",
        "Opération commencée sans avance",
        power=DECIDE,
        inputs=(REASON,),
        guards=(guards.no_advance_is_ordered, amendment_rules.convention_is_not_terminated),
        effects=(effects.cancels("advance"),),
        style="secondary",
    ),
)

ENDING = (
    Move(
        "end_operation",
        ("execution",),
        "bilan",
        "Constater la fin de l’opération",
        "application.operation_ended",
        "Opération terminée",
        guards=(guards.operation_has_ended, amendment_rules.no_extension_awaits_signatures),
        effects=(
            amendment_effects.lapse_dates,
            effects.start_report,
            tell("report_awaited"),
        ),
    ),
    Move(
        "end_early",
        ("execution",),
        "bilan",
        "Mettre fin avant le terme",
        "application.operation_ended_early",
        "Opération terminée avant le terme",
        power=INSTRUCT,
        inputs=inputs.early_end,
        guards=(amendment_rules.convention_is_not_terminated,),
        checks=(checks.ends_inside_operation, checks.not_in_the_future("ended_on")),
        effects=(
            amendment_effects.lapse_dates,
            effects.start_report,
            tell("report_awaited_early"),
        ),
        style="secondary",
        consequence="Le bilan final sera dû à compter de cette date.",
    ),
)
