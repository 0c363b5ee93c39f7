"""The exits of an operation: how each is classed and why, which are not proven yet, what follows them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for
from sqlalchemy.orm import joinedload

from casework.applications import Application
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused, Stale, TooLarge
from casework.french import short_date
from casework.participants import FAMILIES, Journey
from casework.permissions import may, names_all, visible_journeys
from web.access import application_in_scope, on_application
from web.case_layout import case_page, view_of
from web.document_form import attach, limits
from web.errors import status_of
from web.exit_words import employment
from web.forms import FormSchema, Number, read
from web.identities import person_of, shown, undo_to_read
from web.participants import followed_case, menu_of
from web.render import back_to
from web.session import own_transaction, settings, writing
from workflows import engine
from workflows.application.files import why_not_attachable
from workflows.engine import Act
from workflows.journey.inputs import EVIDENCE_SLOT
from workflows.journey.proofs import lacks_evidence, valued
from workflows.versions import scheme_of

pages = Blueprint("exits", __name__)
PAGE = 50
REFUSALS = (InvalidInput, Refused, Stale, TooLarge)


class ListForm(FormSchema):
    avant = Number(low=1, load_default=None)


@pages.get("/dossiers/<int:application_id>/sorties")
@on_application("journey.read")
def index(application: Application) -> Any:
    return _page(application)


@pages.post("/dossiers/<int:application_id>/sorties/<int:journey_id>/justificatif")
@on_application("journey.follow")
@own_transaction
def prove(application: Application, journey_id: int) -> Any:
    """Join the evidence of one exit and link it at once. A file that was joined stays, even where the link fails."""
    key = application.id
    journey = next((one for one in _exits(application) if one.id == journey_id), None)
    if journey is None:
        raise NotFound("Cette sortie n’existe pas, ou elle ne vous est pas ouverte.")
    try:
        act = Act(g.actor, g.now, settings(), {}, application.version)
        joined = attach(application, request.files.get("file"), slot=EVIDENCE_SLOT, act=act)
        with writing() as session:
            data = {"evidence": str(joined.document.id)}
            seen = session.get_one(Journey, journey_id)
            engine.fire(session, seen, "link_evidence", Act(g.actor, g.now, settings(), data, seen.version))
    except REFUSALS as error:
        undo_to_read()
        return _page(application_in_scope(key), wrong=journey_id, error=error)
    return back_to("exits.index", f"{journey.label} : justificatif joint.", application_id=key)


def _page(application: Application, *, wrong: int | None = None, error: CaseworkError | None = None) -> Any:
    followed_case(application)
    view, asked, scheme = view_of(application, outline=True), read(ListForm(), request.args), scheme_of(application)
    every = _exits(application)
    lacking = [one for one in every if lacks_evidence(scheme, one)]
    others = [one for one in every if one not in lacking and (asked["avant"] is None or one.id < asked["avant"])]
    rows = [*([] if asked["avant"] else lacking[:PAGE]), *others[:PAGE]]
    seen = shown(rows, "roster")
    follows = may(g.actor, "journey.follow", application)
    steps, lifted = valued(every)
    older = others[PAGE - 1].id if others[PAGE:] else None
    return case_page(
        view,
        "participants",
        "participants/exits.html",
        status=status_of(error) if error else 200,
        menu=menu_of(application, "exits"),
        rows=[_row(one, seen, lacks=one in lacking, everybody=names_all(g.actor, application)) for one in rows],
        required=scheme.final_report.evidence_required,
        lacking=len(lacking),
        total=len(every),
        upload=why_not_attachable(g.actor, application, EVIDENCE_SLOT) if follows else "",
        follows=follows,
        limits=limits(),
        wrong=wrong,
        sentences=_sentences(error),
        steps=steps,
        lifted=lifted,
        older=url_for("exits.index", application_id=application.id, avant=older) if older else None,
        newest=url_for("exits.index", application_id=application.id) if asked["avant"] else None,
    )


def _exits(application: Application) -> list[Journey]:
    """Every exit of the operation that this person may see, the newest first."""
    query = sa.select(Journey).where(Journey.application_id == application.id, Journey.state == "exited")
    query = visible_journeys(query, g.actor, application).options(
        joinedload(Journey.evidence), joinedload(Journey.details), *person_of()
    )
    return list(g.db.scalars(query.order_by(Journey.id.desc())))


def _row(journey: Journey, seen: set[int], *, lacks: bool, everybody: bool) -> dict[str, Any]:
    """`everybody`: the reader knows who every participant is; the name of a file may tell who else it proves."""
    named = journey.id in seen
    proof = journey.evidence if journey.evidence is not None and journey.evidence.removed_at is None else None
    file = {"application_id": journey.application_id, "document_id": proof.id} if proof is not None else {}
    return {
        "id": journey.id,
        "name": journey.person.name if named else journey.label,
        "href": url_for("journeys.show", journey_id=journey.id),
        "left_on": short_date(journey.exited_on) if journey.exited_on else "",
        "kind": journey.exit_kind,
        "family": FAMILIES[journey.exit_family or "none"],
        "work": employment(journey) if named else "",
        "lacks": lacks,
        "proof": "" if proof is None else proof.name if everybody else "joint",
        "proof_href": url_for("documents.download", **file) if file and everybody else None,
    }


def _sentences(error: CaseworkError | None) -> list[str]:
    if isinstance(error, InvalidInput):
        return [text for texts in error.errors.values() for text in texts]
    return list(error.reasons) if isinstance(error, Refused) else [error.sentence] if error else []
