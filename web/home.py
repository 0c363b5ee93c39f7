"""The public home: the calls open, coming and closed, how to apply, whom to ask."""

from __future__ import annotations

from flask import Blueprint, g, request

from casework import permissions
from casework.errors import NotFound
from web import calls
from web.access import public
from web.render import page

pages = Blueprint("home", __name__)


@pages.get("/")
@public
def index() -> tuple[str, int]:
    campaigns = calls.campaigns_on(g.db, g.today)
    shown = _chosen(campaigns, request.args.get("campagne"))
    return page(
        "home/index.html",
        campaigns=campaigns,
        campaign=shown,
        contacts=calls.directory(g.db),
        may_apply=g.actor is not None and permissions.holds(g.actor, "application.create"),
    )


def _chosen(campaigns: list[calls.Campaign], name: str | None) -> calls.Campaign | None:
    if not campaigns:
        return None
    if name is None:
        return campaigns[0]
    found = next((campaign for campaign in campaigns if campaign.name == name), None)
    if found is None:
        raise NotFound("Cette campagne n’existe pas.")
    return found
