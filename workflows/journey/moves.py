"""The moves of a journey, in the order of its life: orientation, entry, suspension, exit."""

from __future__ import annotations

from casework.information import INFORMED_STATES
from casework.participants import ENTERED_STATES, STATES
from casework.people import Actor
from casework.permissions import may_journey
from workflows.engine import Case, Move, Power
from workflows.journey import (
    answers,
    checks,
    departures,
    effects,
    guards,
    identity,
    information,
    inputs,
    interviews,
    milestones,
    owed,
    record_deadlines,
    traces,
)


def power(permission: str) -> Power:
    """Who may: a role that has this permission, within its scope."""

    def allowed(actor: Actor, case: Case) -> bool:
        return may_journey(actor, permission, case)

    return allowed


VALIDATE = power("journey.validate")
FOLLOW = power("journey.follow")
ACCEPT = power("journey.accept")
ENTRY_CHECKS = (
    checks.not_in_the_future("entered_on"),
    checks.entry_inside_convention,
    checks.entry_apart_from_others,
    departures.entry_is_confirmed,
)
EXIT_CHECKS = (
    checks.not_in_the_future("exited_on"),
    checks.exit_in_order,
    checks.exit_apart_from_others,
    traces.exit_after_traces,
    checks.contract_is_what_is_said,
    checks.hours_are_plausible,
)

ORIENTATION = (
    Move(
        "validate_orientation",
        ("oriented",),
        None,
        "Valider l’orientation",
        "journey.validated",
        "Orientation validée par le SLAI",
        power=VALIDATE,
        guards=(guards.operation_is_open, guards.validation_is_waiting),
        effects=(effects.validate, answers.accepted),
        relevant=guards.needs_validation,
    ),
    Move(
        "refuse_orientation",
        ("oriented",),
        "declined",
        "Refuser l’orientation",
        "journey.refused",
        "Orientation refusée par le SLAI",
        power=VALIDATE,
        inputs=(inputs.WHY,),
        guards=(guards.operation_is_open, guards.validation_is_waiting),
        effects=(answers.refused,),
        style="danger",
        consequence="La personne n’entrera pas dans l’opération ; une nouvelle orientation reste possible.",
        relevant=guards.needs_validation,
    ),
    Move(
        "admit",
        ("oriented",),
        "accompanied",
        "Enregistrer l’entrée",
        "journey.entered",
        "Entrée dans l’opération",
        power=FOLLOW,
        inputs=information.admission,
        guards=(guards.operation_is_open, guards.convention_is_signed, guards.orientation_is_validated),
        checks=(*ENTRY_CHECKS, milestones.directly_in_college),
        effects=(effects.admit, milestones.replan, owed.replan, information.record_at_entry, record_deadlines.replan),
        unsaid=(departures.CONFIRMED,),
    ),
    Move(
        "decline",
        ("oriented",),
        "declined",
        "Classer sans suite",
        "journey.declined",
        "Orientation sans suite",
        power=FOLLOW,
        inputs=inputs.DECLINED,
        guards=(guards.operation_is_open,),
        style="secondary",
        consequence="La personne n’entrera pas dans l’opération ; une nouvelle orientation reste possible.",
    ),
)

ACCOMPANIMENT = (
    Move(
        "suspend",
        ("accompanied",),
        "suspended",
        "Suspendre le parcours",
        "journey.suspended",
        "Parcours suspendu",
        power=FOLLOW,
        inputs=inputs.suspension,
        guards=(guards.operation_is_open,),
        checks=(checks.not_in_the_future("started_on"), checks.suspension_in_order),
        effects=(effects.suspend, record_deadlines.replan),
        style="secondary",
    ),
    Move(
        "resume",
        ("suspended",),
        "accompanied",
        "Reprendre le parcours",
        "journey.resumed",
        "Parcours repris",
        power=FOLLOW,
        inputs=inputs.resumption,
        guards=(guards.operation_is_open,),
        checks=(checks.not_in_the_future("resumed_on"), checks.resumption_after_suspension),
        effects=(effects.resume, record_deadlines.replan),
    ),
    Move(
        "correct_entry",
        ENTERED_STATES,
        None,
        "Corriger la date d’entrée",
        "journey.entry_corrected",
        "Date d’entrée corrigée",
        power=FOLLOW,
        inputs=inputs.entry_correction,
        guards=(guards.operation_is_open,),
        checks=(*ENTRY_CHECKS, checks.entry_before_what_followed, traces.entry_before_traces),
        effects=(effects.admit, milestones.replan, owed.replan, record_deadlines.replan),
        unsaid=(departures.CONFIRMED,),
        style="secondary",
    ),
    Move(
        "accept_warning",
        ENTERED_STATES,
        None,
        "Accepter une alerte",
        "journey.warning_accepted",
        "Alerte acceptée",
        power=ACCEPT,
        inputs=inputs.acceptance,
        effects=(effects.accept_warning,),
        style="secondary",
        relevant=lambda context: any(warning.waiting for warning in context.case.warnings),
    ),
)

INFORMATION = (
    Move(
        "record_information",
        INFORMED_STATES,
        None,
        "Enregistrer l’information donnée",
        "journey.informed",
        "Personne informée de ses droits",
        power=information.power,
        inputs=information.given,
        guards=(guards.operation_is_open,),
        checks=(checks.not_in_the_future("given_on"), information.likely_day),
        effects=(information.record,),
        style="secondary",
        relevant=lambda context: guards.operation_is_open(context) is None,
    ),
)

