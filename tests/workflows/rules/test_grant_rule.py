from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.amounts import parse_euros
from workflows.rules.advance import proposed_advance
from workflows.rules.costs import Expenses
from workflows.rules.grant import Grant, GrantInput, maximum_grant
from workflows.scheme import Scheme

CODES = [f"3.{number}" for number in range(1, 17)]

PLAN = GrantInput(
    expenses=Expenses(
        personnel_cents=6_000_033,
        operating_cents=1_000_011,
        external_services_cents=500_007,
        other_direct_cents=200_003,
        indirect_claimed_cents=1_300_000,
    ),
    requested_cents=20_000_000,
    other_funding_cents=300_000,
    posts=10,
    months=12,
)

# Worked by hand from money.md: eligible direct, indirect base, indirect allowed, maximum grant.
ALL_DIRECT_CEILING = ("75000.51", "75000.51", "13000.00", "85000.51")
FLAT_WITHOUT_SERVICES = ("75000.51", "70000.44", "14000.09", "86000.60")
BY_HAND = {
    "3.1": ALL_DIRECT_CEILING,
    "3.2": FLAT_WITHOUT_SERVICES,
    "3.3": ALL_DIRECT_CEILING,
    "3.4": ALL_DIRECT_CEILING,
    "3.5": ("75000.51", "70000.44", "13000.00", "85000.51"),
    "3.6": ("70000.44", "70000.44", "13000.00", "80000.44"),
    "3.7": ("75000.51", "70000.44", "14000.09", "50000.00"),
    "3.8": ("75000.51", "70000.44", "13000.00", "85000.51"),
    "3.9": ("70000.44", "70000.44", "13000.00", "80000.44"),
    "3.10": ("60000.33", "60000.33", "12000.07", "23400.00"),
    "3.11": ("60000.33", "60000.33", "12000.07", "24000.00"),
    "3.12": ("60000.33", "60000.33", "9000.05", "45000.00"),
    "3.13": ("62000.36", "60000.33", "12000.07", "71000.43"),
    "3.14": FLAT_WITHOUT_SERVICES,
    "3.15": FLAT_WITHOUT_SERVICES,
    "3.16": FLAT_WITHOUT_SERVICES,
}


@pytest.mark.parametrize("code", CODES)
def test_the_grant_of_each_scheme_is_the_one_worked_by_hand(code: str, schemes: dict[str, Scheme]) -> None:
    answer = maximum_grant(schemes[code], PLAN).as_dict()
    found = tuple(answer[key] for key in ("eligible_direct", "indirect_base", "indirect_allowed", "maximum_grant"))
    assert found == BY_HAND[code]


def test_the_example_of_the_documentation(schemes: dict[str, Scheme]) -> None:
    plan = GrantInput(
        expenses=Expenses(personnel_cents=10_000_000, indirect_claimed_cents=1_500_000),
        requested_cents=9_000_000,
        posts=20,
        months=12,
    )
    answer = maximum_grant(schemes["3.12"], plan).as_dict()
    assert list(answer) == [
        *("scheme", "eligible_direct", "indirect_base", "indirect_allowed", "eligible_total"),
        *("caps", "maximum_grant", "steps", "warnings"),
    ]
    assert answer["eligible_total"] == "115000.00"
    assert answer["maximum_grant"] == "90000.00"
    assert answer["warnings"] == []
    assert {"name": "Plafond par participant et par mois", "amount": "90000.00"} in answer["caps"]  # type: ignore[operator]


def test_a_flat_rate_is_due_whatever_is_claimed(schemes: dict[str, Scheme]) -> None:
    nothing_claimed = replace(PLAN, expenses=replace(PLAN.expenses, indirect_claimed_cents=0))
    assert maximum_grant(schemes["3.2"], nothing_claimed).costs.indirect_cents == 1_400_009
    assert maximum_grant(schemes["3.5"], nothing_claimed).costs.indirect_cents == 0


