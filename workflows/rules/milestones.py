"""The dated steps of a journey, as the sheet asks them and the journey's own facts date them. Days are Europe/Paris.

Choices made here: the mid-way assessment (3.9, 3.14 to 3.16) is due halfway between the entry and the end of the
operation; the point at six months of contract (3.2) never after the end of the operation, which pays no later work
(l.304, l.376).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casework.french import short_date
from workflows.rules.calendar import add_months
from workflows.rules.college import COLLEGE_MONTHS
from workflows.scheme import Scheme

LABELS = {
    "trial_end": "Entretien à l’issue de la période d’essai",
    "six_months": "Point à six mois de contrat",
    "midway": "Évaluation intermédiaire",
    "college_limit": "Deux mois après l’entrée au collège",
}
SIX_MONTHS = 6


@dataclass(frozen=True)
class JourneyDates:
    """What a journey knows of its own days; `ends_on` is the end of the operation."""

    entered_on: date | None
    ends_on: date
    hired_on: date | None = None
    trial_ends_on: date | None = None
    college_entered_on: date | None = None


@dataclass(frozen=True)
class PlannedMilestone:
    """`code` is a key of LABELS; `computed` says in French how the day was found; `line` is the line of the call."""

    code: str
    due: date
    computed: str
    line: int

    @property
    def label(self) -> str:
        return LABELS[self.code]


def milestones(scheme: Scheme, dates: JourneyDates) -> tuple[PlannedMilestone, ...]:
    """The steps whose source date is known; the others are not dated yet."""
    found = []
    for asked in scheme.milestones:
        dated = _DATED[asked.code](dates)
        if dated is not None:
            found.append(PlannedMilestone(asked.code, *dated, asked.line))
    return tuple(found)


def _trial_end(dates: JourneyDates) -> tuple[date, str] | None:
    if dates.trial_ends_on is None:
        return None
    return dates.trial_ends_on, f"fin de la période d’essai le {short_date(dates.trial_ends_on)}"


def _six_months(dates: JourneyDates) -> tuple[date, str] | None:
    if dates.hired_on is None:
        return None
    since = f"prise de poste le {short_date(dates.hired_on)} + {SIX_MONTHS} mois"
    due = add_months(dates.hired_on, SIX_MONTHS)
    if due <= dates.ends_on:
        return due, since
    return max(dates.ends_on, dates.hired_on), f"{since}, ramené à la fin de l’opération"


def _midway(dates: JourneyDates) -> tuple[date, str] | None:
    if dates.entered_on is None or dates.ends_on < dates.entered_on:
        return None
    middle = dates.entered_on + (dates.ends_on - dates.entered_on) / 2
    return middle, f"à mi-chemin entre l’entrée, le {short_date(dates.entered_on)}, et la fin de l’opération"


def _college_limit(dates: JourneyDates) -> tuple[date, str] | None:
    if dates.college_entered_on is None:
        return None
    since = f"entrée au collège le {short_date(dates.college_entered_on)} + {COLLEGE_MONTHS} mois"
    return add_months(dates.college_entered_on, COLLEGE_MONTHS), since


_DATED = {
    "trial_end": _trial_end,
    "six_months": _six_months,
    "midway": _midway,
    "college_limit": _college_limit,
}
