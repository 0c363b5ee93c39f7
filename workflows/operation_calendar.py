"""What the rules of its sheet give for the days of an operation, as deadlines to plan."""

from __future__ import annotations

from datetime import date

from casework.applications import Application
from casework.extensions import Computed
from workflows.rules.calendar import plan
from workflows.versions import scheme_of


def computed_for(case: Application, period: tuple[date, date] | None = None) -> list[Computed]:
    """What the rules of the sheet give for these days, by default those of the convention (its effective end once it
    is known: an operation terminated before its first day owes what a single day would).
    """
    convention, scheme = case.convention, scheme_of(case)
    if convention is None:
        return []
    start, end = period or (convention.starts_on, convention.last_on)
    calendar = plan(scheme, min(start, end), end, case.organisation.accounts_close)
    return [
        Computed(
            kind=one.kind,
            rank=one.rank,
            due_on=one.due,
            owed_by=one.owed_by,
            title=one.label,
            source=f"Fiche {scheme.code}, {one.source}",
            computed=one.computed,
            awaits="cre" if one.kind == "cre_validation" else None,
        )
        for one in calendar.deadlines
    ]
