"""What is done with the data of participants: the tabs of those pages, each for who may open it."""

from __future__ import annotations

from typing import Any

from flask import g, url_for

from casework.permissions import holds

TABS = (
    ("Répondre à une personne", "rights.search", "person.export"),
    ("Consultations", "rights.consultations", "person.looks"),
    ("Conservation", "retention.index", "retention.read"),
)


def tabs(current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "href": url_for(endpoint), "current": endpoint == current}
        for label, endpoint, permission in TABS
        if holds(g.actor, permission)
    ]
