"""The deadlines of one case: each with its rule, its extensions, and the reminders that went out."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, url_for

from casework.applications import Application
from casework.deadlines import extensions_of
from casework.french import distance
from casework.outbox import Message
from casework.people import PARTNERS, ROLES
from casework.permissions import holds, may
from casework.reminders import reminders_of
from web.access import on_application
from web.case_layout import case_page, view_of
from workflows.application.obligations import recordable

pages = Blueprint("case_deadlines", __name__)

ACTS = (
    ("record_deliverable", "Enregistrer ce qui est transmis"),
    ("extend_deadline", "Prolonger une échéance"),
)
_ORDER = {"open": 0, "met": 1, "cancelled": 2}
_PERMISSIONS = {"record_deliverable": "deliverable.record", "extend_deadline": "deadline.extend"}


@pages.get("/dossiers/<int:application_id>/echeances")
@on_application("application.read")
def show(application: Application) -> Any:
    view = view_of(application)
    extensions: dict[int, list[Any]] = {}
    for extension in extensions_of(g.db, application.id):
        extensions.setdefault(extension.deadline_id, []).append(extension)
    known = sorted(view.deadlines, key=lambda one: (_ORDER[one.status], one.due_on, one.id))
    recording = recordable(g.actor, application, view.loaded.deadlines)
    files = {document.id: document.name for document in view.loaded.documents}
    return case_page(
        view,
        "deadlines",
        "cases/deadlines.html",
        groups=[
            (label, [_drawn(one, extensions.get(one.id, []), files) for one in known if one.status == status])
            for status, label in (("open", "Attendues"), ("met", "Faites"), ("cancelled", "Annulées"))
        ],
        acts=[
            (label, url_for("cases.show", application_id=application.id, action=name, _anchor=f"action-{name}"))
            for name, label in ACTS
            if may(g.actor, _PERMISSIONS[name], application) and (name != "record_deliverable" or recording)
        ],
        reminders=_reminders(application.id) if view.may("message.read") else None,
    )


def _drawn(deadline: Any, extensions: list[Any], files: dict[int, str]) -> dict[str, Any]:
    return {
        "deadline": deadline,
        "href": _done_at(deadline),
        "owed_by": PARTNERS.get(deadline.partner or "") or ROLES[deadline.owed_by],
        "late": deadline.late(g.today),
        "distance": distance(deadline.due_on, g.today),
        "extensions": extensions,
        "file": files.get(deadline.document_id),
    }


def _done_at(deadline: Any) -> str | None:
    """The page where it is done: a committee is convened and held, what participants lack is filled in."""
    if deadline.kind == "committee" and holds(g.actor, "committee.read"):
        return url_for("committee_lists.index", application_id=deadline.application_id)
    if deadline.kind in ("grids", "childcare") and holds(g.actor, "journey.read"):
        return url_for("participants.index", application_id=deadline.application_id, reste="oui", _anchor="liste")
    return None


def _reminders(application_id: int) -> list[dict[str, Any]]:
    """What went out, to whom, and what did not and why."""
    rows = reminders_of(g.db, application_id)
    told = {reminder.message_id for reminder, _, _ in rows if reminder.message_id is not None}
    messages = {message.id: message for message in g.db.scalars(sa.select(Message).where(Message.id.in_(told)))}
    return [
        {
            "label": label,
            "reminder": reminder,
            "who": name or ROLES.get(reminder.role, reminder.role),
            "outcome": _outcome(reminder, messages),
        }
        for reminder, label, name in rows
    ]


def _outcome(reminder: Any, messages: dict[int, Message]) -> str:
    if reminder.skipped:
        return str(reminder.skipped)
    message = messages.get(reminder.message_id or 0)
    return message.status_label if message else "Au prochain récapitulatif"
