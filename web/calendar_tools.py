"""Beside the calendar: simulating the one of a sheet, and one's own feed for another calendar program."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from casework import feeds
from casework.calendar_lists import Line, Wanted, list_deadlines, owes_something
from casework.errors import NotFound
from casework.mail import Day, as_calendar
from casework.people import actor_of
from casework.permissions import holds
from web.access import needs, public, signed_in
from web.calendar import scheme_choices
from web.render import back_to, page
from web.session import settings
from workflows.committee.notices import meeting_of
from workflows.committee.reading import convened_for
from workflows.explain import InputRefused, calendar_of
from workflows.letters import address
from workflows.versions import current_versions, read_version

pages = Blueprint("calendar_tools", __name__, url_prefix="/calendrier")

FEED_PAST = timedelta(days=60)
FEED_MOST = 1000
EMPTY_CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//casework//echeances//FR\r\nEND:VCALENDAR\r\n"


@pages.get("/simulation")
@needs("application.read", "admin")
def simulate() -> Any:
    """The calendar of a sheet for given dates, with each reminder and who receives it, as the command line says it."""
    typed = request.args
    errors: dict[str, list[str]] = {}
    found = None
    if typed.get("dispositif") or typed.get("debut") or typed.get("fin"):
        found = _simulated(typed, errors)
    return page(
        "calendar/simulation.html",
        422 if errors else 200,
        schemes=scheme_choices(),
        typed=typed,
        errors=errors,
        labels={"dispositif": "Dispositif", "debut": "Début", "fin": "Fin", "cloture": "Clôture de l’exercice"},
        calendar=found,
        command=_command(typed) if found else None,
    )


def _simulated(typed: Any, errors: dict[str, list[str]]) -> Any:
    code = typed.get("dispositif", "")
    version = next((one for one in current_versions(g.db) if one.code == code), None)
    if version is None:
        errors["dispositif"] = ["Choisissez un dispositif."]
        return None
    names = {"start": "debut", "end": "fin", "fiscal_year_end": "cloture"}
    try:
        return calendar_of(
            read_version(version), typed.get("debut", ""), typed.get("fin", ""), typed.get("cloture") or None
        )
    except InputRefused as refusal:
        errors[names.get(refusal.field, refusal.field)] = [refusal.reason]
        return None


def _command(typed: Any) -> str:
    end = f" --fiscal-year-end {typed['cloture']}" if typed.get("cloture") else ""
    dates = f"--start {typed['debut']} --end {typed['fin']}"
    return f"casework explain calendar --scheme {typed['dispositif']} {dates}{end}"


@pages.get("/abonnement")
@signed_in
def feed() -> Any:
    return _feed_page(None)


@pages.post("/abonnement")
@signed_in
def open_feed() -> Any:
    """The address is shown once, on the page that answers: only its digest is kept."""
    token = feeds.open_feed(g.db, g.actor.user_id, at=g.now)
    return _feed_page(f"{settings().public_url}{url_for('calendar_tools.ics', token=token)}")


@pages.post("/abonnement/fermer")
@signed_in
def close_feed() -> Response:
    feeds.close_feed(g.db, g.actor.user_id)
    return back_to("calendar_tools.feed", "Votre adresse est fermée : elle ne répond plus.")


def _feed_page(address: str | None) -> Any:
    calendar = url_for("calendar.index") if holds(g.actor, "application.read") else None
    found = feeds.feed_of(g.db, g.actor.user_id)
    return page("calendar/feed.html", feed=found, address=address, calendar_href=calendar)


@pages.get("/<token>.ics")
@public
def ics(token: str) -> Response:
    """What its owner owes, for whoever holds the secret: references, titles of deadlines and days, nobody's name."""
    owner = feeds.owner_of(g.db, token)
    if owner is None:
        raise NotFound("Cette adresse de calendrier n’existe pas, ou elle a été fermée.")
    actor = actor_of(owner)
    today: date = g.today
    scope = "mine" if owes_something(actor) else "all"
    wanted = Wanted(scope=scope, first=today - FEED_PAST)
    lines, _ = list_deadlines(g.db, actor, wanted, today=today, limit=FEED_MOST)
    convened = convened_for(g.db, actor, since=today - FEED_PAST, most=FEED_MOST)
    planned = {(one.application_id, one.rank) for one in convened if one.state == "convened" and one.day >= today}
    days = tuple(_entry(line) for line in lines if not _has_its_meeting(line, planned))
    meetings = tuple(meeting_of(committee, settings()) for committee in convened)
    return Response(
        as_calendar(days, at=g.now, meetings=meetings) or EMPTY_CALENDAR,
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, max-age=900", "Content-Disposition": 'inline; filename="echeances.ics"'},
    )


def _has_its_meeting(line: Line, planned: set[tuple[int, int | None]]) -> bool:
    """True of the deadline of a committee whose meeting is an entry of the feed already."""
    return line.deadline.kind == "committee" and (line.case_id, line.deadline.rank) in planned


def _entry(line: Line) -> Day:
    """The same entry as the one joined to the mails: a calendar shows it once."""
    deadline = line.deadline
    title = f"{line.reference} – {deadline.label}"
    return Day(f"echeance-{deadline.id}", deadline.due_on, title, address(settings(), line.case_id))
