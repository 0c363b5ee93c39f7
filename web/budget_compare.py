"""The budgets of the years before, beside the new one: what was asked, retained and spent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import g

from casework.amounts import euros
from casework.former_budgets import FormerBudget, former_budgets
from casework.money import CATEGORIES
from web.case_layout import CaseView

Column = tuple[str, Mapping[str, int] | None]
"""Its label, and cents by category; None for what is not known yet, or not yet to this person."""


def years_of(view: CaseView, now: Mapping[str, int]) -> dict[str, Any]:
    """By category of expense, each earlier year then the new budget (cents); empty where there is no earlier one."""
    formers = former_budgets(g.db, view.application, g.actor)
    if not formers:
        return {}
    years = Counter(former.year for former in formers)
    columns: list[Column] = [
        column
        for former in formers
        for column in _columns(
            former, former.reference if years[former.year] > 1 else str(former.year), inside=view.inside
        )
    ]
    columns.append(("Cette demande", now))
    shown = [code for code in CATEGORIES if any(amounts and amounts.get(code) for _, amounts in columns)]
    return {
        "formers": formers,
        "head": ["Catégorie", *({"label": label, "num": True} for label, _ in columns)],
        "rows": [(CATEGORIES[code], *(_cell(amounts, code) for _, amounts in columns)) for code in shown],
        "foot": ("Total", *("–" if amounts is None else euros(sum(amounts.values())) for _, amounts in columns)),
    }


def _columns(former: FormerBudget, name: str, *, inside: bool) -> list[Column]:
    """Asked, retained, spent, under its year, or its reference where a year has several."""
    told = former.decided or inside
    return [
        (f"{name} demandé", former.asked),
        (f"{name} retenu", former.retained if told else None),
        (f"{name} dépensé", former.spent or None),
    ]


def _cell(amounts: Mapping[str, int] | None, code: str) -> str:
    return euros(amounts[code]) if amounts and amounts.get(code) else "–"
