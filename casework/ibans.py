"""Bank account numbers: the one place that says which are possible, and how they are shown, whole or masked."""

from __future__ import annotations

from stdnum import bic, iban


def possible_iban(text: str) -> str | None:
    """The IBAN in capitals without spaces; None when its country, its length or its check digits are wrong."""
    return str(iban.compact(text)) if iban.is_valid(text) else None


def possible_bic(text: str) -> str | None:
    """The BIC (eight or eleven characters) in capitals without spaces; None when it is not one."""
    return str(bic.compact(text)) if bic.is_valid(text) else None


def grouped_iban(number: str) -> str:
    """In groups of four, as banks print it."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def masked_iban(number: str) -> str:
    """« FR •••• 0189 »: the country and the last four characters, enough to know which account it is."""
    return f"{number[:2]} •••• {number[-4:]}"
