"""The tracking table of an operation's participants (3.7, l.1665-1669): one line for each, as it stands today.

Nobody fills it in: it is read from what is said of each person where it happens. With names for who may read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, url_for
from sqlalchemy.orm import joinedload

from casework import spreadsheets
from casework.applications import Application
from casework.details import OBSTACLES
from casework.errors import NotFound
from casework.french import listed, short_date
from casework.participants import NEXT_STEPS, PRESCRIBERS, Journey
from casework.permissions import visible_journeys
from casework.spreadsheets import Column
from web.access import on_application
from web.case_convention import download
from web.case_layout import case_page, view_of
from web.exit_words import employment
from web.identities import person_of, shown
from web.participants import followed_case, menu_of
from workflows.journey.reading import has_tracking_table
from workflows.journey.tracks import on_roster
from workflows.versions import scheme_of

pages = Blueprint("tracking_table", __name__)
MOST = 500
"""People of one operation: the sheet foresees fifteen a year."""
COLUMNS = (
    *("Participant", "État", "Public", "Envoyé par", "Territoire", "Entrée", "Âge à l’entrée"),
    *(
        "Étape et heures",
        "Freins à l’entrée",
        "Freins levés",
        "Sortie",
        "Type de sortie",
        "Emploi",
        "Suite du parcours",
    ),
)


@pages.get("/dossiers/<int:application_id>/tableau-de-suivi")
@on_application("journey.read")
def show(application: Application) -> Any:
    _wanted(application)
    journeys = _journeys(application)
    return case_page(
        view_of(application, outline=True),
        "participants",
        "participants/tracking_table.html",
        menu=menu_of(application, "tracking"),
        columns=COLUMNS,
        rows=_rows(application, journeys),
        sheet_href=url_for("tracking_table.export", application_id=application.id),
    )


@pages.get("/dossiers/<int:application_id>/tableau-de-suivi.xlsx")
@on_application("journey.read")
def export(application: Application) -> Response:
    _wanted(application)
    rows = [[str(cell) for cell in row] for row in _rows(application, _journeys(application))]
    columns = tuple(Column(title, width=30 if title == COLUMNS[0] else 22) for title in COLUMNS)
    content = spreadsheets.write("Tableau de suivi", columns, rows)
    return download(content, f"tableau-de-suivi-{application.reference}.xlsx", spreadsheets.MEDIA_TYPE)


def _wanted(application: Application) -> None:
    followed_case(application)
    if not has_tracking_table(application):
        raise NotFound("La fiche de ce dossier ne demande pas de tableau de suivi.")


def _journeys(application: Application) -> list[Journey]:
    query = visible_journeys(sa.select(Journey).where(Journey.application_id == application.id), g.actor, application)
    query = query.options(joinedload(Journey.facts), joinedload(Journey.details), *person_of())
    return list(g.db.scalars(query.order_by(Journey.id).limit(MOST)).unique())


def _rows(application: Application, journeys: Sequence[Journey]) -> list[list[Any]]:
    names, scheme = shown(journeys, "roster"), scheme_of(application)
    return [
        [
            journey.person.name if journey.id in names else journey.label,
            journey.state_label,
            journey.publics_said,
            _sender(journey),
            journey.territory.name,
            _day(journey.entered_on),
            "–" if journey.age_at_entry is None else f"{journey.age_at_entry} ans",
            " ; ".join(on_roster(scheme, journey.facts)) or "–",
            *_obstacles(journey, named=journey.id in names),
            _day(journey.exited_on),
            journey.exit_kind or "–",
            *_afterwards(journey, named=journey.id in names),
        ]
        for journey in journeys
    ]


def _day(day: Any) -> str:
    return short_date(day) if day else "–"


def _sender(journey: Journey) -> str:
    kind = PRESCRIBERS.get(journey.prescriber or "", "")
    return ", ".join(part for part in (kind, journey.prescriber_body) if part) or "–"


def _obstacles(journey: Journey, *, named: bool) -> tuple[str, str]:
    """What hindered the person and no longer does: for those who see who it is, like on her page."""
    details = journey.details
    if details is None or not named:
        return "–", "–"
    return _said(details.obstacles), _said(details.lifted)


def _afterwards(journey: Journey, *, named: bool) -> tuple[str, str]:
    """Where the person works and what follows: for those who see who she is, like on her page."""
    if not named:
        return "–", "–"
    return employment(journey) or "–", NEXT_STEPS.get(journey.next_step or "", "–")


def _said(codes: Sequence[str] | None) -> str:
    return listed([label.lower() for code, label in OBSTACLES.items() if code in (codes or ())]) or "–"
