"""What follows from each move of a progress record, in the same transaction: its deadlines are met by the moves.

The case is locked after the record, always.
"""

from __future__ import annotations

from datetime import timedelta

from casework import db, deadlines, extensions
from casework.activities import LOCKING_STATES
from casework.applications import Application
from casework.deadlines import Deadline, deadlines_of
from casework.errors import NotFound
from casework.progress_records import VALIDATED_STATES
from workflows.engine import Context
from workflows.journey.record_deadlines import rank_of
from workflows.progress.reading import without_record_in
from workflows.rules.calendar import CRE_VALIDATION_DAYS


def write(context: Context) -> None:
    context.case.themes = list(context.answers.get("themes") or ())
    context.case.comment = context.answers.get("comment") or ""


def submit(context: Context) -> None:
    context.case.submitted_at, context.case.return_reason = context.act.at, ""


def validate(context: Context) -> None:
    context.case.validated_at = context.act.at
    context.case.validated_by_id = context.act.actor.user_id


def give_back(context: Context) -> None:
    """The record goes back to its operator, and its month with it."""
    record = context.case
    record.return_reason = context.answers["reason"]
    record.submitted_at = record.validated_at = record.validated_by_id = None


def meet_submission(context: Context) -> None:
    """The last record of a month meets the operator's deadline; the SLAI has its days from each record it receives."""
    case = _locked_case(context)
    sent = _open_deadline(context, case, "cre")
    if sent is not None and not without_record_in(context.session, case, context.case.month, LOCKING_STATES):
        deadlines.close(context.session, case, [sent], status="met", at=context.act.at, outcome="CRE remis.")
        extensions.release(context.session, case, sent, days=CRE_VALIDATION_DAYS, at=context.act.at)
    waited = _open_deadline(context, case, "cre_validation")
    if waited is not None and waited.awaits_id is None:
        day = max(waited.due_on, context.day + timedelta(days=CRE_VALIDATION_DAYS))
        deadlines.reschedule(context.session, case, waited, day, at=context.act.at, why="Un CRE vient d’être remis.")


def meet_validation(context: Context) -> None:
    """The last validated record of a month meets the deadline of the SLAI."""
    case = _locked_case(context)
    waited = _open_deadline(context, case, "cre_validation")
    if waited is None or waited.awaits_id is not None:
        return
    if not without_record_in(context.session, case, context.case.month, VALIDATED_STATES):
        deadlines.close(context.session, case, [waited], status="met", at=context.act.at, outcome="CRE validés.")


def _locked_case(context: Context) -> Application:
    context.session.flush()
    case: Application | None = db.lock(context.session, Application, context.case.application_id)
    if case is None:
        raise NotFound()
    return case


def _open_deadline(context: Context, case: Application, kind: str) -> Deadline | None:
    rank = rank_of(case, context.case.month)
    known = deadlines_of(context.session, case.id)
    return next((one for one in known if (one.kind, one.rank, one.status) == (kind, rank, "open")), None)
