"""What an amendment may and may not do: the rules of the sheet, what is already paid, what has already happened."""

from __future__ import annotations

import sqlalchemy as sa

from casework.amendments import Amendment, Terms, terms_in_force
from casework.amounts import euros
from casework.french import counted, long_date
from casework.money import live
from casework.participants import Journey
from workflows.application import reading
from workflows.application.amending import (
    added_bearer,
    changes,
    differences,
    open_amendment,
    waits,
    wanted,
)
from workflows.application.checks import beyond_envelope
from workflows.application.guards import payments
from workflows.engine import Context
from workflows.rules.advance import proposed_advance
from workflows.rules.explanation import RuleWarning
from workflows.versions import scheme_of

Errors = dict[str, str]
LONGEST_MONTHS = 60


def bearer_is_known(context: Context) -> Errors:
    typed, found, case = context.answers.get("co_bearer"), added_bearer(context), context.case
    if not typed:
        return {}
    if found is None:
        return {"co_bearer": "Aucun organisme inscrit n’a ce SIRET : invitez-le à s’inscrire."}
    if found.id == case.organisation_id:
        return {"co_bearer": f"{found.name} porte déjà cette opération."}
    if found in case.co_bearers:
        return {"co_bearer": f"{found.name} est déjà associé à cette opération."}
    return {}


def terms_hold(context: Context) -> Errors:
    """The new terms say something new, on days to come, within the rules of the sheet and what is already paid."""
    before, after = terms_in_force(context.case), wanted(context)
    if not bearer_is_known(context) and not differences(before, after):
        first = changes(context)[0].name
        return {first: "Rien ne change : modifiez une date, le montant ou les porteurs."}
    return _dates(context, before, after) or _amount(context, before, after)


def _dates(context: Context, before: Terms, after: Terms) -> Errors:
    wrong: Errors = {}
    if after.starts_on != before.starts_on and after.starts_on < context.day:
        wrong["starts_on"] = "Ce jour est passé : une opération ne commence plus avant aujourd’hui."
    if after.ends_on < after.starts_on:
        wrong["ends_on"] = f"L’opération commence le {long_date(after.starts_on)}."
    elif after.ends_on != before.ends_on and after.ends_on < context.day:
        wrong["ends_on"] = "Ce jour est passé : pour arrêter l’opération, on y met fin avant le terme."
    elif after.period != before.period and reading.months_between(*after.period) > LONGEST_MONTHS:
        wrong["ends_on"] = f"L’opération durerait plus de {LONGEST_MONTHS} mois."
    return wrong


def _amount(context: Context, before: Terms, after: Terms) -> Errors:
    if after.grant_cents <= 0:
        return {"amount": "Ce montant doit être supérieur à zéro."}
    if (after.period, after.grant_cents) == (before.period, before.grant_cents):
        return {}
    maximum = reading.amended_maximum(context.session, context.case, after).maximum_cents
    if after.grant_cents > maximum:
        return {"amount": f"Avec ces termes, le montant maximal par les règles de la fiche est de {euros(maximum)}."}
    reason = contradiction(context, after)
    return {"amount": reason} if reason else {}


def contradiction(context: Context, after: Terms) -> str | None:
    """What has already happened and these terms would deny: money ordered or paid, people who entered."""
    advance, balance = live(payments(context), "advance"), live(payments(context), "balance")
    standing = sum(payment.amount_cents for payment in (advance, balance) if payment is not None)
    if after.grant_cents < standing:
        return f"{euros(standing)} sont déjà ordonnés ou versés : la subvention ne peut pas être inférieure."
    ceiling = proposed_advance(scheme_of(context.case), after.grant_cents).ceiling_cents
    if advance is not None and advance.paid_on is None and advance.amount_cents > ceiling:
        return f"L’avance ordonnée dépasserait son plafond ({euros(ceiling)}) : la finance doit d’abord l’annuler."
    return _outside(context, after)


def _outside(context: Context, after: Terms) -> str | None:
    if after.period == terms_in_force(context.case).period:
        return None
    entered = sa.select(sa.func.count(Journey.id)).where(
        Journey.application_id == context.case.id,
        sa.or_(Journey.entered_on < after.starts_on, Journey.entered_on > after.ends_on),
    )
    number = context.session.scalar(entered) or 0
    return f"{counted(number, 'participant entré', 'participants entrés')} hors de cette période." if number else None


def new_warnings(context: Context, after: Terms) -> list[RuleWarning]:
    """What the sheet says of the new days, and did not say of those in force."""
    before = terms_in_force(context.case)
    known = {warning.code for warning in reading.warnings_on(context.case, *before.period)}
    return [warning for warning in reading.warnings_on(context.case, *after.period) if warning.code not in known]


def derogation_is_explained(context: Context) -> Errors:
    after = wanted(context)
    if after.ends_on < after.starts_on or context.answers.get("derogation_reason"):
        return {}
    found = [warning.full_sentence for warning in new_warnings(context, after)]
    return {"derogation_reason": f"{' '.join(found)} Dites pourquoi vous l’acceptez."} if found else {}


def increase_within_envelope(context: Context) -> Errors:
    """Only what the amendment adds is compared with what remains."""
    return beyond_envelope(context, wanted(context).grant_cents - terms_in_force(context.case).grant_cents)


def decided_after_signature(context: Context) -> Errors:
    signed_on = context.case.convention.signed_on
    if signed_on is not None and context.answers["decided_on"] < signed_on:
        return {"decided_on": f"La convention a été signée le {long_date(signed_on)}."}
    return {}


def signed_after_sending(context: Context) -> Errors:
    request = open_amendment(context)
    if request is not None and request.sent_on is not None and context.answers["signed_on"] < request.sent_on:
        return {"signed_on": f"L’avenant a été envoyé le {long_date(request.sent_on)}."}
    return {}


# Conditions


def no_amendment_is_open(context: Context) -> str | None:
    found = open_amendment(context)
    if found is None:
        return None
    stage = "attend ses signatures" if found.status == "accepted" else "attend une décision"
    return f"Un avenant est déjà en cours : il {stage}."


def report_is_not_sent(context: Context) -> str | None:
    return "Le bilan final est remis : la convention ne change plus." if context.case.report else None


def convention_is_not_terminated(context: Context) -> str | None:
    convention = context.case.convention
    ended_on = convention.terminated_on if convention is not None else None
    return f"La convention est résiliée au {long_date(ended_on)}." if ended_on else None


def accepted_terms_still_hold(context: Context) -> str | None:
    """Between the decision and the signatures, an advance may have been ordered, people may have entered."""
    found = waits("accepted", context)
    return contradiction(context, _own_terms(found)) if found is not None else None


def _own_terms(amendment: Amendment) -> Terms:
    return Terms(amendment.starts_on, amendment.ends_on, amendment.grant_cents)


def both_have_signed(context: Context) -> str | None:
    found = waits("accepted", context)
    return None if found is not None and found.signed_on is not None else "L’avenant n’est pas signé par tous."


def no_extension_awaits_signatures(context: Context) -> str | None:
    """An operation does not end while an accepted amendment that makes it last longer is being signed."""
    found, convention = waits("accepted", context), context.case.convention
    if found is None or found.ends_on <= convention.ends_on:
        return None
    return f"L’avenant n° {found.number}, qui prolonge l’opération, attend ses signatures."
