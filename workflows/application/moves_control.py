"""The moves of the final report: sent by the applicant, controlled with its answer, validated."""

from __future__ import annotations

from workflows.application import amendment_rules, checks, control_effects, control_inputs, guards, terminating
from workflows.application.notices import tell
from workflows.application.powers import INSTRUCT, power
from workflows.engine import Move

REPORT = (
    Move(
        "submit_report",
        ("bilan",),
        None,
        "Remettre le bilan final",
        "application.report_submitted",
        "Bilan final remis",
        power=power("application.report"),
        inputs=control_inputs.submission,
        guards=(
            control_inputs.report_is_signed,
            control_inputs.report_is_written,
            control_inputs.exits_are_proven,
            terminating.every_journey_is_closed,
        ),
        effects=(control_effects.submit_report, tell("report_received")),
        unsaid=("strange",),
        relevant=lambda context: context.case.report is None or guards.open_correction(context) is not None,
        consequence="Le bilan part au Département, qui le contrôle. Il ne se modifie plus, sauf demande de correction.",
    ),
    Move(
        "send_intended_result",
        ("bilan",),
        None,
        "Envoyer le résultat envisagé",
        "application.intended_result_sent",
        "Résultat de contrôle envisagé envoyé au porteur",
        power=INSTRUCT,
        inputs=control_inputs.control,
        guards=(
            guards.no_correction_is_open,
            amendment_rules.no_amendment_is_open,
            control_inputs.every_line_is_decided,
            control_inputs.answer_is_no_longer_awaited,
        ),
        checks=(checks.results_within_declared, checks.reduction_is_explained, control_inputs.override_is_explained),
        effects=(control_effects.send_intended_result, tell("intended_result")),
        relevant=lambda context: context.case.report is not None,
        style="secondary",
        consequence="Le porteur peut répondre, par ligne ou dans l’ensemble, avant que le résultat soit définitif.",
    ),
    Move(
        "answer_control",
        ("bilan",),
        None,
        "Répondre au résultat envisagé",
        "application.control_answered",
        "Réponse du porteur au résultat envisagé",
        power=power("application.report"),
        inputs=control_inputs.answer,
        checks=(control_inputs.contest_is_explained,),
        effects=(control_effects.answer_control, tell("control_answered")),
        relevant=lambda context: context.case.report is not None and context.case.report.awaits_answer,
    ),
    Move(
        "validate_report",
        ("bilan",),
        "balance",
        "Valider le bilan final",
        "application.report_validated",
        "Bilan final validé, service fait constaté",
        power=INSTRUCT,
        inputs=control_inputs.control,
        guards=(
            guards.report_is_submitted,
            guards.no_correction_is_open,
            amendment_rules.no_amendment_is_open,
            control_inputs.every_line_is_decided,
            control_inputs.answer_is_no_longer_awaited,
            control_inputs.contradiction_was_held,
        ),
        checks=(
            checks.results_within_declared,
            checks.reduction_is_explained,
            control_inputs.override_is_explained,
            control_inputs.results_are_announced,
        ),
        effects=(control_effects.validate_report, tell("report_validated"), tell("balance_to_settle")),
        consequence="Le montant dû est calculé par les règles de la fiche, et expliqué ligne par ligne.",
    ),
)
