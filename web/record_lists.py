"""The progress records in lists: those of a month for its operator, those that wait for an SLAI, done in a batch."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, redirect, request, url_for
from sqlalchemy.orm import joinedload

from casework import spreadsheets
from casework.activities import JourneyMonth
from casework.applications import Application
from casework.durations import said_hours
from casework.errors import CaseworkError, NotFound
from casework.french import counted, month_of
from casework.participants import Journey
from casework.permissions import may, visible_journeys
from casework.progress_records import ProgressRecord
from casework.queries import after_place
from web.access import needs, on_application
from web.batch import reasons_of
from web.case_layout import case_page, view_of
from web.forms import FormSchema, Number, read, ticked
from web.identities import person_through, shown
from web.months import month_in
from web.participants import followed_case, menu_of
from web.render import back_to, page
from web.session import settings
from workflows.engine import Act, fire
from workflows.journey.months import months_of
from workflows.journey.record_deadlines import has_records
from workflows.progress.documents import records_workbook
from workflows.progress.inputs import as_written
from workflows.progress.reading import awaited_months, concerned_in, empty_among, waiting_records

pages = Blueprint("record_lists", __name__)
PAGE = 50
MOST = 200


class ListForm(FormSchema):
    apres = Number(low=1, load_default=None)


@pages.get("/dossiers/<int:application_id>/cre")
@on_application("journey.read")
def latest(application: Application) -> Any:
    """The records to submit or to correct now, the most awaited month first; else those of the last that has ended."""
    _with_records(application)
    started = months_of(application, g.today)
    if not started:
        return redirect(url_for("participants.index", application_id=application.id), 303)
    ended = [month for month in started if month < g.today.replace(day=1)]
    awaited = [month for month in awaited_months(g.db, application) if month in ended]
    return redirect(_address(application, (awaited or ended or started)[0]), 303)


@pages.get("/dossiers/<int:application_id>/cre/<month>")
@on_application("journey.read")
def index(application: Application, month: str) -> Any:
    _with_records(application)
    asked, known = month_in(month), months_of(application, g.today)
    if asked not in known:
        raise NotFound("Ce mois n’est pas dans l’opération, ou n’a pas commencé.")
    found = _of_month(application, asked)
    names = _names([record for record, _ in found])
    waiting = [record for record, _ in found if record.state in ("to_write", "returned")]
    empty = empty_among(g.db, waiting)
    return case_page(
        view_of(application, outline=True),
        "participants",
        "participants/records.html",
        menu=menu_of(application, "records"),
        month=asked,
        months=[{"label": month_of(one), "href": _address(application, one), "current": one == asked} for one in known],
        rows=[{**_row(record, stored, names), "empty": record.id in empty} for record, stored in found],
        unsaid=_unsaid(application, asked),
        may_write=bool(waiting) and may(g.actor, "journey.follow", application),
        any_to_submit=len(waiting) > len(empty),
    )


@pages.post("/dossiers/<int:application_id>/cre/<month>")
@on_application("journey.follow")
def submit(application: Application, month: str) -> Any:
    """Submit the records that are ticked, as they stand; each has its own result."""
    _with_records(application)
    asked, key = month_in(month), application.id
    query = sa.select(ProgressRecord).where(
        ProgressRecord.application_id == application.id, ProgressRecord.month == asked
    )
    done = _batch(query, "submit_record", "Cochez au moins un CRE.", most=MOST)
    return back_to(
        "record_lists.index",
        f"{counted(done, 'CRE remis', 'CRE remis')} au SLAI." if done else None,
        application_id=key,
        month=month,
    )


@pages.get("/dossiers/<int:application_id>/cre/<month>.xlsx")
@on_application("journey.read")
def export(application: Application, month: str) -> Response:
    _with_records(application)
    asked = month_in(month)
    records = [record for record, _ in _of_month(application, asked)]
    content = records_workbook(g.db, records, _names(records))
    name = f"cre-{asked:%Y-%m}-{application.reference}.xlsx"
    return Response(
        content,
        mimetype=spreadsheets.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.get("/cre")
@needs("journey.validate")
def waiting() -> Any:
    """What waits for this SLAI agent, the oldest first, with the month of each."""
    after = read(ListForm(), request.args)["apres"]
    journey = joinedload(ProgressRecord.journey)
    query = waiting_records(g.actor).add_columns(JourneyMonth)
    query = query.outerjoin(JourneyMonth, _own_month()).options(
        journey.joinedload(Journey.application).joinedload(Application.co_bearers), *person_through(journey)
    )
    query = query.where(*after_place(g.db, ProgressRecord.submitted_at, ProgressRecord.id, after))
    found = [tuple(row) for row in g.db.execute(query.limit(PAGE + 1)).unique()]
    records = [record for record, _ in found[:PAGE]]
    names = _names(records)
    return page(
        "participants/records_waiting.html",
        rows=[{**_row(record, stored, names), "case": record.journey.application} for record, stored in found[:PAGE]],
        following=url_for("record_lists.waiting", apres=records[-1].id) if found[PAGE:] else None,
        first=url_for("record_lists.waiting") if after else None,
    )


@pages.post("/cre")
@needs("journey.validate")
def validate() -> Any:
    """Each one has its own result: what cannot be validated is said, the others are done and transmitted."""
    done = _batch(waiting_records(g.actor), "validate_record", "Cochez au moins un CRE.", most=PAGE)
    validated = counted(done, "CRE validé et transmis au Département", "CRE validés et transmis au Département")
    return back_to("record_lists.waiting", f"{validated}." if done else None)


def _batch(scope: sa.Select[Any], trigger: str, nothing: str, *, most: int) -> int:
    done, refused = 0, []
    for key, version in ticked(request.form.getlist("cre"), most=most).items():
        sentence = _fired(scope, key, version, trigger)
        done += sentence is None
        if sentence is not None:
            refused.append(sentence)
    for sentence in refused:
        flash(sentence, "warning")
    if not done and not refused:
        flash(nothing, "warning")
    return done


def _fired(scope: sa.Select[Any], key: int, version: int, trigger: str) -> str | None:
    """None once this is done, else why not."""
    record: ProgressRecord | None = g.db.scalars(scope.where(ProgressRecord.id == key)).one_or_none()
    if record is None:
        return "Un CRE coché n’attend plus cette action."
    try:
        with g.db.begin_nested():
            fire(g.db, record, trigger, Act(g.actor, g.now, settings(), as_written(record), version))
    except CaseworkError as error:
        return f"{record.label} : {' '.join(reasons_of(error))}"
    return None


def _with_records(application: Application) -> None:
    followed_case(application)
    if not has_records(application):
        raise NotFound("La fiche de ce dossier ne demande pas de compte rendu d’exécution.")


def _own_month() -> sa.ColumnElement[bool]:
    return sa.and_(JourneyMonth.journey_id == ProgressRecord.journey_id, JourneyMonth.month == ProgressRecord.month)


def _of_month(application: Application, month: date) -> list[tuple[ProgressRecord, JourneyMonth | None]]:
    journey = joinedload(ProgressRecord.journey)
    query = sa.select(ProgressRecord, JourneyMonth).outerjoin(JourneyMonth, _own_month())
    query = query.join(Journey, Journey.id == ProgressRecord.journey_id).where(
        ProgressRecord.application_id == application.id, ProgressRecord.month == month
    )
    query = visible_journeys(query, g.actor, application).options(
        journey, joinedload(ProgressRecord.territory), *person_through(journey)
    )
    return [(record, stored) for record, stored in g.db.execute(query.order_by(ProgressRecord.journey_id))]


def _unsaid(application: Application, month: date) -> int:
    """How many people accompanied this month have no record yet: nobody said anything of their month."""
    known = sa.exists().where(ProgressRecord.journey_id == Journey.id, ProgressRecord.month == month)
    query = visible_journeys(concerned_in(application, month).where(~known), g.actor, application)
    return g.db.scalar(sa.select(sa.func.count()).select_from(query.with_only_columns(Journey.id).subquery())) or 0


def _names(records: list[ProgressRecord]) -> dict[int, str]:
    journeys = [record.journey for record in records]
    seen = shown(journeys, "records")
    return {journey.id: journey.person.name for journey in journeys if journey.id in seen}


def _row(record: ProgressRecord, stored: JourneyMonth | None, names: dict[int, str]) -> dict[str, Any]:
    return {
        "record": record,
        "name": names.get(record.journey_id, record.journey.label),
        "month": month_of(record.month),
        "present": ("oui" if stored.present else "non") if stored else "–",
        "hours": said_hours(stored.minutes) if stored else "–",
    }


def _address(application: Application, month: date) -> str:
    return url_for("record_lists.index", application_id=application.id, month=f"{month:%Y-%m}")
