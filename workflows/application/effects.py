"""What follows from each move, in the same transaction: opinions asked, convention made, payments, deadlines."""

from __future__ import annotations

from datetime import timedelta

from casework import deadlines
from casework.applications import AcceptedWarning, Convention, Correction, Opinion, Partnership
from casework.errors import Refused
from casework.french import short_date
from casework.people import User
from workflows.application import agreement, reading
from workflows.application.editing import copy_draft
from workflows.application.guards import open_correction
from workflows.application.obligations import recompute_operation
from workflows.committee.planning import follow
from workflows.engine import Context, Effect
from workflows.journey import owed
from workflows.rules.calendar import kept_day
from workflows.rules.explanation import line_source
from workflows.versions import current_version, scheme_of


def plan_from_act(context: Context, kind: str, *, days: int, owed_by: str, line: int, since: str) -> None:
    """An obligation that begins with this very act: so many days after `since`, at this line of the sheet."""
    scheme = scheme_of(context.case)
    deadlines.plan(
        context.session,
        context.case,
        kind,
        due_on=kept_day(scheme, context.day + timedelta(days=days)),
        owed_by=owed_by,
        source=f"Fiche {scheme.code}, {line_source(line)}",
        computed=f"{since} le {short_date(context.day)}, {days} jours",
        at=context.act.at,
    )


OUTLIVING = ("annual_accounts",)
"""Kinds of deadlines that a closed case still owes: due six months after a financial year that its closing precedes."""


def meets(kind: str | None) -> Effect:
    """The open deadlines of this kind are met."""
    return lambda context: deadlines.settle(context.session, context.case, kind, status="met", at=context.act.at)


def cancels(kind: str | None) -> Effect:
    """The open deadlines of this kind (None: every kind, and the committees to come with them) no longer stand."""

    def cancel(context: Context) -> None:
        session, case, act = context.session, context.case, context.act
        deadlines.settle(session, case, kind, status="cancelled", at=act.at)
        if kind is None:
            follow(session, case, at=act.at, settings=act.settings)

    return cancel


def closes(context: Context) -> None:
    """Nothing of the case is awaited any more but what outlives it: the accounts of its financial year (l.1926)."""
    session, case, act = context.session, context.case, context.act
    deadlines.settle(session, case, None, status="cancelled", at=act.at, sparing=OUTLIVING)
    follow(session, case, at=act.at, settings=act.settings)


def note_deposit(context: Context) -> None:
    context.case.deposited_at = context.act.at


def forget_deposit(context: Context) -> None:
    context.case.deposited_at = None


def note_submission(context: Context) -> None:
    case = context.case
    case.submitted_at = context.act.at
    case.partners = [Partnership(partner=partner) for partner in sorted(reading.expected_partners(case))]


def request_correction(context: Context) -> None:
    case, answers = context.case, context.answers
    correction = Correction(
        state=case.state,
        requested_at=context.act.at,
        requested_by_id=context.act.actor.user_id,
        request=answers["reason"],
        due_on=answers["due_on"],
    )
    case.corrections.append(correction)
    deadlines.plan(
        context.session,
        case,
        "correction",
        due_on=correction.due_on,
        owed_by="applicant",
        at=context.act.at,
        source="Choix de paramétrage",
        computed=f"correction demandée le {short_date(context.day)}, délai fixé par le service",
    )
    owed.replan_operation(context)


def answer_correction(context: Context) -> None:
    correction = open_correction(context)
    if correction is not None:
        correction.answered_at = context.act.at
        correction.answer = context.answers.get("answer") or ""


def lift_correction(context: Context) -> None:
    correction = open_correction(context)
    if correction is not None:
        correction.lifted_at = context.act.at


def accept_warning(context: Context) -> None:
    code = context.answers["warning"]
    warning = next(warning for warning in reading.warnings_of(context.case) if warning.code == code)
    context.case.accepted_warnings.append(
        AcceptedWarning(
            code=code,
            sentence=warning.full_sentence,
            accepted_at=context.act.at,
            accepted_by_id=context.act.actor.user_id,
        )
    )


def ask_opinions(context: Context) -> None:
    case = context.case
    due_on = kept_day(scheme_of(case), context.day + timedelta(days=context.act.settings.opinion_days))
    for required in reading.required_opinions(case):
        places = [territory.id for territory in case.territories] if required.body == "slai" else [None]
        for territory_id in places:
            case.opinions.append(
                Opinion(
                    body=required.body,
                    territory_id=territory_id,
                    blocking=required.blocking,
                    requested_at=context.act.at,
                    due_on=due_on,
                )
            )
    context.session.flush()
    for opinion in case.opinions:
        _plan_opinion(context, opinion, "avis demandé")


def _plan_opinion(context: Context, opinion: Opinion, since: str) -> None:
    """One deadline for each opinion: each SLAI, each body answers for its own."""
    case, days = context.case, context.act.settings.opinion_days
    line = next((required.line for required in reading.required_opinions(case) if required.body == opinion.body), None)
    of_slai = opinion.territory_id is not None
    deadlines.plan(
        context.session,
        case,
        "opinion",
        rank=opinion.id,
        title=f"Avis attendu : {opinion.title}",
        due_on=opinion.due_on,
        owed_by="slai" if of_slai else "partner",
        territory_id=opinion.territory_id,
        partner=None if of_slai else opinion.body,
        source=f"Fiche {case.scheme_code}, {line_source(line)}" if line else f"Fiche {case.scheme_code}",
        computed=f"{since} le {short_date(context.day)}, {days} jours",
        at=context.act.at,
    )


