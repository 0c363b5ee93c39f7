"""The dated steps of a journey: what dates them, what plans and moves their deadlines, what meets them.

3.2: the interview at the end of the trial period and the point at six months of contract. 3.9, 3.14 to 3.16: the
mid-way assessment. 3.10: the two months that follow an entry in a college, after which the person leaves the operation
(l.2431-2443).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, deadlines, extensions
from casework.applications import Application
from casework.deadlines import Deadline
from casework.errors import NotFound
from casework.extensions import Computed
from casework.french import long_date
from casework.participants import MILESTONES, Journey, JourneyMilestone, Suspension
from workflows.engine import Check, Context
from workflows.inputs import Input
from workflows.journey import interviews
from workflows.rules.calendar import add_months
from workflows.rules.college import DIRECT_LINE, not_counted, without
from workflows.rules.explanation import line_source
from workflows.rules.milestones import LABELS, JourneyDates, PlannedMilestone, milestones
from workflows.versions import scheme_of

FOLLOWED = ("accompanied", "suspended")
DIRECT = "in_college"
IN_WORK = ("trial_end", "six_months")
MISSED = "N’a pas eu lieu avant la sortie."
_LIKELY_MONTHS = 12
_RANKS = {code: rank for rank, code in enumerate(LABELS, start=1)}
_CODES = {rank: code for code, rank in _RANKS.items()}


def asks(journey: Journey, *codes: str) -> bool:
    """True when the sheet of this journey has one of these steps."""
    return any(asked.code in codes for asked in scheme_of(journey.application).milestones)


def replan(context: Context) -> None:
    """Bring the deadlines of this journey to what its dates give now. The case is locked after the journey, always."""
    if scheme_of(context.case.application).milestones:
        _recompute(context.session, _locked_case(context), context.case, context.act.at)


def replan_operation(session: Session, application: Application, *, at: datetime) -> None:
    """The end of the operation moved: so do the steps counted from it."""
    if application.convention is None or not scheme_of(application).milestones:
        return
    followed = sa.select(Journey).where(Journey.application_id == application.id, Journey.state.in_(FOLLOWED))
    for journey in session.scalars(followed.order_by(Journey.id)):
        _recompute(session, application, journey, at)


def settle(context: Context) -> None:
    """The person leaves: the stay in a college is over, and nobody waits for what was due after that day.

    What was due by then is still owed: it took place, and is noted late, or it is missing.
    """
    if not scheme_of(context.case.application).milestones:
        return
    case, at, day = _locked_case(context), context.act.at, context.answers["exited_on"]
    stays = [one for one in open_steps(context.session, context.case) if one.kind == "college_limit"]
    deadlines.close(context.session, case, stays, status="met", at=at, done_on=day, outcome="Sortie enregistrée.")
    _recompute(context.session, case, context.case, at)


def open_steps(session: Session, journey: Journey) -> list[Deadline]:
    """The deadlines of this journey that are still owed, the earliest first."""
    query = sa.select(Deadline).where(Deadline.journey_id == journey.id, Deadline.status == "open")
    return list(session.scalars(query.order_by(Deadline.due_on, Deadline.id)))


def code_of(deadline: Deadline) -> str:
    return _CODES[deadline.rank]


def _locked_case(context: Context) -> Application:
    case: Application | None = db.lock(context.session, Application, context.case.application_id)
    if case is None:
        raise NotFound()
    return case


def missed_steps(context: Context) -> list[Deadline]:
    """What was due while she was followed and is not noted."""
    if not asks(context.case, *MILESTONES):
        return []
    return [one for one in open_steps(context.session, context.case) if one.kind == "milestone"]


def missed(context: Context) -> tuple[Input, ...]:
    choices = tuple((str(one.id), _dated(one)) for one in missed_steps(context))
    return (Input("milestone", "Étape", "choice", choices=choices, value=choices[0][0] if len(choices) == 1 else None),)


def say_missed(context: Context) -> None:
    """Nobody waits for it any more: it is said for good that it did not take place."""
    found = [one for one in missed_steps(context) if str(one.id) == context.answers["milestone"]]
    case = _locked_case(context)
    deadlines.close(context.session, case, found, status="cancelled", at=context.act.at, outcome=MISSED)


def _dated(step: Deadline) -> str:
    return f"{LABELS[code_of(step)]} – {long_date(step.due_on)}"


def _said_missed(session: Session, journey: Journey) -> set[str]:
    own = (Deadline.journey_id == journey.id, Deadline.status == "cancelled", Deadline.outcome == MISSED)
    return {_CODES[rank] for rank in session.scalars(sa.select(Deadline.rank).where(*own))}


def _recompute(session: Session, case: Application, journey: Journey, at: datetime) -> None:
    left = journey.exited_on is not None
    missing = _said_missed(session, journey) if left else set()
    wanted = [_computed(case, journey, one) for one in _planned(case, journey) if one.code not in missing]
    gone = "La personne est sortie avant cette date." if left else "Cette étape n’a plus lieu d’être."
    extensions.recompute(session, case, wanted, at=at, journey_id=journey.id, gone=gone, keep_extended=not left)


def _planned(case: Application, journey: Journey) -> Sequence[PlannedMilestone]:
    convention = case.convention
    if convention is None:
        return ()
    in_college = journey.college_entered_on if journey.college_left_on is None else None
    dates = JourneyDates(
        entered_on=journey.entered_on,
        ends_on=convention.last_on,
        hired_on=journey.hired_on,
        trial_ends_on=journey.trial_ends_on,
        college_entered_on=in_college,
    )
    done = {one.code for one in journey.milestones}
    awaited = [one for one in milestones(scheme_of(case), dates) if one.code not in done]
    left = journey.exited_on
    return awaited if left is None else [one for one in awaited if one.due <= left and one.code != "college_limit"]


def _computed(case: Application, journey: Journey, one: PlannedMilestone) -> Computed:
    """Named by the number of the journey: a deadline goes into mails and calendars."""
    return Computed(
        kind="college_limit" if one.code == "college_limit" else "milestone",
        rank=_RANKS[one.code],
        due_on=one.due,
        owed_by="applicant",
        title=f"{one.label} – {journey.label[0].lower()}{journey.label[1:]}",
        source=f"Fiche {case.scheme_code}, {line_source(one.line)}",
        computed=one.computed,
    )


def steps_to_record(context: Context) -> list[Deadline]:
    """The open steps that an interview meets. Where the sheet has a grid, filling it in is what meets the midway."""
    steps = IN_WORK if scheme_of(context.case.application).assessments else (*IN_WORK, "midway")
    if not asks(context.case, *steps):
        return []
    return [one for one in open_steps(context.session, context.case) if one.kind == "milestone"]


def hiring(context: Context) -> tuple[Input, ...]:
    case = context.case
    return (
        Input("hired_on", "Date de prise de poste", "date", value=case.hired_on or context.day),
        Input(
            "trial_ends_on",
            "Fin de la période d’essai",
            "date",
            required=False,
            value=case.trial_ends_on,
            help="Laissez vide s’il n’y a pas de période d’essai.",
        ),
    )


def step(context: Context) -> tuple[Input, ...]:
    waiting = steps_to_record(context)
    choices = tuple((str(one.id), _dated(one)) for one in waiting)
    asked = (
        Input("milestone", "Étape", "choice", choices=choices, value=choices[0][0] if len(choices) == 1 else None),
        Input("done_on", "Réalisée le", "date", value=min(context.day, context.case.exited_on or context.day)),
    )
    if not asks(context.case, *IN_WORK):
        return asked
    answers = (("yes", "Oui"), ("no", "Non"))
    return (
        *asked,
        Input("in_work", "La personne est toujours en activité", "choice", choices=answers),
        *interviews.inputs(),
    )


def interview(context: Context) -> dict[str, str]:
    met = _met(context)
    return interviews.said(context, code_of(met)) if met is not None and asks(context.case, *IN_WORK) else {}


def _met(context: Context) -> Deadline | None:
    """The step that the answers name."""
    return next((one for one in steps_to_record(context) if str(one.id) == context.answers["milestone"]), None)


def college_entry(context: Context) -> tuple[Input, ...]:
    return (Input("college_entered_on", "Entrée au collège le", "date", value=context.day),)


def college_return(context: Context) -> tuple[Input, ...]:
    return (Input("college_left_on", "Retour dans l’opération le", "date", value=context.day),)


def is_in_college(journey: Journey) -> bool:
    return journey.college_entered_on is not None and journey.college_left_on is None


def likely_hiring(context: Context) -> dict[str, str]:
    """People are hired about when they enter (l.235-240, l.283): a year apart is a slip that would date late steps."""
    hired_on, entered_on = context.answers["hired_on"], context.case.entered_on
    if add_months(hired_on, _LIKELY_MONTHS) < entered_on:
        return {"hired_on": f"Vérifiez cette date : elle précède de plus d’un an l’entrée, le {long_date(entered_on)}."}
    return {}


def likely_trial(context: Context) -> dict[str, str]:
    """Eight months is the longest that the Code du travail gives, renewal included (L1221-21)."""
    hired_on, trial_ends_on = context.answers["hired_on"], context.answers.get("trial_ends_on")
    if trial_ends_on is None:
        return {}
    if trial_ends_on < hired_on:
        return {"trial_ends_on": f"La prise de poste est le {long_date(hired_on)} : l’essai finit après."}
    if trial_ends_on > add_months(hired_on, _LIKELY_MONTHS):
        return {"trial_ends_on": "Vérifiez cette date : une période d’essai ne dure pas plus d’un an."}
    return {}


def after_the_last_return(context: Context) -> dict[str, str]:
    """A second stay in a college begins once the first is over."""
    left_on = context.case.college_left_on
    if left_on is None or context.answers["college_entered_on"] >= left_on:
        return {}
    return {"college_entered_on": f"Cette date précède le {long_date(left_on)}, jour du retour d’un premier collège."}


def not_before_entry(name: str, since: str = "entered_on") -> Check:
    """This day does not precede the entry in the operation (or another day of the journey)."""

    def check(context: Context) -> dict[str, str]:
        first = getattr(context.case, since)
        if context.answers[name] >= first:
            return {}
        return {name: f"Cette date précède le {long_date(first)}, jour de l’entrée."}

    return check


def not_after_exit(context: Context) -> dict[str, str]:
    """What is noted of somebody who left took place while she was followed."""
    left = context.case.exited_on
    if left is None or context.answers["done_on"] <= left:
        return {}
    return {"done_on": f"Cette date suit le {long_date(left)}, jour de la sortie."}


def record_hiring(context: Context) -> None:
    context.case.hired_on = context.answers["hired_on"]
    context.case.trial_ends_on = context.answers.get("trial_ends_on")


def enter_college(context: Context) -> None:
    context.case.college_entered_on, context.case.college_left_on = context.answers["college_entered_on"], None


def leave_college(context: Context) -> None:
    """Back in time: the limit is met. Its deadline is closed here, before the rules are asked again."""
    context.case.college_left_on = context.answers["college_left_on"]
    _keep_out(context.case)
    case = _locked_case(context)
    stays = [one for one in open_steps(context.session, context.case) if one.kind == "college_limit"]
    day = context.answers["college_left_on"]
    deadlines.close(context.session, case, stays, status="met", at=context.act.at, done_on=day)


def _keep_out(journey: Journey) -> None:
    """Past the two months she had left the operation: these days stay out of it, whatever stay comes next."""
    period = not_counted(journey.college_entered_on, journey.college_left_on)
    if period is None or period[1] is None:
        return
    taken = [(one.started_on, one.ended_on) for one in journey.suspensions]
    for first, last in without((period[0], period[1]), taken):
        journey.suspensions.append(Suspension(started_on=first, ended_on=last))


def directly_in_college(context: Context) -> dict[str, str]:
    """Who was placed in a college by the market itself is never counted here (l.2444-2446)."""
    if context.answers.get(DIRECT) != "yes":
        return {}
    sentence = "Une personne placée directement dans un collège est suivie par le marché : elle n’entre pas ici"
    return {DIRECT: f"{sentence} ({line_source(DIRECT_LINE)})."}


def college_question(journey: Journey) -> tuple[Input, ...]:
    """What the entry asks where the sheet knows the college market (3.10)."""
    if not asks(journey, "college_limit"):
        return ()
    label = "Déjà placée dans un collège par le marché d’insertion et de qualification"
    return (Input(DIRECT, label, "choice", required=False, choices=(("no", "Non"), ("yes", "Oui")), value="no"),)


def record_step(context: Context) -> None:
    """The step took place: its deadline is met on that day, and what it found is kept with the journey."""
    answers, journey = context.answers, context.case
    met = _met(context)
    if met is None:
        raise NotFound()
    in_work = {"yes": True, "no": False}.get(answers.get("in_work") or "")
    code = code_of(met)
    journey.milestones = [
        *(one for one in journey.milestones if one.code != code),
        JourneyMilestone(code=code, done_on=answers["done_on"], in_work=in_work),
    ]
    outcome = "" if in_work is None else "Toujours en activité." if in_work else "N’est plus en activité."
    case = _locked_case(context)
    deadlines.close(
        context.session, case, [met], status="met", at=context.act.at, done_on=answers["done_on"], outcome=outcome
    )
    interviews.record(context)
