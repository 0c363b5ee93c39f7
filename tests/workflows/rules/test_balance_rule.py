from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.rules.balance import Balance, BalanceInput, final_balance
from workflows.rules.costs import Expenses
from workflows.rules.results import Results
from workflows.scheme import Scheme

CODES = [f"3.{number}" for number in range(1, 17)]
CONDITIONAL = ["3.10", "3.11", "3.12"]

RESULTS = Results(
    posts=20,
    months_done=Decimal(240),
    hours_done=Decimal(2400),
    dynamic_exits=11,
    quality_pct=Decimal(100),
)
ACCOUNT = BalanceInput(
    grant_cents=9_000_000,
    advance_paid_cents=7_200_000,
    expenses=Expenses(personnel_cents=9_800_000, indirect_claimed_cents=1_470_000),
    results=RESULTS,
)


def with_results(**changes: object) -> BalanceInput:
    return replace(ACCOUNT, results=replace(RESULTS, **changes))  # type: ignore[arg-type]


def figures(balance: Balance) -> tuple[int, int, int]:
    return balance.due_cents, balance.balance_cents, balance.recovery_cents


# Worked by hand: personnel 98 000 €; grant 90 000 €, advance 72 000 €.
BY_HAND = {
    **dict.fromkeys(("3.1", "3.3", "3.4", "3.5", "3.6", "3.8", "3.9", "3.13", "3.12"), "112700.00"),
    **dict.fromkeys(("3.2", "3.7", "3.10", "3.11", "3.14", "3.15", "3.16"), "117600.00"),
}


@pytest.mark.parametrize("code", CODES)
def test_the_whole_grant_is_due_when_everything_is_reached(code: str, schemes: dict[str, Scheme]) -> None:
    answer = final_balance(schemes[code], ACCOUNT).as_dict()
    assert list(answer) == [
        *("scheme", "accepted_total", "conditional_share_pct", "due", "balance", "recovery", "steps", "warnings")
    ]
    assert answer["accepted_total"] == BY_HAND[code]
    assert answer["conditional_share_pct"] == 100
    assert (answer["due"], answer["balance"], answer["recovery"]) == ("90000.00", "18000.00", "0.00")
    assert answer["warnings"] == []


def test_the_example_of_the_documentation(schemes: dict[str, Scheme]) -> None:
    account = with_results(months_done=Decimal(236), hours_done=Decimal(0), dynamic_exits=8)
    answer = final_balance(schemes["3.11"], account).as_dict()
    # 90 × 236/240 + 5 × 8/11 + 5 = 97.1363…; 90 000 € × that = 87 422.727… €
    assert answer["conditional_share_pct"] == 97.14
    assert answer["due"] == "87422.73"
    assert answer["balance"] == "15422.73"
    assert answer["recovery"] == "0.00"


@pytest.mark.parametrize(
    ("code", "changes", "share"),
    [
        ("3.10", {"months_done": Decimal(120)}, "77.5"),
        ("3.10", {"hours_done": Decimal(1200)}, "77.5"),
        ("3.10", {"hours_done": Decimal(1920)}, "91"),
        ("3.10", {"hours_done": Decimal(1920), "setting": "rural"}, "100"),
        ("3.10", {"hours_done": Decimal(960), "setting": "rural"}, "77.5"),
        ("3.10", {"months_done": Decimal(300), "hours_done": Decimal(9999), "dynamic_exits": 40}, "100"),
        ("3.10", {"dynamic_exits": 9}, "100"),
        ("3.10", {"dynamic_exits": 8}, "99.44"),
        ("3.11", {"months_done": Decimal(120), "hours_done": Decimal(0)}, "55"),
        ("3.11", {"dynamic_exits": 11}, "100"),
        ("3.11", {"dynamic_exits": 0}, "95"),
        ("3.11", {"dynamic_exits": 40}, "100"),
        ("3.11", {"quality_pct": Decimal(50)}, "97.5"),
        ("3.11", {"dynamic_exits": 10}, "99.55"),
        ("3.12", {"dynamic_exits": 8}, "99.44"),
        ("3.12", {"dynamic_exits": 9}, "100"),
        ("3.12", {"dynamic_exits": 40}, "100"),
        ("3.12", {"months_done": Decimal(239)}, "99.63"),
        ("3.12", {"months_done": Decimal(241)}, "100"),
        ("3.12", {"months_done": Decimal(216), "dynamic_exits": 9, "quality_pct": Decimal(0)}, "86"),
        ("3.12", {"months_done": Decimal(0), "dynamic_exits": 0, "quality_pct": Decimal(0)}, "0"),
    ],
)
def test_each_part_is_earned_pro_rata_and_never_more_than_whole(
    code: str, changes: dict[str, object], share: str, schemes: dict[str, Scheme]
) -> None:
    assert final_balance(schemes[code], with_results(**changes)).share_pct == Decimal(share)


def test_an_advance_above_what_is_due_is_recovered(schemes: dict[str, Scheme]) -> None:
    half = with_results(months_done=Decimal(120))
    assert figures(final_balance(schemes["3.12"], half)) == (4_950_000, 0, 2_250_000)


