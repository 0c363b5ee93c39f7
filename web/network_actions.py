"""The actions of an operation for its network (3.13): the list, the form, the workbook to fill in and bring back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, request, url_for

from casework import spreadsheets
from casework.applications import Application
from casework.durations import said_hours, typed_hours
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused
from casework.french import counted
from casework.network_actions import NetworkAction
from casework.permissions import may
from web.access import application_in_scope, on_application
from web.actions import typed_in
from web.case_convention import download
from web.case_layout import FUNDED_ON, case_page, view_of
from web.errors import status_of
from web.fields import drawn
from web.forms import FormSchema, Number, read
from web.identities import undo_to_read
from web.months import LARGEST_FILE
from web.render import back_to
from web.session import settings
from workflows.engine import Act
from workflows.line_imports import columns_of
from workflows.network.actions import (
    MOST,
    action_inputs,
    import_actions,
    record_action,
    terms_of,
    why_closed,
    withdraw_action,
)
from workflows.scheme_followup import NetworkActions

pages = Blueprint("network_actions", __name__)
PAGE = 50


class ListForm(FormSchema):
    avant = Number(low=1, load_default=None)


@pages.get("/dossiers/<int:application_id>/reseau")
@on_application("network.read")
def index(application: Application) -> Any:
    return _page(application)


@pages.post("/dossiers/<int:application_id>/reseau")
@on_application("network.record")
def record(application: Application) -> Any:
    key, typed = application.id, typed_in(request.form)
    try:
        record_action(g.db, application, _act(typed))
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error, typed=typed)
    return back_to("network_actions.index", "Action enregistrée.", application_id=key)


@pages.post("/dossiers/<int:application_id>/reseau/importer")
@on_application("network.record")
def bring_back(application: Application) -> Any:
    """Every line is kept, or none; each wrong one is said."""
    key = application.id
    try:
        number = import_actions(g.db, application, sent_workbook(), _act({}))
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error)
    return back_to(
        "network_actions.index", f"{counted(number, 'action importée', 'actions importées')}.", application_id=key
    )


@pages.post("/dossiers/<int:application_id>/reseau/<int:action_id>/retirer")
@on_application("network.record")
def withdraw(application: Application, action_id: int) -> Any:
    key = application.id
    try:
        withdraw_action(g.db, application, action_id, _act({}))
    except Refused as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error)
    return back_to("network_actions.index", "Action retirée.", application_id=key)


@pages.get("/dossiers/<int:application_id>/reseau.xlsx")
@on_application("network.read")
def export(application: Application) -> Response:
    """Every action, in the columns of the import: an empty list is the model to fill in."""
    terms = _terms(application)
    kinds, themes = _labels(terms)
    query = sa.select(NetworkAction).where(NetworkAction.application_id == application.id)
    rows = [
        [
            f"{one.done_on:%d/%m/%Y}",
            kinds.get(one.kind, one.kind),
            themes.get(one.theme, one.theme),
            one.title,
            one.met,
            str(one.structures),
            str(one.reached),
            typed_hours(one.minutes) if one.minutes else "",
        ]
        for one in g.db.scalars(query.order_by(NetworkAction.done_on, NetworkAction.id))
    ]
    content = spreadsheets.write("Actions du réseau", columns_of(action_inputs(terms)), rows, blank=200)
    return download(content, f"actions-reseau-{application.reference}.xlsx", spreadsheets.MEDIA_TYPE)


def sent_workbook() -> bytes:
    """The bytes of the workbook that was sent. Raises InvalidInput("file")."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput({"file": ["Choisissez d’abord un classeur sur votre appareil."]})
    content = sent.stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise InvalidInput({"file": ["Ce classeur dépasse 5 Mo."]})
    return content


def _act(data: dict[str, Any]) -> Act:
    return Act(g.actor, g.now, settings(), data)


def _terms(application: Application) -> NetworkActions:
    terms = terms_of(application)
    if terms is None or application.state not in FUNDED_ON:
        raise NotFound("Ce dossier n’a pas d’actions de réseau.")
    return terms


def _labels(terms: NetworkActions) -> tuple[dict[str, str], dict[str, str]]:
    return {one.code: one.label for one in terms.kinds}, {one.code: one.label for one in terms.themes}


def _page(application: Application, *, error: CaseworkError | None = None, typed: dict[str, Any] | None = None) -> Any:
    terms = _terms(application)
    view = view_of(application, outline=True)
    found = _actions(application)
    inputs = action_inputs(terms)
    records = may(g.actor, "network.record", application)
    return case_page(
        view,
        "network",
        "cases/network_actions.html",
        status=status_of(error) if error else 200,
        rows=[_row(one, terms) for one in found[:PAGE]],
        counts=_counts(application, terms),
        older=_address(application, avant=found[PAGE - 1].id) if found[PAGE:] else None,
        newest=_address(application) if read(ListForm(), request.args)["avant"] else None,
        closed=why_closed(application) if records else "Le porteur saisit ses actions ; vous les lisez ici.",
        may_record=records and why_closed(application) is None,
        fields=[drawn(item, typed) for item in inputs],
        labels={item.name: item.label for item in inputs} | {"file": "Classeur"},
        errors=error.errors if isinstance(error, InvalidInput) else {},
        reasons=error.reasons if isinstance(error, Refused) else (),
        open=typed is not None,
        most=MOST,
        sheet_href=url_for("network_actions.export", application_id=application.id),
    )


def _actions(application: Application) -> Sequence[NetworkAction]:
    """The last entered first."""
    query = sa.select(NetworkAction).where(NetworkAction.application_id == application.id)
    before = read(ListForm(), request.args)["avant"]
    if before:
        query = query.where(NetworkAction.id < before)
    return g.db.scalars(query.order_by(NetworkAction.id.desc()).limit(PAGE + 1)).all()


def _row(one: NetworkAction, terms: NetworkActions) -> dict[str, Any]:
    kinds, themes = _labels(terms)
    return {
        "id": one.id,
        "done_on": one.done_on,
        "kind": kinds.get(one.kind, one.kind),
        "theme": themes.get(one.theme, one.theme),
        "title": one.title,
        "met": one.met,
        "structures": one.structures,
        "reached": one.reached,
        "duration": said_hours(one.minutes) if one.minutes else "–",
    }


def _counts(application: Application, terms: NetworkActions) -> list[tuple[str, str, str, str]]:
    """By kind: how many actions, people reached, time."""
    total = sa.func.sum
    query = (
        sa.select(NetworkAction.kind, sa.func.count(), total(NetworkAction.reached), total(NetworkAction.minutes))
        .where(NetworkAction.application_id == application.id)
        .group_by(NetworkAction.kind)
    )
    found = {kind: (number, int(reached), int(minutes)) for kind, number, reached, minutes in g.db.execute(query)}
    return [
        (one.label, str(number), str(reached), said_hours(minutes))
        for one in terms.kinds
        for number, reached, minutes in [found.get(one.code, (0, 0, 0))]
    ]


def _address(application: Application, **values: Any) -> str:
    return url_for("network_actions.index", application_id=application.id, **values)
