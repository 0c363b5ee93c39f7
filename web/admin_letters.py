"""The letters of the service, previewed with a real case: text and HTML as they would be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, url_for
from sqlalchemy.orm import selectinload

from casework.applications import Application
from casework.deadlines import Deadline
from casework.errors import NotFound
from casework.mail import Letter, as_html, as_text
from casework.people import User
from casework.preferences import CATEGORIES
from web.access import needs
from web.admin import sections
from web.render import page
from web.session import settings
from workflows import digests
from workflows.letters import AUDIENCES, NOTICES, letter_of
from workflows.reminder_letters import reminder_letter

pages = Blueprint("admin_letters", __name__, url_prefix="/admin/modeles")
REMINDER, DIGEST = "rappel", "recapitulatif"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'; base-uri 'none'"
"""The HTML of a mail has its style inlined: this one page accepts it, and nothing else at all."""


@dataclass(frozen=True)
class Model:
    """A letter as the list shows it."""

    code: str
    label: str
    audience: str
    category: str


def _models() -> list[Model]:
    written = [
        Model(notice.code, notice.subject, AUDIENCES[notice.audience], CATEGORIES[notice.category].label)
        for notice in NOTICES.values()
    ]
    return [
        *written,
        Model(REMINDER, "rappel d’une échéance", "celui qui la doit, puis le chargé de mission", "Échéances"),
        Model(DIGEST, "récapitulatif du matin", "chacun, les jours ouvrés", "Récapitulatif"),
    ]


@pages.get("")
@needs("admin")
def index() -> Any:
    return page("admin/letters.html", sections=sections("admin_letters.index"), models=_models())


@pages.get("/<code>")
@needs("admin")
def show(code: str) -> Any:
    letter, source = _preview(code)
    model = next(model for model in _models() if model.code == code)
    return page(
        "admin/letter.html",
        sections=sections("admin_letters.index"),
        model=model,
        letter=letter,
        source=source,
        text=as_text(letter, settings()) if letter else "",
        frame=url_for("admin_letters.html", code=code),
    )


@pages.get("/<code>/html")
@needs("admin")
def html(code: str) -> Response:
    letter, _ = _preview(code)
    answer = Response(as_html(letter, settings()) if letter else "", content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _preview(code: str) -> tuple[Letter | None, str]:
    """The letter with real data, and where these come from; None while the service holds nothing to show."""
    if code not in {model.code for model in _models()}:
        raise NotFound("Ce modèle de message n’existe pas.")
    if code == DIGEST:
        return _digest()
    if code == REMINDER:
        return _reminder()
    notice = NOTICES[code]
    case = g.db.scalars(sa.select(Application).order_by(Application.id.desc()).limit(1)).first()
    if case is None:
        return None, ""
    due_on = g.today if notice.deadline else None
    letter = letter_of(notice, case, settings(), answers={}, due_on=due_on)
    return letter, f"le dossier {case.reference}"


def _reminder() -> tuple[Letter | None, str]:
    query = sa.select(Deadline, Application).join(Application, Application.id == Deadline.application_id)
    found = g.db.execute(query.where(Deadline.status == "open").order_by(Deadline.due_on, Deadline.id).limit(1)).first()
    if found is None:
        return None, ""
    deadline, case = found
    return reminder_letter(deadline, case, "", settings(), g.today), f"le dossier {case.reference}"


def _digest() -> tuple[Letter | None, str]:
    """What the first person who has something to read would read."""
    people = g.db.scalars(
        sa.select(User).where(User.active).options(selectinload(User.grants)).order_by(User.id).limit(20)
    )
    for user in people:
        content = digests.gather(g.db, user, today=g.today, since=g.today)
        if content.tasks or content.recalls:
            return digests.letter_of(content, settings(), g.today), f"ce qui attend {user.name}"
    return None, ""
