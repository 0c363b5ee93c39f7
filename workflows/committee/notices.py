"""What is written about a committee, and to whom. The agenda stays in the service; no mail says anything of anybody."""

from __future__ import annotations

from collections.abc import Sequence

from casework.applications import Application
from casework.committees import Committee, CommitteeSeat
from casework.french import long_date, said_moment
from casework.mail import Letter, as_html, as_text
from casework.meetings import Meeting, as_invitation
from casework.outbox import enqueue, enqueue_to
from casework.people import User, members
from casework.settings import Settings
from workflows.committee.seats import people_of
from workflows.engine import Context
from workflows.letters import facts_of

READERS = ("slai", "officer", "caf", "convergence", "mamobilite62")


def meeting_of(committee: Committee, settings: Settings, *, cancelled: bool = False) -> Meeting:
    """The meeting as calendars keep it. It was convened once."""
    if committee.starts_at is None:
        raise LookupError("a meeting has a moment")
    return Meeting(
        key=f"comite-{committee.id}",
        starts_at=committee.starts_at,
        lasts=committee.lasts,
        title=f"{committee.application.reference} – {committee.title}",
        place=committee.place,
        href=address_of(committee, settings),
        sequence=committee.sequence,
        cancelled=cancelled,
    )


def address_of(committee: Committee, settings: Settings) -> str:
    return f"{settings.public_url}/comites/{committee.id}"


def invited(context: Context) -> None:
    _invite(context, "convocation", "Vous êtes convoqué au comité décrit ci-dessous.")


def moved(context: Context) -> None:
    _invite(
        context, "nouvelle date", "Ce comité change de moment ou de lieu : la convocation qui suit remplace l’autre."
    )


def called_off(context: Context) -> None:
    _invite(context, "comité annulé", "Ce comité n’a pas lieu au moment annoncé.", cancelled=True)


def _invite(context: Context, what: str, sentence: str, *, cancelled: bool = False) -> None:
    """One message for each person, with a calendar file of her own."""
    committee, act = context.case, context.act
    seats = [seat for seat in committee.seats if seat.invited]
    meeting = meeting_of(committee, act.settings, cancelled=cancelled)
    inside = _letter(context, what, sentence, outside=False)
    body, html = as_text(inside, act.settings), as_html(inside, act.settings)

    def calendar(address: str, name: str) -> str:
        sender = act.settings.mail_from
        return as_invitation(meeting, organizer=sender, attendee=address, name=name, at=act.at)

    for user in people_of(context.session, committee.application, seats):
        enqueue(
            context.session,
            [user],
            subject=inside.subject,
            body=body,
            html=html,
            ics=calendar(user.email, user.name),
            at=act.at,
            application_id=committee.application_id,
        )
    by_mail = [seat for seat in seats if seat.email]
    outside = _letter(context, what, sentence, outside=True) if by_mail else inside
    for seat in by_mail:
        enqueue_to(
            context.session,
            seat.email,
            subject=outside.subject,
            body=as_text(outside, act.settings),
            html=as_html(outside, act.settings),
            ics=calendar(seat.email, seat.label),
            at=act.at,
            application_id=committee.application_id,
        )


def _letter(context: Context, what: str, sentence: str, *, outside: bool) -> Letter:
    committee, settings = context.case, context.act.settings
    case: Application = committee.application
    reason = context.answers.get("reason")
    leader = case.organisation.name if committee.led_by == "applicant" else settings.funder
    inviter = f"Vous êtes invité par {leader}, qui vous transmettra l’ordre du jour."
    return Letter(
        subject=f"{case.reference} – {committee.title}, {long_date(committee.day)} : {what}",
        paragraphs=(sentence, *((f"Motif : {reason}",) if reason else ()), *((inviter,) if outside else ())),
        facts=(
            ("Comité", committee.title),
            ("Quand", said_moment(committee.starts_at)),
            ("Durée", f"{committee.lasts} minutes"),
            ("Où", committee.place),
            *facts_of(case),
        ),
        link=None if outside else ("Voir le comité et son ordre du jour", address_of(committee, settings)),
    )


def held_without(context: Context) -> None:
    """The officer learns that a mandatory body was missing."""
    committee, case = context.case, context.case.application
    officers = [case.officer] if case.officer else members(context.session, "officer", scheme_code=case.scheme_code)
    sentence = f"Le comité du {long_date(committee.day)} s’est tenu sans {committee.absent}."
    _tell(context, officers, "comité tenu sans un membre obligatoire", sentence, "news")


def minutes_to_read(context: Context) -> None:
    sentence = f"Le compte rendu du comité du {long_date(context.case.day)} est validé : il peut être lu et accepté."
    readers = READERS if context.case.led_by == "applicant" else ("operator", *READERS)
    _tell(context, _holders(context, readers), "compte rendu de comité", sentence, "news")


def minutes_returned(context: Context) -> None:
    sentence = f"Le compte rendu du comité du {long_date(context.case.day)} est renvoyé pour correction."
    writer = "operator" if context.case.led_by == "applicant" else "officer"
    _tell(context, _holders(context, (writer,)), "compte rendu à corriger", sentence, "request")


def _holders(context: Context, bodies: Sequence[str]) -> list[User]:
    committee: Committee = context.case
    seats: list[CommitteeSeat] = [seat for seat in committee.seats if seat.body in bodies]
    found = people_of(context.session, committee.application, seats)
    return [user for user in found if user.id != context.act.actor.user_id]


def _tell(context: Context, users: Sequence[User], what: str, sentence: str, category: str) -> None:
    committee, act = context.case, context.act
    case: Application = committee.application
    letter = Letter(
        subject=f"{case.reference} – {what}",
        paragraphs=(sentence,),
        facts=(("Comité", committee.title), *facts_of(case)),
        link=("Voir le comité", address_of(committee, act.settings)),
    )
    enqueue(
        context.session,
        users,
        subject=letter.subject,
        body=as_text(letter, act.settings),
        html=as_html(letter, act.settings),
        at=act.at,
        application_id=case.id,
        category=category,
    )
