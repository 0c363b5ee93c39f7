"""The schemes: the list of every campaign, and one page that says all an association must know."""

from __future__ import annotations

from flask import Blueprint, g

from casework import permissions
from casework.errors import NotFound
from casework.schemes import SchemeVersion
from web import calls, scheme_sheet
from web.access import public
from web.render import page
from workflows.journey.reading import WITHOUT_PARTICIPANTS
from workflows.versions import read_versions, versions_of

pages = Blueprint("schemes", __name__)


@pages.get("/dispositifs")
@public
def index() -> tuple[str, int]:
    return page("schemes/index.html", campaigns=calls.campaigns_on(g.db, g.today), staff=_staff())


@pages.get("/dispositifs/<campaign>/<code>")
@public
def show(campaign: str, code: str) -> tuple[str, int]:
    versions = versions_of(g.db, campaign, code)
    if not versions:
        raise NotFound("Ce dispositif n’existe pas dans cette campagne.")
    version = versions[0]
    scheme = read_versions(g.db, [version])[0]
    return page(
        "schemes/show.html",
        call=calls.call_of(version, scheme, g.today),
        scheme=scheme,
        stored=version,
        sittings=calls.sessions_on(scheme, g.today),
        sheet=scheme_sheet.sheet(scheme, with_lines=_staff()),
        contacts=calls.directory(g.db, codes=[code]),
        invented=calls.Campaign(campaign, version.invented, ()),
        staff=_behind(version, versions) if _staff() else None,
        informs=code not in WITHOUT_PARTICIPANTS,
        may_apply=_holds("application.create"),
        may_record=_holds("application.record"),
    )


def _holds(permission: str) -> bool:
    return g.actor is not None and permissions.holds(g.actor, permission)


def _staff() -> bool:
    return _holds("scheme.anomalies")


def _behind(version: SchemeVersion, versions: list[SchemeVersion]) -> dict[str, object]:
    return {"version": version, "others": versions[1:]}
