"""One committee: who is invited and who sat, its agenda, its minutes, what it decided, and what may be done now."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy.orm import joinedload, undefer
from werkzeug.wrappers import Response as BaseResponse

from casework import journal
from casework.applications import Application
from casework.committees import PRESENCES, Committee, CommitteeSeat
from casework.dashboards import with_dashboards
from casework.errors import InvalidInput, NotFound, Refused, Stale
from casework.meetings import as_invitation
from casework.people import User
from casework.permissions import may, visible
from web.access import needs
from web.actions import typed_in, version_in
from web.case_convention import download
from web.case_offers import Reopened, drawn, not_done
from web.errors import status_of
from web.identities import undo_to_read
from web.lines import for_reader
from web.render import back_to, page
from web.session import settings
from workflows.committee import COMMITTEE
from workflows.committee.acting import act_on
from workflows.committee.documents import committee_facts, convocation_pdf, minutes_pdf
from workflows.committee.notices import meeting_of
from workflows.committee.seats import seats_of
from workflows.engine import Act, offered
from workflows.versions import scheme_of

pages = Blueprint("committees", __name__)
HISTORY = 50
TAGS = {"planned": "draft", "convened": "info", "held": "soon", "minuted": "soon", "acknowledged": "ok"}


@pages.get("/comites/<int:committee_id>")
@needs("committee.read")
def show(committee_id: int) -> Any:
    return _page(committee_in_scope(committee_id), opened=request.args.get("action"))


@pages.get("/comites/<int:committee_id>/actions/<trigger>")
@needs("committee.read")
def back(committee_id: int, trigger: str) -> BaseResponse:
    """An address of an action that is opened, bookmarked or reloaded leads to its form."""
    anchor = f"action-{trigger}" if trigger in COMMITTEE.moves else None
    return redirect(url_for("committees.show", committee_id=committee_id, action=trigger, _anchor=anchor), 303)


@pages.post("/comites/<int:committee_id>/actions/<trigger>")
@needs("committee.read")
def fire(committee_id: int, trigger: str) -> Any:
    move = COMMITTEE.moves.get(trigger)
    if move is None:
        raise NotFound("Cette action n’existe pas.")
    committee = committee_in_scope(committee_id)
    typed = typed_in(request.form)
    try:
        act = Act(g.actor, g.now, settings(), data=typed, version=version_in(request.form))
        event = act_on(g.db, committee, trigger, act)
    except (Refused, Stale, InvalidInput) as error:
        undo_to_read()
        reopened = not_done("committee", committee_id, move, typed, error)
        return _page(committee_in_scope(committee_id), status=status_of(error), reopened=reopened)
    return back_to("committees.show", f"{event.label}.", committee_id=committee_id)


@pages.get("/comites/<int:committee_id>/convocation.pdf")
@needs("committee.read")
def convocation(committee_id: int) -> Response:
    committee = committee_in_scope(committee_id)
    if not committee.agenda:
        raise NotFound("Ce comité n’a pas été convoqué ici.")
    content = convocation_pdf(committee, committee.seats, funder=settings().funder)
    return download(content, f"convocation-{_named(committee)}.pdf", "application/pdf")


@pages.get("/comites/<int:committee_id>/compte-rendu.pdf")
@needs("committee.read")
def minutes(committee_id: int) -> Response:
    committee = committee_in_scope(committee_id)
    if not _minutes_are_open(committee):
        raise NotFound("Ce comité n’a pas encore de compte rendu.")
    return download(
        minutes_pdf(committee, funder=settings().funder), f"compte-rendu-{_named(committee)}.pdf", "application/pdf"
    )


@pages.get("/comites/<int:committee_id>/invitation.ics")
@needs("committee.read")
def invitation(committee_id: int) -> Response:
    """The same entry as the one joined to the mail."""
    committee = committee_in_scope(committee_id)
    if committee.starts_at is None or committee.state == "cancelled":
        raise NotFound("Ce comité n’est pas convoqué.")
    user = g.db.get_one(User, g.actor.user_id)
    found = settings()
    meeting = meeting_of(committee, found)
    content = as_invitation(meeting, organizer=found.mail_from, attendee=user.email, name=user.name, at=g.now)
    return download(content.encode(), f"comite-{_named(committee)}.ics", "text/calendar; charset=utf-8")


def committee_in_scope(committee_id: int) -> Committee:
    """The committee with all that its page needs, when this person may see its case. Raises NotFound otherwise."""
    case = joinedload(Committee.application, innerjoin=True)
    query = sa.select(Committee).join(Application, Application.id == Committee.application_id)
    query = visible(query.where(Committee.id == committee_id), g.actor).options(
        case.joinedload(Application.convention),
        case.joinedload(Application.officer),
        case.joinedload(Application.territories),
        case.joinedload(Application.partners),
        case.joinedload(Application.co_bearers),
        case.undefer(Application.answers),
        joinedload(Committee.minuted_by),
        joinedload(Committee.acknowledged_by),
        joinedload(Committee.seats),
        with_dashboards(),
        undefer(Committee.agenda),
        undefer(Committee.minutes),
        undefer(Committee.note),
        undefer(Committee.return_reason),
    )
    committee: Committee | None = g.db.scalars(query).unique().one_or_none()
    if committee is None or not may(g.actor, "committee.read", committee.application):
        raise NotFound("Ce comité n’existe pas, ou il ne vous est pas ouvert.")
    return committee


def _named(committee: Committee) -> str:
    return f"{committee.day.isoformat()}-{committee.application.reference}"


def _minutes_are_open(committee: Committee) -> bool:
    """Minutes that are not validated yet are seen by whoever writes them."""
    if not committee.minutes:
        return False
    return committee.state in ("minuted", "acknowledged") or may(g.actor, "committee.run", committee.application)


def _page(
    committee: Committee, *, status: int = 200, opened: str | None = None, reopened: Reopened | None = None
) -> tuple[str, int]:
    offers = offered(g.db, committee, g.actor, at=g.now, settings=settings())
    actions = drawn(
        offers,
        lambda trigger: url_for("committees.fire", committee_id=committee.id, trigger=trigger),
        opened=opened,
        reopened=reopened,
    )
    return page(
        "committees/show.html",
        status,
        committee=committee,
        case=committee.application,
        tag=TAGS.get(committee.state, "withdrawn"),
        facts=committee_facts(committee),
        seats=[_seat(seat)[: 3 if committee.held else 2] for seat in seats_of(g.db, committee)],
        decisions=[(one, one.late(g.today)) for one in committee.decisions] if committee.held else [],
        minutes=committee.minutes if _minutes_are_open(committee) else "",
        links=_links(committee),
        dashboards=_dashboards(committee),
        **actions,
        events=[_event(event) for event in journal.timeline(g.db, "committee", committee.id, limit=HISTORY)],
    )


def _links(committee: Committee) -> list[tuple[str, str]]:
    found = []
    if committee.starts_at is not None and committee.state == "convened":
        found.append(("Ajouter à mon calendrier (.ics)", url_for("committees.invitation", committee_id=committee.id)))
    if committee.agenda:
        found.append(
            ("Convocation et ordre du jour (PDF)", url_for("committees.convocation", committee_id=committee.id))
        )
    if _minutes_are_open(committee):
        found.append(("Compte rendu (PDF)", url_for("committees.minutes", committee_id=committee.id)))
    return found


def _dashboards(committee: Committee) -> dict[str, Any] | None:
    """The dashboards sent for this committee, where the sheet wants one before each."""
    case = committee.application
    if not scheme_of(case).followup.dashboard_before_committee or not may(g.actor, "dashboard.read", case):
        return None
    return {"current": url_for("dashboards.show", application_id=case.id), "sent": committee.dashboards}


def _seat(seat: CommitteeSeat) -> tuple[str, str, str]:
    """(who, whether it must be there, whether it was)."""
    wanted = f"Obligatoire (l.{seat.line})" if seat.mandatory else "Invité" if seat.invited else "Venu en plus"
    return seat.label, for_reader(wanted), PRESENCES[seat.presence] if seat.presence else "–"


def _event(event: journal.Event) -> dict[str, Any]:
    return {
        "title": event.label,
        "at": event.at,
        "actor": event.actor_name,
        "kind": "success" if event.after and event.after != event.before else None,
        "text": f"Motif : {event.reason}" if event.reason else "",
    }