def test_a_ceiling_holds_back_a_larger_claim(schemes: dict[str, Scheme]) -> None:
    much_claimed = replace(PLAN, expenses=replace(PLAN.expenses, indirect_claimed_cents=9_000_000))
    assert maximum_grant(schemes["3.5"], much_claimed).costs.indirect_cents == 1_400_009
    assert maximum_grant(schemes["3.1"], much_claimed).costs.indirect_cents == 1_500_010
    assert maximum_grant(schemes["3.13"], much_claimed).costs.indirect_cents == 1_200_007


def test_a_category_that_is_not_accepted_counts_for_nothing_and_is_named(schemes: dict[str, Scheme]) -> None:
    grant = maximum_grant(schemes["3.10"], PLAN)
    without = replace(
        PLAN,
        expenses=Expenses(personnel_cents=PLAN.expenses.personnel_cents, indirect_claimed_cents=1_300_000),
    )
    assert grant.costs.total_cents == maximum_grant(schemes["3.10"], without).costs.total_cents
    assert [warning.field for warning in grant.warnings] == ["operating", "external_services", "other_direct"]
    assert grant.warnings[1].sentence.startswith("« Prestations externes »")


def test_other_funding_beyond_the_costs_leaves_nothing_to_grant(schemes: dict[str, Scheme]) -> None:
    assert maximum_grant(schemes["3.2"], replace(PLAN, other_funding_cents=10**11)).maximum_cents == 0


def codes(grant: Grant) -> set[str]:
    return {warning.code for warning in grant.warnings}


@pytest.mark.parametrize("code", ["3.10", "3.11"])
def test_the_staffing_ratio_is_shown_and_warned(code: str, schemes: dict[str, Scheme]) -> None:
    plan = replace(PLAN, posts=20)
    assert "1,34 ETP au moins" in maximum_grant(schemes[code], plan).steps[0].formula
    assert "under_staffed" in codes(maximum_grant(schemes[code], replace(plan, fte=Decimal("1.33"))))
    assert "under_staffed" not in codes(maximum_grant(schemes[code], replace(plan, fte=Decimal("1.34"))))
    assert "under_staffed" not in codes(maximum_grant(schemes["3.12"], replace(plan, fte=Decimal("0.1"))))


def test_what_exceeds_the_sheet_is_warned_and_does_not_block(schemes: dict[str, Scheme]) -> None:
    assert "over_capacity" in codes(maximum_grant(schemes["3.7"], replace(PLAN, posts=16)))
    assert "over_capacity" not in codes(maximum_grant(schemes["3.7"], replace(PLAN, posts=15)))
    assert "too_long" in codes(maximum_grant(schemes["3.2"], replace(PLAN, months=13)))
    nobody = maximum_grant(schemes["3.11"], replace(PLAN, posts=0))
    assert (nobody.maximum_cents, "no_post_month" in codes(nobody)) == (0, True)


@pytest.mark.parametrize("code", CODES)
def test_every_step_has_words_figures_and_its_line(code: str, schemes: dict[str, Scheme]) -> None:
    scheme = schemes[code]
    first, last = scheme.line_range
    for step in maximum_grant(scheme, PLAN).steps:
        assert step.label
        assert step.formula
        assert first <= int(step.source.removeprefix("l.")) <= last


def test_an_unstated_base_is_marked_to_be_confirmed(schemes: dict[str, Scheme]) -> None:
    for code in ("3.1", "3.3", "3.4"):
        assert any("base à confirmer" in step.label for step in maximum_grant(schemes[code], PLAN).steps)


def test_a_negative_figure_never_reaches_a_rule() -> None:
    with pytest.raises(ValueError, match="negative"):
        Expenses(personnel_cents=-1)
    with pytest.raises(ValueError, match="negative"):
        replace(PLAN, requested_cents=-1)


CENTS = st.integers(0, 10**9)
PLANS = st.builds(
    GrantInput,
    expenses=st.builds(
        Expenses,
        personnel_cents=CENTS,
        operating_cents=CENTS,
        travel_cents=CENTS,
        rent_cents=CENTS,
        external_services_cents=CENTS,
        other_direct_cents=CENTS,
        indirect_claimed_cents=CENTS,
    ),
    requested_cents=CENTS,
    other_funding_cents=CENTS,
    posts=st.integers(0, 60),
    months=st.integers(0, 14),
)


