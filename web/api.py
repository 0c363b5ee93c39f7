"""The same gate for machines: a case and its moves as JSON, an action as JSON, errors as `problem+json` in French.

The session cookie says who asks; a POST also carries the token in `X-CSRFToken`, as the pages of the service do.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, request, url_for

from casework.amendments import days_of
from casework.applications import Application
from casework.casefile import load_case
from casework.errors import CaseworkError
from web.access import on_application
from web.session import settings
from workflows import engine
from workflows.application.waiting import waiting_for
from workflows.engine import Act, Offer
from workflows.inputs import Input

pages = Blueprint("api", __name__)


@pages.get("/api/dossiers/<int:application_id>")
@on_application("application.read")
def show(application: Application) -> Any:
    """The facts of the case, its version, and every move offered, with its inputs or with its reasons."""
    return jsonify(_facts(application))


@pages.post("/api/dossiers/<int:application_id>/<trigger>")
@on_application("application.read")
def fire(application: Application, trigger: str) -> Any:
    """Do one move: `{"version": 7, "data": {…}}`. Amounts and dates are written as a person types them."""
    version, data = _asked()
    engine.fire(g.db, application, trigger, Act(g.actor, g.now, settings(), data=data, version=version))
    return jsonify(_facts(application))


def _asked() -> tuple[int | None, dict[str, Any]]:
    body = _body()
    if not isinstance(body, dict) or not _plain(body.get("data", {})):
        raise CaseworkError('Envoyez un objet JSON de la forme {"version": 7, "data": {…}}.')
    version = body.get("version")
    if version is not None and type(version) is not int:
        raise CaseworkError("« version » est le numéro de version du dossier, un nombre entier.")
    return version, body.get("data", {})


def _body() -> Any:
    """None for what is not JSON; values nested without end exhaust the reader before they are refused."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _plain(data: Any) -> bool:
    """An answer is one value, or a list of them: nothing deeper is read."""
    if not isinstance(data, dict):
        return False
    values = [one for value in data.values() for one in (value if isinstance(value, list) else [value])]
    return not any(isinstance(one, dict | list) for one in values)


def _facts(application: Application) -> dict[str, Any]:
    loaded = load_case(g.db, application)
    offers = engine.offered(g.db, application, g.actor, at=g.now, settings=settings(), loaded=loaded)
    starts_on, ends_on = days_of(application)
    return {
        "id": application.id,
        "reference": application.reference,
        "version": application.version,
        "state": application.state,
        "state_label": application.state_label,
        "waiting": waiting_for(application, loaded),
        "scheme": application.scheme_code,
        "campaign": application.campaign,
        "title": application.title,
        "organisation": application.organisation.name,
        "officer": application.officer.name if application.officer else None,
        "territories": [territory.code for territory in application.territories],
        "starts_on": _iso(starts_on),
        "ends_on": _iso(ends_on),
        "requested_cents": application.requested_cents,
        "granted_cents": application.granted_cents,
        "address": url_for("cases.show", application_id=application.id),
        "moves": [_move(offer) for offer in offers],
    }


def _move(offer: Offer) -> dict[str, Any]:
    return {
        "trigger": offer.move.trigger,
        "label": offer.move.label,
        "possible": offer.possible,
        "reasons": list(offer.reasons),
        "consequence": offer.move.consequence,
        "inputs": [_input(item) for item in offer.inputs],
    }


def _input(item: Input) -> dict[str, Any]:
    return {
        "name": item.name,
        "label": item.label,
        "kind": item.kind,
        "required": item.required,
        "help": item.help,
        "choices": [{"code": code, "label": label} for code, label in item.choices],
        "value": _iso(item.value),
    }


def _iso(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
