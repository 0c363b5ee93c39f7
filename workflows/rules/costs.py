"""What a scheme accepts of a list of expenses: direct costs by category, indirect costs by its own rule.

The six kinds of indirect costs of the call: flat on direct costs without external services (3.2, 3.7, 3.14–3.16), flat
20 % or 15 % on personnel (3.10–3.12), ceiling on the listed costs without services (3.5, 3.6, 3.8, 3.9), ceiling on
personnel (3.13), and no stated base (3.1, 3.3, 3.4), read as a ceiling on all direct costs, to be confirmed.

A budget says travel and rent apart; the call counts both among operating costs: "charges de fonctionnement : frais de
déplacement du personnel […] ; frais de location de locaux" (l.1380-1384, l.2141-2143), the only ones of 3.6 and 3.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casework.amounts import euros, share
from workflows.rules.explanation import RuleWarning, Step, funding_line, line_source, percent
from workflows.scheme import Scheme

CATEGORY_LABELS: Mapping[str, str] = {
    "personnel": "Frais de personnel",
    "operating": "Frais de fonctionnement",
    "external_services": "Prestations externes",
    "other_direct": "Autres dépenses directes",
}

_BASE_LABELS: Mapping[str | None, str] = {
    "personnel": "frais de personnel",
    "direct_excl_external": "dépenses directes hors prestations externes",
    "total_excl_services": "dépenses listées hors prestations",
    None: "toutes les dépenses directes, base à confirmer",
}


@dataclass(frozen=True, kw_only=True)
class Expenses:
    """Expenses by category, in cents; none may be negative (`ValueError`). `operating`: beside travel and rent."""

    personnel_cents: int = 0
    operating_cents: int = 0
    travel_cents: int = 0
    rent_cents: int = 0
    external_services_cents: int = 0
    other_direct_cents: int = 0
    indirect_claimed_cents: int = 0

    def __post_init__(self) -> None:
        amounts = (self.operating_cents, self.travel_cents, self.rent_cents, self.indirect_claimed_cents)
        if min(*self.by_category().values(), *amounts) < 0:
            raise ValueError("an expense is never negative")

    def by_category(self) -> dict[str, int]:
        """Direct expenses in cents, keyed as `accepted_categories` of a scheme."""
        return {
            "personnel": self.personnel_cents,
            "operating": self.operating_cents + self.travel_cents + self.rent_cents,
            "external_services": self.external_services_cents,
            "other_direct": self.other_direct_cents,
        }

    def formula(self, category: str) -> str:
        """What the amount of a category is made of: operating costs say their travel and their rent."""
        parts = (self.operating_cents, self.travel_cents, self.rent_cents)
        if category != "operating" or not any(parts[1:]):
            return euros(self.by_category()[category])
        names = ("fonctionnement", "déplacements", "location")
        return " + ".join(f"{euros(cents)} ({name})" for cents, name in zip(parts, names, strict=True) if cents)


@dataclass(frozen=True)
class AcceptedCosts:
    """What the scheme accepts, in cents, with the steps that lead to it and the categories left out."""

    direct_cents: int
    indirect_base_cents: int
    indirect_cents: int
    steps: tuple[Step, ...]
    warnings: tuple[RuleWarning, ...]

    @property
    def total_cents(self) -> int:
        return self.direct_cents + self.indirect_cents


def accepted_costs(scheme: Scheme, expenses: Expenses, *, staffing: str = "") -> AcceptedCosts:
    """Direct costs of the accepted categories plus the indirect costs of the scheme's rule.

    `staffing` is the reminder of the staffing ratio, shown beside the personnel costs it governs.
    """
    accepted = {
        category: cents
        for category, cents in expenses.by_category().items()
        if category in scheme.funding.accepted_categories
    }
    direct = sum(accepted.values())
    base = _indirect_base(scheme, accepted)
    indirect = _indirect_allowed(scheme, base, expenses.indirect_claimed_cents)
    steps = (
        *_direct_steps(scheme, expenses, accepted, staffing),
        _base_step(scheme, base),
        _indirect_step(scheme, base, expenses.indirect_claimed_cents, indirect),
        Step(
            "Total éligible",
            f"{euros(direct)} + {euros(indirect)}",
            direct + indirect,
            line_source(funding_line(scheme)),
        ),
    )
    return AcceptedCosts(direct, base, indirect, steps, _left_out(scheme, expenses))


def _indirect_base(scheme: Scheme, accepted: Mapping[str, int]) -> int:
    kind = scheme.funding.indirect.base_kind
    if kind == "personnel":
        return accepted.get("personnel", 0)
    direct = sum(accepted.values())
    return direct if kind is None else direct - accepted.get("external_services", 0)


def _indirect_allowed(scheme: Scheme, base: int, claimed: int) -> int:
    """A flat rate is due whatever was claimed; a ceiling, or a rule that does not say, never exceeds the claim."""
    rate = share(base, scheme.funding.indirect.rate_pct)
    return rate if scheme.funding.indirect.flat_or_ceiling == "flat" else min(claimed, rate)


def _direct_steps(scheme: Scheme, expenses: Expenses, accepted: Mapping[str, int], staffing: str) -> tuple[Step, ...]:
    source = line_source(funding_line(scheme))
    lines = tuple(
        Step(
            CATEGORY_LABELS[category],
            expenses.formula(category) + (f" ; {staffing}" if staffing and category == "personnel" else ""),
            cents,
            source,
        )
        for category, cents in accepted.items()
    )
    formula = " + ".join(euros(cents) for cents in accepted.values()) or euros(0)
    return (*lines, Step("Dépenses directes éligibles", formula, sum(accepted.values()), source))


def _base_step(scheme: Scheme, base: int) -> Step:
    rule = scheme.funding.indirect
    return Step("Assiette des charges indirectes", _BASE_LABELS[rule.base_kind], base, line_source(rule.line))


def _indirect_step(scheme: Scheme, base: int, claimed: int, allowed: int) -> Step:
    rule = scheme.funding.indirect
    rate = f"{percent(rule.rate_pct)} × {euros(base)}"
    if rule.flat_or_ceiling == "flat":
        return Step("Charges indirectes (forfait)", rate, allowed, line_source(rule.line))
    label = "Charges indirectes (plafond)" if rule.base_kind else "Charges indirectes (plafond, base à confirmer)"
    return Step(label, f"le plus petit de {euros(claimed)} (demandé) et {rate}", allowed, line_source(rule.line))


def _left_out(scheme: Scheme, expenses: Expenses) -> tuple[RuleWarning, ...]:
    return tuple(
        RuleWarning(
            "category_not_accepted",
            f"« {CATEGORY_LABELS[category]} » n’est pas une catégorie financée par le dispositif {scheme.code} : "
            f"{euros(cents)} ne comptent pas.",
            funding_line(scheme),
            category,
        )
        for category, cents in expenses.by_category().items()
        if cents and category not in scheme.funding.accepted_categories
    )
