"""The convention of a case: its terms in force, what amends it, each of its versions with its text and signed files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, url_for

from casework.agreements import template_with_text
from casework.amendments import STATUSES, Amendment, amendments_of
from casework.amounts import euros
from casework.applications import Application, Convention
from casework.errors import NotFound
from casework.french import listed, long_date
from web.access import on_application
from web.case_layout import CaseView, case_page, view_of
from web.case_offers import STYLES
from web.session import settings
from workflows.application import amendment_text
from workflows.application.agreement import Document, document_of
from workflows.application.amending import changes_of
from workflows.application.moves_amendment import AMENDMENT
from workflows.engine import offered

pages = Blueprint("case_convention", __name__)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TAGS = {
    "asked": "soon",
    "accepted": "soon",
    "in_force": "ok",
    "refused": "late",
    "withdrawn": "info",
    "lapsed": "info",
}


@pages.get("/dossiers/<int:application_id>/convention")
@on_application("application.edit", "payment.read")
def show(application: Application) -> Any:
    view = view_of(application)
    convention = application.convention
    if convention is None:
        return case_page(view, "convention", "cases/convention.html", document=None)
    amendments = [one for one in view.loaded.amendments if _may_read(view, one)]
    template = template_with_text(g.db, convention.template_id)
    document = amendment_text.in_force(g.db, application, view.loaded.amendments, settings())
    return case_page(
        view,
        "convention",
        "cases/convention.html",
        document=document.data,
        terms=_terms(application, convention),
        text_version=template,
        convention_files=_signed(view, convention),
        amendments=[_shown(view, one) for one in reversed(amendments)],
        in_force=sum(one.status == "in_force" for one in amendments),
        actions=_actions(application, view),
        join_href=_join_href(view, amendments),
    )


def _may_read(view: CaseView, amendment: Amendment) -> bool:
    """What the services propose is their own work until it is decided."""
    return view.inside or amendment.asked_by == "applicant" or amendment.number is not None


def _terms(application: Application, convention: Convention) -> list[tuple[str, str]]:
    rows = [
        ("Subvention", euros(convention.grant_cents)),
        ("Période", f"du {long_date(convention.starts_on)} au {long_date(convention.ends_on)}"),
    ]
    if application.co_bearers:
        rows.append(("Porteurs associés", listed([bearer.name for bearer in application.co_bearers])))
    if convention.terminated_on:
        rows.append(("Résiliée", f"au {long_date(convention.terminated_on)}"))
        rows.append(("Motif de la résiliation", convention.termination_reason or ""))
    else:
        rows.append(("Fin effective", f"le {long_date(convention.ended_on)}" if convention.ended_on else "à venir"))
    return rows


def _shown(view: CaseView, amendment: Amendment) -> dict[str, Any]:
    """One amendment: what it changes, where it stands, its text and its signed files once there are some."""
    key, number = view.application.id, amendment.number
    files = number is not None and view.may("application.edit", "payment.read")
    return {
        "amendment": amendment,
        "anchor": f"avenant-{amendment.id}",
        "tag": (_TAGS[amendment.status], STATUSES[amendment.status]),
        "asked_by": "Demandé par le porteur" if amendment.asked_by == "applicant" else "Proposé par le Département",
        "changes": changes_of(view.application, amendment),
        "signed": amendment.signed_on,
        "files": _signed(view, amendment),
        "pdf": url_for("case_convention.amendment_pdf", application_id=key, number=number) if files else None,
        "docx": url_for("case_convention.amendment_docx", application_id=key, number=number)
        if files and view.inside
        else None,
    }


def _actions(application: Application, view: CaseView) -> list[tuple[str, str, str]]:
    """What this person may do about amendments now, the main thing first: (style, label, address of its form)."""
    triggers = {move.trigger for move in AMENDMENT}
    offers = offered(g.db, application, g.actor, at=g.now, settings=settings(), loaded=view.loaded)
    own = [offer for offer in offers if offer.possible and offer.move.trigger in triggers]
    return [
        (
            offer.move.style,
            offer.move.label,
            url_for(
                "cases.show",
                application_id=application.id,
                action=offer.move.trigger,
                _anchor=f"action-{offer.move.trigger}",
            ),
        )
        for offer in sorted(own, key=lambda offer: STYLES.index(offer.move.style))
    ]


def _join_href(view: CaseView, amendments: list[Amendment]) -> str | None:
    """Where the signed file is joined, while signatures are awaited."""
    awaited = view.application.state == "convention" or any(one.status == "accepted" for one in amendments)
    if not awaited or not view.may("application.sign"):
        return None
    return url_for("case_files.show", application_id=view.application.id)


def _signed(view: CaseView, agreed: Convention | Amendment) -> list[dict[str, Any]]:
    """Each signature recorded with its file: who signed, and the file with its digest."""
    known = {document.id: document for document in view.loaded.documents}
    kept = (("Le porteur", agreed.applicant_file_id), ("Le Département", agreed.funder_file_id))
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
    """The convention as it was first made, tagged (PDF/UA-1). Raises Refused (409) before the grant."""
    return as_download(document_of(g.db, application, settings()))


@pages.get("/dossiers/<int:application_id>/convention.docx")
@on_application("application.edit", "payment.read")
def as_docx(application: Application) -> Response:
    """The same, to edit in a word processor. What is signed is the file that comes back, never this one."""
    made = document_of(g.db, application, settings())
    return download(made.as_docx(), f"{made.name}.docx", DOCX)


@pages.get("/dossiers/<int:application_id>/convention/en-vigueur.pdf")
@on_application("application.edit", "payment.read")
def consolidated(application: Application) -> Response:
    """The convention as its amendments have left it, to be read."""
    known = amendments_of(g.db, application.id)
    return as_download(amendment_text.in_force(g.db, application, known, settings()))


@pages.get("/dossiers/<int:application_id>/avenants/<int:number>.pdf")
@on_application("application.edit", "payment.read")
def amendment_pdf(application: Application, number: int) -> Response:
    return as_download(_document(application, number))


@pages.get("/dossiers/<int:application_id>/avenants/<int:number>.docx")
@on_application("application.edit", "payment.read")
def amendment_docx(application: Application, number: int) -> Response:
    made = _document(application, number)
    return download(made.as_docx(), f"{made.name}.docx", DOCX)


def _document(application: Application, number: int) -> Document:
    found = next((one for one in amendments_of(g.db, application.id) if one.number == number), None)
    if found is None:
        raise NotFound("Cet avenant n’existe pas.")
    return amendment_text.document_of(g.db, application, found)


def as_download(made: Document) -> Response:
    return download(made.as_pdf(), f"{made.name}.pdf", "application/pdf")


def download(content: bytes, name: str, kind: str) -> Response:
    """These bytes, always as a download."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
