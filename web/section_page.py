"""One section of the form as a page: to fill in, to correct after a refusal, or only to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g

from casework.errors import CaseworkError, InvalidInput, Refused, Stale
from casework.people import LEGAL_FORMS
from web import application_form as form
from web import budget_form, document_form
from web.application_form import Filing
from web.budget_compare import years_of
from web.errors import status_of
from web.fields import typed_answers
from workflows.application.form import SECTIONS

CO_BEARER_BLANKS = 2
TEMPLATES = {"porteur": "bearer", "budget": "budget", "pieces": "documents"}


def section_page(
    filing: Filing,
    section: str,
    *,
    typed: Any = None,
    error: CaseworkError | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> Any:
    """`typed`: the form as it was sent, kept as it is. `error`: why it was not saved; `errors`: field by field.

    Somebody who typed into a filing that meanwhile changed sees their words, what is stored now, and may save again:
    the page then carries the new version.
    """
    name = TEMPLATES.get(section, "section")
    if typed is None and not filing.editable and section != "pieces":
        name = f"{name}_read" if section != "porteur" else name
    return form.filing_page(
        filing,
        name,
        status_of(error) if error else 200,
        section=section,
        label=SECTIONS[section],
        errors=errors or (error.errors if isinstance(error, InvalidInput) else {}),
        stale=error.sentence if isinstance(error, Stale) else None,
        refused=list(error.reasons) if isinstance(error, Refused) else [],
        seen_version=_version(filing, typed, error),
        **_content(filing, section, typed, compare=isinstance(error, Stale)),
    )


def _version(filing: Filing, typed: Any, error: CaseworkError | None) -> Any:
    """The version the person has seen: the one of the page they typed in, unless this answer shows a newer one."""
    if typed is None or isinstance(error, Stale):
        return filing.application.version
    return typed.get("version", filing.application.version)


def _content(filing: Filing, section: str, typed: Any, *, compare: bool) -> Mapping[str, Any]:
    if section == "budget":
        return _budget(filing, typed, compare=compare)
    if section == "pieces":
        return {"slots": document_form.slots(filing), "limits": document_form.limits()}
    if section == "porteur":
        return {
            "co_bearers": _co_bearers(filing, typed),
            "legal_forms": LEGAL_FORMS,
            "owner": filing.application.organisation_id in g.actor.organisations,
        }
    asked = form.inputs_of(filing.application, section)
    answers = typed_answers(asked, typed) if typed is not None else None
    return {
        "fields": form.fields_of(asked, answers, compare=compare),
        "answers": form.answers_of(asked),
        "labels": {item.name: item.label for item in asked},
    }


def _co_bearers(filing: Filing, typed: Any) -> list[str]:
    known = [organisation.siret for organisation in filing.application.co_bearers]
    given = known if typed is None else [text for text in typed.getlist("co_bearers") if text.strip()]
    return [*given, *[""] * CO_BEARER_BLANKS]


def _what_was_done(typed: Any) -> str:
    """What a button of the budget did with what is typed, short of saving it."""
    if typed is None or "more" not in typed:
        return ""
    return "Des lignes vides sont ajoutées." if typed["more"] else "Les montants sont calculés."


def _budget(filing: Filing, typed: Any, *, compare: bool) -> Mapping[str, Any]:
    rows = budget_form.stored_rows(filing.lines) if typed is None else budget_form.typed_rows(typed)
    blank = budget_form.FIRST_BLANK_ROWS if typed is None else 0
    if typed is not None and typed.get("more"):
        blank = budget_form.MORE_BLANK_ROWS
    tables = budget_form.tables(filing, rows, blank=blank)
    totals = budget_form.saved_totals(filing) if typed is None else budget_form.typed_totals(filing, rows)
    return {
        "tables": tables,
        "labels": budget_form.labels(tables),
        "refused_categories": budget_form.refused_categories(filing),
        "totals": totals,
        "years": years_of(filing.view, totals.by_category),
        "stored": budget_form.tables(filing, budget_form.stored_rows(filing.lines), blank=0) if compare else [],
        "unsaved": _what_was_done(typed),
        "copied": typed.get("copied", "") if typed is not None else "",
        "imported": int(typed.get("imported") or 0) if typed is not None else 0,
    }
