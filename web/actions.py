"""Doing something to a case: every button of its page, through the one gate of the engine.

Whatever is refused comes back on the same page with the reason, the form open again and everything typed kept.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from casework.applications import Application
from casework.casefile import load_case
from casework.errors import InvalidInput, NotFound, Refused, Stale
from web.access import application_in_scope, on_application
from web.case_offers import not_done
from web.cases import render_case
from web.errors import status_of
from web.render import back_to
from web.session import settings, undo
from workflows import engine
from workflows.application import APPLICATION
from workflows.application.waiting import waiting_for
from workflows.engine import Act

pages = Blueprint("actions", __name__)


@pages.get("/dossiers/<int:application_id>/actions/<trigger>")
@on_application("application.read")
def back(application: Application, trigger: str) -> Response:
    """An address of an action that is opened, bookmarked or reloaded leads to its form."""
    anchor = f"action-{trigger}" if trigger in APPLICATION.moves else None
    return redirect(url_for("cases.show", application_id=application.id, action=trigger, _anchor=anchor), 303)


@pages.post("/dossiers/<int:application_id>/actions/<trigger>")
@on_application("application.read")
def fire(application: Application, trigger: str) -> Any:
    """Do it, then show the case with a sentence on what happened and what comes next."""
    move = APPLICATION.moves.get(trigger)
    if move is None:
        raise NotFound("Cette action n’existe pas.")
    key, typed = application.id, typed_in(request.form)
    try:
        act = Act(g.actor, g.now, settings(), data=typed, version=version_in(request.form))
        event = engine.fire(g.db, application, trigger, act)
    except (Refused, Stale, InvalidInput) as error:
        undo()
        reopened = not_done("application", key, move, typed, error)
        return render_case(application_in_scope(key), status=status_of(error), reopened=reopened)
    next_step = waiting_for(application, load_case(g.db, application))
    return back_to("cases.show", f"{event.label}. {next_step}", application_id=key)


def typed_in(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, by field; several boxes ticked are a list."""
    return {
        name: values[0] if len(values) == 1 else values
        for name, values in form.lists()
        if name not in ("csrf_token", "version")
    }


def version_in(form: MultiDict[str, str]) -> int | None:
    """The version of the case that the page showed; None when it is missing or is not one, which is always stale."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
