"""The moves on dated obligations: what is done is recorded, a deadline is extended, a late report is accepted."""

from __future__ import annotations

from workflows.application import checks, inputs, obligations
from workflows.application.powers import BEFORE_DECISION, DECIDE, FUNDED, power
from workflows.engine import Move
from workflows.inputs import REASON

DEADLINES = (
    Move(
        "record_deliverable",
        ("advance", "execution", "bilan", "balance"),
        None,
        "Enregistrer un document transmis",
        "application.deliverable_recorded",
        "Document transmis",
        power=power("deliverable.record"),
        inputs=obligations.deliverables,
        checks=(obligations.something_chosen, checks.not_in_the_future("done_on"), obligations.within_operation),
        effects=(obligations.record_deliverable,),
        relevant=inputs.has_choice(obligations.deliverables),
        style="secondary",
    ),
    Move(
        "extend_deadline",
        (*BEFORE_DECISION, *FUNDED),
        None,
        "Prolonger une échéance",
        "application.deadline_extended",
        "Échéance prolongée",
        power=power("deadline.extend"),
        inputs=obligations.extension,
        checks=(obligations.extended_later,),
        effects=(obligations.extend_deadline,),
        relevant=inputs.has_choice(obligations.extension),
        style="secondary",
        consequence="Les rappels suivent la nouvelle date ; l’ancienne date et votre motif restent dans l’historique.",
    ),
    Move(
        "accept_late_report",
        ("bilan", "balance"),
        None,
        "Accepter le bilan remis en retard",
        "application.late_report_accepted",
        "Bilan final en retard accepté",
        power=DECIDE,
        inputs=(REASON,),
        effects=(obligations.accept_late_report,),
        relevant=lambda context: obligations.late_report(context) is not None,
        style="secondary",
        consequence="Le solde pourra être ordonné ; l’échéance reste marquée comme dépassée.",
    ),
)
