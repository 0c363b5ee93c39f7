"""The case: where it stands, what I may do now, and everything that belongs to it, one address for each part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for
from markupsafe import Markup

from casework import journal
from casework import notes as internal_notes
from casework.applications import Application
from casework.errors import InvalidInput
from casework.journal import Event
from casework.outbox import Message
from casework.people import ROLES, Grant, User
from casework.permissions import may
from web import case_money
from web.access import on_application
from web.case_essentials import essentials_of
from web.case_history import timeline_of
from web.case_layout import CaseView, case_page, view_of
from web.case_offers import Reopened, drawn
from web.case_standing import deadlines_of, facts_of, steps_of
from web.forms import FormSchema, Number, Text, read
from web.render import back_to
from web.session import settings
from workflows.application import APPLICATION
from workflows.application.reading import warnings_to_accept
from workflows.application.reporting import why_not_writable
from workflows.application.waiting import open_correction_of, waiting_for
from workflows.drawing import draw_svg
from workflows.engine import offered
from workflows.rules.explanation import RuleWarning

pages = Blueprint("cases", __name__)

HISTORY_PAGE = 100
NOTE_LIMIT = 5000


class NoteForm(FormSchema):
    text = Text(required=True, limit=NOTE_LIMIT)


class HistoryPage(FormSchema):
    avant = Number(low=1, load_default=None)


@pages.get("/dossiers/<int:application_id>")
@on_application("application.read")
def show(application: Application) -> Any:
    return render_case(application, opened=request.args.get("action"))


def render_case(
    application: Application, *, status: int = 200, opened: str | None = None, reopened: Reopened | None = None
) -> tuple[str, int]:
    """The page of the case; `reopened` is an action that was not done, given back with everything typed."""
    view = view_of(application)
    offers = offered(g.db, application, g.actor, at=g.now, settings=settings(), loaded=view.loaded)
    actions = drawn(
        offers,
        lambda trigger: url_for("actions.fire", application_id=application.id, trigger=trigger),
        opened=opened,
        reopened=reopened,
    )
    passages = journal.passages(g.db, "application", application.id)
    return case_page(
        view,
        "show",
        "cases/show.html",
        status=status,
        steps=steps_of(application, passages),
        waiting=waiting_for(application, view.loaded),
        ending=ending_of(application, passages),
        **actions,
        deadlines=deadlines_of(view, g.today),
        facts=facts_of(view),
        correction=open_correction_of(application),
        answers_correction=may(g.actor, "application.answer", application),
        warnings=_warnings(view),
        essentials=essentials_of(view),
        carried=application.carried_into_id,
    )


def ending_of(application: Application, passages: Sequence[Event]) -> str | None:
    """Why the case ended: the reason of its termination, or of the move that ended it."""
    if not application.is_final:
        return None
    terminated = application.convention.termination_reason if application.convention else None
    return terminated or (passages[-1].reason if passages else None)


def _warnings(view: CaseView) -> list[RuleWarning]:
    """What an officer still has to accept, while the case goes on."""
    if view.application.is_final or not view.may("application.instruct"):
        return []
    return warnings_to_accept(view.application)


@pages.get("/dossiers/<int:application_id>/instruction")
@on_application("application.edit", "payment.read")
def instruction(application: Application) -> Any:
    view = view_of(application)
    return case_page(view, "instruction", "cases/instruction.html", **case_money.instruction(view))


@pages.get("/dossiers/<int:application_id>/versements")
@on_application("application.edit", "payment.read")
def payments(application: Application) -> Any:
    view = view_of(application)
    return case_page(view, "payments", "cases/payments.html", **case_money.payments(view))


@pages.get("/dossiers/<int:application_id>/bilan")
@on_application("application.edit", "payment.read")
def report(application: Application) -> Any:
    view = view_of(application)
    return case_page(
        view,
        "report",
        "cases/report.html",
        may_write=why_not_writable(g.actor, application) is None,
        may_answer=may(g.actor, "application.report", application),
        awaited=_awaited(view),
        **case_money.report(view),
    )


def _awaited(view: CaseView) -> tuple[str, str]:
    """Where a report that is not sent stands."""
    case, draft = view.application, view.loaded.draft
    if case.state != "bilan":
        said = "Le bilan final du porteur apparaîtra ici, avec son contrôle, une fois l’opération terminée."
        return "Pas encore de bilan", said
    if not may(g.actor, "application.report", case):
        return "Bilan attendu", "L’opération est terminée. Le bilan du porteur apparaîtra ici une fois remis."
    if draft is None and not view.loaded.expenses:
        return "Bilan à écrire", "L’opération est terminée : préparez le bilan, puis remettez-le au Département."
    return "Bilan commencé, pas encore remis", "Vous l’avez commencé : le Département ne le reçoit qu’une fois remis."


@pages.get("/dossiers/<int:application_id>/messages")
@on_application("message.read")
def messages(application: Application) -> Any:
    """To whom by name and role: the address is in the administration, not here."""
    query = sa.select(Message, User.name).outerjoin(User, User.id == Message.user_id)
    rows = g.db.execute(query.where(Message.application_id == application.id).order_by(Message.id.desc())).all()
    keys = {message.user_id for message, _ in rows}
    grants = g.db.execute(sa.select(Grant.user_id, Grant.role).where(Grant.user_id.in_(keys)).distinct()).all()
    roles = {key: [ROLES[role] for owner, role in grants if owner == key] for key in keys}
    return case_page(view_of(application), "messages", "cases/messages.html", messages=rows, roles=roles)


@pages.get("/dossiers/<int:application_id>/notes")
@on_application("note.read")
def notes(application: Application) -> Any:
    return _notes_page(application, {}, {}, 200)


@pages.post("/dossiers/<int:application_id>/notes")
@on_application("note.write")
def add_note(application: Application) -> Any:
    try:
        answers = read(NoteForm(), request.form)
    except InvalidInput as error:
        return _notes_page(application, request.form, error.errors, 422)
    internal_notes.add_note(g.db, application, answers["text"], actor=g.actor, at=g.now)
    return back_to("cases.notes", "Votre note est ajoutée.", application_id=application.id)


def _notes_page(application: Application, form: Any, errors: Any, status: int) -> Any:
    found = internal_notes.notes_of(g.db, application.id)
    view = view_of(application)
    writes = may(g.actor, "note.write", application)
    return case_page(
        view, "notes", "cases/notes.html", status=status, notes=found, writes=writes, form=form, errors=errors
    )


@pages.get("/dossiers/<int:application_id>/historique")
@on_application("journal.read")
def history(application: Application) -> Any:
    before = read(HistoryPage(), request.args)["avant"]
    internal = may(g.actor, "note.read", application)
    events = journal.timeline(
        g.db, "application", application.id, limit=HISTORY_PAGE + 1, before=before, internal=internal
    )
    shown = events[:HISTORY_PAGE]
    _, broken = journal.verify(g.db, subject="application", subject_id=application.id)
    view = view_of(application)
    address = url_for("cases.history", application_id=application.id)
    return case_page(
        view,
        "history",
        "cases/history.html",
        events=timeline_of(view, shown),
        older=f"{address}?avant={shown[-1].sequence}" if events[HISTORY_PAGE:] else None,
        newest=address if before else None,
        broken=broken,
    )


@pages.get("/dossiers/<int:application_id>/parcours")
@on_application("application.read")
def path(application: Application) -> Any:
    passages = journal.passages(g.db, "application", application.id)
    visited = [event.after for event in passages if event.after]
    drawing = Markup(draw_svg(APPLICATION, current=application.state, visited=visited))  # noqa: S704
    return case_page(
        view_of(application), "path", "cases/path.html", drawing=drawing, steps=steps_of(application, passages)
    )
