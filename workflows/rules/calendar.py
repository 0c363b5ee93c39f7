"""The dated obligations of an operation, as far as its dates alone decide them. Days are those of Europe/Paris.

Deadlines whose source is an event (a request, a signature, a report received, a journey) are not here: nobody knows
their date before it happens.

Choices made here:
- a deadline never moves when it falls on a weekend or a legal holiday, unless its scheme says so: then it moves to the
  next working day; a reminder always goes out on a working day (`casework.workdays`);
- two steps of the ladder that meet on one day are one reminder.
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count, takewhile

from casework.french import short_date
from casework.people import ROLES
from casework.recipients import roles_in_words, told_roles
from casework.workdays import LADDER as LADDER
from casework.workdays import is_working_day as is_working_day
from casework.workdays import reminder_days as reminder_days
from casework.workdays import reminder_ladder as reminder_ladder
from casework.workdays import working_day_after as working_day_after
from casework.workdays import working_day_on_or_after
from casework.workdays import working_day_on_or_before as working_day_on_or_before
from workflows.rules.explanation import document_about, first_line_in, line_source
from workflows.scheme import Followup, OtherDocument, Scheme

COMMITTEE_MONTHS = 3
DASHBOARD_DAYS = 7
CRE_DAY = 10
CRE_VALIDATION_DAYS = 10
ACCOUNTS_MONTHS = 6
CALENDAR_YEAR_END = (12, 31)

_QUARTERLY = frozenset({"regular", "several_per_year", "quarterly"})


@dataclass(frozen=True)
class PlannedReminder:
    """One day on which a deadline is recalled: how many days from it, to which roles."""

    day: date
    step: int
    roles: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """« 31/01/2026 (J-30) : Porteur de projet », for screens and for the command line."""
        return f"{short_date(self.day)} (J{self.step:+d}) : {roles_in_words(self.roles)}".replace("J+0", "jour même")


@dataclass(frozen=True)
class PlannedDeadline:
    """`kind` is the code of the obligation, `owed_by` a role; `rank` numbers, from 1, those of the same kind.

    `label` and `computed` (how the day was found) are French; `line` is the line of the call.
    """

    kind: str
    due: date
    owed_by: str
    line: int
    rank: int
    label: str
    computed: str

    @property
    def source(self) -> str:
        return line_source(self.line)

    @property
    def reminders(self) -> tuple[PlannedReminder, ...]:
        """What recalls it, by day; two steps that meet on one day are one reminder."""
        days = {day: step for step, day in sorted(reminder_ladder(self.due).items())}
        return tuple(PlannedReminder(day, days[day], told_roles(self.owed_by, days[day])) for day in sorted(days))

    @property
    def owed_by_label(self) -> str:
        return ROLES[self.owed_by]

    def as_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "due": self.due.isoformat(),
            "owed_by": self.owed_by,
            "source": self.source,
            "reminders": [day.isoformat() for day in reminder_days(self.due)],
        }


@dataclass(frozen=True)
class Calendar:
    """The deadlines of one operation, by due day."""

    scheme: str
    deadlines: tuple[PlannedDeadline, ...]

    def as_dict(self) -> dict[str, object]:
        """The JSON of `casework explain calendar`."""
        return {"scheme": self.scheme, "deadlines": [deadline.as_dict() for deadline in self.deadlines]}


def plan(scheme: Scheme, start: date, end: date, fiscal_year_end: tuple[int, int] | None = None) -> Calendar:
    """The calendar of an operation that runs from `start` to `end`, both included.

    `fiscal_year_end` is the (month, day) of the bearer's financial year end, 31 December by default; only 3.8 uses it.
    Raises `ValueError` when the operation ends before it starts.
    """
    if end < start:
        raise ValueError("an operation does not end before it starts")
    deadlines = [
        *_committees(scheme, start, end),
        *_dashboards(scheme, start, end),
        *_progress_records(scheme, start, end),
        _final_report(scheme, start, end),
        *_annual_accounts(scheme, start, end, fiscal_year_end or CALENDAR_YEAR_END),
    ]
    kept = [_kept(scheme, deadline) for deadline in deadlines]
    return Calendar(scheme.code, tuple(sorted(kept, key=lambda deadline: (deadline.due, deadline.kind))))


def kept_day(scheme: Scheme, day: date) -> date:
    """The day itself or, where the scheme says so, the next working day when it falls on a weekend or a holiday."""
    return working_day_on_or_after(day) if scheme.deadlines_move_to_working_day else day


def _kept(scheme: Scheme, deadline: PlannedDeadline) -> PlannedDeadline:
    day = kept_day(scheme, deadline.due)
    if day == deadline.due:
        return deadline
    computed = f"{deadline.computed}, soit le {short_date(deadline.due)}, reporté au premier jour ouvré"
    return replace(deadline, due=day, computed=computed)


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it has no such day.

    30 November + 3 = 28 or 29 February, 28 February + 1 = 28 March.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _day_of(years, month + 1, day.day)


def committee_days(scheme: Scheme, start: date, end: date) -> list[date]:
    """Every three months from the start, strictly before the end, where the scheme has committees; else none.

    "Réguliers" and "plusieurs fois par an" are read as quarterly; meetings held on the Département's initiative (3.13)
    have no date of their own.
    """
    if scheme.followup.committee not in _QUARTERLY:
        return []
    days = (add_months(start, COMMITTEE_MONTHS * rank) for rank in count(1))
    return list(takewhile(lambda day: day < end, days))


def final_report_day(scheme: Scheme, start: date, end: date) -> date:
    """End + 1 or 3 months; the scheme's fixed day when the operation is exactly the calendar year before it."""
    fixed = scheme.final_report.due_fixed
    if fixed is not None and _is_year_before(fixed, start, end):
        return fixed
    return add_months(end, scheme.final_report.due_months_after_end)


