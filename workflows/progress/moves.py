"""The moves of a progress record, in the order of its life."""

from __future__ import annotations

from casework.people import Actor
from casework.permissions import may_journey
from workflows.engine import Case, Move, Power
from workflows.progress import effects, guards, inputs


def power(permission: str) -> Power:
    """Who may: a role that has this permission on the journey, within its scope."""

    def allowed(actor: Actor, case: Case) -> bool:
        return may_journey(actor, permission, case.journey)

    return allowed


FOLLOW = power("journey.follow")
VALIDATE = power("journey.validate")

WRITING = (
    Move(
        "submit_record",
        ("to_write", "returned"),
        "submitted",
        "Remettre le CRE au SLAI",
        "progress_record.submitted",
        "CRE remis au SLAI",
        power=FOLLOW,
        inputs=inputs.writing,
        guards=(guards.operation_is_open, guards.month_is_said, guards.month_is_over),
        checks=(guards.something_is_told,),
        effects=(effects.write, effects.submit, effects.meet_submission),
    ),
    Move(
        "write_record",
        ("to_write", "returned"),
        None,
        "Enregistrer sans remettre",
        "progress_record.written",
        "CRE rédigé",
        power=FOLLOW,
        inputs=inputs.writing,
        guards=(guards.operation_is_open,),
        checks=(guards.something_is_written,),
        effects=(effects.write,),
        style="secondary",
    ),
)

VALIDATION = (
    Move(
        "validate_record",
        ("submitted",),
        "validated",
        "Valider le CRE",
        "progress_record.validated",
        "CRE validé par le SLAI",
        power=VALIDATE,
        guards=(guards.operation_is_open,),
        effects=(effects.validate, effects.meet_validation),
    ),
    Move(
        "return_record",
        ("submitted",),
        "returned",
        "Renvoyer le CRE au porteur",
        "progress_record.returned",
        "CRE renvoyé par le SLAI",
        power=VALIDATE,
        inputs=(inputs.WHY,),
        guards=(guards.operation_is_open,),
        effects=(effects.give_back,),
        style="danger",
        consequence="Le porteur pourra corriger le mois et son CRE, puis le remettre de nouveau.",
    ),
    Move(
        "transmit_record",
        ("validated",),
        "transmitted",
        "Transmettre le CRE au Département",
        "progress_record.transmitted",
        "CRE transmis au Département",
        guards=(guards.slai_has_validated,),
        automatic=True,
    ),
)

CORRECTION = (
    Move(
        "reopen_record",
        ("transmitted",),
        "returned",
        "Rouvrir le CRE",
        "progress_record.reopened",
        "CRE rouvert",
        power=power("journey.accept"),
        inputs=(inputs.WHY,),
        guards=(guards.operation_is_open,),
        effects=(effects.give_back,),
        style="danger",
        consequence="Ses heures ne comptent plus tant que le SLAI ne l’a pas validé de nouveau.",
    ),
)
