"""How what a sheet asks to assess, and to do for a network (3.13), is checked: see `scheme_schema`."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from casework.assessments import STAGES
from workflows import scheme_followup as model
from workflows import scheme_reported as reported
from workflows.scheme_fields import SNAKE_CASE, Record, call_line, tables, text, texts

SCALE_LEVELS = (4, 5)


class GridAreaSchema(Record):
    record = reported.GridArea
    code = text(pattern=SNAKE_CASE)
    label = text()
    line = call_line()


class AssessmentGridSchema(Record):
    record = reported.AssessmentGrid
    stages = texts(one_of=tuple(STAGES))
    scale = texts()
    areas = tables(GridAreaSchema, least=1)
    line = call_line()
    results = tables(GridAreaSchema)

    @validates_schema
    def scale_is_readable(self, data: dict[str, Any], **_: Any) -> None:
        if len(data["scale"]) not in SCALE_LEVELS:
            raise ValidationError("une échelle compte quatre ou cinq niveaux", "scale")

    @validates_schema
    def codes_are_unique(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("areas", "results"):
            codes = [item.code for item in data[name]]
            if twice := sorted({code for code in codes if codes.count(code) > 1}):
                raise ValidationError(f"code employé deux fois : {', '.join(twice)}", name)


class NetworkItemSchema(Record):
    record = model.NetworkItem
    code = text(pattern=SNAKE_CASE)
    label = text()
    line = call_line()


class NetworkActionsSchema(Record):
    record = model.NetworkActions
    kinds = tables(NetworkItemSchema, least=1)
    themes = tables(NetworkItemSchema, least=1)
    line = call_line()
