"""Asking again, by a letter of the officer, what is late: an opinion, the final report.

The journal keeps each time; « À faire » leaves the officer in peace for `QUIET_DAYS` afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from casework.clock import paris_day
from casework.french import long_date
from casework.journal import Event
from workflows.application.guards import open_correction
from workflows.application.notices import tell
from workflows.application.powers import INSTRUCT
from workflows.engine import Context, Guard, Move
from workflows.inputs import Input

RELAUNCHED_OPINION = "application.opinion_relaunched"
RELAUNCHED_REPORT = "application.report_relaunched"
QUIET_DAYS = 7
AUTOMATIC = "Les rappels automatiques partent aussi, jusqu’à quinze jours après l’échéance."


def _last(context: Context, kind: str) -> date | None:
    """The day of the last one for this step of the case."""
    own = (Event.subject == "application", Event.subject_id == context.case.id, Event.kind == kind)
    since = Event.at >= context.case.state_since
    at = context.session.scalar(sa.select(sa.func.max(Event.at)).where(*own, since))
    return None if at is None else paris_day(at)


def _once_a_day(kind: str) -> Guard:
    def guard(context: Context) -> str | None:
        again = _last(context, kind) == context.day
        return "Une relance est partie aujourd’hui : la suivante pourra partir demain." if again else None

    return guard


def _word(kind: str, to: str) -> Callable[[Context], tuple[Input, ...]]:
    def inputs(context: Context) -> tuple[Input, ...]:
        last = _last(context, kind)
        said = f"Dernière relance le {long_date(last)}." if last else f"Aucune relance encore. {AUTOMATIC}"
        help_text = f"{said} Votre message est lu par {to} : ne nommez aucun participant."
        return (Input("word", "Message à joindre (facultatif)", "long_text", required=False, help=help_text),)

    return inputs


def opinion_is_late(context: Context) -> bool:
    return any(one.waiting and one.due_on < context.day for one in context.case.opinions)


def report_is_late(context: Context) -> bool:
    case = context.case
    due = case.due_on is not None and case.due_on < context.day
    return due and case.report is None and open_correction(context) is None


RELAUNCH = (
    Move(
        "relaunch_opinion",
        ("slai_opinion",),
        None,
        "Relancer l’avis",
        RELAUNCHED_OPINION,
        "Avis relancé",
        power=INSTRUCT,
        inputs=_word(RELAUNCHED_OPINION, "ceux dont l’avis manque"),
        guards=(_once_a_day(RELAUNCHED_OPINION),),
        effects=(tell("opinion_relaunched"),),
        relevant=opinion_is_late,
    ),
    Move(
        "relaunch_report",
        ("bilan",),
        None,
        "Relancer le bilan final",
        RELAUNCHED_REPORT,
        "Bilan final relancé",
        power=INSTRUCT,
        inputs=_word(RELAUNCHED_REPORT, "le porteur"),
        guards=(_once_a_day(RELAUNCHED_REPORT),),
        effects=(tell("report_relaunched"),),
        relevant=report_is_late,
    ),
)
