"""What cannot be true of the expenses of a report, and what is strange enough to be read again before it is sent.

The strange is never refused here: a deposit is paid before its invoice, and the control decides on the rest by the five
tests (`expenses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from casework.amounts import euros
from casework.french import counted, long_date
from casework.money import CATEGORIES
from workflows.rules.expenses import Frame

FAR_ABOVE_PCT = 150
"""An expense beyond this share of what was foreseen is said: beyond a usual overrun, short of a slip of one digit."""
_FUTURE = "Cette date est dans le futur."


@dataclass(frozen=True)
class Declared:
    """One expense as its report says it, in cents."""

    category: str
    spent_cents: int
    invoice_on: date | None
    paid_on: date | None


def impossible(*, invoice_on: date | None, paid_on: date | None, today: date) -> dict[str, str]:
    """The fields of an expense that cannot be true today, each with its sentence."""
    said = {"invoice_on": invoice_on, "paid_on": paid_on}
    return {name: _FUTURE for name, day in said.items() if day is not None and day > today}


def strange(expenses: Iterable[Declared], planned: Mapping[str, int], frame: Frame) -> list[str]:
    """What departs from the operation or from its budget (cents foreseen by category), one French sentence each."""
    every = [one for one in expenses if one.spent_cents]
    outside = sum(
        one.invoice_on is not None and not frame.starts_on <= one.invoice_on <= frame.ends_on for one in every
    )
    early = sum(_paid_early(one) for one in every)
    period = f"du {long_date(frame.starts_on)} au {long_date(frame.ends_on)}"
    found = []
    if outside:
        found.append(f"{counted(outside, 'facture datée', 'factures datées')} hors de la période ({period}).")
    if early:
        found.append(f"{counted(early, 'dépense payée', 'dépenses payées')} avant la date de sa facture.")
    return found + _far_above(every, planned)


def _paid_early(one: Declared) -> bool:
    return one.invoice_on is not None and one.paid_on is not None and one.paid_on < one.invoice_on


def _far_above(expenses: Iterable[Declared], planned: Mapping[str, int]) -> list[str]:
    spent = dict.fromkeys(CATEGORIES, 0)
    for one in expenses:
        spent[one.category] += one.spent_cents
    return [
        f"« {CATEGORIES[code]} » : {euros(cents)} déclarés, pour {euros(planned.get(code, 0))} prévus."
        for code, cents in spent.items()
        if cents * 100 > planned.get(code, 0) * FAR_ABOVE_PCT
    ]
