"""What is kept and until when: who would be forgotten tonight, what is held, and holding the identities of a case."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from casework import holds, retention
from casework.applications import Application
from casework.errors import InvalidInput
from web.access import application_in_scope, needs, on_application
from web.case_layout import case_page, view_of
from web.forms import FormSchema, Text, read
from web.participants import followed_case, menu_of
from web.render import back_to, page
from web.rights_tabs import tabs
from web.session import undo

pages = Blueprint("retention", __name__)
MOST = 50


class HoldForm(FormSchema):
    reason = Text(required=True, limit=1000)


@pages.get("/conservation")
@needs("retention.read")
def index() -> Any:
    """Who goes from the next night on, until the end of the next month: the people are said by their numbers."""
    until = retention.foretold_until(g.today)
    found = retention.scan(g.db, until, size=MOST)
    return page(
        "retention/index.html",
        tabs=tabs("retention.index"),
        years=retention.RETENTION_YEARS,
        until=until,
        due=[(one, max(retention.forgotten_on(one.last_contact), g.today)) for one in found.due],
        more=found.last is not None and retention.scan(g.db, until, after=found.last, size=1).last is not None,
        holds=holds.open_holds(g.db, most=MOST),
    )


@pages.get("/dossiers/<int:application_id>/conservation")
@on_application("retention.hold")
def case(application: Application) -> Any:
    return _case_page(application)


@pages.post("/dossiers/<int:application_id>/conservation")
@on_application("retention.hold")
def place(application: Application) -> Any:
    try:
        reason = read(HoldForm(), request.form)["reason"]
    except InvalidInput as error:
        key = application.id
        undo()
        return _case_page(application_in_scope(key), 422, typed=request.form, errors=error.errors)
    holds.place(g.db, application, reason, actor=g.actor, at=g.now)
    return back_to("retention.case", "Les identités de ce dossier sont conservées.", application_id=application.id)


@pages.post("/dossiers/<int:application_id>/conservation/levee")
@on_application("retention.hold")
def lift(application: Application) -> Response:
    holds.lift(g.db, application, actor=g.actor, at=g.now)
    return back_to("retention.case", "La conservation est levée.", application_id=application.id)


def _case_page(application: Application, status: int = 200, *, typed: Any = None, errors: Any = None) -> Any:
    followed_case(application)
    known = holds.holds_of(g.db, application.id)
    return case_page(
        view_of(application),
        "participants",
        "retention/case.html",
        status=status,
        menu=menu_of(application, "retention"),
        years=retention.RETENTION_YEARS,
        hold=next((hold for hold in known if hold.lifted_at is None), None),
        lifted=[hold for hold in known if hold.lifted_at is not None],
        typed=typed or {},
        errors=errors or {},
    )
