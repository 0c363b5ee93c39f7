"""How the application form of a scheme is checked (`workflows.scheme.ApplicationForm`)."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from workflows import scheme as model
from workflows.scheme_fields import SNAKE_CASE, Record, call_line, flag, tables, text, texts

SECTIONS = ("projet", "public", "moyens", "suivi", "engagements")
QUESTION_KINDS = ("text", "long_text", "number", "decimal", "yes_no", "choice", "choices")


class QuestionSchema(Record):
    record = model.Question
    key = text(pattern=SNAKE_CASE)
    section = text(one_of=SECTIONS)
    label = text()
    kind = text(one_of=QUESTION_KINDS)
    required = flag()
    line = call_line(optional=True)
    help = text(optional=True)
    choices = texts(optional=True)

    @validates_schema
    def choices_where_asked(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data["choices"]) != data["kind"].startswith("choice"):
            raise ValidationError("des choix sont donnés si et seulement si la question est un choix", "choices")


class RequiredDocumentSchema(Record):
    record = model.RequiredDocument
    key = text(pattern=SNAKE_CASE)
    label = text()
    required = flag()
    line = call_line(optional=True)
    help = text(optional=True)


class ApplicationFormSchema(Record):
    record = model.ApplicationForm
    questions = tables(QuestionSchema)
    documents = tables(RequiredDocumentSchema)
    accreditation_document = text(optional=True, pattern=SNAKE_CASE)
    co_bearers = flag()

    @validates_schema
    def keys_are_unique(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("questions", "documents"):
            keys = [item.key for item in data[name]]
            if twice := sorted({key for key in keys if keys.count(key) > 1}):
                raise ValidationError(f"clé employée deux fois : {', '.join(twice)}", name)

    @validates_schema
    def accreditation_is_a_document(self, data: dict[str, Any], **_: Any) -> None:
        wanted = data["accreditation_document"]
        if wanted and wanted not in {document.key for document in data["documents"]}:
            raise ValidationError(f"« {wanted} » n’est pas une pièce du formulaire", "accreditation_document")
