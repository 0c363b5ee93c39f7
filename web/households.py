"""The household of a participant: her children, when each is three, and the other parent followed by the operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for

from casework.errors import CaseworkError, InvalidInput, NotFound, Refused
from casework.french import month_of
from casework.households import children_of, household_of
from casework.participants import Journey
from casework.permissions import may_journey, visible_journeys
from web.access import needs
from web.actions import typed_in
from web.errors import status_of
from web.fields import drawn
from web.identities import person_of, shown, undo_to_read
from web.journeys import journey_in_scope
from web.render import back_to, page
from web.session import settings
from workflows.engine import Act
from workflows.inputs import Input
from workflows.journey.households import (
    CHILD,
    OtherParent,
    age_notice,
    join_household,
    leave_household,
    prepare_next,
    tell_child,
    withdraw_child,
)
from workflows.journey.reading import why_closed
from workflows.rules.explanation import line_source
from workflows.versions import scheme_of

pages = Blueprint("households", __name__)
OTHER = Input("with", "Numéro du parcours de l’autre parent", "integer", help="Les deux parents font une famille.")


@pages.get("/participants/<int:journey_id>/foyer")
@needs("journey.identity")
def show(journey_id: int) -> Any:
    return _page(journey_in_scope(journey_id))


@pages.post("/participants/<int:journey_id>/foyer/enfants")
@needs("journey.follow")
def tell(journey_id: int) -> Any:
    return _done(journey_id, tell_child, "Enfant déclaré.")


@pages.post("/participants/<int:journey_id>/foyer/enfants/<int:child_id>/retirer")
@needs("journey.follow")
def withdraw(journey_id: int, child_id: int) -> Any:
    return _done(journey_id, lambda session, journey, act: withdraw_child(session, journey, child_id, act), "Retiré.")


@pages.post("/participants/<int:journey_id>/foyer/enfants/<int:child_id>/suite")
@needs("journey.follow")
def prepare(journey_id: int, child_id: int) -> Any:
    return _done(journey_id, lambda session, journey, act: prepare_next(session, journey, child_id, act), "Noté.")


@pages.post("/participants/<int:journey_id>/foyer/parents")
@needs("journey.follow")
def join(journey_id: int) -> Any:
    """Once whoever writes has seen whom it joins, and said so."""
    try:
        return _done(journey_id, join_household, "Foyer rattaché.")
    except OtherParent as found:
        undo_to_read()
        return _page(journey_in_scope(journey_id), asked=found.journey_id)


@pages.post("/participants/<int:journey_id>/foyer/parents/detacher")
@needs("journey.follow")
def leave(journey_id: int) -> Any:
    return _done(journey_id, leave_household, "Parcours détaché du foyer.")


def _done(journey_id: int, do: Callable[[Any, Journey, Act], Any], sentence: str) -> Any:
    journey = journey_in_scope(journey_id)
    try:
        do(g.db, journey, Act(g.actor, g.now, settings(), typed_in(request.form)))
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(journey_in_scope(journey_id), error=error)
    return back_to("households.show", sentence, journey_id=journey_id)


def _seen(keys: Sequence[int]) -> list[Journey]:
    """Those that this person may see: the other parent may be in another territory's care."""
    query = visible_journeys(sa.select(Journey).where(Journey.id.in_(keys)), g.actor)
    return list(g.db.scalars(query.options(*person_of()).order_by(Journey.id)))


def _page(journey: Journey, *, error: CaseworkError | None = None, asked: int | None = None) -> Any:
    """`asked`: the journey to be joined, whom the page names for its number to be confirmed."""
    limit = scheme_of(journey.application).child_age_limit
    if limit is None or not may_journey(g.actor, "journey.identity", journey):
        raise NotFound("La composition du foyer n’est pas demandée ici, ou ne vous est pas ouverte.")
    household = household_of(g.db, journey.id)
    near = _seen([key for key in (*household, asked) if key is not None and key != journey.id])
    named = shown([journey, *near], "journey")
    names = {one.id: one.person.name if one.id in named else one.label for one in near}
    reason = why_closed(journey.application)
    writes = reason is None and may_journey(g.actor, "journey.follow", journey)
    typed = typed_in(request.form) if error or asked else None
    return page(
        "participants/household.html",
        status_of(error) if error else 200,
        journey=journey,
        case=journey.application,
        children=[
            (child.id, month_of(child.month), child.prepared_on, *age_notice(limit, child.month, g.today))
            for child in children_of(g.db, household)
            if child.month is not None
        ],
        others=[
            (one.id, names[one.id], url_for("journeys.show", journey_id=one.id)) for one in near if one.id != asked
        ],
        asked=(asked, names.get(asked, f"Parcours n° {asked}")) if asked is not None else None,
        alone=len(household) == 1,
        fields=[drawn(CHILD, typed)],
        other_field=drawn(OTHER, typed),
        labels={"born": CHILD.label, "with": OTHER.label},
        errors=error.errors if isinstance(error, InvalidInput) else {},
        reasons=error.reasons if isinstance(error, Refused) else (),
        closed=reason,
        writes=writes,
        limit=limit,
        line=line_source(scheme_of(journey.application).child_line or 0),
    )
