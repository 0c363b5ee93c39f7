"""The journal of a case as a timeline: what happened, who, when, and what was entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import g

from casework.applications import STATES
from casework.journal import Event
from casework.people import User
from casework.permissions import covers, names_all
from web.case_layout import CaseView
from workflows.application.history import Reader, entered

_KINDS = {
    "closed": ("success", "check"),
    "lapsed": ("warning", "clock"),
    "inadmissible": ("danger", "cross"),
    "rejected": ("danger", "cross"),
    "withdrawn": ("danger", "back"),
    "terminated": ("danger", "stop"),
}
_ICONS = {
    "application.edited": "pen",
    "application.document_added": "document",
    "application.document_removed": "document",
    "application.correction_requested": "warning",
}


def timeline_of(view: CaseView, events: Sequence[Event]) -> list[dict[str, Any]]:
    """The events as the page shows them, in the order given."""
    slai = covers("slai", g.actor, view.application) and "slai" in g.actor.roles
    reader = Reader(
        view.application,
        view.loaded,
        inside=view.inside or slai,
        opinions=view.may("opinion.read"),
        named=names_all(g.actor, view.application),
        officers=_officers(events),
    )
    return [_entry(event, reader) for event in events]


def _entry(event: Event, reader: Reader) -> dict[str, Any]:
    moved = event.after is not None and event.before != event.after
    kind, icon = _KINDS.get(event.after or "", ("success", "arrow")) if moved else (None, _ICONS.get(event.kind, "dot"))
    return {
        "sequence": event.sequence,
        "label": event.label,
        "actor": event.actor_name,
        "at": event.at,
        "kind": kind,
        "icon": icon,
        "passage": (STATES.get(event.before or ""), STATES.get(event.after or "")) if moved else None,
        "details": entered(event, reader),
        "erased": event.erased,
    }


def _officers(events: Sequence[Event]) -> dict[str, str]:
    """The names of the officers a case was given to: the journal holds their ids."""
    given = [event.payload.content.get("officer") for event in events if event.payload is not None]
    keys = {int(key) for key in given if key is not None}
    if not keys:
        return {}
    rows = g.db.execute(sa.select(User.id, User.name).where(User.id.in_(keys)))
    return {str(key): name for key, name in rows}
