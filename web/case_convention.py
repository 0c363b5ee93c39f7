"""The convention of a case: parties, articles, calendar, signatures, and the document to print or to edit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, url_for

from casework.agreements import ConventionTemplate
from casework.applications import Application
from web.access import on_application
from web.case_layout import CaseView, case_page, view_of
from web.session import settings
from workflows.application.agreement import document_of

pages = Blueprint("case_convention", __name__)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pages.get("/dossiers/<int:application_id>/convention")
@on_application("application.edit", "payment.read")
def show(application: Application) -> Any:
    view = view_of(application)
    convention = application.convention
    document = document_of(g.db, application, settings()) if convention else None
    template = g.db.get(ConventionTemplate, convention.template_id) if convention and convention.template_id else None
    return case_page(
        view,
        "convention",
        "cases/convention.html",
        document=document.data if document else None,
        text_version=template,
        files=_signed(view),
        join_href=url_for("case_files.show", application_id=application.id)
        if application.state == "convention" and view.may("application.sign")
        else None,
        pdf_href=url_for("case_convention.as_pdf", application_id=application.id),
        docx_href=url_for("case_convention.as_docx", application_id=application.id) if view.inside else None,
    )


def _signed(view: CaseView) -> list[dict[str, Any]]:
    """Each signature recorded with its file: who signed, and the file with its digest."""
    convention = view.application.convention
    if convention is None:
        return []
    known = {document.id: document for document in view.loaded.documents}
    kept = (("Le porteur", convention.applicant_file_id), ("Le Département", convention.funder_file_id))
    return [
        {
            "who": who,
            "file": known[key],
            "href": url_for("documents.download", application_id=view.application.id, document_id=key),
        }
        for who, key in kept
        if key in known
    ]


@pages.get("/dossiers/<int:application_id>/convention.pdf")
@on_application("application.edit", "payment.read")
def as_pdf(application: Application) -> Response:
    """The convention, tagged (PDF/UA-1). Raises Refused (409) before the grant."""
    made = document_of(g.db, application, settings())
    return download(made.as_pdf(), f"{made.name}.pdf", "application/pdf")


@pages.get("/dossiers/<int:application_id>/convention.docx")
@on_application("application.edit", "payment.read")
def as_docx(application: Application) -> Response:
    """The same, to edit in a word processor. What is signed is the file that comes back, never this one."""
    made = document_of(g.db, application, settings())
    return download(made.as_docx(), f"{made.name}.docx", DOCX)


def download(content: bytes, name: str, kind: str) -> Response:
    """These bytes, always as a download."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
