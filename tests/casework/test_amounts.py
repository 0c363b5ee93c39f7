from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.amounts import (
    LIMIT_CENTS,
    AmountError,
    ceiling_share,
    decimal_string,
    euros,
    from_decimal_string,
    parse_euros,
    round_half_up,
    share,
)

ANY_AMOUNT = st.integers(-LIMIT_CENTS + 1, LIMIT_CENTS - 1)


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1 234,50 €", 123450),
        ("1\u202f234,50\u00a0€", 123450),
        ("1\u00a0234.5", 123450),
        ("1234", 123400),
        ("  0,05€ ", 5),
        ("12 345 678", 1_234_567_800),
        ("9999999999,99", LIMIT_CENTS - 1),
        ("-0", 0),
    ],
)
def test_an_amount_is_read_as_people_write_it(written: str, cents: int) -> None:
    assert parse_euros(written) == cents


@pytest.mark.parametrize(
    "written",
    [
        *("", "   ", "€", "abc", "12 euros", "12abc", "NaN", "inf", "1e5", "0x10", "١٢", "1.2.3", "1,2,3", "--5", "+5"),
        *("1,234", "1.234,50", "1,234.50", "12 34", "1234 567", ",5", "5,", "1\n2", "²"),
        *("10000000000", "1000000000000000", "9" * 41, "0" * 10_000_000),
    ],
)
def test_anything_else_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(AmountError) as refusal:
        parse_euros(written)
    assert refusal.value.sentence.endswith(".")


def test_a_negative_amount_is_refused_unless_it_is_expected() -> None:
    with pytest.raises(AmountError, match="négatif"):
        parse_euros("-12,50")
    assert parse_euros("-12,50", negative=True) == -1250
    assert parse_euros("− 12,50", negative=True) == -1250


def test_three_decimals_are_explained() -> None:
    with pytest.raises(AmountError, match="deux décimales"):
        parse_euros("12,345")


def test_an_amount_is_written_with_no_break_spaces() -> None:
    assert euros(123450) == "1\u202f234,50\u00a0€"
    assert euros(-5) == "−0,05\u00a0€"


@given(ANY_AMOUNT)
def test_what_is_written_is_read_back(cents: int) -> None:
    assert parse_euros(euros(cents), negative=True) == cents
    assert from_decimal_string(decimal_string(cents), negative=True) == cents
    assert Decimal(decimal_string(cents)) * 100 == cents


@pytest.mark.parametrize("text", ["1 234.50", "12,50", "12.345", "€", "", "NaN", "-1"])
def test_a_machine_amount_has_one_form(text: str) -> None:
    with pytest.raises(AmountError):
        from_decimal_string(text)


def test_a_half_goes_up() -> None:
    assert round_half_up(Fraction(1, 2)) == 1
    assert round_half_up(Decimal("2.5")) == 3
    assert round_half_up(Decimal("2.4999")) == 2
    assert round_half_up(Fraction(-1, 2)) == -1
    assert share(333, 20) == 67
    assert share(3, 50) == 2
    assert ceiling_share(3, 50) == 1


@given(ANY_AMOUNT, st.integers(0, 100))
def test_rounding_moves_by_half_a_cent_at_most(cents: int, rate: int) -> None:
    exact = Fraction(cents * rate, 100)
    assert abs(share(cents, rate) - exact) <= Fraction(1, 2)
    assert 0 <= exact - ceiling_share(cents, rate) < 1
