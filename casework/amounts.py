"""Euros as integers of cents: reading them, writing them, taking a share of them.

This is the only module that rounds money. Inside a rule a value stays an exact `Fraction`; it is rounded half up, once,
at the end of each line that is paid.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from casework.errors import CaseworkError

LIMIT_CENTS = 10**12
"""No amount reaches ten billion euros: beyond it, the figure is a slip of the keyboard."""

NO_BREAK_SPACE = "\u00a0"
NARROW_NO_BREAK_SPACE = "\u202f"

_LONGEST_TEXT = 40
_SPACES = re.compile(r"[ \t\u00a0\u2007\u2009\u202f]+")
_WRITTEN = re.compile(r"(?P<sign>[-−]?) ?(?P<euros>[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,](?P<cents>[0-9]{1,2}))? ?€?")
_TOO_PRECISE = re.compile(r"[-−]? ?[0-9 ]+[.,][0-9]{3,} ?€?")


class AmountError(CaseworkError):
    """The text is not an amount; `sentence` says in French what was expected."""


def parse_euros(text: str, *, negative: bool = False) -> int:
    """Cents of an amount as people write it: "1 234,50 €", "1234.5", "1 234".

    Spaces (ordinary, no-break, narrow, thin) may group the thousands; comma or point before one or two decimals.
    Raises `AmountError` for anything else: letters, NaN, three decimals, ten billion euros, and a minus sign
    unless `negative`.
    """
    written = _SPACES.sub(" ", text[: _LONGEST_TEXT + 1]).strip()
    if len(text) > _LONGEST_TEXT:
        raise AmountError("Ce montant est trop long : écrivez-le par exemple 1 234,50.")
    if not written:
        raise AmountError("Indiquez un montant en euros, par exemple 1 234,50.")
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise AmountError(_why_unreadable(written))
    cents = int(match["euros"].replace(" ", "")) * 100 + int((match["cents"] or "0").ljust(2, "0"))
    if match["sign"] and cents and not negative:
        raise AmountError("Un montant ne peut pas être négatif.")
    return _within_limit(-cents if match["sign"] else cents)


def from_decimal_string(text: str, *, negative: bool = False) -> int:
    """Cents of a figure written for machines, "1234.50": no space, no currency. Raises `AmountError`."""
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is None:
        raise AmountError("Écrivez le montant en chiffres, avec un point avant les centimes, par exemple 1234.50.")
    return parse_euros(text, negative=negative)


def euros(cents: int) -> str:
    """An amount for a person, "1 234,50 €", with no-break spaces: narrow in the thousands, full before the sign."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", NARROW_NO_BREAK_SPACE)
    return f"{'−' if cents < 0 else ''}{grouped},{rest:02}{NO_BREAK_SPACE}€"


def decimal_string(cents: int) -> str:
    """An amount for a machine, "1234.50"."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02}"


def round_half_up(value: Fraction | Decimal | int) -> int:
    """The nearest integer; a half goes away from zero, as on paper."""
    exact = Fraction(value)
    nearest = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return -nearest if exact < 0 else nearest


def share(cents: int, numerator: int | Fraction, denominator: int = 100) -> int:
    """`cents` × numerator ÷ denominator, rounded half up: `share(base, 20)` is 20 % of it. In and out: cents."""
    return round_half_up(Fraction(cents) * numerator / denominator)


def ceiling_share(cents: int, numerator: int, denominator: int = 100) -> int:
    """The largest whole number of cents that does not exceed `cents` × numerator ÷ denominator."""
    return cents * numerator // denominator


def _why_unreadable(written: str) -> str:
    if _TOO_PRECISE.fullmatch(written):
        return "Un montant a deux décimales au plus, par exemple 1 234,50."
    return "Ce montant n’est pas compris : écrivez-le en chiffres, par exemple 1 234,50."


def _within_limit(cents: int) -> int:
    if abs(cents) >= LIMIT_CENTS:
        raise AmountError("Ce montant est trop élevé : il doit rester inférieur à dix milliards d’euros.")
    return cents