def _is_year_before(fixed: date, start: date, end: date) -> bool:
    return (start, end) == (date(fixed.year - 1, 1, 1), date(fixed.year - 1, 12, 31))


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, month_lengths.monthrange(year, month)[1]))


def _committees(scheme: Scheme, start: date, end: date) -> Iterator[PlannedDeadline]:
    line = _committee_line(scheme)
    for rank, day in enumerate(committee_days(scheme, start, end), start=1):
        computed = f"début de l’opération + {COMMITTEE_MONTHS * rank} mois"
        yield PlannedDeadline("committee", day, "applicant", line, rank, f"Comité n° {rank}", computed)


def _dashboards(scheme: Scheme, start: date, end: date) -> Iterator[PlannedDeadline]:
    if not scheme.followup.dashboard_before_committee:
        return
    document = document_about(scheme, "tableau de bord")
    line = document.line if document else _committee_line(scheme)
    computed = f"{DASHBOARD_DAYS} jours avant le comité"
    for rank, day in enumerate(committee_days(scheme, start, end), start=1):
        due, label = day - timedelta(days=DASHBOARD_DAYS), f"Tableau de bord avant le comité n° {rank}"
        yield PlannedDeadline("dashboard", due, "applicant", line, rank, label, computed)


def _progress_records(scheme: Scheme, start: date, end: date) -> Iterator[PlannedDeadline]:
    """Two per month of the operation: the bearer's CRE, and its validation by the SLAI ten days later."""
    if not scheme.followup.cre_per_participant:
        return
    document = document_about(scheme, "CRE")
    line = document.line if document else _committee_line(scheme)
    first = start.replace(day=1)
    months = takewhile(lambda month: month <= end, (add_months(first, rank) for rank in count()))
    for rank, month in enumerate(months, start=1):
        due, name = add_months(month, 1).replace(day=CRE_DAY), f"{month:%m/%Y}"
        computed = f"le {CRE_DAY} du mois qui suit {name}"
        yield PlannedDeadline("cre", due, "applicant", line, rank, f"CRE de {name}", computed)
        if scheme.followup.cre_validated_by_slai:
            validation, label = due + timedelta(days=CRE_VALIDATION_DAYS), f"Validation des CRE de {name}"
            computed = f"{CRE_VALIDATION_DAYS} jours après l’échéance du CRE"
            yield PlannedDeadline("cre_validation", validation, "slai", line, rank, label, computed)


def _final_report(scheme: Scheme, start: date, end: date) -> PlannedDeadline:
    report, due = scheme.final_report, final_report_day(scheme, start, end)
    computed = f"fin de l’opération + {report.due_months_after_end} mois"
    if due == report.due_fixed and _is_year_before(due, start, end):
        computed = f"au plus tard le {due:%d/%m/%Y}, opération sur l’année civile"
    return PlannedDeadline("final_report", due, "applicant", report.line, 1, "Bilan final", computed)


def _annual_accounts(scheme: Scheme, start: date, end: date, year_end: tuple[int, int]) -> Iterator[PlannedDeadline]:
    """Six months after each financial year that closes during the operation, else after the first that closes next.

    3.8, l.1926: the five documents are owed together, so they are one deadline.
    """
    document = _accounts_document(scheme)
    if document is None:
        return
    line = first_line_in((document.due,), otherwise=document.line)
    closings = [_day_of(year, *year_end) for year in range(start.year, end.year + 2)]
    upcoming = [day for day in closings if day >= start]
    for rank, closing in enumerate([day for day in upcoming if day <= end] or upcoming[:1], start=1):
        due, label = _accounts_day(closing), f"Documents annuels de l’exercice clos le {closing:%d/%m/%Y}"
        computed = f"clôture de l’exercice + {ACCOUNTS_MONTHS} mois"
        yield PlannedDeadline("annual_accounts", due, "applicant", line, rank, label, computed)


def _accounts_day(closing: date) -> date:
    return add_months(closing, ACCOUNTS_MONTHS)


def has_annual_accounts(scheme: Scheme) -> bool:
    """True for a sheet that wants documents after each financial year (3.8)."""
    return _accounts_document(scheme) is not None


def _accounts_document(scheme: Scheme) -> OtherDocument | None:
    """The first of the documents that the scheme wants after each financial year ("exercice"); only 3.8 has some."""
    return next((document for document in scheme.other_documents if "exercice" in document.due.lower()), None)


def _committee_line(scheme: Scheme) -> int:
    followup: Followup = scheme.followup
    return followup.line if followup.line is not None else scheme.final_report.line
