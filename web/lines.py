"""Lines of the call, "(l.33)": the services read them beside each rule, applicants and visitors do not."""

from __future__ import annotations

from flask import g

from casework.permissions import holds
from workflows.catalogue import without_lines


def sees_lines() -> bool:
    return g.get("actor") is not None and holds(g.actor, "scheme.anomalies")


def for_reader(text: str) -> str:
    """The sentence as this person reads it: its lines of the call are left out unless it is of the services."""
    return text if sees_lines() else without_lines(text)
