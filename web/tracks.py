"""What the sheet follows for one participant: where each track stands, what was noted, and the forms that note it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, request, url_for

from casework.errors import CaseworkError, InvalidInput, NotFound, Refused
from casework.journey_facts import STATUSES, JourneyFact, facts_of
from casework.participants import Journey
from casework.permissions import may_journey
from web.access import needs
from web.actions import typed_in
from web.errors import status_of
from web.fields import drawn
from web.identities import shown, undo_to_read
from web.journeys import journey_in_scope
from web.render import back_to, page
from web.session import settings
from workflows.engine import Act
from workflows.journey.reading import why_closed
from workflows.journey.tracks import (
    DAY_LABELS,
    held_on,
    looked_at,
    record_fact,
    settle_fact,
    settling_inputs,
    track_inputs,
    why_not_followed,
    withdraw_fact,
)
from workflows.rules.explanation import line_source
from workflows.rules.tracks import choice_of, described, hours_said
from workflows.scheme import Track
from workflows.versions import scheme_of

pages = Blueprint("tracks", __name__)


@pages.get("/participants/<int:journey_id>/suivi")
@needs("journey.read")
def show(journey_id: int) -> Any:
    return _page(journey_in_scope(journey_id))


@pages.post("/participants/<int:journey_id>/suivi/<track>")
@needs("journey.follow")
def record(journey_id: int, track: str) -> Any:
    journey = journey_in_scope(journey_id)
    try:
        record_fact(g.db, journey, track, _act())
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(journey_in_scope(journey_id), error=error, where=track)
    return back_to("tracks.show", "Suivi noté.", journey_id=journey_id, _anchor=f"suivi-{track}")


@pages.post("/participants/<int:journey_id>/suivi/<int:fact_id>/suite")
@needs("journey.follow")
def settle(journey_id: int, fact_id: int) -> Any:
    journey = journey_in_scope(journey_id)
    try:
        fact = settle_fact(g.db, journey, fact_id, _act())
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(journey_in_scope(journey_id), error=error, where=str(fact_id))
    return back_to("tracks.show", f"{STATUSES[fact.status]}.", journey_id=journey_id, _anchor=f"suivi-{fact.track}")


@pages.post("/participants/<int:journey_id>/suivi/<int:fact_id>/retirer")
@needs("journey.follow")
def withdraw(journey_id: int, fact_id: int) -> Any:
    journey = journey_in_scope(journey_id)
    try:
        withdraw_fact(g.db, journey, fact_id, _act())
    except Refused as error:
        undo_to_read()
        return _page(journey_in_scope(journey_id), error=error)
    return back_to("tracks.show", "Suivi retiré.", journey_id=journey_id)


def _act() -> Act:
    return Act(g.actor, g.now, settings(), typed_in(request.form))


def _page(journey: Journey, *, error: CaseworkError | None = None, where: str = "") -> Any:
    scheme = scheme_of(journey.application)
    if not scheme.tracks:
        raise NotFound("La fiche de cette opération ne demande pas de suivi particulier.")
    facts = facts_of(g.db, [journey.id]).get(journey.id, [])
    follows = may_journey(g.actor, "journey.follow", journey)
    reason = why_closed(journey.application) or why_not_followed(journey)
    writes = follows and reason is None
    named = journey.id in shown([journey], "journey")
    errors = error.errors if isinstance(error, InvalidInput) else {}
    return page(
        "participants/tracks.html",
        status_of(error) if error else 200,
        journey=journey,
        case=journey.application,
        who=journey.person.name if named else journey.label,
        tracks=[_section(journey, track, facts, where if errors else "", writes=writes) for track in scheme.tracks],
        warnings=[one.full_sentence for one in looked_at(scheme, journey, facts)],
        errors=errors,
        where=where,
        reasons=error.reasons if isinstance(error, Refused) else (),
        closed=reason if follows else None,
        reads=not follows,
        marked=any(track.mark for track in scheme.tracks),
    )


def _section(
    journey: Journey, track: Track, facts: Sequence[JourneyFact], where: str, *, writes: bool
) -> dict[str, Any]:
    own = [fact for fact in facts if fact.track == track.code]
    held = held_on(facts).get(track.code)
    inputs = track_inputs(track, g.today, held)
    typed = typed_in(request.form)
    settling = settling_inputs(g.today)
    return {
        "code": track.code,
        "label": track.label,
        "line": line_source(track.line),
        "mark": track.mark,
        "hours": track.hours,
        "shape": track.shape,
        "day_label": DAY_LABELS[track.shape],
        "rows": [_row(track, fact, journey, held_now=_holds(fact, own)) for fact in reversed(own)],
        "fields": [drawn(item, typed if where == track.code else None) for item in inputs] if writes else [],
        "labels": {item.name: item.label for item in inputs},
        "settling": [
            (
                fact.id,
                described(track, fact.choice, None),
                [drawn(item, typed if where == str(fact.id) else None) for item in settling],
            )
            for fact in own
            if writes and fact.status == "proposed"
        ],
        "settling_labels": {item.name: item.label for item in settling},
        "action": url_for("tracks.record", journey_id=journey.id, track=track.code),
        "writes": writes,
    }


def _holds(fact: JourneyFact, own: Sequence[JourneyFact]) -> bool:
    return fact.status == "noted" and fact is own[-1]


def _row(track: Track, fact: JourneyFact, journey: Journey, *, held_now: bool) -> dict[str, Any]:
    choice = choice_of(track, fact.choice)
    stage = ("En cours" if journey.exited_on is None else "À la sortie") if held_now else "Passée"
    return {
        "id": fact.id,
        "since_on": fact.since_on,
        "what": choice.label if choice else "",
        "hours": hours_said(track, fact.minutes),
        "marked": bool(fact.marked),
        "status": fact.status,
        "settled_on": fact.settled_on,
        "tag": stage == "En cours" or fact.status != "noted",
        "said": stage if fact.status == "noted" else STATUSES[fact.status],
    }
