"""The documents of each financial year: what is there, what is missing, each joined in its own place."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from casework.applications import Application
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused, Stale, TooLarge
from casework.permissions import may
from web.access import application_in_scope, on_application
from web.actions import version_in
from web.case_layout import case_page, view_of
from web.document_form import limits, storage
from web.errors import status_of
from web.render import back_to
from web.session import own_transaction, settings, undo, writing
from workflows.application.annual_documents import join_annual, missing, owed_years
from workflows.application.files import annual_slot, receive, why_not_annual
from workflows.application.form import documents_of
from workflows.engine import Act
from workflows.versions import scheme_of

pages = Blueprint("annual_documents", __name__)
REFUSALS = (InvalidInput, Refused, Stale, TooLarge)


@pages.get("/dossiers/<int:application_id>/documents-annuels")
@on_application("document.read")
def show(application: Application) -> Any:
    return _page(application)


@pages.post("/dossiers/<int:application_id>/documents-annuels/<int:rank>/<document>")
@on_application("document.add")
@own_transaction
def join(application: Application, rank: int, document: str) -> Any:
    """Join one document; what is refused leaves everything as it was, with the sentence at its place."""
    key, sent = application.id, request.files.get("file")
    act = Act(g.actor, g.now, settings(), {}, version_in(request.form))
    try:
        if sent is None or not sent.filename:
            raise InvalidInput({"file": ["Choisissez d’abord un fichier sur votre appareil."]})
        slot = annual_slot(rank, document)
        stored = receive(storage(), application, sent.stream, name=sent.filename, slot=slot, act=act)
        with writing() as session:
            case = session.get_one(Application, key)
            joined = join_annual(session, storage(), case, stored, rank=rank, key=document, act=act)
            left = len(missing(scheme_of(case), rank, documents_of(session, key)))
    except REFUSALS as error:
        undo()
        return _page(application_in_scope(key), wrong=(rank, document), error=error)
    sentence = f"« {joined.document.name} » est joint." + ("" if left else " Tous les documents de l’exercice sont là.")
    return back_to("annual_documents.show", sentence, application_id=key)


def _page(application: Application, *, wrong: tuple[int, str] | None = None, error: CaseworkError | None = None) -> Any:
    scheme, view = scheme_of(application), view_of(application)
    if not scheme.annual_documents:
        raise NotFound("Cette fiche ne demande pas de documents annuels.")
    joins = may(g.actor, "application.report", application)
    return case_page(
        view,
        "annual",
        "cases/annual_documents.html",
        status=status_of(error) if error else 200,
        years=[
            {
                "deadline": year,
                "missing": len(missing(scheme, year.rank, view.documents)),
                "rows": [
                    {
                        "document": one,
                        "files": [d for d in view.documents if d.slot == annual_slot(year.rank, one.key)],
                        "wrong": wrong == (year.rank, one.key),
                    }
                    for one in scheme.annual_documents
                ],
            }
            for year in owed_years(view.loaded.deadlines)
        ],
        reason=why_not_annual(g.actor, application) if joins else "",
        joins=joins,
        limits=limits(),
        sentences=_sentences(error),
    )


def _sentences(error: CaseworkError | None) -> list[str]:
    if isinstance(error, InvalidInput):
        return [text for texts in error.errors.values() for text in texts]
    return list(error.reasons) if isinstance(error, Refused) else [error.sentence] if error else []
