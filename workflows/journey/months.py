"""The months of an operation's participants: a grid of who was there and for how many hours, saved whole.

The grid holds everybody accompanied that month. What is typed, pasted or imported goes through the same door: every
line at fault is said, and nothing is written unless all of it can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql.base import ExecutableOption

from casework import db, journal
from casework.activities import LOCKING_STATES, JourneyMonth
from casework.applications import Application
from casework.durations import DurationError, parse_hours, said_hours, typed_hours
from casework.errors import Forbidden, InvalidInput, NotFound, Refused, Stale
from casework.french import counted, long_date, month_of, of_month
from casework.participants import Journey
from casework.people import Actor
from casework.permissions import may, visible_journeys
from casework.progress_records import ProgressRecord
from workflows.engine import Act
from workflows.journey.reading import why_closed
from workflows.rules.calendar import add_months
from workflows.rules.college import not_counted
from workflows.rules.hours import most_minutes, usual_minutes
from workflows.rules.results import days_accompanied, end_of_month
from workflows.versions import scheme_of

RECORDED = journal.register("application.months_recorded", "Mois des participants saisis")
_SAID = {"oui": True, "o": True, "1": True, "x": True, "yes": True, "non": False, "n": False, "0": False, "no": False}


@dataclass(frozen=True)
class Row:
    """What somebody says of one participant: `key` names the line in errors, the rest is as typed.

    `before`: what the boxes held when they were shown; None where nothing was shown (pasted or imported lines).
    """

    key: str
    journey_id: int | None
    present: str = ""
    hours: str = ""
    before: tuple[str, str] | None = None

    @property
    def untouched(self) -> bool:
        """True where whoever saves the grid said nothing of this participant: somebody else may have."""
        return self.before == (self.present, self.hours)


@dataclass(frozen=True)
class GridLine:
    """One participant of the month. `days`: those of the month when the person was there and not suspended."""

    journey: Journey
    stored: JourneyMonth | None
    record: ProgressRecord | None
    days: frozenset[date]

    @property
    def locked(self) -> bool:
        return self.record is not None and self.record.state in LOCKING_STATES

    def passed(self, today: date) -> int:
        """How many of these days have come."""
        return sum(day <= today for day in self.days)

    def many_hours(self, today: date) -> str:
        """What is to be read again of the hours that are kept, "" when they are usual."""
        days = self.passed(today)
        if self.stored is None or self.stored.minutes <= usual_minutes(days):
            return ""
        said = counted(days, "jour", "jours")
        return (
            f"{said_hours(self.stored.minutes)} en {said} : vérifiez, c’est plus de 10 h par jour ou 48 h par semaine."
        )


@dataclass(frozen=True)
class Grid:
    """Everybody accompanied in one month. `seen` changes with any of what it holds."""

    month: date
    lines: tuple[GridLine, ...]

    @property
    def seen(self) -> str:
        stored = [line.stored for line in self.lines if line.stored is not None]
        return f"{len(stored)}.{sum(month.version for month in stored)}"

    @property
    def missing(self) -> int:
        """How many participants of this month nobody said anything of yet."""
        return sum(line.stored is None for line in self.lines)


def boxes(stored: JourneyMonth | None) -> tuple[str, str]:
    """What the boxes of a participant hold: presence and hours, as they are typed."""
    if stored is None:
        return "", ""
    return "oui" if stored.present else "non", typed_hours(stored.minutes) if stored.minutes else ""


def months_of(application: Application, today: date) -> list[date]:
    """The months of an operation that have begun, the newest first, by their first day."""
    convention = application.convention
    if convention is None:
        return []
    last = min(convention.last_on, today)
    month, found = convention.starts_on.replace(day=1), []
    while month <= last:
        found.append(month)
        month = add_months(month, 1)
    return found[::-1]


def accompanied_in(application: Application, month: date) -> sa.Select[Any]:
    """The journeys of an operation that were open on a day of this month at least, suspended or not."""
    return sa.select(Journey).where(
        Journey.application_id == application.id,
        Journey.entered_on <= end_of_month(month),
        sa.or_(Journey.exited_on.is_(None), Journey.exited_on >= month),
    )


def grid_of(
    session: Session,
    application: Application,
    month: date,
    *,
    actor: Actor | None = None,
    options: Sequence[ExecutableOption] = (),
) -> Grid:
    """The grid of a month (its first day), of what this actor may see when one is given, in two queries."""
    query = accompanied_in(application, month).add_columns(JourneyMonth, ProgressRecord)
    query = query.outerjoin(
        JourneyMonth, sa.and_(JourneyMonth.journey_id == Journey.id, JourneyMonth.month == month)
    ).outerjoin(ProgressRecord, sa.and_(ProgressRecord.journey_id == Journey.id, ProgressRecord.month == month))
    if actor is not None:
        query = visible_journeys(query, actor, application)
    query = query.options(selectinload(Journey.suspensions), *options).order_by(Journey.id)
    rows = session.execute(query.execution_options(populate_existing=True)).all()
    return Grid(month, tuple(GridLine(journey, stored, record, _days(application, journey, month))
                             for journey, stored, record in rows))  # fmt: skip


def _days(application: Application, journey: Journey, month: date) -> frozenset[date]:
    convention = application.convention
    if convention is None or journey.entered_on is None:
        return frozenset()
    end = convention.last_on
    last = min(journey.exited_on or end, end)
    away = [(suspension.started_on, suspension.ended_on) for suspension in journey.suspensions]
    stay = not_counted(journey.college_entered_on, journey.college_left_on)
    away += [stay] if stay else []
    return frozenset(days_accompanied(month, max(journey.entered_on, convention.starts_on), last, away))


def why_no_month(application: Application, month: date, today: date) -> str | None:
    """None when this month of the operation may be entered, else the sentence that says why not."""
    closed = why_closed(application)
    if closed is not None:
        return closed
    convention = application.convention
    if convention is None:
        return "La convention n’est pas signée."
    end = convention.last_on
    if not convention.starts_on.replace(day=1) <= month <= end:
        period = f"du {long_date(convention.starts_on)} au {long_date(end)}"
        return f"La convention couvre la période {period} : {month_of(month)} n’en fait pas partie."
    return None if month <= today else f"Le mois {of_month(month)} n’a pas commencé."


def save_months(
    session: Session, application: Application, month: date, rows: Sequence[Row], *, seen: str, act: Act
) -> int:
    """Save what is said of a month, whole, and answer how many participants changed.

    A row that says nothing, or nothing else than when it was shown, is passed over: two people fill in one month
    without erasing each other's lines. `seen` is what the grid was when it was shown, for rows without `before`. Raises
    Forbidden, Refused, Stale, or InvalidInput naming `present-<key>`, `hours-<key>` or `line-<key>`: nothing is written
    then.
    """
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    if not may(act.actor, "journey.follow", locked):
        raise Forbidden()
    reason = why_no_month(locked, month, act.day)
    if reason is not None:
        raise Refused([reason])
    grid = grid_of(session, locked, month)
    if seen != grid.seen and any(row.before is None for row in rows):
        raise Stale(_who_came_first(grid))
    wanted = _read(grid, rows, act.day)
    changed = [
        (line, present, minutes)
        for line, present, minutes in wanted
        if line.stored is None or (line.stored.present, line.stored.minutes) != (present, minutes)
    ]
    if changed:
        _record(session, locked, month, changed, act)
        _write(session, month, changed, act)
        _open_records(session, locked, month, changed, act)
    return len(changed)


def _who_came_first(grid: Grid) -> str:
    """Two people at the same grid: the second one learns who saved it meanwhile."""
    newest = max((line.stored for line in grid.lines if line.stored), key=lambda one: one.entered_at, default=None)
    who = f" par {newest.entered_by.name}" if newest is not None and newest.entered_by is not None else ""
    return f"Ce mois a été enregistré entre-temps{who}. Relisez la grille avant d’enregistrer de nouveau."


Wanted = tuple[GridLine, bool, int]


def _read(grid: Grid, rows: Sequence[Row], today: date) -> list[Wanted]:
    known = {line.journey.id: line for line in grid.lines}
    errors: dict[str, list[str]] = {}
    found: dict[int, Wanted] = {}
    for row in rows:
        if row.untouched or not (row.present.strip() or row.hours.strip()):
            continue
        line = known.get(row.journey_id or 0)
        if line is None:
            errors[f"line-{row.key}"] = [f"Cette personne n’est pas accompagnée en {month_of(grid.month)}."]
        elif line.journey.id in found:
            errors[f"line-{row.key}"] = ["Cette personne a déjà une ligne : gardez-en une seule."]
        else:
            present, minutes, wrong = _values(row, line, grid.month, today)
            wrong = wrong or _meanwhile(row, line, present, minutes)
            errors |= {f"{name}-{row.key}": [sentence] for name, sentence in wrong.items()}
            found[line.journey.id] = (line, present, minutes)
    if errors:
        raise InvalidInput(errors)
    return list(found.values())


def _values(row: Row, line: GridLine, month: date, today: date) -> tuple[bool, int, dict[str, str]]:
    """Hours alone say that the person was there."""
    minutes, said = 0, row.present.strip().casefold()
    if said and said not in _SAID:
        return False, 0, {"present": "Répondez par oui ou par non."}
    if row.hours.strip():
        try:
            minutes = parse_hours(row.hours)
        except DurationError as error:
            return False, 0, {"hours": error.sentence}
    present = _SAID[said] if said else True
    return present, minutes, _contradiction(line, month, present, minutes, today)


def _meanwhile(row: Row, line: GridLine, present: bool, minutes: int) -> dict[str, str]:
    """Somebody saved something else of this very participant since the boxes were shown."""
    if row.before is None or line.stored is None or boxes(line.stored) == row.before:
        return {}
    if (line.stored.present, line.stored.minutes) == (present, minutes):
        return {}
    who = f" par {line.stored.entered_by.name}" if line.stored.entered_by is not None else ""
    there = "présent" if line.stored.present else "absent"
    said = f"{there}, {said_hours(line.stored.minutes)}" if line.stored.minutes else there
    return {"line": f"Enregistré entre-temps{who} : {said}. Gardez ce qui est juste, puis enregistrez de nouveau."}


def _contradiction(line: GridLine, month: date, present: bool, minutes: int, today: date) -> dict[str, str]:
    stored = line.stored
    if line.locked and (stored is None or (stored.present, stored.minutes) != (present, minutes)):
        return {"line": f"Le CRE {of_month(month)} est remis : ce mois ne se modifie plus."}
    if minutes and not present:
        return {"present": "Des heures sont saisies pour une personne notée absente."}
    if present and not line.days:
        return {"present": _why_nobody(line.journey, month)}
    passed = line.passed(today)
    if minutes > most_minutes(passed):
        days = counted(passed, "jour de parcours passé", "jours de parcours passés")
        return {"hours": f"{days} ce mois : au plus {said_hours(most_minutes(passed))}."}
    return {}


def _why_nobody(journey: Journey, month: date) -> str:
    """Why no day of this month counts."""
    stay = not_counted(journey.college_entered_on, journey.college_left_on)
    if stay is not None and stay[0] <= month and (stay[1] is None or stay[1] >= end_of_month(month)):
        return (
            "Le suivi ne compte plus deux mois après l’entrée au collège (l.2431-2443) : la personne est notée absente."
        )
    return "Le parcours est suspendu tout ce mois : la personne ne peut pas être présente."


def _write(session: Session, month: date, changed: Sequence[Wanted], act: Act) -> None:
    """One statement for the new months, one for those that change."""
    common = {"entered_at": act.at, "entered_by_id": act.actor.user_id}
    new = [
        {"journey_id": line.journey.id, "month": month, "present": present, "minutes": minutes, "version": 1, **common}
        for line, present, minutes in changed
        if line.stored is None
    ]
    if new:
        session.execute(sa.insert(JourneyMonth), new)
    known = [
        {"id": line.stored.id, "present": present, "minutes": minutes, "version": line.stored.version + 1, **common}
        for line, present, minutes in changed
        if line.stored is not None
    ]
    if known:
        session.execute(sa.update(JourneyMonth), known)


def _open_records(session: Session, application: Application, month: date, changed: Sequence[Wanted], act: Act) -> None:
    """Where the sheet wants a progress record, the first word said of a month opens it."""
    if not scheme_of(application).followup.cre_per_participant:
        return
    opened = [
        {
            "journey_id": line.journey.id,
            "application_id": application.id,
            "territory_id": line.journey.territory_id,
            "month": month,
            "state": "to_write",
            "version": 1,
            "themes": [],
            "comment": "",
            "return_reason": "",
            "updated_at": act.at,
            "state_since": act.at,
        }
        for line, _, _ in changed
        if line.record is None
    ]
    if opened:
        session.execute(sa.insert(ProgressRecord), opened)


def _record(session: Session, application: Application, month: date, changed: Sequence[Wanted], act: Act) -> None:
    """One entry for the whole grid, by number of journey: who was there, how many minutes, and what stood before."""
    journal.record(
        session,
        "application",
        application.id,
        RECORDED,
        actor=act.actor,
        at=act.at,
        month=month_of(month),
        participants=len(changed),
        months=[
            [line.journey.id, present, minutes, [line.stored.present, line.stored.minutes] if line.stored else None]
            for line, present, minutes in changed
        ],
    )
