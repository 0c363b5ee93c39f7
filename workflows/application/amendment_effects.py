"""What follows from the moves of an amendment, in the same transaction: its text, its signatures, its entry into force.

When it comes into force, the convention takes its terms and every deadline of the operation is computed again.
"""

from __future__ import annotations

from datetime import timedelta

from casework import deadlines
from casework.amendments import Amendment, Terms, amendments_of, bring_into_force, named, terms_brought, terms_in_force
from casework.errors import Refused
from casework.french import short_date
from workflows.application import amendment_text
from workflows.application.amending import changes_amount, changes_dates, open_amendment, wanted
from workflows.application.effects import signed_file
from workflows.application.notices import tell
from workflows.application.obligations import recompute_operation
from workflows.engine import Context
from workflows.rules.calendar import kept_day
from workflows.rules.explanation import line_source
from workflows.versions import scheme_of


def request(context: Context) -> None:
    """The applicant asks: the services answer, a manager when the amount changes."""
    amendment = _ask(context, "applicant")
    tell("amendment_to_decide" if changes_amount(context.case, amendment) else "amendment_requested")(context)


def propose(context: Context) -> None:
    """The services propose: what leaves the amount as it is goes straight to the signatures."""
    amendment = _ask(context, "funder")
    if changes_amount(context.case, amendment):
        tell("amendment_to_decide")(context)
    else:
        _accept(context, amendment, wanted(context))


def _ask(context: Context, asked_by: str) -> Amendment:
    terms = wanted(context)
    amendment = Amendment(
        application_id=context.case.id,
        status="asked",
        asked_by=asked_by,
        asked_at=context.act.at,
        asked_by_id=context.act.actor.user_id,
        reason=context.answers["reason"],
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        grant_cents=terms.grant_cents,
        co_bearers=named(terms.co_bearers),
    )
    context.session.add(amendment)
    context.session.flush()
    return amendment


def accept(context: Context) -> None:
    """The terms as they were adjusted, with the decision that changes the amount when there is one."""
    amendment = _open(context)
    amendment.decision_reference = context.answers.get("decision_reference") or ""
    amendment.decided_on = context.answers.get("decided_on")
    _accept(context, amendment, wanted(context))


def _accept(context: Context, amendment: Amendment, terms: Terms) -> None:
    session, case = context.session, context.case
    numbers = [known.number or 0 for known in amendments_of(session, case.id)]
    amendment.starts_on, amendment.ends_on = terms.period
    amendment.grant_cents, amendment.co_bearers = terms.grant_cents, named(terms.co_bearers)
    amendment.number, amendment.sent_on = max(numbers, default=0) + 1, context.day
    amendment.replaced = terms_in_force(case).kept()
    amendment.status = "accepted"
    amendment_text.write(context, amendment, terms)
    _plan_signature(context, amendment)
    tell("amendment_to_sign")(context)


def _plan_signature(context: Context, amendment: Amendment) -> None:
    scheme, days = scheme_of(context.case), context.act.settings.signature_days
    deadlines.plan(
        context.session,
        context.case,
        "signature",
        rank=1 + (amendment.number or 0),
        title=f"Signature de l’avenant n° {amendment.number}",
        due_on=kept_day(scheme, context.day + timedelta(days=days)),
        owed_by="applicant",
        source=f"Fiche {scheme.code}, {line_source(scheme.convention.line)}",
        computed=f"avenant envoyé le {short_date(context.day)}, {days} jours",
        at=context.act.at,
    )


def sign_for_applicant(context: Context) -> None:
    """The applicant signs, then the Département: from now on it is the latter who owes its signature."""
    amendment = _open(context)
    amendment.applicant_signed_on = context.answers["signed_on"]
    amendment.applicant_file_id = signed_file(context)
    deadlines.hand_over(context.session, context.case, "signature", owed_by="manager")


def sign_for_funder(context: Context) -> None:
    amendment = _open(context)
    amendment.funder_signed_on = context.answers["signed_on"]
    amendment.funder_file_id = signed_file(context)


def enter_into_force(context: Context) -> None:
    """The convention takes the new terms; what the operation owes follows, met and extended deadlines stay."""
    amendment = _open(context)
    moved = changes_dates(context.case, amendment)
    bring_into_force(context.case, terms_brought(context.session, amendment))
    _close(context, amendment, "in_force", "met")
    if moved:
        recompute_operation(context)


def refuse(context: Context) -> None:
    give_up(context, "refused", context.answers["reason"])


def withdraw(context: Context) -> None:
    give_up(context, "withdrawn", context.answers["reason"])


def lapse_dates(context: Context) -> None:
    """The operation is over: an amendment of its days has lost its purpose."""
    found = open_amendment(context)
    if found is not None and changes_dates(context.case, found):
        give_up(context, "lapsed", "L’opération s’est terminée avant qu’il soit signé.")


def lapse(context: Context) -> None:
    if open_amendment(context) is not None:
        give_up(context, "lapsed", "La convention a été résiliée avant qu’il soit signé.")


def give_up(context: Context, status: str, outcome: str) -> None:
    amendment = _open(context)
    amendment.outcome = outcome
    _close(context, amendment, status, "cancelled")


def _close(context: Context, amendment: Amendment, status: str, signature: str) -> None:
    amendment.status, amendment.closed_at = status, context.act.at
    deadlines.settle(context.session, context.case, "signature", status=signature, at=context.act.at)


def _open(context: Context) -> Amendment:
    found = open_amendment(context)
    if found is None:
        raise Refused(["Aucun avenant n’est en cours."])
    return found
