"""The indicators of an operation: forecast, achieved, by groups of people, each figure leading to who is behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, request, url_for

from casework import spreadsheets
from casework.applications import Application
from casework.errors import InvalidInput, NotFound, Refused
from casework.french import counted
from casework.indicators import entries_of
from casework.permissions import may
from casework.spreadsheets import Column
from web.access import application_in_scope, on_application
from web.actions import typed_in
from web.case_convention import download
from web.case_layout import FUNDED_ON, case_page, view_of
from web.errors import status_of
from web.fields import drawn
from web.identities import undo_to_read
from web.render import back_to
from web.session import settings
from workflows.application.figures import Indicator, indicators_of
from workflows.application.said_figures import as_shown, entry_inputs, record_figures, why_not_entered
from workflows.engine import Act
from workflows.rules.dashboard import discreet_groups
from workflows.rules.figures import BROKEN_DOWN, GROUPS, OF_JOURNEYS, TEXTS, discreet
from workflows.rules.outside import discreet_figures
from workflows.scheme import Figure
from workflows.versions import scheme_of

pages = Blueprint("indicators", __name__)

SPLITS = {"": "", "territoire": "territory", "niveau": "level"}
"""What an address may ask the figures to be split by, besides sex, age and RSA."""
_HOURS = ("hours", "clause_hours", "activity_hours")
NOBODY_NAMED = "N’écrivez aucun nom de participant."


@pages.get("/dossiers/<int:application_id>/indicateurs")
@on_application("journey.read")
def show(application: Application) -> Any:
    return _page(application)


@pages.post("/dossiers/<int:application_id>/indicateurs")
@on_application("journey.follow")
def record(application: Application) -> Any:
    """Keep what the operator says. What is refused comes back as it was typed."""
    key, typed = application.id, typed_in(request.form)
    shown = {name.removeprefix("was-"): value for name, value in typed.items() if name.startswith("was-")}
    try:
        number = record_figures(g.db, application, shown, Act(g.actor, g.now, settings(), typed))
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(application_in_scope(key), status_of(error), typed=typed, error=error)
    sentence = counted(number, "indicateur enregistré", "indicateurs enregistrés") if number else "Rien n’a changé"
    return back_to("indicators.show", f"{sentence}.", application_id=key)


@pages.get("/dossiers/<int:application_id>/indicateurs.xlsx")
@on_application("journey.read")
def export(application: Application) -> Response:
    """The same figures in a spreadsheet, which may leave the service: a count of fewer than five people is not said."""
    _funded(application)
    groups = groups_in(found := _indicators(application))
    columns = (
        Column("Indicateur", width=60),
        Column("Comment il est obtenu", width=40),
        Column("Prévu"),
        Column("Réalisé"),
    )
    rows = [
        [
            one.figure.label,
            one.obtained,
            "" if one.forecast is None else str(one.forecast),
            one.text or value,
            *groups_outside(one, groups),
        ]
        for one, value in zip(found, values_outside(found), strict=True)
    ]
    content = spreadsheets.write("Indicateurs", (*columns, *(Column(label) for label in groups.values())), rows)
    return download(content, f"indicateurs-{application.reference}.xlsx", spreadsheets.MEDIA_TYPE)


def _funded(application: Application) -> None:
    if application.state not in FUNDED_ON:
        raise NotFound("Les indicateurs existent une fois la subvention accordée.")


def _indicators(application: Application) -> list[Indicator]:
    split = SPLITS[_asked()]
    return indicators_of(g.db, application, g.today, split=split, actor=g.actor)


def groups_in(found: Sequence[Indicator]) -> dict[str, str]:
    """The groups by which the figures are split: code and label."""
    codes = dict.fromkeys(code for one in found for code in one.tally.groups)
    return {code: GROUPS.get(code, code) for code in codes}


def _page(application: Application, status: int = 200, *, typed: Any = None, error: Any = None) -> Any:
    _funded(application)
    view = view_of(application, outline=True)
    found = _indicators(application)
    report = application.report
    kept = (report.figures if report is not None else None) or {}
    return case_page(
        view,
        "figures",
        "cases/indicators.html",
        status=status,
        splits=_splits(application),
        **table_of(application, found, kept),
        frozen=bool(kept),
        texts=[(one.figure.label, one.text) for one in found if one.figure.measure in TEXTS],
        form=_form(application, typed, error),
        sheet_href=url_for("indicators.export", application_id=application.id, par=_asked() or None),
    )


def table_of(application: Application, found: Sequence[Indicator], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The `rows` and `groups` of the figures that have a number. `kept`: those of the report that was sent."""
    groups = groups_in(found)
    numbers = [one for one in found if one.figure.measure not in TEXTS]
    return {"groups": groups, "rows": [_row(application, one, groups, kept.get(one.figure.key)) for one in numbers]}


