"""The moves of a termination: pronounced, in effect, then settled by a report like any other operation."""

from __future__ import annotations

from workflows.application import amendment_effects, amendment_rules, effects, terminating
from workflows.application.notices import tell
from workflows.application.powers import DECIDE
from workflows.engine import Context, Move
from workflows.inputs import REASON


def _signed_without_report(context: Context) -> bool:
    """Terminated when it left nothing to report, or before terminations were settled by a report."""
    convention = context.case.convention
    return convention is not None and convention.signed_on is not None and context.case.report is None


TERMINATION = (
    Move(
        "drop_convention",
        ("convention",),
        "terminated",
        "Renoncer à la convention",
        "application.convention_dropped",
        "Convention abandonnée avant signature",
        power=DECIDE,
        inputs=(REASON,),
        effects=(effects.cancels(None), tell("convention_dropped")),
        style="danger",
        consequence="Le dossier s’arrête : rien n’a été versé, rien n’est dû.",
    ),
    Move(
        "terminate",
        ("advance", "execution", "bilan"),
        None,
        "Résilier la convention",
        "application.terminated",
        "Convention résiliée",
        power=DECIDE,
        inputs=terminating.inputs,
        guards=(terminating.nothing_is_ordered_and_unpaid,),
        checks=(terminating.in_the_convention,),
        effects=(
            amendment_effects.lapse,
            terminating.terminate,
            terminating.tell_everybody,
        ),
        relevant=terminating.may_be_terminated,
        style="danger",
        consequence="Plus personne n’est orienté et les échéances suivantes sont annulées. Le porteur doit le bilan de "
        "ce qui est fait jusqu’à la date d’effet ; son contrôle donne un solde ou un reversement.",
    ),
    Move(
        "cancel_termination",
        ("advance", "execution"),
        None,
        "Annuler la résiliation",
        "application.termination_cancelled",
        "Résiliation annulée avant son effet",
        power=DECIDE,
        inputs=(REASON,),
        effects=(terminating.cancel, tell("termination_cancelled")),
        relevant=terminating.is_to_come,
        style="secondary",
        consequence="L’opération se poursuit jusqu’à son terme et ses échéances sont rétablies.",
    ),
    Move(
        "end_unstarted",
        ("advance",),
        "terminated",
        "Arrêter une opération qui n’a pas commencé",
        "application.ended_unstarted",
        "Résiliée avant son début, sans versement",
        guards=(terminating.nothing_began,),
        effects=(effects.cancels(None),),
        automatic=True,
    ),
    Move(
        "end_terminated",
        ("advance", "execution"),
        "bilan",
        "Constater l’effet de la résiliation",
        "application.termination_effective",
        "Résiliation en vigueur, bilan attendu",
        guards=(terminating.has_taken_effect,),
        effects=(effects.start_report,),
        automatic=True,
    ),
    Move(
        "record_missing_report",
        ("bilan",),
        None,
        "Constater l’absence de bilan",
        "application.report_missing",
        "Absence de bilan constatée",
        power=DECIDE,
        inputs=(REASON,),
        guards=(terminating.report_is_overdue, amendment_rules.no_amendment_is_open),
        effects=(terminating.record_missing_report, tell("report_missing")),
        relevant=lambda context: context.case.report is None,
        style="danger",
        consequence="Aucune dépense n’est retenue. Le porteur est prévenu et peut répondre ; une fois ce résultat "
        "validé, l’avance versée est à reverser.",
    ),
    Move(
        "rest_terminated",
        ("closed",),
        "terminated",
        "Classer la résiliation",
        "application.termination_settled",
        "Résiliation soldée",
        guards=(terminating.was_terminated,),
        automatic=True,
    ),
    Move(
        "reopen_termination",
        ("terminated",),
        "balance",
        "Rouvrir le dossier",
        "application.termination_reopened",
        "Dossier résilié rouvert : solde",
        power=DECIDE,
        inputs=(REASON,),
        effects=(effects.reopen_balance,),
        relevant=lambda context: context.case.report is not None,
        style="secondary",
        consequence="Le dossier revient au solde : la finance peut annuler puis refaire un paiement.",
    ),
    Move(
        "reopen_for_report",
        ("terminated",),
        "bilan",
        "Demander le bilan de l’opération résiliée",
        "application.terminated_report_asked",
        "Bilan demandé après résiliation",
        power=DECIDE,
        inputs=(REASON,),
        effects=(effects.start_report, tell("report_awaited_terminated")),
        relevant=_signed_without_report,
        style="secondary",
        consequence="Le bilan de ce qui a été fait est dû ; son contrôle donne un solde ou un reversement.",
    ),
)
