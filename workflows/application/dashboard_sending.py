"""Sending a dashboard: its figures are frozen, the deadline that waited for it is met, and its readers are told.

3.5 l.1103-1107, 3.8 l.1912-1916, 3.9 l.2169-2173, 3.14 l.3640-3644, 3.15 l.3981-3985, 3.16 l.4324-4328: kept up to date
all along, asked for at times by the Département or by Mamobilité62, and always sent before a committee.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import deadlines
from casework.applications import Application
from casework.dashboards import DashboardSnapshot, seal
from casework.deadlines import Deadline, deadlines_of
from casework.french import long_date
from workflows.application.dashboard import facts_of, tables_of
from workflows.application.obligations import known_deadlines, settle
from workflows.engine import Context
from workflows.inputs import REASON, Input
from workflows.scheme import Scheme
from workflows.versions import scheme_of

KINDS = ("dashboard", "dashboard_request")
"""The deadlines that a dashboard meets: before a committee, or on request."""
NO_DEADLINE = "none"
ON_REQUEST = "À la demande d’un partenaire ou du Département"


def asks_for_dashboards(scheme: Scheme) -> bool:
    """True for a sheet that wants dashboards, before its committees or on request."""
    return scheme.followup.dashboard_before_committee or scheme.followup.dashboard_requested_by is not None


def awaited(context: Context) -> list[Deadline]:
    """The dashboards that are owed, the earliest first."""
    return [one for one in known_deadlines(context) if one.status == "open" and one.kind in KINDS]


def sending(context: Context) -> tuple[Input, ...]:
    owed = awaited(context)
    choices = [(str(one.id), f"{one.label}, pour le {long_date(one.due_on)}") for one in owed]
    return (
        Input(
            "dashboard_for",
            "Pour quelle échéance",
            "choice",
            choices=(*choices, (NO_DEADLINE, ON_REQUEST)),
            value=choices[0][0] if choices else NO_DEADLINE,
        ),
        Input(
            "comment",
            "Commentaire",
            "long_text",
            required=False,
            help="Ce qu’il faut savoir pour lire les chiffres. N’écrivez aucun nom de participant.",
        ),
    )


def worth_sending(context: Context) -> bool:
    return asks_for_dashboards(scheme_of(context.case)) or bool(awaited(context))


def send(context: Context) -> None:
    """Meet the deadline chosen, then freeze: the figures kept are those that its readers will find."""
    answers, case = context.answers, context.case
    chosen = [one for one in awaited(context) if str(one.id) == answers["dashboard_for"]]
    settle(context, chosen, done_on=context.day, outcome=answers.get("comment") or "")
    title = chosen[0].label if chosen else ON_REQUEST
    act = context.act
    snapshot = DashboardSnapshot(
        application_id=case.id,
        number=_next_number(context.session, case),
        title=title,
        taken_at=act.at,
        taken_by_id=act.actor.user_id,
        taken_by_name=act.actor.name,
        comment=answers.get("comment") or "",
        figures=figures_now(context.session, case, context.day),
    )
    snapshot.digest = seal(snapshot)
    context.session.add(snapshot)
    context.session.flush()


def figures_now(session: Session, case: Application, today: date) -> dict[str, list[dict[str, Any]]]:
    """The tables of the whole operation (""), and of each territory where somebody is followed, ready to be kept."""
    facts = facts_of(session, case, today, deadlines_of(session, case.id))
    parts = {"": tables_of(session, case, facts, today)}
    for place in facts.territories:
        parts[place] = tables_of(session, case, facts.within(place), today, partial=True)
    return {name: [table.as_dict() for table in tables] for name, tables in parts.items()}


def _next_number(session: Session, case: Application) -> int:
    """Under the lock of the case, so that two senders never take the same."""
    last = sa.select(sa.func.max(DashboardSnapshot.number)).where(DashboardSnapshot.application_id == case.id)
    return (session.scalar(last) or 0) + 1


ASKING = (Input("due_on", "Attendu pour le", "date"), REASON)


def worth_asking(context: Context) -> bool:
    """Where the sheet says that it may be asked, and nobody asked already."""
    asked = any(one.kind == "dashboard_request" for one in awaited(context))
    return asks_for_dashboards(scheme_of(context.case)) and not asked


def asked_for_a_coming_day(context: Context) -> dict[str, str]:
    return {"due_on": "Choisissez un jour à venir."} if context.answers["due_on"] <= context.day else {}


def ask(context: Context) -> None:
    """A deadline of its own, which the dates of the operation never move."""
    scheme = scheme_of(context.case)
    earlier = sum(one.kind == "dashboard_request" for one in known_deadlines(context))
    deadlines.plan(
        context.session,
        context.case,
        "dashboard_request",
        due_on=context.answers["due_on"],
        owed_by="applicant",
        source=f"Fiche {scheme.code}, demande du Département",
        title="Tableau de bord demandé par le Département",
        rank=earlier + 1,
        at=context.act.at,
    )
