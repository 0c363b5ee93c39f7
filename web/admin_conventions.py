"""The texts of conventions and of amendments: their versions, a new one previewed on a chosen case, then kept."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for

from casework import journal
from casework.administration import SERVICE
from casework.agreements import (
    KINDS,
    LONGEST,
    ConventionTemplate,
    TemplateError,
    current_template,
    keep_version,
    parse,
    provided_text,
)
from casework.applications import Application, Convention
from casework.errors import InvalidInput, NotFound, Stale
from web.access import needs
from web.admin import sections
from web.case_convention import download
from web.forms import FormSchema, Number, Text, read
from web.render import back_to, page
from web.session import settings
from workflows.application import amendment_text
from workflows.application.agreement import Document, preview_of

pages = Blueprint("admin_conventions", __name__, url_prefix="/admin/conventions")
CHANGED = journal.register("convention_template.made", "Nouvelle version du texte des conventions")


TEXTS = {"convention": "convention", "avenant": "amendment"}
"""The texts by the word of their address."""


class TextForm(FormSchema):
    text = Text(required=True, limit=LONGEST)
    current = Number(low=0, required=True)
    example = Text(limit=30)
    action = Text(limit=20)


def _kind() -> str:
    """The kind of text of this page, « ?texte=avenant » for the amendments."""
    kind = TEXTS.get(request.args.get("texte", "convention"))
    if kind is None:
        raise NotFound("Ce texte n’existe pas.")
    return kind


@pages.get("")
@needs("admin")
def index() -> Any:
    template = current_template(g.db, _kind())
    return _edited(template.text if template else provided_text(_kind()))


@pages.post("")
@needs("admin")
def write() -> Any:
    """Preview the text (« action » apercu, pdf), or keep it as the next version. A broken text comes back as typed."""
    typed = request.form.get("text", "").replace("\r\n", "\n")
    try:
        answers = read(TextForm(), request.form)
        text = answers["text"].replace("\r\n", "\n")
        parse(text, _kind())
        if answers["action"] in ("apercu", "pdf"):
            return _previewed(text, answers["action"], answers["example"])
        return _kept(text, answers["current"])
    except InvalidInput as error:
        return _edited(typed, problems=[sentence for said in error.errors.values() for sentence in said])
    except TemplateError as error:
        return _edited(typed, problems=error.problems)


@pages.get("/<int:number>")
@needs("admin")
def show(number: int) -> Any:
    """One version, to read or to start again from."""
    own = (ConventionTemplate.kind == _kind(), ConventionTemplate.number == number)
    found = g.db.scalars(sa.select(ConventionTemplate).where(*own)).one_or_none()
    if found is None:
        raise NotFound("Cette version du texte n’existe pas.")
    return _edited(found.text, shown=found)


def _tab(word: str, code: str, *, current: bool) -> dict[str, Any]:
    return {"label": KINDS[code].label, "href": url_for("admin_conventions.index", texte=word), "current": current}


def _kept(text: str, current: int) -> Any:
    kind = _kind()
    last = current_template(g.db, kind)
    if (last.number if last else 0) != current:
        raise Stale("Une autre version du texte a été enregistrée entre-temps : reprenez à partir d’elle.")
    made = keep_version(g.db, text, by=g.actor.name, at=g.now, kind=kind)
    said = {"text": kind, "number": made.number, "digest": made.digest}
    journal.record(g.db, "service", SERVICE, CHANGED, actor=g.actor, at=g.now, **said)
    sentence = f"Le texte est à sa version {made.number}. Ce qui est déjà établi garde la sienne."
    return back_to("admin_conventions.index", sentence, texte=request.args.get("texte"))


def _previewed(text: str, action: str, reference: str | None) -> Any:
    case = _example(reference)
    if case is None and reference:
        return _edited(text, problems=[f"Aucune convention pour le dossier « {reference} » : vérifiez sa référence."])
    if case is None:
        return _edited(text, problems=["L’aperçu se fait avec une vraie convention : il n’y en a pas encore."])
    preview = amendment_text.preview_of if _kind() == "amendment" else preview_of
    document = preview(case, settings(), text)
    if action == "pdf":
        return download(document.as_pdf(), f"apercu-{request.args.get('texte', 'convention')}.pdf", "application/pdf")
    return _edited(text, preview=document, example=case)


def _example(reference: str | None) -> Application | None:
    """The case of this reference when it has a convention; without one, the case of the latest convention."""
    query = sa.select(Application).join(Convention, Convention.application_id == Application.id)
    if reference:
        query = query.where(Application.reference == reference.upper())
    found: Application | None = g.db.scalars(query.order_by(Convention.id.desc()).limit(1)).first()
    return found


def _edited(
    text: str,
    *,
    problems: list[str] | None = None,
    preview: Document | None = None,
    example: Application | None = None,
    shown: ConventionTemplate | None = None,
) -> tuple[str, int]:
    kind = _kind()
    own = sa.select(ConventionTemplate).where(ConventionTemplate.kind == kind)
    versions = g.db.scalars(own.order_by(ConventionTemplate.number.desc())).all()
    return page(
        "admin/conventions.html",
        422 if problems else 200,
        sections=sections("admin_conventions.index"),
        text=text,
        problems=problems or [],
        preview=preview.data if preview else None,
        example=example,
        shown=shown,
        versions=versions,
        current=versions[0].number if versions else 0,
        names=[*KINDS[kind].fields.items()],
        lists=[*KINDS[kind].lists.items()],
        reference=request.form.get("example", ""),
        word=request.args.get("texte", "convention"),
        texts=[
            {
                "label": KINDS[code].label,
                "href": url_for("admin_conventions.index", texte=word),
                "current": code == kind,
            }
            for word, code in TEXTS.items()
        ],
        address=url_for("admin_conventions.index", texte=request.args.get("texte")),
    )