PERSON = (
    Move(
        "describe",
        ("oriented", *ENTERED_STATES),
        None,
        "Dire la situation de la personne",
        "journey.described",
        "Situation de la personne saisie",
        power=FOLLOW,
        inputs=identity.situation,
        guards=(guards.operation_is_open,),
        effects=(identity.describe, owed.describe),
        style="secondary",
        private=True,
    ),
    Move(
        "correct_identity",
        tuple(STATES),
        None,
        "Corriger l’identité",
        "journey.identity_corrected",
        "Identité corrigée",
        power=power("journey.identity"),
        inputs=identity.correction,
        guards=(identity.still_held,),
        checks=(identity.likely,),
        effects=(identity.correct,),
        style="secondary",
        consequence="L’identité est corrigée dans tous les parcours de cette personne, et ses âges avec elle.",
        private=True,
    ),
    Move(
        "correct_status",
        tuple(STATES),
        None,
        "Corriger la situation à l’entrée",
        "journey.status_corrected",
        "Situation à l’entrée corrigée",
        power=power("journey.identity"),
        inputs=identity.status,
        guards=(identity.still_held,),
        effects=(identity.correct_status,),
        style="secondary",
        consequence="Les chiffres déjà transmis avec le bilan ou un tableau de bord ne changent pas.",
        private=True,
    ),
)

STEPS = (
    Move(
        "record_hiring",
        milestones.FOLLOWED,
        None,
        "Enregistrer la prise de poste",
        "journey.hired",
        "Prise de poste",
        power=FOLLOW,
        inputs=milestones.hiring,
        guards=(guards.operation_is_open,),
        checks=(checks.not_in_the_future("hired_on"), milestones.likely_hiring, milestones.likely_trial),
        effects=(milestones.record_hiring, milestones.replan),
        style="secondary",
        relevant=lambda context: milestones.asks(context.case, *milestones.IN_WORK),
    ),
    Move(
        "record_milestone",
        ENTERED_STATES,
        None,
        "Enregistrer une étape du parcours",
        "journey.milestone_recorded",
        "Étape du parcours réalisée",
        power=FOLLOW,
        inputs=milestones.step,
        guards=(guards.operation_is_open,),
        checks=(
            checks.not_in_the_future("done_on"),
            milestones.not_before_entry("done_on"),
            milestones.not_after_exit,
            milestones.interview,
            interviews.fits,
        ),
        effects=(milestones.record_step,),
        style="secondary",
        relevant=lambda context: bool(milestones.steps_to_record(context)),
    ),
    Move(
        "enter_college",
        milestones.FOLLOWED,
        None,
        "Enregistrer une entrée au collège",
        "journey.college_entered",
        "Entrée au collège",
        power=FOLLOW,
        inputs=milestones.college_entry,
        guards=(guards.operation_is_open,),
        checks=(
            checks.not_in_the_future("college_entered_on"),
            milestones.not_before_entry("college_entered_on"),
            milestones.after_the_last_return,
        ),
        effects=(milestones.enter_college, milestones.replan),
        style="secondary",
        consequence="Le suivi se valorise encore deux mois ; passé ce délai, la sortie s’enregistre.",
        relevant=lambda context: (
            milestones.asks(context.case, "college_limit") and not milestones.is_in_college(context.case)
        ),
    ),
    Move(
        "leave_college",
        milestones.FOLLOWED,
        None,
        "Enregistrer le retour du collège",
        "journey.college_left",
        "Retour du collège",
        power=FOLLOW,
        inputs=milestones.college_return,
        guards=(guards.operation_is_open,),
        checks=(
            checks.not_in_the_future("college_left_on"),
            milestones.not_before_entry("college_left_on", "college_entered_on"),
        ),
        effects=(milestones.leave_college, record_deadlines.replan),
        style="secondary",
        relevant=lambda context: milestones.is_in_college(context.case),
    ),
)

EXIT = (
    Move(
        "record_exit",
        ("accompanied", "suspended"),
        "exited",
        "Enregistrer la sortie",
        "journey.exited",
        "Sortie de l’opération",
        power=FOLLOW,
        inputs=inputs.leaving,
        guards=(guards.operation_is_open,),
        checks=EXIT_CHECKS,
        effects=(effects.leave, milestones.settle, owed.replan, record_deadlines.replan),
        private=True,
    ),
    Move(
        "correct_exit",
        ("exited",),
        None,
        "Corriger la sortie",
        "journey.exit_corrected",
        "Sortie corrigée",
        power=FOLLOW,
        inputs=inputs.leaving_correction,
        guards=(guards.operation_is_open,),
        checks=EXIT_CHECKS,
        effects=(effects.leave, milestones.settle, owed.replan, record_deadlines.replan),
        style="secondary",
        private=True,
    ),
    Move(
        "link_evidence",
        ("exited",),
        None,
        "Rattacher un justificatif",
        "journey.evidence_linked",
        "Justificatif de sortie rattaché",
        power=FOLLOW,
        inputs=inputs.evidence,
        guards=(guards.operation_is_open,),
        effects=(effects.link_evidence,),
        style="secondary",
        relevant=lambda context: bool(inputs.evidence_files(context)),
    ),
)
