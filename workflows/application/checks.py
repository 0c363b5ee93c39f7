"""Checks on what was entered, once it is understood: each returns the field at fault with its French sentence."""

from __future__ import annotations

from casework import envelopes
from casework.amounts import euros
from casework.clock import paris_day
from casework.french import long_date
from workflows.application import reading
from workflows.application.guards import payments
from workflows.engine import Check, Context

Errors = dict[str, str]
LONGEST_CORRECTION_DAYS = 90


def correction_due_later(context: Context) -> Errors:
    days = (context.answers["due_on"] - context.day).days
    if days <= 0:
        return {"due_on": "Laissez au moins un jour au porteur."}
    if days > LONGEST_CORRECTION_DAYS:
        return {
            "due_on": f"Choisissez une date dans les {LONGEST_CORRECTION_DAYS} jours : le dossier attend la réponse."
        }
    return {}


def verdict_is_explained(context: Context) -> Errors:
    if context.answers["verdict"] != "favourable" and not context.answers.get("text"):
        return {"text": "Expliquez cet avis : vos observations sont obligatoires."}
    return {}


def within_maximum(name: str) -> Check:
    def check(context: Context) -> Errors:
        maximum = reading.grant_of(context.session, context.case).maximum_cents
        if context.answers[name] > maximum:
            return {name: f"Le montant maximal par les règles de la fiche est de {euros(maximum)}."}
        return {}

    return check


def positive(name: str) -> Check:
    def check(context: Context) -> Errors:
        return {} if context.answers[name] > 0 else {name: "Ce montant doit être supérieur à zéro."}

    return check


def not_in_the_future(name: str) -> Check:
    def check(context: Context) -> Errors:
        value = context.answers.get(name)
        if value is not None and value > context.day:
            return {name: "Cette date est dans le futur."}
        return {}

    return check


def signed_after_sending(context: Context) -> Errors:
    sent_on = context.case.convention.sent_on
    if context.answers["signed_on"] < sent_on:
        return {"signed_on": f"La convention a été envoyée le {long_date(sent_on)}."}
    return {}


def decided_after_submission(context: Context) -> Errors:
    submitted = context.case.submitted_at
    if submitted is not None and context.answers["decided_on"] < paris_day(submitted):
        return {"decided_on": f"Le dossier a été validé le {long_date(paris_day(submitted))}."}
    return {}


def within_advance_ceiling(context: Context) -> Errors:
    """80 % at most in 3.5, 3.6 and 3.8 (l.1090, 1397, 1898); never above the grant."""
    rule = reading.advance_of(context.case)
    if context.answers["amount"] > rule.ceiling_cents:
        return {"amount": f"L’avance ne peut pas dépasser {euros(rule.ceiling_cents)} ({rule.steps[0].formula})."}
    return {}


def paid_after_signature(context: Context) -> Errors:
    signed_on = context.case.convention.signed_on
    if signed_on is not None and context.answers["paid_on"] < signed_on:
        return {"paid_on": f"La convention a été signée le {long_date(signed_on)}."}
    return {}


def reversed_by_another(context: Context) -> Errors:
    """Four eyes: what a second person has verified is not cancelled by the one who ordered it."""
    chosen = next(p for p in payments(context) if str(p.id) == context.answers["payment"])
    alone = chosen.ordered_by_id == context.act.actor.user_id
    if alone and not chosen.awaits_verification:
        return {"payment": "Vous avez ordonné ce versement, déjà vérifié : une autre personne doit l’annuler."}
    return {}


def ends_inside_operation(context: Context) -> Errors:
    convention = context.case.convention
    if not convention.starts_on <= context.answers["ended_on"] <= convention.ends_on:
        return {"ended_on": f"L’opération va du {long_date(convention.starts_on)} au {long_date(convention.ends_on)}."}
    return {}


def results_within_declared(context: Context) -> Errors:
    """The control reduces a result, it never raises it: months, hours and exits (l.2514, 2836, 3137)."""
    declared = context.case.report.results
    return {
        name: f"Le porteur a déclaré {declared.get(name, 0)} : on ne peut pas retenir davantage."
        for name in ("months_done", "hours_done", "dynamic_exits")
        if (context.answers.get(name) or 0) > declared.get(name, 0)
    }


def reduction_is_explained(context: Context) -> Errors:
    report, answers = context.case.report, context.answers
    known = {**report.results, "quality_pct": 100}
    reduced = any(name in known and answers[name] is not None and answers[name] < known[name] for name in answers)
    if reduced and not answers.get("reason"):
        return {"reason": "Vous réduisez ce que le porteur a déclaré : dites ce qui est écarté et pourquoi."}
    return {}


def raise_is_explained(context: Context) -> Errors:
    """A manager may grant more than was proposed, and says why."""
    proposed = context.case.proposed_cents or 0
    maximum = reading.grant_of(context.session, context.case).maximum_cents
    if proposed < context.answers["granted"] <= maximum and not context.answers.get("reason"):
        return {"reason": f"L’instruction a proposé {euros(proposed)} : dites pourquoi vous accordez davantage."}
    return {}


def within_envelope(context: Context) -> Errors:
    """Beyond what was voted for the scheme, a manager says why. The envelope is held until the decision is written."""
    return beyond_envelope(context, context.answers["granted"])


def beyond_envelope(context: Context, engaged_cents: int) -> Errors:
    """The error to show when this much more does not fit in the envelope and nobody said why."""
    remaining = envelopes.remaining_for(context.session, context.case, lock=True)
    if remaining is None or engaged_cents <= max(remaining, 0) or context.answers.get("envelope_reason"):
        return {}
    left = max(remaining, 0)
    over = euros(engaged_cents - left)
    return {"envelope_reason": f"Il reste {euros(left)} : dites pourquoi vous dépassez l’enveloppe de {over}."}
