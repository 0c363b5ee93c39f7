"""The files of a case after its deposit: all of them by kind, those of the final report, what the services add.

The documents of the form itself are joined in the form (`web/documents.py`), as long as it can be changed.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from casework.applications import Application
from casework.documents import Document
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused, Stale, TooLarge
from web.access import application_in_scope, on_application
from web.actions import version_in
from web.case_layout import CaseView, case_page, view_of
from web.document_form import attach
from web.errors import status_of
from web.render import back_to
from web.session import own_transaction, settings, undo
from workflows.application.files import (
    FREE,
    LATER_SLOTS,
    find_document,
    remove,
    slots_of,
    why_not_attachable,
    why_not_removable,
)
from workflows.engine import Act

pages = Blueprint("case_files", __name__)
HERE = (*LATER_SLOTS, FREE)
REFUSALS = (InvalidInput, Refused, Stale, TooLarge)


@pages.get("/dossiers/<int:application_id>/pieces")
@on_application("document.read")
def show(application: Application) -> Any:
    return _page(application)


@pages.post("/dossiers/<int:application_id>/pieces/joindre")
@on_application("document.add")
@own_transaction
def add(application: Application) -> Any:
    """Join one file; a refused one leaves the page as it was, with the sentence at its place."""
    key, slot = application.id, request.form.get("slot", FREE)
    if slot not in HERE:
        raise NotFound("Cette pièce se joint dans la demande.")
    try:
        joined = attach(application, request.files.get("file"), slot=slot, act=_act())
    except REFUSALS as error:
        return _again(key, slot, error)
    if not joined.added:
        return back_to("case_files.show", joined.notice, kind="info", application_id=key)
    sentence = f"« {joined.document.name} » est joint au dossier. {joined.notice}".strip()
    return back_to("case_files.show", sentence, application_id=key)


@pages.post("/dossiers/<int:application_id>/pieces/<int:document_id>/enlever")
@on_application("document.add")
def take_off(application: Application, document_id: int) -> Any:
    key, document = application.id, find_document(g.db, g.actor, document_id)
    if document.application_id != key or document.slot not in HERE:
        raise NotFound()
    name = document.name
    try:
        remove(g.db, application, document, _act())
    except REFUSALS as error:
        return _again(key, document.slot, error)
    return back_to("case_files.show", f"« {name} » est retiré du dossier.", application_id=key)


def _act() -> Act:
    return Act(g.actor, g.now, settings(), version=version_in(request.form))


def _again(key: int, slot: str, error: CaseworkError) -> Any:
    undo()
    sentences = [text for texts in error.errors.values() for text in texts] if isinstance(error, InvalidInput) else []
    if isinstance(error, Refused):
        sentences = list(error.reasons)
    return _page(application_in_scope(key), status=status_of(error), slot=slot, errors=sentences or [error.sentence])


def _page(application: Application, *, status: int = 200, slot: str | None = None, errors: Any = ()) -> Any:
    view = view_of(application)
    labels = slots_of(application)
    groups = [(label, _files(view, key)) for key, label in labels.items()]
    return case_page(
        view,
        "documents",
        "cases/documents.html",
        status=status,
        groups=[(label, files) for label, files in groups if files],
        joinable=[(key, labels[key]) for key in HERE if _may_join(view, key)],
        wrong=slot,
        errors={"file": list(errors)} if errors else {},
        receipt=application.submitted_at is not None,
        letter=application.decided_on is not None
        and any(view.may(permission) for permission in ("application.edit", "payment.read")),
        withheld=len(view.loaded.documents) - len(view.documents),
    )


def _may_join(view: CaseView, slot: str) -> bool:
    """The free slot of an applicant belongs to its form; here it serves the services only."""
    if slot == FREE and not view.may("application.instruct"):
        return False
    return view.may("document.add") and _attachable(view, slot)


def _attachable(view: CaseView, slot: str) -> bool:
    return why_not_attachable(g.actor, view.application, slot, view.loaded.amendments) is None


def _files(view: CaseView, slot: str) -> list[tuple[Document, bool]]:
    """The files of a slot, each with whether this person may take it off here."""
    return [(d, _may_take_off(view, d)) for d in view.documents if d.slot == slot]


def _may_take_off(view: CaseView, document: Document) -> bool:
    here = document.slot in LATER_SLOTS or (document.slot == FREE and document.added_by_id == g.actor.user_id)
    return here and view.may("document.add") and why_not_removable(g.db, g.actor, view.application, document) is None
