"""The calendar: what falls due, by month or as a list, mine, my service's or all that I may see."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, request, url_for

from casework.amounts import NO_BREAK_SPACE
from casework.calendar_lists import (
    MONTH_MOST,
    Line,
    Planned,
    Wanted,
    convened,
    count_late,
    list_deadlines,
    owes_something,
)
from casework.clock import paris_day
from casework.deadlines import KINDS
from casework.french import clock_time, distance, long_date, month_name
from casework.people import PARTNERS, ROLES
from casework.permissions import holds
from casework.queries import whole_number
from casework.workdays import is_working_day
from web.access import needs
from web.render import page
from workflows.versions import current_versions

pages = Blueprint("calendar", __name__)

SCOPES = {"moi": "mine", "service": "service", "tout": "all"}
SCOPE_LABELS = {"moi": "À moi", "service": "À mon service", "tout": "Tout ce que je vois"}
STATES = {"attendues": "open", "retard": "late", "faites": "met"}
STATE_LABELS = {"attendues": "Attendues", "retard": "En retard", "faites": "Faites"}
SHOWN_A_DAY = 4
_OF_PARTICIPANTS = {"grids": "assessments.index", "childcare": "participants.index"}
SOON = timedelta(days=7)
_KEPT = ("vue", "qui", "etat", "nature", "dispositif", "mois", "du", "au")


@pages.get("/calendrier")
@needs("application.read")
def index() -> Any:
    refused: list[str] = []
    asked = read_address(request.args, refused)
    view = request.args.get("vue", "mois")
    common = {
        "view": view if view == "liste" else "mois",
        "typed": request.args,
        "scope": scope_of(request.args),
        "views": [_tab("Mois", "vue", None, view != "liste"), _tab("Liste", "vue", "liste", view == "liste")],
        "scopes": _scopes(),
        "kinds": sorted(KINDS.items(), key=lambda item: item[1]),
        "schemes": scheme_choices(),
        "states": STATE_LABELS,
        "late": count_late(g.db, g.actor, asked.scope, today=g.today),
        "late_href": _address(vue="liste", etat="retard", du=None, au=None, mois=None, apres=None),
        "may_extend": holds(g.actor, "deadline.extend"),
    }
    drawn = _list(asked, refused) if view == "liste" else _month(asked, refused)
    if refused:
        flash("L’adresse contenait des critères inconnus, laissés de côté.", "warning")
    return page("calendar/index.html", **common, **drawn)


def scope_of(args: Mapping[str, str]) -> str:
    """The scope asked, else « à moi » for who owes something, else all."""
    asked = args.get("qui", "")
    return asked if asked in SCOPES else "moi" if owes_something(g.actor) else "tout"


def read_address(args: Mapping[str, str], refused: list[str]) -> Wanted:
    """What the address asks; what is not understood is named in `refused` and left out."""
    return Wanted(
        scope=SCOPES[scope_of(args)],
        state=STATES[_known(args, "etat", STATES, refused) or "attendues"],
        first=day_in(args, "du", refused),
        last=day_in(args, "au", refused),
        kind=_known(args, "nature", KINDS, refused),
        scheme=_known(args, "dispositif", dict(scheme_choices()), refused),
    )


def _known(args: Mapping[str, str], name: str, codes: Mapping[str, Any], refused: list[str]) -> str | None:
    value = args.get(name, "")
    if value and value not in codes:
        refused.append(name)
    return value if value in codes else None


def day_in(args: Mapping[str, str], name: str, refused: list[str]) -> date | None:
    text = args.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        refused.append(name)
        return None


def scheme_choices() -> list[tuple[str, str]]:
    """(code, "3.5 Title") of every sheet that has a version."""
    if "scheme_choices" not in g:
        known = {version.code: f"{version.code} {version.title}" for version in reversed(current_versions(g.db))}
        g.scheme_choices = list(reversed(known.items()))
    found: list[tuple[str, str]] = g.scheme_choices
    return found


def _scopes() -> list[dict[str, Any]]:
    here = scope_of(request.args)
    shown = SCOPE_LABELS if owes_something(g.actor) else {"tout": SCOPE_LABELS["tout"]}
    return [_tab(label, "qui", code, code == here) for code, label in shown.items()]


def _tab(label: str, name: str, value: str | None, current: bool) -> dict[str, Any]:
    return {"label": label, "href": _address(**{name: value, "apres": None}), "current": current}


def _address(**changes: str | None) -> str:
    kept = {name: request.args[name] for name in _KEPT if request.args.get(name)}
    return url_for("calendar.index", **{name: value for name, value in {**kept, **changes}.items() if value})


def _list(asked: Wanted, refused: list[str]) -> dict[str, Any]:
    after = _place(request.args.get("apres", ""), refused)
    lines, following = list_deadlines(g.db, g.actor, asked, today=g.today, after=after)
    return {
        "lines": [line_drawn(line) for line in lines],
        "next": _address(apres=f"{following[0]}~{following[1]}") if following else None,
        "prev": _address(apres=None) if after else None,
    }


def _place(text: str, refused: list[str]) -> tuple[date, int] | None:
    day, _, number = text.partition("~")
    try:
        return (date.fromisoformat(day), whole_number(number)) if text else None
    except ValueError:
        refused.append("apres")
        return None


def _screen(line: Line) -> str:
    """Where this deadline is met: the journey of a step, the committees of the case, else its deadlines."""
    journey_id = line.deadline.journey_id
    if journey_id is not None and holds(g.actor, "journey.read"):
        return url_for("journeys.show", journey_id=journey_id)
    if line.deadline.kind == "committee" and holds(g.actor, "committee.read"):
        return url_for("committee_lists.index", application_id=line.case_id)
    if line.deadline.kind in _OF_PARTICIPANTS and holds(g.actor, "journey.read"):
        return url_for(_OF_PARTICIPANTS[line.deadline.kind], application_id=line.case_id)
    return url_for("case_deadlines.show", application_id=line.case_id)


def line_drawn(line: Line) -> dict[str, Any]:
    """A deadline as lists and months show it."""
    deadline = line.deadline
    return {
        "id": deadline.id,
        "case_id": line.case_id,
        "version": line.version,
        "href": _screen(line),
        "reference": line.reference,
        "title": line.title,
        "organisation": line.organisation,
        "label": deadline.label,
        "due_on": deadline.due_on,
        "done_on": deadline.done_on,
        "owed_by": PARTNERS.get(deadline.partner or "") or ROLES[deadline.owed_by],
        "source": deadline.source,
        "computed": deadline.computed,
        "extended": deadline.extended,
        "late": deadline.late(g.today),
        "soon": deadline.status == "open"
        and deadline.awaits_id is None
        and g.today <= deadline.due_on <= g.today + SOON,
        "waits": deadline.awaits_id is not None,
        "distance": distance(deadline.due_on, g.today) if deadline.status == "open" else "",
    }


def _month(asked: Wanted, refused: list[str]) -> dict[str, Any]:
    first = _first_day(request.args.get("mois", ""), refused)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    period = replace(asked, first=weeks[0][0], last=weeks[-1][-1], with_meetings=True)
    lines, following = list_deadlines(g.db, g.actor, period, today=g.today, limit=MONTH_MOST)
    by_day: dict[date, list[dict[str, Any]]] = {}
    for line in lines:
        by_day.setdefault(line.deadline.due_on, []).append(line_drawn(line))
    meetings: dict[date, list[dict[str, Any]]] = {}
    for meeting in convened(g.db, g.actor, period):
        meetings.setdefault(paris_day(meeting.starts_at), []).append(_meeting_drawn(meeting))
    after = first + timedelta(days=32)
    return {
        "title": f"{month_name(first.month).capitalize()} {first.year}",
        "weeks": [[_day(day, first, by_day.get(day, []), meetings.get(day, [])) for day in week] for week in weeks],
        "partial": following is not None,
        "before_href": _address(mois=f"{first - timedelta(days=1):%Y-%m}"),
        "after_href": _address(mois=f"{after:%Y-%m}"),
        "this_month_href": None if (first.year, first.month) == (g.today.year, g.today.month) else _address(mois=None),
    }


def _meeting_drawn(meeting: Planned) -> dict[str, Any]:
    """A committee on the day when it meets, with its hour."""
    return {
        "href": url_for("committees.show", committee_id=meeting.id),
        "label": f"{clock_time(meeting.starts_at)} : {meeting.title}".replace("n° ", f"n°{NO_BREAK_SPACE}"),
        "reference": meeting.reference,
    }


def _first_day(text: str, refused: list[str]) -> date:
    try:
        found = date.fromisoformat(f"{text}-01") if text else g.today.replace(day=1)
    except ValueError:
        found = date.min
    if 2000 <= found.year <= 2100:
        return found
    refused.append("mois")
    today: date = g.today
    return today.replace(day=1)


def _day(day: date, first: date, items: list[dict[str, Any]], meetings: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "meetings": meetings[:SHOWN_A_DAY],
        "more_meetings": len(meetings) - SHOWN_A_DAY,
        "day": day,
        "name": long_date(day, weekday=True),
        "inside": day.month == first.month,
        "today": day == g.today,
        "rest": not is_working_day(day),
        "lines": items[:SHOWN_A_DAY],
        "more": len(items) - SHOWN_A_DAY,
        "more_href": _address(vue="liste", du=day.isoformat(), au=day.isoformat(), mois=None),
    }
