"""What surrounds every page: the menu of the person's roles, the account menu, the demonstration's banner."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask, current_app, g, request, url_for

from casework.french import long_date, moment
from casework.people import ROLES, Actor
from web.session import settings

ENTRIES: tuple[tuple[str, str, frozenset[str] | None], ...] = (
    ("À faire", "inbox.index", frozenset()),
    ("Dossiers", "cases_list.index", frozenset({"applicant", "slai", "partner", "officer", "manager", "auditor"})),
    ("Calendrier", "calendar.index", frozenset(ROLES) - {"admin", "data_officer"}),
    ("Avis", "opinions.index", frozenset({"slai", "partner"})),
    ("Comités", "committee_lists.everywhere", frozenset({"slai", "partner", "officer"})),
    ("Orientations", "orientations.index", frozenset({"slai"})),
    ("CRE", "record_lists.waiting", frozenset({"slai"})),
    ("Décisions", "decisions.index", frozenset({"officer", "manager"})),
    ("Versements", "money.index", frozenset({"finance", "manager", "auditor"})),
    ("Enveloppes", "envelopes.index", frozenset({"manager", "finance", "auditor"})),
    ("Indicateurs", "campaign_indicators.index", frozenset({"slai", "officer", "manager", "auditor"})),
    ("Dispositifs", "schemes.index", None),
    ("Mon organisme", "organisation.index", frozenset({"applicant"})),
    ("Données des participants", "rights.search", frozenset({"data_officer"})),
    ("Rapprochements", "duplicates.index", frozenset({"data_officer"})),
    ("Registre", "legal.register", frozenset({"data_officer"})),
    ("Conservation", "retention.index", frozenset({"manager"})),
    ("Administration", "admin.index", frozenset({"admin"})),
)
"""Label, endpoint, roles: None is for everybody, an empty set for everybody who is signed in."""


def install(app: Flask) -> None:
    number = _version()

    @app.context_processor
    def _surroundings() -> dict[str, Any]:
        actor = g.get("actor")
        return {
            "current_actor": actor,
            "navigation": menu(actor),
            "account_links": _links((("Mon compte", "account.show"),)),
            "service_owner": settings().funder,
            "demo": _demo(),
            "version": number,
        }


def menu(actor: Actor | None) -> list[dict[str, Any]]:
    """The entries open to this person, the one being visited marked; an entry without a page is left out."""
    here = request.path
    links = _links(tuple((label, endpoint) for label, endpoint, roles in ENTRIES if _open_to(actor, roles)))
    return [{**link, "current": here == link["href"] or here.startswith(link["href"] + "/")} for link in links]


def _open_to(actor: Actor | None, roles: frozenset[str] | None) -> bool:
    if roles is None:
        return True
    return actor is not None and (not roles or bool(roles & actor.roles))


def _links(entries: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    known = current_app.view_functions
    return [{"label": label, "href": url_for(endpoint)} for label, endpoint in entries if endpoint in known]


def _demo() -> dict[str, str] | None:
    if not settings().demo or "now" not in g:
        return None
    return {"now": moment(g.now).removeprefix("le "), "day": long_date(g.today), "iso": g.today.isoformat()}


def _version() -> str:
    try:
        return version("casework")
    except PackageNotFoundError:
        return ""
