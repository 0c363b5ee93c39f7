"""Which categories of a budget each sheet funds, read in the text of the call."""

from __future__ import annotations

import pytest

from casework.money import CATEGORIES
from workflows.rules.costs import Expenses
from workflows.rules.funded import funded_categories, why_not_funded
from workflows.rules.grant import GrantInput, maximum_grant
from workflows.scheme import Scheme

OPERATING = {"operating", "travel", "rent"}
SERVICES = {"personnel", *OPERATING, "external_services", "indirect"}
FUNDED = {
    **dict.fromkeys(("3.1", "3.2", "3.3", "3.4", "3.5", "3.7", "3.8", "3.14", "3.15", "3.16"), SERVICES),
    **dict.fromkeys(("3.6", "3.9"), frozenset({"personnel", "travel", "rent", "indirect"})),  # l.1380-1384, l.2141-2143
    **dict.fromkeys(("3.10", "3.11", "3.12"), frozenset({"personnel", "indirect"})),  # l.2505, l.2827, l.3132
    "3.13": {"personnel", "other_direct", "indirect"},  # l.3385-3386
}


@pytest.mark.parametrize("code", FUNDED)
def test_each_sheet_funds_what_its_text_names(code: str, schemes: dict[str, Scheme]) -> None:
    scheme = schemes[code]
    assert {*funded_categories(scheme)} == FUNDED[code]
    assert {category for category in CATEGORIES if why_not_funded(scheme, category) is None} == FUNDED[code]


def test_the_sixteen_sheets_are_read(schemes: dict[str, Scheme]) -> None:
    assert set(schemes) == set(FUNDED)


def test_what_is_not_funded_says_what_is(schemes: dict[str, Scheme]) -> None:
    said = why_not_funded(schemes["3.9"], "operating")
    assert said is not None
    assert "déplacements du personnel et location de locaux" in said
    assert "« Frais de déplacement », « Location de locaux »" in said
    assert "l.21" not in said


def test_the_steps_say_the_travel_and_the_rent_apart(schemes: dict[str, Scheme]) -> None:
    expenses = Expenses(personnel_cents=100_00, travel_cents=20_00, rent_cents=30_00, indirect_claimed_cents=99_00)
    grant = maximum_grant(schemes["3.6"], GrantInput(expenses=expenses, requested_cents=10**8))
    step = next(step for step in grant.steps if step.label == "Frais de fonctionnement")
    assert step.amount_cents == 50_00
    assert step.formula.replace("\u00a0", " ") == "20,00 € (déplacements) + 30,00 € (location)"
    assert (grant.costs.indirect_base_cents, grant.costs.indirect_cents) == (150_00, 30_00)
