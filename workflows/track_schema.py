"""How what a sheet follows for its participants is checked (`workflows.scheme.Track`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError, validates_schema

from workflows import scheme as model
from workflows.scheme_fields import SNAKE_CASE, Record, call_line, flag, tables, text, whole

SHAPES = ("stage", "result", "request")
TRACK_CHOICE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class TrackChoiceSchema(Record):
    record = model.TrackChoice
    code = text(pattern=SNAKE_CASE)
    label = text()
    line = call_line()
    needs = text(optional=True, pattern=TRACK_CHOICE)


class TrackSchema(Record):
    record = model.Track
    code = text(pattern=SNAKE_CASE)
    label = text()
    shape = text(one_of=SHAPES)
    line = call_line()
    choices = tables(TrackChoiceSchema)
    hours = text(optional=True)
    least_hours = whole(most=168, optional=True)
    most_hours = whole(most=168, optional=True)
    hours_line = call_line(optional=True)
    mark = text(optional=True)
    mark_with = text(optional=True, pattern=TRACK_CHOICE)
    mark_line = call_line(optional=True)
    follows = text(optional=True, pattern=SNAKE_CASE)
    on_roster = flag(default=False)
    sensitive = flag(default=False)

    @validates_schema
    def something_is_noted(self, data: dict[str, Any], **_: Any) -> None:
        if not data["choices"] and not data["hours"]:
            raise ValidationError("ni choix ni heures : rien à noter", "choices")
        if data["shape"] == "request" and not data["choices"]:
            raise ValidationError("aucune demande à choisir", "choices")
        codes = [choice.code for choice in data["choices"]]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValidationError(f"« {twice[0]} » est déclaré deux fois", "choices")


def fault_of(tracks: Sequence[model.Track]) -> str | None:
    """What is wrong with the tracks of a sheet taken together, in French; None when nothing is."""
    codes = [track.code for track in tracks]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        return f"« {twice[0]} » est déclaré deux fois"
    known = {f"{track.code}.{choice.code}" for track in tracks for choice in track.choices}
    needed = {choice.needs for track in tracks for choice in track.choices if choice.needs}
    needed |= {track.mark_with for track in tracks if track.mark_with}
    followed = {track.follows for track in tracks if track.follows}
    unknown = sorted((needed - known) | (followed - set(codes)))
    return f"« {unknown[0]} » n’est pas déclaré dans la fiche" if unknown else None