@given(code=st.sampled_from(CODES), plan=PLANS)
def test_a_grant_is_never_negative_nor_above_any_cap(code: str, plan: GrantInput, schemes: dict[str, Scheme]) -> None:
    scheme = schemes[code]
    grant = maximum_grant(scheme, plan)
    funding, amount = scheme.funding, grant.maximum_cents
    assert 0 <= amount <= plan.requested_cents
    assert amount <= max(0, grant.costs.total_cents - plan.other_funding_cents)
    assert amount <= 100 * (funding.cap_per_project_eur or 10**9)
    if funding.cap_per_participant_month_eur is not None:
        assert amount <= 100 * funding.cap_per_participant_month_eur * plan.posts * plan.months
    assert amount == min(cap.amount_cents for cap in grant.caps)
    exact = Fraction(grant.costs.indirect_base_cents * funding.indirect.rate_pct, 100)
    assert grant.costs.indirect_cents <= exact + Fraction(1, 2)


@given(code=st.sampled_from(CODES), plan=PLANS)
def test_travel_and_rent_are_operating_costs(code: str, plan: GrantInput, schemes: dict[str, Scheme]) -> None:
    spent = plan.expenses
    together = spent.operating_cents + spent.travel_cents + spent.rent_cents
    coarse = replace(spent, operating_cents=together, travel_cents=0, rent_cents=0)
    fine, whole = (maximum_grant(schemes[code], replace(plan, expenses=one)) for one in (spent, coarse))
    assert fine.as_dict() | {"steps": []} == whole.as_dict() | {"steps": []}
    assert [step.amount_cents for step in fine.steps] == [step.amount_cents for step in whole.steps]


@given(code=st.sampled_from(CODES), plan=PLANS)
def test_the_steps_add_up(code: str, plan: GrantInput, schemes: dict[str, Scheme]) -> None:
    scheme = schemes[code]
    grant = maximum_grant(scheme, plan)
    count = len(scheme.funding.accepted_categories)
    lines, (direct, _base, indirect, total) = grant.steps[:count], grant.steps[count : count + 4]
    assert sum(step.amount_cents for step in lines) == direct.amount_cents == grant.costs.direct_cents
    assert direct.amount_cents + indirect.amount_cents == total.amount_cents == grant.costs.total_cents
    assert grant.steps[-1].amount_cents == grant.maximum_cents


@given(code=st.sampled_from(CODES), plan=PLANS, more=st.integers(1, 10**6))
def test_more_accepted_expenses_never_lower_a_grant(
    code: str, plan: GrantInput, more: int, schemes: dict[str, Scheme]
) -> None:
    scheme = schemes[code]
    before = maximum_grant(scheme, plan).maximum_cents
    for category in scheme.funding.accepted_categories:
        field = f"{category}_cents"
        expenses = replace(plan.expenses, **{field: getattr(plan.expenses, field) + more})
        assert maximum_grant(scheme, replace(plan, expenses=expenses)).maximum_cents >= before


@given(code=st.sampled_from(CODES), grant=CENTS)
def test_an_advance_is_never_above_its_ceiling(code: str, grant: int, schemes: dict[str, Scheme]) -> None:
    advance = proposed_advance(schemes[code], grant)
    exact_ceiling = Fraction(grant * schemes[code].payment.advance_ceiling_pct, 100)
    assert 0 <= advance.proposed_cents <= advance.ceiling_cents <= exact_ceiling <= grant


def test_eighty_per_cent_is_proposed(schemes: dict[str, Scheme]) -> None:
    for code in CODES:
        assert proposed_advance(schemes[code], 9_000_000).proposed_cents == parse_euros("72 000,00 €")
    assert [code for code in CODES if proposed_advance(schemes[code], 100).ceiling_cents == 80] == ["3.5", "3.6", "3.8"]
    assert proposed_advance(schemes["3.2"], 100).ceiling_cents == 100
    assert proposed_advance(schemes["3.5"], 1).proposed_cents == 0
