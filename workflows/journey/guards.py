"""The conditions of a journey's moves: each is None when it is met, else the French sentence that says why not."""

from __future__ import annotations

from workflows.engine import Context
from workflows.journey.reading import why_closed
from workflows.rules.entry import act_of
from workflows.rules.explanation import line_source
from workflows.versions import scheme_of


def operation_is_open(context: Context) -> str | None:
    return why_closed(context.case.application)


def needs_validation(context: Context) -> bool:
    """3.2–3.4 (selection), 3.5, 3.6 and 3.10–3.12 (validation of each positioning)."""
    return bool(context.case.to_validate and context.case.validated_at is None)


def validation_is_waiting(context: Context) -> str | None:
    return None if needs_validation(context) else "Cette orientation n’attend pas de validation."


def orientation_is_validated(context: Context) -> str | None:
    if not needs_validation(context):
        return None
    scheme = scheme_of(context.case.application)
    line = scheme.orientation_line
    source = f" ({line_source(line)})" if line else ""
    return f"Le SLAI {context.case.territory.name} doit d’abord {act_of(scheme)[0]} cette orientation{source}."


def convention_is_signed(context: Context) -> str | None:
    convention = context.case.application.convention
    if convention is not None and convention.signed_on is not None:
        return None
    return "La convention n’est pas signée."
