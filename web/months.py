"""The months of an operation's participants: a grid typed, pasted or imported, saved whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for

from casework import spreadsheets
from casework.applications import Application
from casework.durations import said_hours
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused, Stale
from casework.french import counted, month_of
from casework.permissions import may
from web import month_rows
from web.access import application_in_scope, on_application
from web.case_layout import CaseView, case_page, view_of
from web.errors import status_of
from web.identities import person_of, shown, undo_to_read
from web.month_rows import Given, Row
from web.participants import followed_case, menu_of
from web.render import back_to
from web.session import settings
from workflows.application.reading import posts_of, setting_of
from workflows.engine import Act
from workflows.journey.months import Grid, boxes, grid_of, months_of, save_months, why_no_month
from workflows.rules.explanation import line_source
from workflows.versions import scheme_of

pages = Blueprint("months", __name__)
LARGEST_FILE = 5_000_000
RECORDS_DAY = 10
SHOWN_REFUSALS = 50


@pages.get("/dossiers/<int:application_id>/mois")
@on_application("journey.read")
def latest(application: Application) -> Any:
    """The month to fill now: the one that has just ended, until its progress records are due."""
    followed_case(application)
    known = months_of(application, g.today)
    if not known:
        return redirect(url_for("participants.index", application_id=application.id), 303)
    place = 1 if g.today.day <= RECORDS_DAY and known[0] == g.today.replace(day=1) and len(known) > 1 else 0
    return redirect(_address(application, known[place]), 303)


@pages.get("/dossiers/<int:application_id>/mois/<month>")
@on_application("journey.read")
def show(application: Application, month: str) -> Any:
    return _page(application, month_in(month))


@pages.post("/dossiers/<int:application_id>/mois/<month>")
@on_application("journey.follow")
def save(application: Application, month: str) -> Any:
    """Save the grid; or note present whoever has no answer yet, without saving."""
    rows = month_rows.typed_rows(request.form)
    if "all_present" in request.form:
        rows = [replace(row, present=row.present or "oui") for row in rows]
        undo_to_read()
        return _page(application_in_scope(application.id), month_in(month), rows=rows, unsaved=True)
    return _saved(application, month_in(month), Given(rows))


@pages.post("/dossiers/<int:application_id>/mois/<month>/coller")
@on_application("journey.follow")
def paste(application: Application, month: str) -> Any:
    text = request.form.get("pasted", "")
    return _taken(application, month_in(month), lambda names: month_rows.pasted(text, names), pasted=text)


@pages.post("/dossiers/<int:application_id>/mois/<month>/importer")
@on_application("journey.follow")
def bring_back(application: Application, month: str) -> Any:
    return _taken(application, month_in(month), lambda names: month_rows.imported(sent_workbook(), names))


@pages.get("/dossiers/<int:application_id>/mois/<month>.xlsx")
@on_application("journey.read")
def export(application: Application, month: str) -> Response:
    followed_case(application)
    asked = month_in(month)
    grid = grid_of(g.db, application, asked, actor=g.actor, options=person_of())
    content = month_rows.workbook(grid, _names(grid))
    name = f"mois-{asked:%Y-%m}-{application.reference}.xlsx"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=spreadsheets.MEDIA_TYPE, headers=disposition)


def month_in(text: str) -> date:
    """The first day of « 2024-03 ». Raises NotFound."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotFound("Ce mois n’existe pas.") from None


def sent_workbook() -> bytes:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput({"file": ["Choisissez d’abord un classeur sur votre appareil."]})
    content = sent.stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise InvalidInput({"file": ["Ce classeur dépasse 5 Mo : un mois tient en quelques centaines de lignes."]})
    return content


def _names(grid: Grid) -> dict[int, str]:
    """The names that this person may read, by journey; the look is recorded."""
    journeys = [line.journey for line in grid.lines]
    seen = shown(journeys, "months")
    return {journey.id: journey.person.name for journey in journeys if journey.id in seen}


def _taken(application: Application, month: date, read: Any, *, pasted: str = "") -> Any:
    """Read what was pasted or imported and save it; what cannot be read refuses the whole, like a wrong line."""
    grid = grid_of(g.db, application, month, options=person_of())
    named = {line.journey.id: line.journey.person.name for line in grid.lines} if person_of() else {}
    try:
        given = read(named)
    except InvalidInput as error:
        undo_to_read()
        return _page(application_in_scope(application.id), month, error=error, pasted=pasted)
    if given.problems:
        undo_to_read()
        error = InvalidInput({"line": given.problems})
        return _page(application_in_scope(application.id), month, error=error, given=given, pasted=pasted)
    return _saved(application, month, given, taken=True, pasted=pasted)


def _saved(application: Application, month: date, given: Given, *, taken: bool = False, pasted: str = "") -> Any:
    key = application.id
    act = Act(g.actor, g.now, settings())
    try:
        number = save_months(g.db, application, month, given.rows, seen=request.form.get("seen", ""), act=act)
    except (InvalidInput, Refused, Stale) as error:
        undo_to_read()
        again = application_in_scope(key)
        return _page(again, month, rows=given.rows, error=error, given=given if taken else None, pasted=pasted)
    changed = counted(number, "participant enregistré", "participants enregistrés")
    sentence = f"{month_of(month).capitalize()} : {changed}." if number else "Rien n’a changé."
    return back_to("months.show", sentence, application_id=key, month=f"{month:%Y-%m}")