def test_expenses_and_other_funding_hold_the_amount_back(schemes: dict[str, Scheme]) -> None:
    small = replace(ACCOUNT, expenses=Expenses(personnel_cents=7_000_000), other_funding_cents=1_000_000)
    assert figures(final_balance(schemes["3.2"], small)) == (7_400_000, 200_000, 0)
    covered = replace(small, other_funding_cents=10**10)
    assert figures(final_balance(schemes["3.2"], covered)) == (0, 0, 7_200_000)


def test_a_half_cent_goes_up(schemes: dict[str, Scheme]) -> None:
    account = replace(with_results(dynamic_exits=0), grant_cents=10, advance_paid_cents=0)
    assert final_balance(schemes["3.12"], account).due_cents == 10  # 95 % of 10 cents is 9.5


@pytest.mark.parametrize("code", CONDITIONAL)
def test_without_any_post_nothing_is_measured_and_it_is_said(code: str, schemes: dict[str, Scheme]) -> None:
    balance = final_balance(schemes[code], with_results(posts=0))
    assert balance.share_pct == 5
    assert [warning.code for warning in balance.warnings] == ["no_post"]


def test_schemes_without_condition_ignore_the_results(schemes: dict[str, Scheme]) -> None:
    for code in set(CODES) - set(CONDITIONAL):
        nothing_done = final_balance(schemes[code], replace(ACCOUNT, results=Results()))
        assert (nothing_done.share, nothing_done.warnings) == (1, ())


def test_a_category_that_is_not_accepted_is_not_paid(schemes: dict[str, Scheme]) -> None:
    account = replace(ACCOUNT, expenses=Expenses(external_services_cents=9_000_000))
    balance = final_balance(schemes["3.11"], account)
    assert balance.due_cents == 0
    assert balance.as_dict()["warnings"] != []


def test_an_advance_above_the_grant_is_warned(schemes: dict[str, Scheme]) -> None:
    balance = final_balance(schemes["3.2"], replace(ACCOUNT, advance_paid_cents=9_000_001))
    assert [warning.code for warning in balance.warnings] == ["advance_above_grant"]


@pytest.mark.parametrize("code", CODES)
def test_every_step_has_words_figures_and_its_line(code: str, schemes: dict[str, Scheme]) -> None:
    first, last = schemes[code].line_range
    for step in final_balance(schemes[code], ACCOUNT).steps:
        assert step.label
        assert step.formula
        assert first <= int(step.source.removeprefix("l.")) <= last


CENTS = st.integers(0, 10**9)
FIGURE = st.decimals(0, 20_000, places=2)
ACCOUNTS = st.builds(
    BalanceInput,
    grant_cents=CENTS,
    advance_paid_cents=CENTS,
    expenses=st.builds(
        Expenses,
        personnel_cents=CENTS,
        operating_cents=CENTS,
        external_services_cents=CENTS,
        other_direct_cents=CENTS,
        indirect_claimed_cents=CENTS,
    ),
    other_funding_cents=CENTS,
    results=st.builds(
        Results,
        posts=st.integers(0, 100),
        months_done=FIGURE,
        hours_done=FIGURE,
        setting=st.sampled_from(["urban", "rural"]),
        dynamic_exits=st.integers(0, 100),
        quality_pct=st.decimals(0, 100, places=2),
    ),
)


@given(code=st.sampled_from(CODES), account=ACCOUNTS)
def test_a_balance_settles_exactly_what_is_due(code: str, account: BalanceInput, schemes: dict[str, Scheme]) -> None:
    balance = final_balance(schemes[code], account)
    due, to_pay, to_recover = figures(balance)
    assert account.advance_paid_cents + to_pay - to_recover == due
    assert min(to_pay, to_recover) == 0
    assert 0 <= due <= account.grant_cents
    assert due <= max(0, balance.costs.total_cents - account.other_funding_cents)
    assert 0 <= balance.share <= 1
    if account.advance_paid_cents <= account.grant_cents:
        assert account.advance_paid_cents + to_pay <= account.grant_cents


@given(code=st.sampled_from(CODES), account=ACCOUNTS)
def test_the_steps_add_up(code: str, account: BalanceInput, schemes: dict[str, Scheme]) -> None:
    scheme = schemes[code]
    balance = final_balance(scheme, account)
    by_label = {step.label: step.amount_cents for step in balance.steps}
    start = len(balance.costs.steps)
    earned = [step.label for step in balance.steps].index("Part acquise de la subvention")
    if scheme.funding.conditional_split:
        parts = balance.steps[start:earned]
        assert sum(step.amount_cents for step in parts) == balance.steps[earned].amount_cents
    assert by_label["Montant dû"] == balance.due_cents
    assert by_label["Montant dû"] <= min(
        by_label["Part acquise de la subvention"], by_label["Dépenses acceptées moins les autres financements"]
    )
    assert balance.steps[-1].amount_cents == balance.balance_cents + balance.recovery_cents


@given(code=st.sampled_from(CODES), account=ACCOUNTS, more=st.integers(1, 10**6))
def test_more_accepted_expenses_never_lower_what_is_due(
    code: str, account: BalanceInput, more: int, schemes: dict[str, Scheme]
) -> None:
    scheme = schemes[code]
    before = final_balance(scheme, account).due_cents
    for category in scheme.funding.accepted_categories:
        field = f"{category}_cents"
        expenses = replace(account.expenses, **{field: getattr(account.expenses, field) + more})
        assert final_balance(scheme, replace(account, expenses=expenses)).due_cents >= before
