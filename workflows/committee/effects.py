"""What follows from each move of a committee, in the same transaction: its seats, its deadline, who is told."""

from __future__ import annotations

from datetime import date, time

from casework import deadlines, journal
from casework.clock import paris_day, paris_instant
from casework.committees import Committee, CommitteeDecision, CommitteeSeat
from casework.deadlines import deadlines_of
from workflows.committee import notices
from workflows.committee.planning import KIND
from workflows.committee.seats import absences, contact_seats, contacts_for, other_seats, own_seats
from workflows.engine import Context

HELD = journal.register("application.committee_held", "Comité tenu")


def convene(context: Context) -> None:
    """Its moment first: a committee that is convened has one."""
    committee: Committee = context.case
    move(context)
    chosen = set(context.answers.get("invited") or ())
    seats = [one for one in own_seats(context.session, committee.application) if one.mandatory or one.key in chosen]
    seats += contact_seats(contacts_for(context.session, committee.application), chosen)
    seats += other_seats(context.answers.get("others") or "")
    _seat(context, seats)
    committee.agenda = context.answers["agenda"]
    context.session.flush()


def _seat(context: Context, seats: list[CommitteeSeat]) -> None:
    """These seats in place of those that stood."""
    context.case.seats = []
    context.session.flush()
    context.case.seats = seats


def move(context: Context) -> None:
    """The moment and the place; a calendar that knew another one follows the last word."""
    committee, answers = context.case, context.answers
    committee.starts_at = paris_instant(answers["day"], time.fromisoformat(answers["hour"]))
    committee.day, committee.lasts, committee.place = answers["day"], answers["lasts"], answers["place"]
    committee.sequence += 1


def put_off(context: Context) -> None:
    """Nobody is invited any more: the committee is to be convened anew, at the day that its deadline gives."""
    committee: Committee = context.case
    committee.sequence += 1
    notices.called_off(context)
    committee.starts_at = None
    owed = _deadline(context)
    if owed is not None:
        committee.day = owed.due_on


def call_off(context: Context) -> None:
    committee: Committee = context.case
    if committee.starts_at is not None:
        committee.sequence += 1
        notices.called_off(context)


def hold(context: Context) -> None:
    """The day it was held meets its deadline; a mandatory body that was missing is said there too."""
    committee, held_on = context.case, context.answers["held_on"]
    if not committee.seats:
        committee.seats = own_seats(context.session, committee.application)
    _keep_document(context)
    committee.day = held_on
    attend(context)
    owed = _deadline(context)
    if owed is not None:
        owed.document_id = committee.document_id
        said = f"Tenu sans {committee.absent}." if committee.absent else ""
        at = context.act.at
        deadlines.close(
            context.session, committee.application, [owed], status="met", at=at, done_on=held_on, outcome=said
        )
    _say_on_case(context)
    if committee.absent:
        notices.held_without(context)


def _say_on_case(context: Context) -> None:
    """The history of the case tells that it was held; the rest stands in the committee's own."""
    committee, act = context.case, context.act
    journal.record(
        context.session,
        "application",
        committee.application_id,
        HELD,
        actor=act.actor,
        at=act.at,
        committee=committee.title,
        done_on=committee.day.isoformat(),
    )


def _keep_document(context: Context) -> None:
    chosen = context.answers.get("evidence")
    context.case.document_id = int(chosen) if chosen else None


def attend(context: Context) -> None:
    """Who sat, who else came, and which mandatory bodies were missing."""
    committee: Committee = context.case
    kept = [seat for seat in committee.seats if not seat.key.startswith("came-")]
    for seat in kept:
        seat.presence = context.answers[f"presence_{seat.key}"]
    _drop_arrivals(context, kept)
    committee.seats += other_seats(context.answers.get("came") or "", sat=True)
    committee.absent = absences(committee.application, committee.seats)
    committee.earlier = False
    context.session.flush()


def _drop_arrivals(context: Context, kept: list[CommitteeSeat]) -> None:
    if len(kept) != len(context.case.seats):
        context.case.seats = kept
        context.session.flush()


def correct(context: Context) -> None:
    """The attendance was wrong: the deadline says what is now known."""
    attend(context)
    committee = context.case
    met = _deadline(context, status="met")
    if met is not None:
        met.outcome = f"Tenu sans {committee.absent}." if committee.absent else ""


def write(context: Context) -> None:
    context.case.minutes = context.answers["minutes"]


def validate(context: Context) -> None:
    committee: Committee = context.case
    committee.minuted_at, committee.minuted_by_id = context.act.at, context.act.actor.user_id
    committee.return_reason, committee.earlier = "", False
    notices.minutes_to_read(context)


def acknowledge(context: Context) -> None:
    context.case.acknowledged_at, context.case.acknowledged_by_id = context.act.at, context.act.actor.user_id


def give_back(context: Context) -> None:
    committee: Committee = context.case
    committee.return_reason = context.answers["reason"]
    committee.minuted_at = committee.minuted_by_id = None
    notices.minutes_returned(context)


def decide(context: Context) -> None:
    committee, answers = context.case, context.answers
    context.session.add(
        CommitteeDecision(
            committee_id=committee.id,
            application_id=committee.application_id,
            text=answers["text"],
            responsible=answers["responsible"],
            due_on=answers.get("due_on"),
            decided_on=committee.day,
        )
    )
    _read_again(context)


def settle(context: Context) -> None:
    wanted = context.answers["decision"]
    decision = next(one for one in context.case.decisions if str(one.id) == wanted)
    decision.status, decision.settled_on = context.answers["status"], context.day
    decision.outcome = context.answers.get("outcome") or ""
    _read_again(context)


def _read_again(context: Context) -> None:
    context.session.flush()
    context.session.expire(context.case, ["decisions"])


def _deadline(context: Context, *, status: str = "open") -> deadlines.Deadline | None:
    committee: Committee = context.case
    if committee.rank is None:
        return None
    known = deadlines_of(context.session, committee.application_id)
    return next((one for one in known if (one.kind, one.rank, one.status) == (KIND, committee.rank, status)), None)


def day_of(committee: Committee) -> date:
    """The day of its meeting when it has one, else the day for which it is planned."""
    return paris_day(committee.starts_at) if committee.starts_at is not None else committee.day
