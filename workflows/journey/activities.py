"""What is done with participants: one interview, or one workshop for many, entered once for all of them.

The kinds that the sheet names come first, with their line of the call. An activity entered by mistake is withdrawn;
the journal keeps both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.activities import KINDS, LOCKING_STATES, MINUTES_A_DAY, MODES, Activity
from casework.applications import Application
from casework.durations import said_hours
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.french import listed, long_date, of_month
from casework.participants import Journey
from casework.permissions import may
from casework.progress_records import ProgressRecord
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.journey.reading import why_closed
from workflows.rules.explanation import line_source
from workflows.scheme import Scheme
from workflows.versions import scheme_of

RECORDED = journal.register("application.activities_recorded", "Activité saisie")
WITHDRAWN = journal.register("application.activity_withdrawn", "Activité retirée")
MOST_NAMED = 8
Names = dict[int, str]


def kinds_of(scheme: Scheme) -> dict[str, str]:
    """Every kind of activity, those that the sheet names first and with their line."""
    named = {one.code: f"{KINDS[one.code]} ({line_source(one.line)})" for one in scheme.activities}
    return named | {code: label for code, label in KINDS.items() if code not in named}


def activity_inputs(application: Application, today: date | None = None) -> tuple[Input, ...]:
    """What is asked of one activity, beside who took part."""
    return (
        Input("kind", "Activité", "choice", choices=tuple(kinds_of(scheme_of(application)).items())),
        Input("done_on", "Date", "date", value=today),
        Input("minutes", "Durée en minutes", "integer", help="Pour chaque personne : 90 pour une heure et demie."),
        Input("mode", "Mode", "choice", choices=tuple(MODES.items()), value="present"),
    )


def entered_journeys(application: Application) -> sa.Select[Any]:
    """The journeys with which something may have been done: those that entered the operation, the newest first."""
    entered = (Journey.application_id == application.id, Journey.entered_on.is_not(None))
    return sa.select(Journey).where(*entered).order_by(Journey.id.desc())


def record_activity(
    session: Session, application: Application, journeys: Iterable[int], act: Act, *, names: Names | None = None
) -> int:
    """Record one activity for each of these journeys and answer how many. `names`: how a journey is called in errors.

    Raises Forbidden, Refused or InvalidInput (the fields of `activity_inputs`, and "participants"); nothing is
    written then.
    """
    locked = opened_for_activities(session, application, act)
    errors: dict[str, list[str]] = {}
    answers = _read(locked, act, errors)
    chosen = set(journeys)
    found = sorted(session.scalars(entered_journeys(locked).where(Journey.id.in_(chosen))), key=lambda one: one.id)
    if not found or len(found) != len(chosen):
        errors.setdefault("participants", []).append("Cochez au moins une personne de cette opération.")
    if answers is None or errors:
        raise InvalidInput(errors)
    _check_days(session, locked, found, answers, names or {})
    common = {name: answers[name] for name in ("kind", "mode", "done_on", "minutes")}
    common |= {"entered_at": act.at, "entered_by_id": act.actor.user_id}
    session.execute(sa.insert(Activity), [{"journey_id": journey.id, **common} for journey in found])
    told = {
        "activity": KINDS[answers["kind"]],
        "done_on": answers["done_on"].isoformat(),
        "minutes": answers["minutes"],
    }
    journal_activities(
        session, locked, RECORDED, act, **told, participants=len(found), activities=[one.id for one in found]
    )
    return len(found)


def withdraw_activity(session: Session, application: Application, activity_id: int, act: Act) -> Activity:
    """Take back an activity entered by mistake. Raises NotFound, Forbidden or Refused."""
    locked = opened_for_activities(session, application, act)
    query = sa.select(Activity).join(Journey, Journey.id == Activity.journey_id)
    query = query.where(Activity.id == activity_id, Journey.application_id == locked.id)
    activity = session.scalars(query).one_or_none()
    if activity is None:
        raise NotFound("Cette activité n’existe pas, ou a déjà été retirée.")
    month = activity.done_on.replace(day=1)
    if _sent(session, [activity.journey_id], month):
        raise Refused([_sent_sentence(month)])
    told = {"activity": KINDS[activity.kind], "done_on": activity.done_on.isoformat(), "minutes": activity.minutes}
    session.delete(activity)
    journal_activities(session, locked, WITHDRAWN, act, **told, participants=1, activities=[activity.journey_id])
    return activity


def opened_for_activities(session: Session, application: Application, act: Act) -> Application:
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    if not may(act.actor, "journey.follow", locked):
        raise Forbidden()
    reason = why_closed(locked)
    if reason is not None:
        raise Refused([reason])
    return locked


def _read(application: Application, act: Act, errors: dict[str, list[str]]) -> dict[str, Any] | None:
    try:
        answers = read(activity_inputs(application), act.data)
    except InvalidInput as error:
        errors |= {name: list(sentences) for name, sentences in error.errors.items()}
        return None
    wrong = wrong_of(application, answers, act.day)
    errors |= {name: [sentence] for name, sentence in wrong.items()}
    return answers


def wrong_of(application: Application, answers: dict[str, Any], today: date) -> dict[str, str]:
    found, convention, day = {}, application.convention, answers["done_on"]
    if not 0 < answers["minutes"] <= MINUTES_A_DAY:
        found["minutes"] = f"Une journée compte {MINUTES_A_DAY} minutes : écrivez une durée entre 1 et {MINUTES_A_DAY}."
    if day > today:
        found["done_on"] = "Cette date est dans le futur."
    elif convention is not None:
        end = convention.last_on
        if not convention.starts_on <= day <= end:
            period = f"du {long_date(convention.starts_on)} au {long_date(end)}"
            found["done_on"] = f"La convention couvre la période {period} : l’activité doit s’y trouver."
    return found


def _check_days(
    session: Session, application: Application, journeys: Sequence[Journey], answers: dict[str, Any], names: Names
) -> None:
    """Each person at fault is named, with why: not there that day, a day too full, a month already sent."""
    day, month = answers["done_on"], answers["done_on"].replace(day=1)
    keys = [journey.id for journey in journeys]
    filled = _filled(session, keys, day)
    sent = _sent(session, keys, month)
    faults: dict[str, list[str]] = {}
    for journey in journeys:
        sentence = fault_of(journey, day, filled.get(journey.id, 0) + answers["minutes"], sent=journey.id in sent)
        if sentence:
            faults.setdefault(sentence, []).append(names.get(journey.id, journey.label))
    if faults:
        raise InvalidInput({"participants": [f"{_who(people)} : {why}" for why, people in faults.items()]})


def fault_of(journey: Journey, day: date, minutes: int, *, sent: bool) -> str:
    if journey.entered_on is None or day < journey.entered_on:
        return (
            f"l’entrée ne date que du {long_date(journey.entered_on)}." if journey.entered_on else "pas encore entrée."
        )
    if journey.exited_on is not None and day > journey.exited_on:
        return f"la sortie date du {long_date(journey.exited_on)}."
    if sent:
        return _sent_sentence(day.replace(day=1))
    if minutes > MINUTES_A_DAY:
        return f"cela ferait {said_hours(minutes)} dans la journée."
    return ""


def _who(people: list[str]) -> str:
    more = len(people) - MOST_NAMED
    return listed(people) if more <= 0 else f"{', '.join(people[:MOST_NAMED])} et {more} autres"


def filled_on(session: Session, keys: Sequence[int]) -> dict[tuple[int, date], int]:
    """Minutes already entered, by journey and day."""
    query = sa.select(Activity.journey_id, Activity.done_on, sa.func.sum(Activity.minutes))
    query = query.where(Activity.journey_id.in_(keys)).group_by(Activity.journey_id, Activity.done_on)
    return {(key, day): int(minutes) for key, day, minutes in session.execute(query)}


def _filled(session: Session, keys: Sequence[int], day: date) -> dict[int, int]:
    """Minutes already entered on this day, by journey."""
    query = sa.select(Activity.journey_id, sa.func.sum(Activity.minutes)).where(
        Activity.journey_id.in_(keys), Activity.done_on == day
    )
    return {key: int(minutes) for key, minutes in session.execute(query.group_by(Activity.journey_id))}


def _sent(session: Session, keys: Sequence[int], month: date) -> set[int]:
    """The journeys whose progress record of this month has left the operator."""
    sent = (ProgressRecord.month == month, ProgressRecord.state.in_(LOCKING_STATES))
    return set(session.scalars(sa.select(ProgressRecord.journey_id).where(ProgressRecord.journey_id.in_(keys), *sent)))


def sent_months(session: Session, application: Application) -> set[tuple[int, date]]:
    """(journey, month) of every month of an operation whose progress record has left the operator."""
    query = sa.select(ProgressRecord.journey_id, ProgressRecord.month).where(
        ProgressRecord.application_id == application.id, ProgressRecord.state.in_(LOCKING_STATES)
    )
    return {(key, month) for key, month in session.execute(query)}


def _sent_sentence(month: date) -> str:
    return f"le CRE {of_month(month)} est remis, ce mois ne se modifie plus."


def journal_activities(session: Session, application: Application, kind: str, act: Act, **told: Any) -> None:
    session.flush()
    journal.record(session, "application", application.id, kind, actor=act.actor, at=act.at, **told)
