"""Committees in lists: those of an operation, with a way to propose one; those of everything in somebody's scope."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, g, request, url_for

from casework.applications import Application
from casework.committees import Committee, decisions_of
from casework.errors import InvalidInput, NotFound, Refused
from casework.queries import whole_number
from web.access import application_in_scope, needs, on_application
from web.actions import typed_in, version_in
from web.case_layout import CaseView, case_page, view_of
from web.committees import TAGS
from web.errors import status_of
from web.fields import drawn
from web.identities import undo_to_read
from web.render import back_to, page
from web.session import settings
from workflows.committee.acting import may_propose, propose
from workflows.committee.guards import why_no_committee
from workflows.committee.inputs import proposal
from workflows.committee.reading import SCOPES, has_committees, list_committees
from workflows.engine import Act
from workflows.versions import scheme_of

pages = Blueprint("committee_lists", __name__)
SLUGS = {"a-venir": "coming", "comptes-rendus": "minutes", "sans-membre": "without", "tenus": "held"}
EMPTY = {
    "coming": "Les comités planifiés et convoqués apparaîtront ici dès qu’une convention est signée.",
    "minutes": "Les comptes rendus validés par les porteurs apparaîtront ici.",
    "without": "Aucun comité n’a été tenu sans l’un des membres que sa fiche rend obligatoires.",
    "held": "Les comités tenus apparaîtront ici.",
}


@pages.get("/dossiers/<int:application_id>/comites")
@on_application("committee.read")
def index(application: Application) -> Any:
    return _case_page(_with_committees(application))


@pages.post("/dossiers/<int:application_id>/comites")
@on_application("committee.run")
def add(application: Application) -> Any:
    """Propose a committee besides those of the calendar, then convene it on its own page."""
    key, typed = _with_committees(application).application.id, typed_in(request.form)
    try:
        act = Act(g.actor, g.now, settings(), data=typed, version=version_in(request.form))
        committee = propose(g.db, application, act)
    except (Refused, InvalidInput) as error:
        undo_to_read()
        errors = error.errors if isinstance(error, InvalidInput) else {"_schema": list(error.reasons)}
        view = _with_committees(application_in_scope(key))
        return _case_page(view, status=status_of(error), typed=typed, errors=errors)
    return back_to(
        "committees.show", "Comité proposé : il reste à convoquer.", committee_id=committee.id, action="convene"
    )


@pages.get("/comites")
@needs("committee.read")
def everywhere() -> Any:
    """The committees of the operations in this person's scope."""
    slug = request.args.get("liste", "")
    scope = SLUGS.get(slug, "coming")
    found = list_committees(g.db, g.actor, scope, g.today, after=_place(request.args.get("apres", "")))
    here = {code: name for name, code in SLUGS.items()}
    address = url_for(".everywhere", liste=here[scope])
    return page(
        "committees/index.html",
        tabs=[
            {"label": label, "href": url_for(".everywhere", liste=here[code]), "current": code == scope}
            for code, label in SCOPES.items()
        ],
        empty=EMPTY[scope],
        rows=[_row(one) for one in found.committees],
        following=f"{address}&apres={found.following[0]}~{found.following[1]}" if found.following else None,
        first=address if request.args.get("apres") else None,
    )


def _place(text: str) -> tuple[date, int] | None:
    day, _, number = text.partition("~")
    try:
        return (date.fromisoformat(day), whole_number(number)) if text else None
    except ValueError:
        return None


def _with_committees(application: Application) -> CaseView:
    if not has_committees(scheme_of(application)):
        raise NotFound("La fiche de ce dossier ne prévoit pas de comité.")
    return view_of(application)


def _case_page(view: CaseView, *, status: int = 200, typed: Any = None, errors: Any = None) -> tuple[str, int]:
    application = view.application
    may_add = may_propose(g.actor, application) and why_no_committee(application) is None
    decisions = decisions_of(g.db, application.id)
    return case_page(
        view,
        "committees",
        "committees/case.html",
        status=status,
        rows=[_row(one) for one in view.loaded.committees],
        decisions=[(one, one.late(g.today)) for one in decisions],
        fields=[drawn(item, typed) for item in proposal()] if may_add else [],
        errors=errors or {},
        labels={item.name: item.label for item in proposal()},
        opened=typed is not None,
        by_department=scheme_of(application).followup.committee == "on_department_initiative",
        line=scheme_of(application).followup.line,
    )


def _row(committee: Committee) -> dict[str, Any]:
    return {
        "committee": committee,
        "href": url_for("committees.show", committee_id=committee.id),
        "tag": TAGS.get(committee.state, "withdrawn"),
        "late": committee.state == "planned" and committee.day < g.today,
    }
