"""Which categories of a budget a sheet funds, and why not the others.

A budget is finer than the rules: travel and rent are operating costs (l.1380-1384, l.2141-2143). Where a sheet names
them (3.6, 3.9), they are the only operating costs it funds.
"""

from __future__ import annotations

from collections.abc import Mapping

from casework.french import listed
from casework.money import CATEGORIES
from workflows.catalogue import without_lines
from workflows.scheme import Scheme

HEADINGS: Mapping[str, str] = {"travel": "operating", "rent": "operating"}
"""The category of the rules that each finer category of a budget belongs to; the others are their own."""


def funded_categories(scheme: Scheme) -> tuple[str, ...]:
    """The categories that a budget of this scheme may have, in order: those it funds, and its indirect costs."""
    return tuple(code for code in CATEGORIES if _is_funded(scheme, code))


def _is_funded(scheme: Scheme, category: str) -> bool:
    only = scheme.funding.operating_only
    if category == "indirect":
        return True
    if HEADINGS.get(category, category) == "operating" and only:
        return category in only
    return HEADINGS.get(category, category) in scheme.funding.accepted_categories


def why_not_funded(scheme: Scheme, category: str) -> str | None:
    """None for a category that the scheme funds, else the French sentence that says what it does fund."""
    if category in funded_categories(scheme):
        return None
    funds = listed([f"« {CATEGORIES[code]} »" for code in funded_categories(scheme)])
    sheet = " ; ".join(without_lines(text) for text in scheme.funding.direct_costs)
    return (
        f"Le dispositif {scheme.code} ne finance pas « {CATEGORIES[category]} » : {sheet}. "
        f"Les catégories possibles sont {funds}."
    )
