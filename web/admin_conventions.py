"""The text of the conventions: its versions, a new one written in articles, previewed on a real case, then kept."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for

from casework import journal
from casework.administration import SERVICE
from casework.agreements import (
    FIELDS,
    LISTS,
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
from workflows.application.agreement import Document, preview_of

pages = Blueprint("admin_conventions", __name__, url_prefix="/admin/conventions")
CHANGED = journal.register("convention_template.made", "Nouvelle version du texte des conventions")


class TextForm(FormSchema):
    text = Text(required=True, limit=LONGEST)
    current = Number(low=0, required=True)
    action = Text(limit=20)


@pages.get("")
@needs("admin")
def index() -> Any:
    template = current_template(g.db)
    return _edited(template.text if template else provided_text())


@pages.post("")
@needs("admin")
def write() -> Any:
    """Preview the text (« action » apercu, pdf), or keep it as the next version. A broken text comes back as typed."""
    typed = request.form.get("text", "").replace("\r\n", "\n")
    try:
        answers = read(TextForm(), request.form)
        text = answers["text"].replace("\r\n", "\n")
        parse(text)
        if answers["action"] in ("apercu", "pdf"):
            return _previewed(text, answers["action"])
        return _kept(text, answers["current"])
    except InvalidInput as error:
        return _edited(typed, problems=[sentence for said in error.errors.values() for sentence in said])
    except TemplateError as error:
        return _edited(typed, problems=error.problems)


@pages.get("/<int:number>")
@needs("admin")
def show(number: int) -> Any:
    """One version, to read or to start again from."""
    found = g.db.scalars(sa.select(ConventionTemplate).where(ConventionTemplate.number == number)).one_or_none()
    if found is None:
        raise NotFound("Cette version du texte n’existe pas.")
    return _edited(found.text, shown=found)


def _kept(text: str, current: int) -> Any:
    last = current_template(g.db)
    if (last.number if last else 0) != current:
        raise Stale("Une autre version du texte a été enregistrée entre-temps : reprenez à partir d’elle.")
    made = keep_version(g.db, text, by=g.actor.name, at=g.now)
    journal.record(g.db, "service", SERVICE, CHANGED, actor=g.actor, at=g.now, number=made.number, digest=made.digest)
    sentence = f"Le texte est à sa version {made.number}. Les conventions déjà établies gardent la leur."
    return back_to("admin_conventions.index", sentence)


def _previewed(text: str, action: str) -> Any:
    case = _example()
    if case is None:
        return _edited(text, problems=["L’aperçu se fait avec une vraie convention : il n’y en a pas encore."])
    document = preview_of(case, settings(), text)
    if action == "pdf":
        return download(document.as_pdf(), "apercu-convention.pdf", "application/pdf")
    return _edited(text, preview=document, example=case)


def _example() -> Application | None:
    """The case of the latest convention."""
    query = sa.select(Application).join(Convention, Convention.application_id == Application.id)
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
    versions = g.db.scalars(sa.select(ConventionTemplate).order_by(ConventionTemplate.number.desc())).all()
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
        names=[*FIELDS.items()],
        lists=[*LISTS.items()],
        address=url_for("admin_conventions.index"),
    )
