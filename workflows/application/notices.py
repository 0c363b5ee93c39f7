"""The messages that moves leave in the outbox: who is told. The words are in `workflows.letter_texts`."""

from __future__ import annotations

import sqlalchemy as sa

from casework.applications import Application, Opinion
from casework.deadlines import Deadline
from casework.mail import Letter, as_calendar, as_html, as_text
from casework.outbox import enqueue
from casework.people import User, members
from workflows.engine import Context, Effect
from workflows.letter_texts import NOTICES, Notice
from workflows.letters import day_of, letter_of
from workflows.rules.attendance import mandatory_line
from workflows.versions import scheme_of


def tell(code: str) -> Effect:
    """An effect that writes one of the letters to its audience. It comes after the effect that plans its deadline."""
    notice = NOTICES[code]

    def send(context: Context) -> None:
        case, act = context.case, context.act
        deadline = _deadline(context, notice)
        said = letter(context, notice, deadline)
        days = () if deadline is None else (day_of(case, act.settings, deadline),)
        enqueue(
            context.session,
            recipients(context, notice.audience),
            subject=said.subject,
            body=as_text(said, act.settings),
            html=as_html(said, act.settings),
            ics=as_calendar(days, at=act.at),
            at=act.at,
            application_id=case.id,
            category=notice.category,
        )

    return send


def letter(context: Context, notice: Notice, deadline: Deadline | None = None) -> Letter:
    """What happened, which case, until when, where to see it."""
    due_on = deadline.due_on if deadline is not None else None
    return letter_of(notice, context.case, context.act.settings, answers=context.answers, due_on=due_on)


def _deadline(context: Context, notice: Notice) -> Deadline | None:
    """The open deadline that the letter announces: the first of its kind to fall due."""
    if not notice.deadline:
        return None
    context.session.flush()
    query = sa.select(Deadline).where(
        Deadline.application_id == context.case.id, Deadline.kind == notice.deadline, Deadline.status == "open"
    )
    return context.session.scalars(query.order_by(Deadline.due_on, Deadline.id).limit(1)).first()


def recipients(context: Context, audience: str) -> list[User]:
    """The people of an audience for this case: the assigned officer first, else all the officers of the scheme."""
    session, case = context.session, context.case
    match audience:
        case "applicant":
            return members(session, "applicant", organisation_ids=_bearers(case))
        case "officer":
            return [case.officer] if case.officer else members(session, "officer", scheme_code=case.scheme_code)
        case "verifiers":
            return [user for user in members(session, "finance") if user.id != context.act.actor.user_id]
        case "opinions":
            return [user for opinion in case.opinions if opinion.waiting for user in _opinion_givers(context, opinion)]
        case "dashboard":
            return [*recipients(context, "officer"), *_readers(context)]
        case "slai":
            places = [territory.id for territory in case.territories]
            return [user for place in places for user in members(session, "slai", territory_id=place)]
    return members(session, audience)


def _bearers(case: Application) -> frozenset[int]:
    return frozenset({case.organisation_id, *(organisation.id for organisation in case.co_bearers)})


def _readers(context: Context) -> list[User]:
    """Who must sit in the committees of the sheet, besides the officer: the SLAI, its partners of this case."""
    followup = scheme_of(context.case).followup
    shared = [share.partner for share in context.case.partners if mandatory_line(followup, share.partner)]
    found = [user for partner in shared for user in members(context.session, "partner", partner=partner)]
    return [*found, *(recipients(context, "slai") if mandatory_line(followup, "slai") else [])]


def _opinion_givers(context: Context, opinion: Opinion) -> list[User]:
    if opinion.territory_id is not None:
        return members(context.session, "slai", territory_id=opinion.territory_id)
    return members(context.session, "partner", partner=opinion.body)