def _page(
    application: Application,
    month: date,
    *,
    rows: Sequence[Row] | None = None,
    error: CaseworkError | None = None,
    given: Given | None = None,
    unsaved: bool = False,
    pasted: str = "",
) -> Any:
    followed_case(application)
    view = view_of(application, outline=True)
    known = months_of(application, g.today)
    if month not in known:
        raise NotFound("Ce mois n’est pas dans l’opération, ou n’a pas commencé.")
    grid = grid_of(g.db, application, month, actor=g.actor, options=person_of())
    names = _names(grid)
    refused = _refused(error, given)
    errors = {} if refused or not isinstance(error, InvalidInput) else error.errors
    return case_page(
        view,
        "participants",
        "participants/months.html",
        status=status_of(error) if error else 200,
        menu=menu_of(application, "months"),
        month=month,
        months=[{"label": month_of(one), "href": _address(application, one), "current": one == month} for one in known],
        rows=_drawn(grid, names, month_rows.by_journey(rows or ()), told=error is not None),
        errors=errors,
        labels=_labels(grid, names),
        refused=refused,
        stopped=_sentences(error),
        unsaved=unsaved,
        pasted=pasted,
        seen=request.form.get("seen", grid.seen) if isinstance(error, InvalidInput) or unsaved else grid.seen,
        missing=grid.missing,
        totals=_totals(grid),
        objective=_objective(application, grid),
        reason=_why_not(view, month),
        with_records=scheme_of(application).followup.cre_per_participant,
    )


def _why_not(view: CaseView, month: date) -> str | None:
    if not may(g.actor, "journey.follow", view.application):
        return "Le porteur saisit les mois ; vous les lisez ici."
    return why_no_month(view.application, month, g.today)


def _drawn(
    grid: Grid, names: Mapping[int, str], typed: Mapping[int, Row], *, told: bool = False
) -> list[dict[str, Any]]:
    """`told`: what somebody else saved meanwhile is said on its line, so that saving again is a choice."""
    drawn = []
    for line in grid.lines:
        held = boxes(line.stored)
        row = typed.get(line.journey.id)
        present, hours = (row.present, row.hours) if row is not None else held
        drawn.append(
            {
                "id": line.journey.id,
                "name": names.get(line.journey.id, line.journey.label),
                "days": line.passed(g.today),
                "many_hours": line.many_hours(g.today),
                "present": present,
                "hours": hours,
                "before": "|".join(held if told or row is None or row.before is None else row.before),
                "locked": line.locked,
                "said": said_hours(line.stored.minutes) if line.stored else "",
                "record": line.record,
            }
        )
    return drawn


def _labels(grid: Grid, names: Mapping[int, str]) -> dict[str, str]:
    known = {line.journey.id: names.get(line.journey.id, line.journey.label) for line in grid.lines}
    words = {"present": "présence", "hours": "heures", "line": "ligne"}
    return {f"{name}-{key}": f"{who}, {text}" for key, who in known.items() for name, text in words.items()}


def _refused(error: CaseworkError | None, given: Given | None) -> list[str]:
    """The report of a paste or an import, line by line."""
    if error is None or given is None:
        return []
    said = given.problems or given.refused(error)
    more = len(said) - SHOWN_REFUSALS
    rest = [f"… et {counted(more, 'autre point', 'autres points')}."] if more > 0 else []
    return [*said[:SHOWN_REFUSALS], *rest]


def _sentences(error: CaseworkError | None) -> list[str]:
    if isinstance(error, Refused):
        return list(error.reasons)
    return [error.sentence] if isinstance(error, Stale) else []


def _totals(grid: Grid) -> tuple[str, str]:
    stored = [line.stored for line in grid.lines if line.stored is not None]
    present = counted(sum(one.present for one in stored), "présent", "présents")
    return present, said_hours(sum(one.minutes for one in stored))


def _objective(application: Application, grid: Grid) -> str:
    """3.10: what the month should reach, by the setting of the operation (l.2516-2520); "" where there is none."""
    asked = scheme_of(application).funding.hours_objective
    if asked is None:
        return ""
    setting, posts = setting_of(application), posts_of(application)
    each, word = (asked.rural, "rural") if setting == "rural" else (asked.urban, "urbain")
    stored = [line.stored for line in grid.lines if line.stored is not None and line.stored.present]
    done = said_hours(sum(one.minutes for one in stored))
    foreseen = f" Postes conventionnés : {posts}." if posts else ""
    goal = said_hours(each * len(stored) * 60)
    return (
        f"Mise à disposition en milieu {word} : {each} h par personne et par mois ({line_source(asked.line)}). "
        f"Ce mois, {done} pour {goal} attendues des présents.{foreseen}"
    )


def _address(application: Application, month: date) -> str:
    return url_for("months.show", application_id=application.id, month=f"{month:%Y-%m}")
