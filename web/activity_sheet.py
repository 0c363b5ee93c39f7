"""Many activities at once: the model to fill in a spreadsheet, lines pasted or a workbook, all saved or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, g, request, url_for

from casework import spreadsheets
from casework.activities import KINDS, MODES
from casework.applications import Application
from casework.errors import CaseworkError, InvalidInput, Refused
from casework.french import counted
from casework.participants import Journey
from casework.permissions import visible_journeys
from web import activity_rows
from web.access import application_in_scope, on_application
from web.case_layout import case_page, view_of
from web.errors import status_of
from web.identities import person_of, shown, undo_to_read
from web.months import SHOWN_REFUSALS, sent_workbook
from web.participants import followed_case, menu_of
from web.render import back_to
from web.session import settings
from workflows.engine import Act
from workflows.journey.activities import entered_journeys
from workflows.journey.activity_rows import ActivityRow, record_activities
from workflows.journey.reading import why_closed

pages = Blueprint("activity_sheet", __name__)
Given = tuple[list[ActivityRow], list[str]]


@pages.get("/dossiers/<int:application_id>/activites/tableur")
@on_application("journey.follow")
def show(application: Application) -> Any:
    return _page(application)


@pages.get("/dossiers/<int:application_id>/activites/modele.xlsx")
@on_application("journey.follow")
def model(application: Application) -> Response:
    followed_case(application)
    journeys = _people(application)
    content = activity_rows.model(journeys, _names(journeys), g.today)
    disposition = {"Content-Disposition": f'attachment; filename="activites-{application.reference}.xlsx"'}
    return Response(content, mimetype=spreadsheets.MEDIA_TYPE, headers=disposition)


@pages.post("/dossiers/<int:application_id>/activites/coller")
@on_application("journey.follow")
def paste(application: Application) -> Any:
    text = request.form.get("pasted", "")
    return _taken(application, lambda names: activity_rows.pasted(text, names), pasted=text)


@pages.post("/dossiers/<int:application_id>/activites/importer")
@on_application("journey.follow")
def bring_back(application: Application) -> Any:
    return _taken(application, lambda names: activity_rows.imported(sent_workbook(), names))


def _taken(application: Application, read: Callable[[Mapping[int, str]], Given], *, pasted: str = "") -> Any:
    key = application.id
    named = {journey.id: journey.person.name for journey in _people(application)} if person_of() else {}
    try:
        rows, problems = read(named)
        if problems:
            raise InvalidInput({"line": problems})
        number = record_activities(g.db, application, rows, Act(g.actor, g.now, settings()))
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error, pasted=pasted)
    recorded = counted(number, "activité enregistrée", "activités enregistrées")
    return back_to("activities.index", f"{recorded}.", application_id=key)


def _people(application: Application) -> list[Journey]:
    query = visible_journeys(entered_journeys(application), g.actor, application).options(*person_of())
    return list(g.db.scalars(query))


def _names(journeys: list[Journey]) -> dict[int, str]:
    seen = shown(journeys, "months")
    return {journey.id: journey.person.name for journey in journeys if journey.id in seen}


def _page(application: Application, *, error: CaseworkError | None = None, pasted: str = "") -> Any:
    followed_case(application)
    said = error.errors if isinstance(error, InvalidInput) else {}
    return case_page(
        view_of(application),
        "participants",
        "participants/activity_sheet.html",
        status=status_of(error) if error else 200,
        menu=menu_of(application, "activities"),
        errors={name: said[name] for name in ("pasted", "file") if name in said},
        refused=_lines(said),
        reasons=error.reasons if isinstance(error, Refused) else (),
        closed=why_closed(application),
        pasted=pasted,
        kinds=list(KINDS.values()),
        modes=list(MODES.values()),
        labels={"pasted": "Lignes copiées d’un tableur", "file": "Classeur à importer"},
        back=url_for("activities.index", application_id=application.id),
    )


def _lines(said: Mapping[str, Any]) -> list[str]:
    """The report, line by line, as long as it can be read."""
    found = list(said.get("line", ()))
    for name, sentences in said.items():
        part, _, key = name.partition("-")
        if part == "line" and key:
            found.append(f"Ligne {key} : {' '.join(sentences)}")
    more = len(found) - SHOWN_REFUSALS
    rest = [f"… et {counted(more, 'autre ligne', 'autres lignes')}."] if more > 0 else []
    return [*found[:SHOWN_REFUSALS], *rest]
