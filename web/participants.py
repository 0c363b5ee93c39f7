"""The participants of an operation: who is there, and how it stands against its gauges."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for
from sqlalchemy.orm import lazyload, load_only

from casework.applications import Application
from casework.errors import NotFound
from casework.information import uninformed
from casework.participants import FAMILIES, STATES, Journey
from casework.permissions import may, visible_journeys
from web.access import on_application
from web.case_layout import case_page, view_of
from web.forms import Choice, FormSchema, Number, Text, read
from web.identities import person_of, shown
from web.informed import notices
from web.roster_lines import roster_lines
from web.track_panel import facts_of_list, followed
from workflows.application.figures import behind
from workflows.clauses.hours import has_clauses
from workflows.journey.assessments import grid_of
from workflows.journey.lacking import asks, lacking
from workflows.journey.reading import Gauges, has_participants, has_tracking_table, standing, why_no_orientation
from workflows.journey.record_deadlines import has_records
from workflows.rules.entry import act_of
from workflows.rules.figures import GROUPS
from workflows.versions import scheme_of

pages = Blueprint("participants", __name__)
PAGE = 50
_LISTED = load_only(
    *(Journey.application_id, Journey.person_id, Journey.territory_id, Journey.state, Journey.publics),
    *(Journey.to_validate, Journey.validated_at, Journey.entered_on, Journey.age_at_entry),
    *(Journey.exited_on, Journey.exit_family, Journey.hired_on, Journey.trial_ends_on),
    raiseload=True,
)
"""What a line of the list says; anything else of a journey is on its own page."""


class RosterForm(FormSchema):
    etat = Choice(STATES, load_default=None)
    avant = Number(low=1, load_default=None)
    indicateur = Text(limit=40)
    groupe = Text(limit=120)
    information = Choice(("manquante",), load_default=None)
    reste = Choice(("oui",), load_default=None)


@pages.get("/dossiers/<int:application_id>/participants")
@on_application("journey.read")
def index(application: Application) -> Any:
    followed_case(application)
    asked = read(RosterForm(), request.args)
    view = view_of(application, outline=True)
    counted_in, missing = _counted_in(application, asked), lacking(g.db, application, g.actor, g.today)
    found = _journeys(application, asked, counted_in, missing if asked["reste"] else None)
    rows, now = found[:PAGE], followed(application, found[:PAGE])
    counts, measured = standing(g.db, application, g.actor)
    return case_page(
        view,
        "participants",
        "participants/index.html",
        menu=menu_of(application, "roster"),
        figures=counts,
        gauges=_drawn_gauges(measured),
        states=_filters(application, asked, counts.uninformed, len(missing)),
        uninformed=asked["information"] is not None,
        unfinished=asked["reste"] is not None,
        notice=notices(application)["notice"],
        families=FAMILIES,
        labels=STATES,
        asked=act_of(scheme_of(application))[0],
        rows=rows,
        tracks_shown=now is not None,
        lines=partial(
            roster_lines,
            rows,
            names=shown(rows, "roster"),
            lacking=missing,
            places={territory.id: territory.name for territory in application.territories},
            followed=now,
        ),
        behind=_behind(application, asked) if counted_in is not None else None,
        older=_address(application, **_kept(asked), avant=rows[-1].id) if found[PAGE:] else None,
        newest=_address(application, **_kept(asked)) if asked["avant"] else None,
        orientation=_orientation(application),
    )


def followed_case(application: Application) -> None:
    """Raises NotFound for a case that has no participants to follow."""
    if not has_participants(application):
        raise NotFound("Ce dossier n’a pas de participants.")


def menu_of(application: Application, current: str) -> list[dict[str, Any]]:
    """What there is to see of the participants of an operation, this page marked."""
    entries = [
        ("roster", "Liste", "participants.index"),
        ("months", "Mois", "months.latest"),
        ("activities", "Activités", "activities.index"),
    ]
    if grid_of(application) is not None:
        entries.append(("assessments", "Évaluations", "assessments.index"))
    if has_tracking_table(application):
        entries.append(("tracking", "Tableau de suivi", "tracking_table.show"))
    if has_clauses(application):
        entries.append(("clauses", "Clauses", "clauses.index"))
    if has_records(application):
        entries.append(("records", "CRE", "record_lists.latest"))
    if may(g.actor, "retention.hold", application):
        entries.append(("retention", "Conservation", "retention.case"))
    entries.append(("exits", "Sorties", "exits.index"))
    return [
        {"label": label, "href": url_for(endpoint, application_id=application.id), "current": code == current}
        for code, label, endpoint in entries
    ]


def _kept(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: asked[name] or None for name in ("etat", "indicateur", "groupe", "information", "reste")}


def _counted_in(application: Application, asked: dict[str, Any]) -> list[int] | None:
    """The journeys behind the figure that the address names; None when it names none that exists."""
    if not asked["indicateur"]:
        return None
    return behind(g.db, application, asked["indicateur"], g.today, group=asked["groupe"])


def _in_sentence(label: str) -> str:
    """« femmes », « RSA »: what is written in capitals stays so."""
    return label if label.isupper() else label[:1].lower() + label[1:]


def _behind(application: Application, asked: dict[str, Any]) -> dict[str, str]:
    """Which figure the list is behind, and the way back to all of them."""
    known = {figure.key: figure.label for figure in scheme_of(application).figures}
    group = _in_sentence(GROUPS[asked["groupe"]]) if asked["groupe"] in GROUPS else asked["groupe"]
    label = known[asked["indicateur"]]
    return {
        "label": f"{label} ({group})" if group else label,
        "href": url_for("indicators.show", application_id=application.id),
        "everyone": _address(application),
    }


def _journeys(application: Application, asked: dict[str, Any], *among: Collection[int] | None) -> list[Journey]:
    """One page of the list and one more. `among`: those that it keeps to."""
    query = visible_journeys(sa.select(Journey).where(Journey.application_id == application.id), g.actor, application)
    if asked["etat"]:
        query = query.where(Journey.state == asked["etat"])
    if asked["information"]:
        query = query.where(uninformed())
    if asked["avant"]:
        query = query.where(Journey.id < asked["avant"])
    for keys in among:
        if keys is not None:
            query = query.where(Journey.id.in_(keys))
    query = query.options(_LISTED, lazyload(Journey.territory), *person_of(), *facts_of_list(application)).order_by(
        Journey.id.desc()
    )
    return list(g.db.scalars(query.limit(PAGE + 1)).unique())


def _filters(application: Application, asked: dict[str, Any], to_tell: int, unfinished: int) -> list[dict[str, Any]]:
    current = asked["etat"]
    unfiltered = not (current or asked["information"] or asked["reste"])
    every = {"label": "Tous", "code": None, "href": _address(application), "current": unfiltered}
    by_state = [
        {"label": label, "code": code, "href": _address(application, etat=code), "current": current == code}
        for code, label in STATES.items()
    ]
    to_do = [("À informer", {"information": "manquante"}, to_tell)]
    if asks(scheme_of(application)):
        to_do.append(("À compléter", {"reste": "oui"}, unfinished))
    return [
        every,
        *by_state,
        *(
            {"label": label, "href": _address(application, **kept), "current": asked[next(iter(kept))], "count": count}
            for label, kept, count in to_do
        ),
    ]


def _address(application: Application, **values: Any) -> str:
    return url_for("participants.index", application_id=application.id, **values)


def _drawn_gauges(found: Gauges) -> list[dict[str, Any]]:
    drawn_ones: list[dict[str, Any]] = []
    if found.youth.sentence:
        value, most = float(found.youth.share_pct), found.youth_cap_pct
        late = found.youth.level in ("near", "over")
        label = "Part de jeunes, à l’entrée"
        drawn_ones.append(
            {"label": label, "value": value, "maximum": max(most, value), "text": found.youth.sentence, "late": late}
        )
    if found.capacity is not None:
        text = f"{found.people} sur {found.capacity} prévues par la fiche"
        most = max(found.capacity, found.people)
        late = found.people > found.capacity
        drawn_ones.append(
            {"label": "Personnes accompagnées", "value": found.people, "maximum": most, "text": text, "late": late}
        )
    return drawn_ones


def _orientation(application: Application) -> dict[str, Any] | None:
    """The way to orient a person; None for who may not, the reason alone when it is too early or too late."""
    if not may(g.actor, "journey.orient", application):
        return None
    return {
        "closed": why_no_orientation(application),
        "href": url_for("orienting.show", application_id=application.id),
    }
