"""The dated obligations of an operation: planned at its signature, recomputed when its dates move, met one by one.

What the sheet asks beside the steps (dashboards, annual accounts) is recorded by who owes it: the day it was sent, with
a file or a comment where there is one. Committees and progress records have moves of their own (`workflows.committee`,
`workflows.progress`), which meet their deadlines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, deadlines, extensions
from casework.applications import Application
from casework.clock import paris_day
from casework.committees import Committee, held_without
from casework.deadlines import OPERATION_KINDS, Deadline, deadlines_of
from casework.extensions import Computed
from casework.french import long_date, short_date
from casework.people import Actor
from casework.permissions import covers
from workflows.application.form import documents_of
from workflows.committee.planning import follow
from workflows.committee.reading import WITHOUT, without_sentence
from workflows.engine import Context
from workflows.inputs import REASON, Input
from workflows.journey import owed, record_deadlines
from workflows.journey.milestones import replan_operation
from workflows.operation_calendar import computed_for
from workflows.rules.calendar import has_annual_accounts
from workflows.versions import scheme_of

RECORDED_BY = {"annual_accounts": frozenset({"applicant"})}
"""Who says that it was sent."""

LATE_CRE_FLAGGED = 2
CATCH_UP_DAYS = 30
"""A CRE whose day had passed before its month was known to owe one is not counted as late before that many days."""


@dataclass(frozen=True)
class Flag:
    """Something that whoever looks at the case must see. `code` is stable, `sentence` is French.

    `page` of the case, for whoever has its `permission`.
    """

    code: str
    sentence: str
    page: str = "/echeances"
    permission: str = "application.read"


def recompute_operation(context: Context, *, keep_extended: bool = True) -> None:
    """Plan what the operation owes, or bring it to its new dates; what a person extended keeps its extension.

    `keep_extended` False: what falls outside the new dates is cancelled even so.
    """
    wanted = _by_its_days(context.case)
    extensions.recompute(context.session, context.case, wanted, at=context.act.at, keep_extended=keep_extended)
    record_deadlines.replan_operation(context)
    replan_operation(context.session, context.case, at=context.act.at)
    owed.replan_operation(context)
    follow(context.session, context.case, at=context.act.at, settings=context.act.settings)


def _by_its_days(case: Application) -> list[Computed]:
    return [one for one in computed_for(case) if one.kind in OPERATION_KINDS]


def replan_accounts(session: Session, organisation_id: int, *, at: datetime) -> None:
    """The financial year of an organisation ends on another day: the accounts owed on its operations follow."""
    running = Application.state.in_(("advance", "execution", "bilan"))
    own = sa.select(Application).where(Application.organisation_id == organisation_id, running)
    for found in session.scalars(own.order_by(Application.id)):
        if has_annual_accounts(scheme_of(found)):
            case = db.lock(session, Application, found.id)
            if case is not None:
                extensions.recompute(session, case, _by_its_days(case), at=at)


def known_deadlines(context: Context) -> Sequence[Deadline]:
    """The deadlines of the case: those already read, else those of the database now."""
    if context.loaded is not None:
        known: Sequence[Deadline] = context.loaded.deadlines
        return known
    return deadlines_of(context.session, context.case.id)


def _chosen(context: Context, name: str) -> list[Deadline]:
    wanted = context.answers[name]
    keys = {wanted} if isinstance(wanted, str) else set(wanted)
    return [deadline for deadline in known_deadlines(context) if str(deadline.id) in keys]


def _choices(found: Iterable[Deadline]) -> tuple[tuple[str, str], ...]:
    return tuple((str(one.id), f"{one.label} – {long_date(one.due_on)}") for one in found)


def recordable(actor: Actor, case: Application, known: Iterable[Deadline]) -> list[Deadline]:
    """The open deadlines that this very person may say are met.

    Those of progress records are met by the records themselves, and the documents of a financial year by those that are
    joined, where the sheet lists them.
    """
    if scheme_of(case).annual_documents:
        return []
    roles = {role for role in actor.roles if covers(role, actor, case)}
    return [one for one in known if one.status == "open" and roles & RECORDED_BY.get(one.kind, frozenset())]


def deliverables(context: Context) -> tuple[Input, ...]:
    choices = _choices(recordable(context.act.actor, context.case, known_deadlines(context)))
    known = context.loaded.documents if context.loaded else documents_of(context.session, context.case.id)
    files = tuple((str(document.id), document.name) for document in known)
    asked = (
        Input("deliverables", "Ce qui est fait", "choices", choices=choices),
        Input("done_on", "Transmis le", "date", value=context.day),
        Input(
            "comment",
            "Observations",
            "long_text",
            required=False,
            help="Réserves, précisions. N’écrivez aucun nom de participant.",
        ),
    )
    if not files:
        return asked
    evidence = Input(
        "evidence", "Pièce qui le montre", "choice", required=False, choices=files, help="Déjà jointe au dossier."
    )
    return (*asked, evidence)


def something_chosen(context: Context) -> dict[str, str]:
    return {} if context.answers["deliverables"] else {"deliverables": "Cochez au moins une échéance."}


def within_operation(context: Context) -> dict[str, str]:
    start = context.case.convention.starts_on
    if context.answers["done_on"] < start:
        return {"done_on": f"L’opération commence le {long_date(start)}."}
    return {}


def record_deliverable(context: Context) -> None:
    answers = context.answers
    done = _chosen(context, "deliverables")
    settle(context, done, done_on=answers["done_on"], outcome=answers.get("comment") or "")
    for deadline in done:
        deadline.document_id = int(answers["evidence"]) if answers.get("evidence") else None


def settle(context: Context, done: Sequence[Deadline], *, done_on: date, outcome: str) -> None:
    """These deadlines are met that day."""
    session, case, at = context.session, context.case, context.act.at
    deadlines.close(session, case, done, status="met", at=at, done_on=done_on, outcome=outcome)


def extension(context: Context) -> tuple[Input, ...]:
    found = [one for one in known_deadlines(context) if extensions.extendable(one)]
    return (
        Input("deadline", "Échéance", "choice", choices=_choices(found)),
        Input("new_on", "Nouvelle date", "date"),
        REASON,
    )


def extended_later(context: Context) -> dict[str, str]:
    deadline, new_on = _chosen(context, "deadline")[0], context.answers["new_on"]
    if new_on <= deadline.due_on:
        return {"new_on": f"L’échéance est déjà au {long_date(deadline.due_on)} : choisissez une date plus lointaine."}
    if deadline.status == "open" and new_on < context.day:
        return {"new_on": "Cette date est passée : choisissez un jour à venir."}
    return {}


def extend_deadline(context: Context) -> None:
    answers, act = context.answers, context.act
    extensions.extend(
        context.session,
        context.case,
        _chosen(context, "deadline")[0],
        answers["new_on"],
        actor=act.actor,
        reason=answers["reason"],
        at=act.at,
    )
    follow(context.session, context.case, at=act.at, settings=act.settings)


def late_report(context: Context) -> Deadline | None:
    """The deadline of the final report when it was met too late, neither extended nor accepted since."""
    return next((one for one in known_deadlines(context) if one.kind == "final_report" and one.met_late), None)


def report_came_in_time(context: Context) -> str | None:
    late = late_report(context)
    if late is None:
        return None
    return (
        f"Le bilan final a été remis en retard (dû le {long_date(late.due_on)}) : "
        "un responsable doit prolonger l’échéance ou l’accepter."
    )


def accept_late_report(context: Context) -> None:
    late = late_report(context)
    if late is not None:
        late.accepted_at = context.act.at


def flags_of(known: Iterable[Deadline], today: date, committees: Sequence[Committee] = ()) -> list[Flag]:
    """What the deadlines and the committees of one case say of it: two overdue CRE flag the operation, and a committee
    held without a body that its sheet wants there.
    """
    missed = without_sentence(committees)
    flags = [Flag(WITHOUT, missed, "/comites", "committee.read")] if missed else []
    return flags + _late_records(known, today)


def _late_records(known: Iterable[Deadline], today: date) -> list[Flag]:
    late = [one for one in known if one.kind == "cre" and one.late(today) and _late_from(one) < today]
    if len(late) < LATE_CRE_FLAGGED:
        return []
    oldest = min(one.due_on for one in late)
    return [Flag("late_cre", f"{len(late)} CRE en retard, le premier depuis le {short_date(oldest)}")]


def flagged(session: Session, case_ids: Iterable[int], today: date) -> dict[int, list[Flag]]:
    """The flags of several cases, by id, in two queries; those without any are left out."""
    keys = list(case_ids)
    late = sa.select(Deadline).where(
        Deadline.application_id.in_(keys),
        Deadline.kind == "cre",
        Deadline.status == "open",
        Deadline.due_on < today,
    )
    found: dict[int, list[Deadline]] = {}
    for deadline in session.scalars(late):
        found.setdefault(deadline.application_id, []).append(deadline)
    missed = held_without(session, keys)
    flags = {key: flags_of(found.get(key, ()), today, missed.get(key, ())) for key in keys}
    return {key: said for key, said in flags.items() if said}


def _late_from(deadline: Deadline) -> date:
    known = paris_day(deadline.planned_at)
    return deadline.due_on if deadline.due_on >= known else known + timedelta(days=CATCH_UP_DAYS)
