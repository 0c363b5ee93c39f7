"""What the rules say of one application: required opinions, warnings, maximum grant, advance, balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from casework.amendments import Terms
from casework.applications import Application, Opinion
from casework.clock import paris_day
from casework.money import BudgetLine, Payment, budget_of, live, payments_of, totals
from casework.reviews import retained_budget, reviews_of
from workflows.inputs import decimal_of
from workflows.rules.advance import Advance, proposed_advance
from workflows.rules.balance import Balance, BalanceInput, final_balance
from workflows.rules.calendar import add_months
from workflows.rules.costs import Expenses
from workflows.rules.eligibility import co_bearer_warnings, date_warnings
from workflows.rules.explanation import RuleWarning
from workflows.rules.grant import Grant, GrantInput, maximum_grant
from workflows.rules.results import Results
from workflows.rules.youth import YouthShare, youth_share
from workflows.scheme import RequiredOpinion, Scheme
from workflows.versions import scheme_of


def required_opinions(application: Application) -> list[RequiredOpinion]:
    """The opinions that this very application needs (AVIP crèches of 3.6 only when it is one, l.1361)."""
    answers = application.answers
    return [o for o in scheme_of(application).prior_opinions if o.only_for is None or answers.get(o.only_for) is True]


def expected_partners(application: Application) -> set[str]:
    """The partners who take part: those whose opinion is asked, and those who must sit in the committees."""
    bodies = {opinion.body for opinion in required_opinions(application)}
    seated = set(scheme_of(application).followup.attendee_codes)
    return (bodies | seated) - {"slai", "departement"}


def warnings_of(application: Application) -> list[RuleWarning]:
    """The warnings of the rules on this application that an officer is asked to accept; none of them blocks."""
    scheme = scheme_of(application)
    found = [*co_bearer_warnings(scheme, len(application.co_bearers)), *_youth_warnings(scheme, application)]
    if application.starts_on and application.ends_on:
        found += warnings_on(application, application.starts_on, application.ends_on)
    return found


def warnings_on(application: Application, start: date, end: date) -> tuple[RuleWarning, ...]:
    """What the sheet says of an operation of this application on these days, both included."""
    scheme = scheme_of(application)
    known_on = paris_day(application.received_at or application.deposited_at or application.created_at)
    window = next((w for w in scheme.application_windows if w.closes == application.closes_on), None)
    return date_warnings(scheme, start, end, window=window, known_on=known_on)


def _youth_warnings(scheme: Scheme, application: Application) -> list[RuleWarning]:
    """The forecast share of young people against the ceiling of the sheet (20 % where it has one)."""
    share = _forecast_youth(scheme, application)
    if share.level != "over":
        return []
    return [RuleWarning("youth_share", share.sentence, field="young_participants")]


def _forecast_youth(scheme: Scheme, application: Application) -> YouthShare:
    everybody = application.answers.get("participants") or 0
    young = min(application.answers.get("young_participants") or 0, everybody)
    return youth_share(scheme, accompanied=everybody, young=young)


def youth_sentence(application: Application) -> str:
    """The forecast share of young people beside the ceiling of the sheet; empty where it has none."""
    return _forecast_youth(scheme_of(application), application).sentence


def warnings_to_accept(application: Application) -> list[RuleWarning]:
    accepted = {accepted.code for accepted in application.accepted_warnings}
    return [warning for warning in warnings_of(application) if warning.code not in accepted]


def blocking_opinion(application: Application) -> Opinion | None:
    """The opinion without which nothing may be granted (Convergence in 3.7, l.1638) while it is not favourable."""
    return next((o for o in application.opinions if o.blocking and o.verdict not in ("favourable", "reserved")), None)


def setting_of(application: Application) -> str:
    """Where the operation places people, which sets its hours (3.10, l.2518-2520): urban or rural."""
    return "rural" if application.answers.get("setting") in ("rural", "Rural") else "urban"


def posts_of(application: Application) -> int:
    """The insertion posts of the sheets that fund posts; elsewhere the people accompanied (a year, in 3.7)."""
    return int(application.answers.get("posts") or application.answers.get("participants") or 0)


def months_of(application: Application) -> int:
    """The length of the operation in months, a month begun counting whole; the sheet's maximum while unknown."""
    start, end = application.starts_on, application.ends_on
    return months_between(start, end) if start and end else scheme_of(application).convention.max_months


