"""The most that may be granted to an application, and why."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from casework.amounts import decimal_string, euros
from workflows.rules.costs import AcceptedCosts, Expenses, accepted_costs
from workflows.rules.explanation import (
    RuleWarning,
    Step,
    first_line_in,
    funding_line,
    line_source,
    number,
    steps_as_dicts,
    warnings_as_texts,
)
from workflows.scheme import Scheme


@dataclass(frozen=True, kw_only=True)
class GrantInput:
    """The financing plan of an application. Amounts in cents; `posts` are participants at a time (in 3.7: a year).

    `fte`: full-time equivalents of supervision, None when not known. Nothing may be negative (`ValueError`).
    """

    expenses: Expenses
    requested_cents: int
    other_funding_cents: int = 0
    posts: int = 0
    months: int = 12
    fte: Decimal | None = None

    def __post_init__(self) -> None:
        if min(self.requested_cents, self.other_funding_cents, self.posts, self.months, self.fte or 0) < 0:
            raise ValueError("a financing plan has no negative figure")


@dataclass(frozen=True)
class Cap:
    """One of the amounts the grant may not exceed, in cents; `name` is French."""

    name: str
    amount_cents: int
    formula: str
    source: str


@dataclass(frozen=True)
class Grant:
    """The maximum grant in cents, every cap considered, the steps and what to warn of."""

    scheme: str
    costs: AcceptedCosts
    caps: tuple[Cap, ...]
    maximum_cents: int
    steps: tuple[Step, ...]
    warnings: tuple[RuleWarning, ...]

    def as_dict(self) -> dict[str, object]:
        """The JSON of `casework explain grant`."""
        return {
            "scheme": self.scheme,
            "eligible_direct": decimal_string(self.costs.direct_cents),
            "indirect_base": decimal_string(self.costs.indirect_base_cents),
            "indirect_allowed": decimal_string(self.costs.indirect_cents),
            "eligible_total": decimal_string(self.costs.total_cents),
            "caps": [{"name": cap.name, "amount": decimal_string(cap.amount_cents)} for cap in self.caps],
            "maximum_grant": decimal_string(self.maximum_cents),
            "steps": steps_as_dicts(self.steps),
            "warnings": warnings_as_texts(self.warnings),
        }


def maximum_grant(scheme: Scheme, plan: GrantInput) -> Grant:
    """min(requested, eligible total − other funding, cap per project, cap × posts × months), never below zero."""
    costs = accepted_costs(scheme, plan.expenses, staffing=_staffing_reminder(scheme, plan.posts))
    caps = _caps(scheme, plan, costs)
    lowest = min(caps, key=lambda cap: cap.amount_cents)
    names = ", ".join(f"{cap.name[0].lower()}{cap.name[1:]} {euros(cap.amount_cents)}" for cap in caps)
    steps = (
        *costs.steps,
        *(Step(cap.name, cap.formula, cap.amount_cents, cap.source) for cap in caps),
        Step("Subvention maximale", f"le plus petit de : {names}", lowest.amount_cents, lowest.source),
    )
    warnings = (*costs.warnings, *_plan_warnings(scheme, plan))
    return Grant(scheme.code, costs, caps, lowest.amount_cents, steps, warnings)


def _caps(scheme: Scheme, plan: GrantInput, costs: AcceptedCosts) -> tuple[Cap, ...]:
    funding, source = scheme.funding, line_source(funding_line(scheme))
    cap_source = line_source(funding.cap_line) if funding.cap_line is not None else source
    caps = [
        Cap("Montant demandé", plan.requested_cents, "montant de la demande", source),
        Cap(
            "Total éligible moins les autres financements",
            max(0, costs.total_cents - plan.other_funding_cents),
            f"{euros(costs.total_cents)} − {euros(plan.other_funding_cents)}",
            source,
        ),
    ]
    if funding.cap_per_project_eur is not None:
        cents = funding.cap_per_project_eur * 100
        caps.append(Cap("Plafond par projet", cents, f"{euros(cents)} par projet", cap_source))
    if funding.cap_per_participant_month_eur is not None:
        cents = funding.cap_per_participant_month_eur * 100
        formula = f"{euros(cents)} × {plan.posts} postes × {plan.months} mois"
        caps.append(Cap("Plafond par participant et par mois", cents * plan.posts * plan.months, formula, cap_source))
    return tuple(caps)


def _staffing_reminder(scheme: Scheme, posts: int) -> str:
    ratio = scheme.funding.staffing_participants_per_fte
    if not ratio:
        return ""
    return f"encadrement attendu : 1 ETP pour {ratio} participants, soit {_fte_needed(posts, ratio)} ETP au moins"


def _fte_needed(posts: int, ratio: int) -> str:
    """Rounded up to two decimals, so that the figure shown always satisfies the ratio."""
    needed = (Decimal(posts) / ratio).quantize(Decimal("0.01"), rounding=ROUND_CEILING)
    return number(needed)


def _plan_warnings(scheme: Scheme, plan: GrantInput) -> tuple[RuleWarning, ...]:
    found = (
        _too_long(scheme, plan),
        _over_capacity(scheme, plan),
        _under_staffed(scheme, plan),
        _nothing_to_count(scheme, plan),
    )
    return tuple(warning for warning in found if warning is not None)


def _too_long(scheme: Scheme, plan: GrantInput) -> RuleWarning | None:
    limit = scheme.convention.max_months
    if plan.months <= limit:
        return None
    sentence = f"L’opération dure {plan.months} mois ; le dispositif {scheme.code} en prévoit {limit} au plus."
    return RuleWarning("too_long", sentence, scheme.convention.line, "months")


def _over_capacity(scheme: Scheme, plan: GrantInput) -> RuleWarning | None:
    capacity = scheme.funding.capacity_participants_per_year
    if capacity is None or plan.posts <= capacity:
        return None
    sentence = f"{plan.posts} participants sont prévus ; le dispositif est conçu pour {capacity} participants par an."
    asked = next((question.line for question in scheme.form.questions if question.key == "participants"), None)
    return RuleWarning("over_capacity", sentence, asked, "posts")


def _under_staffed(scheme: Scheme, plan: GrantInput) -> RuleWarning | None:
    ratio = scheme.funding.staffing_participants_per_fte
    if not ratio or plan.fte is None or plan.posts <= Fraction(plan.fte) * ratio:
        return None
    sentence = (
        f"{number(plan.fte)} ETP d’encadrement pour {plan.posts} postes : le taux d’encadrement est de 1 ETP pour "
        f"{ratio} participants, soit {_fte_needed(plan.posts, ratio)} ETP au moins."
    )
    line = first_line_in((scheme.funding.staffing or "",), otherwise=funding_line(scheme))
    return RuleWarning("under_staffed", sentence, line, "fte")


def _nothing_to_count(scheme: Scheme, plan: GrantInput) -> RuleWarning | None:
    if scheme.funding.cap_per_participant_month_eur is None or plan.posts * plan.months > 0:
        return None
    field = "months" if plan.posts else "posts"
    sentence = "Sans poste ni mois prévu, le plafond par participant et par mois ne permet aucune subvention."
    return RuleWarning("no_post_month", sentence, scheme.funding.cap_line, field)