def _settle_opinion(context: Context, opinion: Opinion, status: str, outcome: str = "") -> None:
    known = deadlines.deadlines_of(context.session, context.case.id)
    mine = [d for d in known if d.kind == "opinion" and d.rank == opinion.id and d.status == "open"]
    deadlines.close(context.session, context.case, mine, status=status, at=context.act.at, outcome=outcome)


def _opinion(context: Context) -> Opinion:
    opinions: list[Opinion] = context.case.opinions
    return next(opinion for opinion in opinions if str(opinion.id) == context.answers["opinion"])


def give_opinion(context: Context) -> None:
    opinion = _opinion(context)
    opinion.verdict = context.answers["verdict"]
    opinion.text = context.answers.get("text") or ""
    opinion.given_at = context.act.at
    opinion.given_by_id = context.act.actor.user_id
    _settle_opinion(context, opinion, "met")


def skip_opinion(context: Context) -> None:
    opinion = _opinion(context)
    opinion.skipped_at = context.act.at
    opinion.skip_reason = context.answers["reason"]
    _settle_opinion(context, opinion, "cancelled", "Un responsable a passé outre cet avis.")


def ask_opinion_again(context: Context) -> None:
    opinion = _opinion(context)
    opinion.verdict, opinion.given_at, opinion.given_by_id = None, None, None
    opinion.requested_at = context.act.at
    days = context.act.settings.opinion_days
    opinion.due_on = kept_day(scheme_of(context.case), context.day + timedelta(days=days))
    context.session.flush()
    _plan_opinion(context, opinion, "avis redemandé")


def claim(context: Context) -> None:
    context.case.officer_id = context.act.actor.user_id
    context.session.flush()
    context.session.expire(context.case, ["officer"])


def reassign(context: Context) -> None:
    officer = context.session.get(User, int(context.answers["officer"]))
    context.case.officer = officer


def propose_amount(context: Context) -> None:
    context.case.proposed_cents = context.answers["proposed"]
    context.case.instruction_report = context.answers["report"]


def decide(context: Context) -> None:
    context.case.decision_reference = context.answers["decision_reference"]
    context.case.decided_on = context.answers["decided_on"]


def forget_decision(context: Context) -> None:
    context.case.decision_reference, context.case.decided_on = "", None


def make_convention(context: Context) -> None:
    case = context.case
    if case.starts_on is None or case.ends_on is None:
        raise Refused(["Les dates de l’opération manquent."])
    case.granted_cents = context.answers["granted"]
    case.convention = Convention(
        number=f"C-{case.reference}",
        grant_cents=case.granted_cents,
        starts_on=case.starts_on,
        ends_on=case.ends_on,
        sent_on=context.day,
    )
    agreement.write_terms(context.session, case, context.act.settings, at=context.act.at)
    days, line = context.act.settings.signature_days, scheme_of(case).convention.line
    plan_from_act(context, "signature", days=days, owed_by="applicant", line=line, since="convention envoyée")


def sign_for_applicant(context: Context) -> None:
    """The applicant signs, then the Département: from now on it is the latter who owes its signature."""
    context.case.convention.applicant_signed_on = context.answers["signed_on"]
    context.case.convention.applicant_file_id = signed_file(context)
    deadlines.hand_over(context.session, context.case, "signature", owed_by="manager")


def sign_for_funder(context: Context) -> None:
    context.case.convention.funder_signed_on = context.answers["signed_on"]
    context.case.convention.funder_file_id = signed_file(context)


def signed_file(context: Context) -> int | None:
    """The id of the file that this signature is recorded with, if any."""
    chosen = context.answers.get("signed_file")
    return int(chosen) if chosen else None


def open_advance(context: Context) -> None:
    """The convention stands: the advance is owed, and the whole calendar of the operation is known."""
    meets("signature")(context)
    days, line = context.act.settings.advance_days, scheme_of(context.case).payment.line
    plan_from_act(context, "advance", days=days, owed_by="finance", line=line, since="convention signée")
    recompute_operation(context)


def start_report(context: Context) -> None:
    """The operation has ended: the final report is due 1 or 3 months later, by the sheet; the rest follows its end."""
    convention = context.case.convention
    convention.ended_on = context.answers.get("ended_on") or convention.last_on
    recompute_operation(context)


def plan_balance(context: Context, since: str) -> None:
    days, line = context.act.settings.balance_days, scheme_of(context.case).payment.line
    plan_from_act(context, "balance", days=days, owed_by="finance", line=line, since=since)


def reopen_balance(context: Context) -> None:
    plan_balance(context, "dossier rouvert")


def carry_over(context: Context) -> None:
    """Open a new draft for the next window of the same scheme, with everything that had been written."""
    case, session, act = context.case, context.session, context.act
    version = current_version(session, case.campaign, case.scheme_code)
    if version is None:
        raise Refused(["Ce dispositif n’existe plus dans cette campagne."])
    case.carried_into_id = copy_draft(session, case, version, actor=act.actor, at=act.at).id
