"""One progress record (CRE): what its month says, what may be done, what happened, and the document of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as BaseResponse

from casework import journal
from casework.applications import Application
from casework.durations import said_hours
from casework.errors import InvalidInput, NotFound, Refused, Stale
from casework.french import month_of
from casework.participants import Journey
from casework.permissions import visible_journeys
from casework.progress_records import ProgressRecord
from web.access import needs
from web.actions import typed_in, version_in
from web.case_offers import Reopened, drawn, not_done
from web.errors import status_of
from web.identities import person_through, shown, undo_to_read
from web.render import back_to, page
from web.session import settings
from workflows import engine
from workflows.engine import Act, offered
from workflows.progress import PROGRESS
from workflows.progress.documents import activities_of, month_stored, record_facts, record_pdf, themes_of

pages = Blueprint("records", __name__)
HISTORY = 50


@pages.get("/cre/<int:record_id>")
@needs("journey.read")
def show(record_id: int) -> Any:
    return _page(record_in_scope(record_id), opened=request.args.get("action"))


@pages.get("/cre/<int:record_id>/actions/<trigger>")
@needs("journey.read")
def back(record_id: int, trigger: str) -> BaseResponse:
    """An address of an action that is opened, bookmarked or reloaded leads to its form."""
    anchor = f"action-{trigger}" if trigger in PROGRESS.moves else None
    return redirect(url_for("records.show", record_id=record_id, action=trigger, _anchor=anchor), 303)


@pages.post("/cre/<int:record_id>/actions/<trigger>")
@needs("journey.read")
def fire(record_id: int, trigger: str) -> Any:
    move = PROGRESS.moves.get(trigger)
    if move is None:
        raise NotFound("Cette action n’existe pas.")
    record = record_in_scope(record_id)
    typed = typed_in(request.form)
    try:
        act = Act(g.actor, g.now, settings(), data=typed, version=version_in(request.form))
        event = engine.fire(g.db, record, trigger, act)
    except (Refused, Stale, InvalidInput) as error:
        undo_to_read()
        reopened = not_done("progress_record", record_id, move, typed, error)
        return _page(record_in_scope(record_id), status=status_of(error), reopened=reopened)
    return back_to("records.show", f"{event.label}.", record_id=record_id)


@pages.get("/cre/<int:record_id>.pdf")
@needs("journey.read")
def document(record_id: int) -> Response:
    """With the participant's name for who may read it; the look is recorded."""
    record = record_in_scope(record_id)
    named = record.journey_id in shown([record.journey], "records")
    name = record.journey.person.name if named else None
    content = record_pdf(g.db, record, name=name, funder=settings().funder)
    title = f"cre-{record.month:%Y-%m}-parcours-{record.journey_id}.pdf"
    return Response(
        content, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{title}"'}
    )


def record_in_scope(record_id: int) -> ProgressRecord:
    """The record with all that its page needs, when this person may see its journey. Raises NotFound otherwise."""
    journey = joinedload(ProgressRecord.journey)
    query = sa.select(ProgressRecord).join(Journey, Journey.id == ProgressRecord.journey_id)
    query = visible_journeys(query.where(ProgressRecord.id == record_id), g.actor).options(
        journey.joinedload(Journey.application).options(
            joinedload(Application.convention), joinedload(Application.co_bearers)
        ),
        joinedload(ProgressRecord.territory),
        joinedload(ProgressRecord.validated_by),
        *person_through(journey),
    )
    record: ProgressRecord | None = g.db.scalars(query).unique().one_or_none()
    if record is None:
        raise NotFound("Ce compte rendu n’existe pas, ou il ne vous est pas ouvert.")
    return record


def _page(
    record: ProgressRecord, *, status: int = 200, opened: str | None = None, reopened: Reopened | None = None
) -> tuple[str, int]:
    offers = offered(g.db, record, g.actor, at=g.now, settings=settings())
    actions = drawn(
        offers,
        lambda trigger: url_for("records.fire", record_id=record.id, trigger=trigger),
        opened=opened,
        reopened=reopened,
    )
    named = record.journey_id in shown([record.journey], "records")
    stored = month_stored(g.db, record)
    return page(
        "participants/record.html",
        status,
        record=record,
        case=record.journey.application,
        who=record.journey.person.name if named else record.journey.label,
        month=month_of(record.month),
        facts=record_facts(record, stored),
        activities=[
            (label, str(number), said_hours(minutes)) for label, number, minutes in activities_of(g.db, record)
        ],
        themes=themes_of(record),
        **actions,
        events=[_event(event) for event in journal.timeline(g.db, "progress_record", record.id, limit=HISTORY)],
    )


def _event(event: journal.Event) -> dict[str, Any]:
    return {
        "title": event.label,
        "at": event.at,
        "actor": event.actor_name,
        "kind": "success" if event.after and event.after != event.before else None,
        "text": f"Motif : {event.reason}" if event.reason else "",
    }