def _asked() -> str:
    wanted = request.args.get("par", "")
    return wanted if wanted in SPLITS else ""


def _splits(application: Application) -> list[dict[str, Any]]:
    labels = (("", "Par sexe, âge et RSA"), ("territoire", "Par territoire"), ("niveau", "Par niveau"))
    return [
        {
            "label": label,
            "href": url_for("indicators.show", application_id=application.id, par=code or None),
            "current": _asked() == code,
        }
        for code, label in labels
    ]


def _row(
    application: Application, one: Indicator, groups: Mapping[str, str], kept: Mapping[str, Any] | None
) -> dict[str, Any]:
    figure = one.figure
    return {
        "label": figure.label,
        "obtained": one.obtained,
        "forecast": None if one.forecast is None else said(figure, one.forecast),
        "value": said(figure, one.tally.value),
        "href": _behind(application, figure, one.tally.value),
        "groups": [
            (said(figure, value), _behind(application, figure, value, code))
            for code in groups
            for value in [one.tally.groups.get(code)]
        ],
        "kept": said(figure, kept["value"]) if kept else "",
        "nothing": figure.measure in BROKEN_DOWN,
    }


def _behind(application: Application, figure: Figure, value: float | None, group: str | None = None) -> str | None:
    """The list of the people behind a figure, or of the committees that were held, when there is one."""
    if value and figure.measure == "committees" and may(g.actor, "committee.read", application):
        return url_for("committee_lists.index", application_id=application.id)
    if not value or figure.measure not in OF_JOURNEYS:
        return None
    return url_for(
        "participants.index", application_id=application.id, indicateur=figure.key, groupe=group, _anchor="liste"
    )


def said(figure: Figure, value: float | None) -> str:
    """« 12 », « 4 800 h », « 5,5 mois », « – » when there is nothing to say."""
    if value is None:
        return "–"
    unit = " h" if figure.measure in _HOURS else " mois" if figure.measure == "average_months" else ""
    rounded = round(value, 1)
    text = f"{rounded:,.1f}" if rounded % 1 else f"{rounded:,.0f}"
    return text.replace(",", "\u202f").replace(".", ",") + unit.replace(" ", "\xa0")


def discreetly(figure: Figure, value: float | None) -> str:
    open_to_all = discreet(figure, value)
    if open_to_all is None and value is not None:
        return "moins de 5"
    return "" if open_to_all is None else said(figure, open_to_all)


def values_outside(found: Sequence[Indicator]) -> list[str]:
    """The figures as they may leave the service side by side."""
    told = discreet_figures([(one.figure, one.tally.value) for one in found])
    return [
        value if isinstance(value, str) else discreetly(one.figure, value)
        for one, value in zip(found, told, strict=True)
    ]


def groups_outside(one: Indicator, codes: Iterable[str]) -> list[str]:
    """The groups of a figure as they may leave the service."""
    found = discreet_groups(one.figure, one.tally.value, one.tally.groups)
    values = [found.get(code) for code in codes]
    return [value if isinstance(value, str) else discreetly(one.figure, value) for value in values]


def _form(application: Application, typed: Any, error: Any) -> dict[str, Any] | None:
    """What the operator is asked; None for who may not, or where facts give every figure."""
    if not may(g.actor, "journey.follow", application):
        return None
    inputs = entry_inputs(scheme_of(application), entries_of(g.db, application.id))
    if not inputs:
        return None
    return {
        "closed": why_not_entered(application),
        "fields": [
            (drawn(item, typed, note=NOBODY_NAMED if item.kind == "long_text" else ""), as_shown(item.value))
            for item in inputs
        ],
        "errors": getattr(error, "errors", {}),
        "reasons": getattr(error, "reasons", ()),
        "labels": {item.name: item.label for item in inputs},
    }
