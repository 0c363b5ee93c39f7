"""The SIRET, the number of a French establishment: the one place that says which are possible."""

from __future__ import annotations

from stdnum.fr import siret


def possible_siret(text: str) -> str | None:
    """The fourteen digits without spaces; None when the check digit is wrong, or when they are all zeros.

    Zeros pass the check, and nobody has that number.
    """
    if not siret.is_valid(text):
        return None
    digits = str(siret.compact(text))
    return digits if digits.strip("0") else None
