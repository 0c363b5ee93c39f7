"""The hours of social clauses (3.1): the contracts of an operation, and the merged table of a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, request, url_for

from casework import spreadsheets
from casework.applications import Application
from casework.clauses import CLAUSES, CONTRACTS, ClauseHours
from casework.durations import said_hours
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused, Stale
from casework.french import counted
from casework.permissions import may, visible
from casework.queries import filter_choices
from casework.schemes import SchemeVersion
from web.access import application_in_scope, needs, on_application
from web.actions import typed_in, version_in
from web.case_convention import download
from web.case_layout import FUNDED_ON, case_page, view_of
from web.dashboard_tables import drawn_tables
from web.errors import status_of
from web.fields import drawn
from web.forms import FormSchema, Number, read
from web.identities import person_of, shown, undo_to_read
from web.network_actions import sent_workbook
from web.participants import followed_case, menu_of
from web.render import back_to, page
from web.session import settings
from workflows.clauses.hours import (
    JOURNEY,
    MOST,
    contract_inputs,
    correct_contract,
    has_clauses,
    import_contracts,
    record_contract,
    withdraw_contract,
)
from workflows.clauses.tables import contracts_of, summary_of, workbook
from workflows.engine import Act
from workflows.journey.activities import entered_journeys
from workflows.journey.reading import why_closed
from workflows.versions import schemes_of

pages = Blueprint("clauses", __name__)
PAGE = 50
MOST_MERGED = 500


class ListForm(FormSchema):
    avant = Number(low=1, load_default=None)
    corriger = Number(low=1, load_default=None)


@pages.get("/dossiers/<int:application_id>/clauses")
@on_application("journey.read")
def index(application: Application) -> Any:
    return _page(application, editing=read(ListForm(), request.args)["corriger"])


@pages.post("/dossiers/<int:application_id>/clauses")
@on_application("journey.follow")
def record(application: Application) -> Any:
    key, typed = application.id, typed_in(request.form)
    try:
        record_contract(g.db, application, _act(typed))
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error, typed=typed)
    return back_to("clauses.index", "Heures de clauses enregistrées.", application_id=key)


@pages.post("/dossiers/<int:application_id>/clauses/importer")
@on_application("journey.follow")
def bring_back(application: Application) -> Any:
    """Every line is kept, or none; each wrong one is said."""
    key = application.id
    try:
        number = import_contracts(g.db, application, sent_workbook(), _act({}))
    except (InvalidInput, Refused) as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error)
    return back_to("clauses.index", f"{counted(number, 'ligne importée', 'lignes importées')}.", application_id=key)


@pages.post("/dossiers/<int:application_id>/clauses/<int:contract_id>")
@on_application("journey.follow")
def correct(application: Application, contract_id: int) -> Any:
    key, typed = application.id, typed_in(request.form)
    try:
        correct_contract(g.db, application, contract_id, _act(typed))
    except (InvalidInput, Refused, Stale) as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error, typed=typed, editing=contract_id)
    return back_to("clauses.index", "Heures de clauses corrigées.", application_id=key)


@pages.post("/dossiers/<int:application_id>/clauses/<int:contract_id>/retirer")
@on_application("journey.follow")
def withdraw(application: Application, contract_id: int) -> Any:
    key = application.id
    try:
        withdraw_contract(g.db, application, contract_id, _act({}))
    except Refused as error:
        undo_to_read()
        return _page(application_in_scope(key), error=error)
    return back_to("clauses.index", "Ligne retirée.", application_id=key)


@pages.get("/dossiers/<int:application_id>/clauses.xlsx")
@on_application("journey.read")
def export(application: Application) -> Response:
    """Named for who may read names; an empty one is the model to fill in."""
    _followed(application)
    content = _workbook([application.id])
    return download(content, f"clauses-{application.reference}.xlsx", spreadsheets.MEDIA_TYPE)


@pages.get("/clauses")
@needs("indicators.read")
def merged() -> Any:
    """All the operations of a campaign whose sheet follows clauses, territories merged, in the reader's scope."""
    campaigns = filter_choices(g.db, g.actor).campaigns
    campaign = _campaign(campaigns)
    cases = _operations(campaign)
    return page(
        "campaign_indicators/clauses.html",
        campaign=campaign,
        campaigns=[(one, one) for one in campaigns],
        cases=[(case, url_for("clauses.index", application_id=case.id)) for case in cases],
        tables=drawn_tables([one for one in summary_of(g.db, [case.id for case in cases], g.actor) if one.rows])[
            "tables"
        ],
        sheet_href=url_for("clauses.merged_sheet", campagne=campaign),
    )