def months_between(start: date, end: date) -> int:
    """How many months these days take, both included; a month begun counts whole."""
    return next(months for months in count(1) if add_months(start, months) > end)


def grant_of(session: Session, application: Application) -> Grant:
    """The maximum grant of this application by the rules of its scheme, from its budget as the instruction retains it:
    the one asked, as long as nothing is reviewed."""
    return grant_from(application, retained_of(session, application.id))


def retained_of(session: Session, application_id: int) -> list[BudgetLine]:
    """The budget as the instruction retains it (copies, out of the session)."""
    return retained_budget(budget_of(session, application_id), reviews_of(session, application_id))


def grant_from(application: Application, lines: Sequence[BudgetLine]) -> Grant:
    """The same as `grant_of`, from budget lines already loaded, or typed and not saved yet."""
    return maximum_grant(scheme_of(application), plan_from(application, lines))


def amended_maximum(session: Session, application: Application, terms: Terms) -> Grant:
    """The maximum grant once these terms are in force: their amount is what is asked, their days give the months."""
    plan = plan_from(application, budget_of(session, application.id))
    months = months_between(*terms.period)
    return maximum_grant(scheme_of(application), replace(plan, requested_cents=terms.grant_cents, months=months))


def plan_from(application: Application, lines: Sequence[BudgetLine]) -> GrantInput:
    """What the rules of the grant need to know of an application and of its budget."""
    lines = list(lines)
    expenses, incomes = totals(lines, "expense"), totals(lines, "income")
    return GrantInput(
        expenses=expenses_from(expenses),
        requested_cents=incomes["requested"],
        other_funding_cents=sum(incomes.values()) - incomes["requested"] - incomes["own"],
        posts=posts_of(application),
        months=months_of(application),
        fte=decimal_of(application.answers.get("support_staff_fte")),
    )


def expenses_from(amounts: dict[str, int]) -> Expenses:
    """Expenses by the categories of a budget (cents)."""
    return Expenses(
        personnel_cents=amounts.get("personnel", 0),
        operating_cents=amounts.get("operating", 0),
        travel_cents=amounts.get("travel", 0),
        rent_cents=amounts.get("rent", 0),
        external_services_cents=amounts.get("external_services", 0),
        other_direct_cents=amounts.get("other_direct", 0),
        indirect_claimed_cents=amounts.get("indirect", 0),
    )


def advance_of(application: Application) -> Advance:
    return proposed_advance(scheme_of(application), application.granted_cents or 0)


def advance_paid(session: Session, application: Application) -> int:
    """Cents of the advance that was really paid and not reversed."""
    return advance_paid_from(payments_of(session, application.id))


def advance_paid_from(payments: list[Payment]) -> int:
    """The same as `advance_paid`, from payments already loaded."""
    advance = live(payments, "advance")
    return advance.amount_cents if advance is not None and advance.paid_on is not None else 0


def balance_of(
    session: Session, application: Application, accepted: dict[str, int], results: dict[str, Any]
) -> Balance:
    """What is due once these expenses (cents by category) and results are accepted."""
    account = BalanceInput(
        grant_cents=application.granted_cents or 0,
        advance_paid_cents=advance_paid(session, application),
        expenses=expenses_from(accepted),
        other_funding_cents=accepted.get("other_funding", 0),
        results=results_of(scheme_of(application), application, results),
    )
    return final_balance(scheme_of(application), account)


def results_of(scheme: Scheme, application: Application, results: dict[str, Any]) -> Results:
    if not scheme.funding.conditional_split:
        return Results()
    return Results(
        posts=posts_of(application),
        months_done=Decimal(results.get("months_done") or 0),
        hours_done=Decimal(results.get("hours_done") or 0),
        setting=setting_of(application),
        dynamic_exits=results.get("dynamic_exits") or 0,
        quality_pct=Decimal(results.get("quality_pct") or 0),
    )
