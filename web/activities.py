"""The activities of an operation's participants: the newest first, and the form that enters one for several people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for
from sqlalchemy.orm import contains_eager

from casework.activities import KINDS, MODES, Activity
from casework.applications import Application
from casework.durations import said_hours
from casework.errors import CaseworkError, InvalidInput, Refused
from casework.french import counted
from casework.participants import Journey
from casework.permissions import may, visible_journeys
from casework.queries import whole_number
from web.access import application_in_scope, on_application
from web.actions import typed_in
from web.case_layout import case_page, view_of
from web.errors import status_of
from web.fields import drawn
from web.forms import FormSchema, Number, read
from web.identities import person_of, shown, undo_to_read
from web.participants import followed_case, menu_of
from web.render import back_to
from web.session import settings
from workflows.engine import Act
from workflows.journey.activities import (
    activity_inputs,
    entered_journeys,
    record_activity,
    sent_months,
    withdraw_activity,
)
from workflows.journey.reading import why_closed

pages = Blueprint("activities", __name__)
PAGE = 50


class ListForm(FormSchema):
    avant = Number(low=1, load_default=None)
    personne = Number(low=1, load_default=None)


@pages.get("/dossiers/<int:application_id>/activites")
@on_application("journey.read")
def index(application: Application) -> Any:
    return _page(application)


@pages.post("/dossiers/<int:application_id>/activites")
@on_application("journey.follow")
def record(application: Application) -> Any:
    key, chosen = application.id, _ticked(request.form.getlist("participants"))
    names = _names_of(application, chosen)
    try:
        number = record_activity(g.db, application, chosen, _act(), names=names)
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error)
    recorded = counted(number, "participant", "participants")
    return back_to("activities.index", f"Activité enregistrée pour {recorded}.", application_id=key)


@pages.post("/dossiers/<int:application_id>/activites/<int:activity_id>/retirer")
@on_application("journey.follow")
def withdraw(application: Application, activity_id: int) -> Any:
    key = application.id
    try:
        withdraw_activity(g.db, application, activity_id, _act())
    except Refused as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error)
    return back_to("activities.index", "Activité retirée.", application_id=key)


def _act() -> Act:
    return Act(g.actor, g.now, settings(), typed_in(request.form))


def _ticked(values: Sequence[str]) -> list[int]:
    found = []
    for value in values[:1000]:
        try:
            found.append(whole_number(value))
        except ValueError:
            continue
    return found


def _names_of(application: Application, chosen: Sequence[int]) -> dict[int, str]:
    """Who is ticked, for the sentences of a refusal, where this person reads names."""
    if not person_of():
        return {}
    query = entered_journeys(application).where(Journey.id.in_(chosen)).options(*person_of())
    return {journey.id: journey.person.name for journey in g.db.scalars(query)}


def _page(application: Application, *, error: CaseworkError | None = None) -> Any:
    followed_case(application)
    view, asked = view_of(application, outline=True), read(ListForm(), request.args)
    found = _activities(application, asked["avant"])
    follows = may(g.actor, "journey.follow", application)
    people = _people(application) if follows else []
    journeys = {activity.journey_id: activity.journey for activity in found[:PAGE]} | {one.id: one for one in people}
    seen = shown(list(journeys.values()), "months")
    names = {key: one.person.name if key in seen else one.label for key, one in journeys.items()}
    sent = sent_months(g.db, application) if follows else set()
    typed = typed_in(request.form) if error else None
    ticked = set(_ticked(request.form.getlist("participants"))) or {asked["personne"]}
    inputs = activity_inputs(application, g.today)
    return case_page(
        view,
        "participants",
        "participants/activities.html",
        status=status_of(error) if error else 200,
        menu=menu_of(application, "activities"),
        rows=[_row(activity, names, sent) for activity in found[:PAGE]],
        older=_address(application, avant=found[PAGE - 1].id) if found[PAGE:] else None,
        newest=_address(application) if asked["avant"] else None,
        closed=why_closed(application) if follows else "Le porteur saisit les activités ; vous les lisez ici.",
        fields=[drawn(item, typed) for item in inputs],
        labels={item.name: item.label for item in inputs} | {"participants": "Personnes"},
        people=[(key, names[key], key in ticked) for key in (one.id for one in people)],
        errors=error.errors if isinstance(error, InvalidInput) else {},
        reasons=error.reasons if isinstance(error, Refused) else (),
        open=bool(error) or asked["personne"] is not None,
        may_withdraw=follows and why_closed(application) is None,
    )


def _activities(application: Application, before: int | None) -> list[Activity]:
    query = sa.select(Activity).join(Activity.journey).options(contains_eager(Activity.journey).options(*person_of()))
    query = visible_journeys(query.where(Journey.application_id == application.id), g.actor, application)
    if before:
        query = query.where(Activity.id < before)
    return list(g.db.scalars(query.order_by(Activity.id.desc()).limit(PAGE + 1)))


def _people(application: Application) -> list[Journey]:
    query = visible_journeys(entered_journeys(application), g.actor, application).options(*person_of())
    return list(g.db.scalars(query))


def _row(activity: Activity, names: dict[int, str], sent: set[tuple[int, date]]) -> dict[str, Any]:
    return {
        "id": activity.id,
        "sent": (activity.journey_id, activity.done_on.replace(day=1)) in sent,
        "journey_id": activity.journey_id,
        "name": names[activity.journey_id],
        "kind": KINDS[activity.kind],
        "mode": MODES[activity.mode],
        "done_on": activity.done_on,
        "duration": said_hours(activity.minutes),
    }


def _address(application: Application, **values: Any) -> str:
    return url_for("activities.index", application_id=application.id, **values)