@pages.get("/clauses.xlsx")
@needs("indicators.read")
def merged_sheet() -> Response:
    campaign = _campaign(filter_choices(g.db, g.actor).campaigns)
    cases = _operations(campaign)
    if not cases:
        raise Refused(["Aucune opération ne suit de clauses ici : il n’y a rien à exporter."])
    content = _workbook([case.id for case in cases])
    return download(content, f"clauses-{campaign}.xlsx", spreadsheets.MEDIA_TYPE)


def _act(data: dict[str, Any]) -> Act:
    return Act(g.actor, g.now, settings(), data, version_in(request.form))


def _followed(application: Application) -> None:
    followed_case(application)
    if not has_clauses(application):
        raise NotFound("Ce dossier n’a pas d’heures de clauses à suivre.")


def _campaign(known: Sequence[str]) -> str:
    asked = request.args.get("campagne", "")
    return asked if asked in known else next(iter(known), "")


def _operations(campaign: str) -> list[Application]:
    ids = g.db.scalars(sa.select(SchemeVersion.id).where(SchemeVersion.campaign == campaign))
    known = schemes_of(g.db, ids)
    asking = [key for key, scheme in known.items() if scheme.followup.clauses_line is not None]
    query = visible(sa.select(Application), g.actor).where(
        Application.campaign == campaign,
        Application.state.in_(FUNDED_ON),
        Application.scheme_version_id.in_(asking),
    )
    return list(g.db.scalars(query.order_by(Application.id).limit(MOST_MERGED)))


def _workbook(keys: Sequence[int]) -> bytes:
    contracts = contracts_of(g.db, keys, g.actor, options=person_of())
    journeys = {one.journey_id: one.journey for one in contracts}
    seen = shown(list(journeys.values()), "months")
    names = {key: journey.person.name for key, journey in journeys.items() if key in seen}
    return workbook(contracts[::-1], names, summary_of(g.db, keys, g.actor))


def _page(
    application: Application,
    *,
    error: CaseworkError | None = None,
    typed: dict[str, Any] | None = None,
    editing: int | None = None,
) -> Any:
    _followed(application)
    view = view_of(application, outline=True)
    asked = read(ListForm(), request.args)
    found = contracts_of(g.db, [application.id], g.actor, options=person_of(), before=asked["avant"], limit=PAGE + 1)
    follows = may(g.actor, "journey.follow", application)
    closed = why_closed(application) if follows else "Le porteur saisit les heures ; vous les lisez ici."
    people = list(g.db.scalars(entered_journeys(application).options(*person_of()))) if follows else []
    journeys = {one.journey_id: one.journey for one in found[:PAGE]} | {one.id: one for one in people}
    seen = shown(list(journeys.values()), "months")
    names = {key: one.person.name if key in seen else one.label for key, one in journeys.items()}
    edited = next((one for one in found if one.id == editing), None)
    inputs = contract_inputs(edited)
    summary = [one for one in summary_of(g.db, [application.id], g.actor) if one.rows]
    return case_page(
        view,
        "participants",
        "participants/clauses.html",
        status=status_of(error) if error else 200,
        menu=menu_of(application, "clauses"),
        rows=[_row(one, names) for one in found[:PAGE]],
        older=_address(application, avant=found[PAGE - 1].id) if found[PAGE:] else None,
        newest=_address(application) if asked["avant"] else None,
        closed=closed,
        may_record=closed is None,
        fields=[drawn(item, typed) for item in inputs],
        people=[(str(key), names[key]) for key in (one.id for one in people)],
        chosen=str((typed or {}).get(JOURNEY.name, "")),
        labels={item.name: item.label for item in inputs} | {"file": "Classeur", "journey": "Participant"},
        errors=error.errors if isinstance(error, InvalidInput) else {},
        reasons=error.reasons if isinstance(error, Refused) else (error.sentence,) if isinstance(error, Stale) else (),
        open=typed is not None or edited is not None,
        edited=edited,
        most=MOST,
        tables=drawn_tables(summary)["tables"],
        sheet_href=url_for("clauses.export", application_id=application.id),
    )


def _row(one: ClauseHours, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "journey_id": one.journey_id,
        "name": names[one.journey_id],
        "orderer": one.orderer,
        "market": one.market,
        "clause": CLAUSES[one.clause],
        "company": one.company,
        "contract": CONTRACTS[one.contract],
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "hours": said_hours(one.minutes),
    }


def _address(application: Application, **values: Any) -> str:
    return url_for("clauses.index", application_id=application.id, **values)
