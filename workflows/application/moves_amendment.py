"""The moves of an amendment: asked, decided, signed by both parties, in force. The case stays where it is."""

from __future__ import annotations

from workflows.application import amending, amendment_effects, amendment_rules, checks
from workflows.application.notices import tell
from workflows.application.powers import DECIDE, INSTRUCT, power
from workflows.engine import Context, Move
from workflows.inputs import REASON

AMENDABLE = ("advance", "execution", "bilan")
"""From the signed convention to the final report."""

_BEGINS = (
    amendment_rules.no_amendment_is_open,
    amendment_rules.report_is_not_sent,
    amendment_rules.convention_is_not_terminated,
)
_TERMS = (amendment_rules.bearer_is_known, amendment_rules.terms_hold)


def _asked(context: Context, *, with_amount: bool) -> bool:
    found = amending.waits("asked", context)
    return found is not None and amending.changes_amount(context.case, found) == with_amount


def _is_own_request(context: Context) -> bool:
    found = amending.waits("asked", context)
    return found is not None and found.asked_by == "applicant"


AMENDMENT = (
    Move(
        "request_amendment",
        AMENDABLE,
        None,
        "Demander un avenant",
        "application.amendment_requested",
        "Avenant demandé par le porteur",
        power=power("application.answer"),
        inputs=amending.requested,
        guards=_BEGINS,
        checks=_TERMS,
        effects=(amendment_effects.request,),
        relevant=lambda context: context.case.convention is not None,
        style="secondary",
        consequence="Le Département accepte ou refuse la demande ; rien ne change avant la signature de l’avenant.",
    ),
    Move(
        "propose_amendment",
        AMENDABLE,
        None,
        "Proposer un avenant",
        "application.amendment_proposed",
        "Avenant proposé par le Département",
        power=INSTRUCT,
        inputs=amending.proposed,
        guards=_BEGINS,
        checks=(*_TERMS, amendment_rules.derogation_is_explained),
        effects=(amendment_effects.propose,),
        relevant=lambda context: context.case.convention is not None,
        style="secondary",
        consequence="Si le montant change, un responsable décide d’abord ; sinon l’avenant part à la signature.",
    ),
    Move(
        "accept_amendment",
        AMENDABLE,
        None,
        "Accepter l’avenant demandé",
        "application.amendment_accepted",
        "Avenant accepté",
        power=INSTRUCT,
        inputs=amending.accepted,
        guards=(amendment_rules.report_is_not_sent,),
        checks=(*_TERMS, amendment_rules.derogation_is_explained),
        effects=(amendment_effects.accept,),
        relevant=lambda context: _asked(context, with_amount=False),
        consequence="Le texte de l’avenant est établi et le porteur est invité à le signer.",
    ),
    Move(
        "grant_amendment",
        AMENDABLE,
        None,
        "Décider de l’avenant",
        "application.amendment_granted",
        "Avenant accordé",
        power=DECIDE,
        inputs=amending.granted,
        guards=(amendment_rules.report_is_not_sent,),
        checks=(
            *_TERMS,
            amendment_rules.derogation_is_explained,
            amendment_rules.increase_within_envelope,
            checks.not_in_the_future("decided_on"),
            amendment_rules.decided_after_signature,
        ),
        effects=(amendment_effects.accept,),
        relevant=lambda context: _asked(context, with_amount=True),
        consequence="Le texte de l’avenant est établi et le porteur est invité à le signer.",
    ),
    Move(
        "refuse_amendment",
        AMENDABLE,
        None,
        "Refuser l’avenant demandé",
        "application.amendment_refused",
        "Avenant refusé",
        power=INSTRUCT,
        inputs=(REASON,),
        effects=(amendment_effects.refuse, tell("amendment_refused")),
        relevant=_is_own_request,
        style="danger",
        consequence="Le porteur est prévenu et reçoit le motif ; la convention reste telle qu’elle est.",
    ),
    Move(
        "withdraw_amendment",
        AMENDABLE,
        None,
        "Retirer la demande d’avenant",
        "application.amendment_withdrawn",
        "Demande d’avenant retirée",
        power=power("application.answer"),
        inputs=(REASON,),
        effects=(amendment_effects.withdraw,),
        relevant=_is_own_request,
        style="secondary",
    ),
    Move(
        "abandon_amendment",
        AMENDABLE,
        None,
        "Abandonner l’avenant",
        "application.amendment_abandoned",
        "Avenant abandonné",
        power=INSTRUCT,
        inputs=(REASON,),
        effects=(amendment_effects.withdraw, tell("amendment_abandoned")),
        relevant=lambda context: amending.open_amendment(context) is not None and not _is_own_request(context),
        style="danger",
        consequence="Le porteur est prévenu et reçoit le motif ; la convention reste telle qu’elle est.",
    ),
    Move(
        "sign_amendment_for_applicant",
        AMENDABLE,
        None,
        "Enregistrer la signature de l’avenant par le porteur",
        "application.amendment_signed_by_applicant",
        "Avenant signé par le porteur",
        power=power("application.sign"),
        inputs=amending.signature,
        guards=(amendment_rules.accepted_terms_still_hold,),
        checks=(checks.not_in_the_future("signed_on"), amendment_rules.signed_after_sending),
        effects=(amendment_effects.sign_for_applicant,),
        relevant=lambda context: (
            (found := amending.waits("accepted", context)) is not None and found.applicant_signed_on is None
        ),
    ),
    Move(
        "sign_amendment_for_funder",
        AMENDABLE,
        None,
        "Enregistrer la signature de l’avenant par le Département",
        "application.amendment_signed_by_funder",
        "Avenant signé par le Département",
        power=DECIDE,
        inputs=amending.signature,
        guards=(amendment_rules.accepted_terms_still_hold,),
        checks=(checks.not_in_the_future("signed_on"), amendment_rules.signed_after_sending),
        effects=(amendment_effects.sign_for_funder,),
        relevant=lambda context: (
            (found := amending.waits("accepted", context)) is not None and found.funder_signed_on is None
        ),
    ),
    Move(
        "bring_amendment_into_force",
        AMENDABLE,
        None,
        "Mettre l’avenant en vigueur",
        "application.amendment_in_force",
        "Avenant en vigueur",
        guards=(amendment_rules.both_have_signed, amendment_rules.accepted_terms_still_hold),
        effects=(amendment_effects.enter_into_force, tell("amendment_in_force")),
        automatic=True,
    ),
)
