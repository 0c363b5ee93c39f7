"""The orientations that wait for an SLAI agent: validated one by one or together, through the same gate."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, request, url_for
from sqlalchemy.orm import joinedload, lazyload, load_only
from sqlalchemy.sql.base import ExecutableOption

from casework.applications import Application
from casework.french import counted
from casework.identities import age_on
from casework.participants import Journey
from casework.people import Organisation
from casework.queries import after_place
from web.access import needs
from web.forms import FormSchema, Number, read, ticked
from web.identities import person_of, shown
from web.render import back_to, page
from web.session import settings
from workflows.engine import Act
from workflows.journey.answers import accept_together
from workflows.journey.reading import waiting_orientations

pages = Blueprint("orientations", __name__)
PAGE = 50


_LISTED = load_only(
    *(Journey.application_id, Journey.person_id, Journey.territory_id),
    *(Journey.version, Journey.publics, Journey.oriented_at),
    raiseload=True,
)
"""What a line says of a journey; anything else is on its own page."""


class ListForm(FormSchema):
    apres = Number(low=1, load_default=None)


@pages.get("/orientations")
@needs("journey.validate")
def index() -> Any:
    """The oldest first."""
    after = read(ListForm(), request.args)["apres"]
    query = waiting_orientations(g.actor).options(_LISTED, *_operation(), *person_of())
    query = query.where(*after_place(g.db, Journey.oriented_at, Journey.id, after))
    found = list(g.db.scalars(query.limit(PAGE + 1)))
    journeys = found[:PAGE]
    names = shown(journeys, "orientations")
    return page(
        "participants/orientations.html",
        journeys=journeys,
        names=names,
        ages={one.id: age_on(one.person.birth_date, g.today) for one in journeys if one.id in names},
        following=url_for("orientations.index", apres=journeys[-1].id) if found[PAGE:] else None,
        first=url_for("orientations.index") if after else None,
    )


def _operation() -> list[ExecutableOption]:
    """What the list says of an operation; its bearers too, for an agent who also belongs to one of them."""
    operation = joinedload(Journey.application, innerjoin=True)
    named = operation.options(
        load_only(Application.scheme_code, Application.title, Application.organisation_id, raiseload=True),
        lazyload(Application.officer),
        lazyload(Application.scheme_version),
        joinedload(Application.organisation, innerjoin=True).load_only(Organisation.name, raiseload=True),
    )
    return [named.selectinload(Application.co_bearers)] if g.actor.organisations else [named]


@pages.post("/orientations")
@needs("journey.validate")
def validate() -> Any:
    """Each one has its own result: what cannot be validated is said, the others are done."""
    chosen = ticked(request.form.getlist("parcours"), most=PAGE)
    done, refused = accept_together(g.db, chosen, Act(g.actor, g.now, settings()))
    for sentence in refused:
        flash(sentence, "warning")
    if not done:
        return back_to("orientations.index", None if refused else "Cochez au moins une orientation.", kind="warning")
    validated = counted(done, "orientation validée", "orientations validées")
    return back_to("orientations.index", f"{validated}.")
