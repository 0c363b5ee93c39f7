"""The indicators of a scheme over all its operations of a campaign, in the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, request, url_for
from sqlalchemy.orm import selectinload, undefer

from casework import spreadsheets
from casework.applications import Application
from casework.errors import Refused
from casework.permissions import visible
from casework.queries import filter_choices
from casework.spreadsheets import Column
from web.access import needs
from web.case_convention import download
from web.case_layout import FUNDED_ON
from web.indicators import groups_in, groups_outside, said, values_outside
from web.render import page
from workflows.application.figures import Indicator, campaign_indicators
from workflows.rules.figures import TEXTS
from workflows.versions import scheme_of

pages = Blueprint("campaign_indicators", __name__)

MOST = 500
"""Operations of one scheme in one campaign: more would be another call for projects."""


@dataclass(frozen=True)
class Asked:
    """A campaign and a scheme. `refused`: the address named another."""

    campaign: str
    scheme: str
    refused: bool


@pages.get("/indicateurs")
@needs("indicators.read")
def index() -> Any:
    choices = filter_choices(g.db, g.actor)
    asked = _asked(choices.campaigns, dict(choices.schemes))
    if asked.refused:
        flash("L’adresse contenait des critères inconnus, laissés de côté.", "warning")
    cases = _operations(asked)
    found = _indicators(cases)
    groups = groups_in(found)
    return page(
        "campaign_indicators/index.html",
        asked=asked,
        campaigns=[(one, one) for one in choices.campaigns],
        schemes=[(code, f"{code} – {title}") for code, title in choices.schemes],
        groups=groups,
        rows=[_row(one, list(groups)) for one in found if one.figure.measure not in TEXTS],
        cases=[(case, url_for("indicators.show", application_id=case.id)) for case in cases],
        full=len(cases) == MOST,
        sheet_href=url_for("campaign_indicators.export", campagne=asked.campaign, dispositif=asked.scheme),
    )


@pages.get("/indicateurs.xlsx")
@needs("indicators.read")
def export() -> Response:
    """The same in a spreadsheet, which may leave the service: small counts of people are not said."""
    choices = filter_choices(g.db, g.actor)
    asked = _asked(choices.campaigns, dict(choices.schemes))
    found = _indicators(_operations(asked))
    if not found:
        raise Refused(["Aucune opération n’est financée ici : il n’y a rien à exporter."])
    groups = groups_in(found)
    columns = (Column("Indicateur", width=60), Column("Prévu"), Column("Réalisé"))
    rows = [
        [
            one.figure.label,
            "" if one.forecast is None else str(one.forecast),
            value,
            *groups_outside(one, groups),
        ]
        for one, value in zip(found, values_outside(found), strict=True)
        if one.figure.measure not in TEXTS
    ]
    content = spreadsheets.write("Indicateurs", (*columns, *(Column(label) for label in groups.values())), rows)
    return download(content, f"indicateurs-{asked.campaign}-{asked.scheme}.xlsx", spreadsheets.MEDIA_TYPE)


def _asked(campaigns: Sequence[str], schemes: dict[str, str]) -> Asked:
    campaign, scheme = request.args.get("campagne", ""), request.args.get("dispositif", "")
    refused = bool(campaign and campaign not in campaigns) or bool(scheme and scheme not in schemes)
    told = Asked(campaign if campaign in campaigns else "", scheme if scheme in schemes else "", refused)
    if told.campaign and told.scheme:
        return told
    kept = _first_with_operations(told, campaigns, schemes)
    return kept or Asked(told.campaign or next(iter(campaigns), ""), told.scheme or next(iter(schemes), ""), refused)


def _first_with_operations(told: Asked, campaigns: Sequence[str], schemes: Iterable[str]) -> Asked | None:
    """What is not asked, where something is funded: the newest campaign, then the first scheme."""
    query = visible(sa.select(Application.campaign, Application.scheme_code).distinct(), g.actor)
    known = {(row.campaign, row.scheme_code) for row in g.db.execute(query.where(Application.state.in_(FUNDED_ON)))}
    wanted = ((one, code) for one in campaigns if told.campaign in ("", one) for code in schemes)
    found = next((pair for pair in wanted if pair in known and told.scheme in ("", pair[1])), None)
    return None if found is None else Asked(*found, told.refused)


def _operations(asked: Asked) -> list[Application]:
    query = visible(sa.select(Application), g.actor).where(
        Application.campaign == asked.campaign,
        Application.scheme_code == asked.scheme,
        Application.state.in_(FUNDED_ON),
    )
    loaded = query.options(undefer(Application.answers), selectinload(Application.convention))
    return list(g.db.scalars(loaded.order_by(Application.id).limit(MOST)))


def _indicators(cases: Sequence[Application]) -> list[Indicator]:
    """By the newest version of the sheet that these operations follow."""
    if not cases:
        return []
    scheme = scheme_of(max(cases, key=lambda case: case.scheme_version_id))
    return campaign_indicators(g.db, g.actor, cases, scheme, g.today)


def _row(one: Indicator, groups: Sequence[str]) -> dict[str, Any]:
    return {
        "label": one.figure.label,
        "obtained": one.obtained,
        "forecast": "–" if one.forecast is None else said(one.figure, one.forecast),
        "value": said(one.figure, one.tally.value),
        "groups": [said(one.figure, one.tally.groups.get(code)) for code in groups],
    }
