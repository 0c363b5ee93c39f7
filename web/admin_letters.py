"""The letters of the service, previewed with a real case: text and HTML as they would be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, request, url_for
from sqlalchemy.orm import selectinload

from casework.applications import Application
from casework.deadlines import KINDS, Deadline
from casework.errors import NotFound
from casework.mail import Letter, as_html, as_text
from casework.people import User
from casework.preferences import CATEGORIES
from web.access import needs
from web.admin import sections
from web.render import page
from web.session import settings
from workflows import digests
from workflows.letter_texts import AUDIENCES, NOTICES
from workflows.letters import letter_of
from workflows.reminder_letters import reminder_letter

pages = Blueprint("admin_letters", __name__, url_prefix="/admin/modeles")
REMINDER, DIGEST = "rappel", "recapitulatif"
CHOSEN = ("dossier", "nature")
"""What the address chooses: the reference of a case and, for a reminder, the kind of deadline."""
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
    errors: dict[str, list[str]] = {}
    letter, source = _preview(code, errors)
    model = next(model for model in _models() if model.code == code)
    return page(
        "admin/letter.html",
        422 if errors else 200,
        typed=request.args,
        errors=errors,
        labels={"dossier": "Dossier", "nature": "Échéance"},
        kinds=list(KINDS.items()) if code == REMINDER else [],
        chooses=code != DIGEST,
        sections=sections("admin_letters.index"),
        model=model,
        letter=letter,
        source=source,
        text=as_text(letter, settings()) if letter else "",
        frame=url_for(
            "admin_letters.html", code=code, **{name: request.args[name] for name in CHOSEN if name in request.args}
        ),
    )


@pages.get("/<code>/html")
@needs("admin")
def html(code: str) -> Response:
    letter, _ = _preview(code, {})
    answer = Response(as_html(letter, settings()) if letter else "", content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _preview(code: str, errors: dict[str, list[str]]) -> tuple[Letter | None, str]:
    """The letter with real data, and where these come from; None while the service holds nothing to show.

    A choice that fits no case, or no deadline of it, is said in `errors`.
    """
    if code not in {model.code for model in _models()}:
        raise NotFound("Ce modèle de message n’existe pas.")
    if code == DIGEST:
        return _digest()
    reference = request.args.get("dossier", "").strip()
    if code == REMINDER:
        return _reminder(reference, errors)
    notice = NOTICES[code]
    case = g.db.scalars(_of_case(sa.select(Application), reference).order_by(Application.id.desc()).limit(1)).first()
    if case is None:
        return _nothing(errors, "dossier", reference, "Aucun dossier n’a cette référence.")
    deadline = _open_deadline(case.reference, notice.deadline) if notice.deadline else None
    due_on = deadline[0].due_on if deadline else g.today if notice.deadline else None
    letter = letter_of(notice, case, settings(), answers={}, due_on=due_on)
    return letter, f"le dossier {case.reference}"


def _of_case(query: Any, reference: str) -> Any:
    return query.where(Application.reference == reference) if reference else query


def _open_deadline(reference: str, kind: str) -> Any:
    """The open deadline that comes first, of this case and of this kind where they are chosen, with its case."""
    query = sa.select(Deadline, Application).join(Application, Application.id == Deadline.application_id)
    query = _of_case(query, reference).where(Deadline.status == "open")
    query = query.where(Deadline.kind == kind) if kind else query
    return g.db.execute(query.order_by(Deadline.due_on, Deadline.id).limit(1)).first()


def _reminder(reference: str, errors: dict[str, list[str]]) -> tuple[Letter | None, str]:
    kind = request.args.get("nature", "")
    found = _open_deadline(reference, kind)
    if found is None:
        name = "nature" if kind else "dossier"
        return _nothing(errors, name, reference or kind, "Aucune échéance attendue ne correspond à ce choix.")
    deadline, case = found
    return reminder_letter(deadline, case, "", settings(), g.today), f"le dossier {case.reference}"


def _nothing(errors: dict[str, list[str]], name: str, chosen: str, sentence: str) -> tuple[None, str]:
    if chosen:
        errors[name] = [sentence]
    return None, ""


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
