"""The files of a case: joining, taking off, downloading, and the receipt of the deposit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, request, send_file
from werkzeug.wrappers import Response

from casework.applications import Application
from casework.documents import Document
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused, Stale, TooLarge
from casework.participants import journeys_evidenced_by
from web import application_form as form
from web.access import on_application
from web.document_form import attach, storage
from web.forms import FormSchema, Number, Text, read
from web.identities import shown
from web.section_page import section_page
from web.session import own_transaction, settings
from workflows.application.files import FREE, find_document, remove
from workflows.application.receipt import receipt_pdf
from workflows.engine import Act

pages = Blueprint("documents", __name__)


class FileForm(FormSchema):
    version = Number(required=True)
    slot = Text(limit=60)


class VersionForm(FormSchema):
    version = Number(required=True)


@pages.post("/dossiers/<int:application_id>/pieces")
@on_application("document.add")
@own_transaction
def add(application: Application) -> Any:
    """Join one file to one slot. A refused file leaves the page as it was, with the sentence at its slot."""
    slot = request.form.get("slot", FREE)
    try:
        notice = _attach(application)
    except (InvalidInput, TooLarge, Stale, Refused) as error:
        return section_page(
            form.read_again(application), "pieces", typed=request.form, error=error, errors=_at(slot, error)
        )
    flash(*notice)
    return _back(application, slot)


def _attach(application: Application) -> tuple[str, str]:
    """The sentence that says what was kept, and its kind."""
    answers = read(FileForm(), request.form)
    act = Act(g.actor, g.now, settings(), {}, answers["version"])
    attached = attach(application, request.files.get("file"), slot=answers["slot"], act=act)
    if not attached.added:
        return attached.notice, "info"
    return f"« {attached.document.name} » est joint au dossier. {attached.notice}".strip(), "success"


def _at(slot: str, error: CaseworkError) -> dict[str, list[str]]:
    """What is wrong with the file, at its slot."""
    if isinstance(error, InvalidInput):
        return {f"piece-{slot or 'autre'}": [text for texts in error.errors.values() for text in texts]}
    return {f"piece-{slot or 'autre'}": [error.sentence]} if isinstance(error, TooLarge) else {}


@pages.post("/dossiers/<int:application_id>/pieces/<int:document_id>/retirer")
@on_application("document.add")
def take_off(application: Application, document_id: int) -> Any:
    document = _document(application, document_id)
    try:
        act = Act(g.actor, g.now, settings(), {}, read(VersionForm(), request.form)["version"])
        remove(g.db, application, document, act)
    except (Stale, Refused) as error:
        return section_page(form.read_again(application), "pieces", typed=request.form, error=error)
    flash(f"« {document.name} » est retiré du dossier.", "success")
    return _back(application, document.slot)


@pages.get("/dossiers/<int:application_id>/pieces/<int:document_id>")
@on_application("document.read")
def download(application: Application, document_id: int) -> Response:
    """The bytes, always as a download: a browser never shows what somebody uploaded.

    Who reads the evidence of an exit reads who left: the look is recorded first.
    """
    document = _document(application, document_id)
    if document.confidential:
        shown(journeys_evidenced_by(g.db, document), "evidence")
    response = send_file(
        storage().open(document.storage_key),
        mimetype=document.media_type,
        as_attachment=True,
        download_name=document.name,
        etag=False,
    )
    response.content_length = document.size
    return response


@pages.get("/dossiers/<int:application_id>/recu.pdf")
@on_application("document.read")
def receipt(application: Application) -> Response:
    """The receipt of the deposit. Raises Refused (409) while the file is not validated."""
    content = receipt_pdf(g.db, application, funder=settings().funder)
    name = f"accuse-de-reception-{application.reference}.pdf"
    return Response(
        content, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _document(application: Application, document_id: int) -> Document:
    document = find_document(g.db, g.actor, document_id)
    if document.application_id != application.id:
        raise NotFound()
    return document


def _back(application: Application, slot: str) -> Response:
    return redirect(f"{form.section_address(application, 'pieces')}#piece-{slot or 'autre'}", 303)
