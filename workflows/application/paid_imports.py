"""What the finance system says was paid becomes paid here, by the very move that a person would have made."""

from __future__ import annotations

from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.errors import NotFound, Refused
from casework.money import live, payments_of
from casework.paid_references import Checked
from workflows.engine import Act, fire


def recording_move(kind: str) -> str:
    """The trigger that records a payment of this kind as paid."""
    return f"record_{kind}"


def record(session: Session, found: Checked, act: Act) -> journal.Event:
    """Record one matched line, on the case as it stands. Raises what `fire` raises, or Refused when it has changed."""
    if found.payment is None or found.case is None or found.paid_on is None:
        raise NotFound()
    case: Application | None = db.lock(session, Application, found.case.id)
    if case is None:
        raise NotFound()
    standing = live(payments_of(session, case.id), found.payment.kind)
    if standing is None or standing.id != found.payment.id or standing.paid_on is not None:
        raise Refused(["Ce versement a changé depuis la lecture du fichier : relancez la lecture."])
    answers = {"paid_on": found.paid_on.isoformat(), "paid_reference": found.reference}
    now = Act(act.actor, act.at, act.settings, answers, case.version)
    return fire(session, case, recording_move(standing.kind), now)
