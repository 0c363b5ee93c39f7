"""A letter about a case: which case it is, what happened, until when, with a link to the screen where to answer.

The words of each are in `workflows.letter_texts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from casework.applications import Application
from casework.deadlines import Deadline
from casework.french import long_date
from casework.mail import Day, Letter
from casework.settings import Settings
from workflows.letter_texts import Notice

_PAGES = {"committee": "/comites", "grids": "/participants?reste=oui", "childcare": "/participants?reste=oui"}
"""The page of a case where a kind of deadline is met."""


def address(settings: Settings, application_id: int, *, action: str = "", page: str = "") -> str:
    """The exact screen of a case: the form of an action, one of its pages, or its first page."""
    base = f"{settings.public_url}/dossiers/{application_id}{page}"
    return f"{base}?action={action}#action-{action}" if action else base


def deadline_address(settings: Settings, deadline: Deadline) -> str:
    """Where this very thing is done: the journey of a step, the page of the case for its kind, else the case."""
    if deadline.journey_id is not None:
        return f"{settings.public_url}/participants/{deadline.journey_id}"
    return address(settings, deadline.application_id, page=_PAGES.get(deadline.kind, ""))


def facts_of(case: Application) -> tuple[tuple[str, str], ...]:
    """Which case it is, in three lines."""
    return (
        ("Dossier", f"{case.reference} – {case.called}"),
        ("Dispositif", f"{case.scheme_code} {case.scheme_version.title}"),
        ("Porteur", case.organisation.name),
    )


def letter_of(
    notice: Notice, case: Application, settings: Settings, *, answers: Mapping[str, Any], due_on: date | None = None
) -> Letter:
    """What this notice says about this case; `due_on` is the day before which an answer is awaited."""
    due = (("À faire au plus tard le", long_date(due_on, weekday=True)),) if due_on else ()
    ended_on = answers.get("ended_on")
    ended = (("Fin de l’opération", long_date(ended_on)),) if ended_on else ()
    reason, word = answers.get("reason"), answers.get("word")
    on_report = notice.report_action and case.state == "bilan"
    action = notice.report_action if on_report else notice.action
    return Letter(
        subject=f"{case.reference} – {notice.subject}",
        paragraphs=(
            notice.sentence.format(reference=case.reference, title=case.title),
            *((f"Motif : {reason}",) if reason else ()),
            *((f"Message : {word}",) if word else ()),
        ),
        facts=due + ended + facts_of(case),
        link=(notice.label, address(settings, case.id, action=action, page=notice.page)),
    )


def day_of(case: Application, settings: Settings, deadline: Deadline) -> Day:
    """A deadline as a day for a calendar, under a key of its own: a new date moves the same entry."""
    title = f"{case.reference} – {deadline.label}"
    return Day(f"echeance-{deadline.id}", deadline.due_on, title, deadline_address(settings, deadline))
