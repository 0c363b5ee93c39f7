"""Opening an application: which schemes and organisations may be chosen, and reading the choice."""

from __future__ import annotations

from datetime import time
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import g

from casework.applications import Application
from casework.clock import paris_instant
from casework.errors import InvalidInput
from casework.people import LEGAL_FORMS, Organisation
from casework.schemes import SchemeVersion
from web import calls
from web.forms import Choice, FormSchema, FrenchDate, Number, Siret, Text, read
from workflows.application.recording import OTHER_CHANNELS, Receipt, record_received
from workflows.versions import current_versions

LABELS = {
    "dispositif": "Dispositif",
    "channel": "Reçu par",
    "external_reference": "Référence d’origine",
    "received_on": "Date de réception",
    "received_time": "Heure de réception",
    "siret": "Numéro SIRET",
    "name": "Nom de l’organisme",
    "legal_form": "Forme juridique",
}
_HOUR = "Écrivez l’heure comme 14:30."


class NewForm(FormSchema):
    dispositif = Text(required=True, limit=40)
    organisme = Number(load_default=None)


class RecordForm(FormSchema):
    """In the order of the page, which is the order of the summary of errors."""

    dispositif = Number(required=True)
    channel = Choice(OTHER_CHANNELS, required=True)
    external_reference = Text(limit=80)
    received_on = FrenchDate(required=True)
    received_time = ma.fields.Time("%H:%M", required=True, error_messages={"invalid": _HOUR, "format": _HOUR})
    siret = Siret(required=True)
    name = Text(limit=140)
    legal_form = Choice(LEGAL_FORMS, load_default=None)


def choices() -> dict[str, Any]:
    """What the page of a new application offers: open calls, coming ones, the person's organisations, its drafts."""
    campaigns = [campaign for campaign in calls.campaigns_on(g.db, g.today) if campaign.has_session]
    organisations = _organisations()
    return {
        "campaigns": campaigns,
        "organisations": organisations,
        "organisation_choices": [(o.id, o.name, f"SIRET {o.siret}") for o in organisations],
        "drafts": _drafts([organisation.id for organisation in organisations]),
    }


def chosen(form: Any) -> tuple[SchemeVersion, Organisation]:
    """The scheme and the organisation of the form. Raises InvalidInput."""
    answers = read(NewForm(), form)
    version = next((v for v in _open_or_coming() if f"{v.campaign}/{v.code}" == answers["dispositif"]), None)
    if version is None:
        raise InvalidInput({"dispositif": ["Ce dispositif n’a plus de session ouverte ni à venir : choisissez-en un."]})
    organisations = {organisation.id: organisation for organisation in _organisations()}
    wanted = answers["organisme"]
    if wanted is None and len(organisations) == 1:
        return version, next(iter(organisations.values()))
    if wanted not in organisations:
        raise InvalidInput({"organisme": ["Choisissez l’organisme qui porte la demande."]})
    return version, organisations[wanted]


def _open_or_coming() -> list[SchemeVersion]:
    campaigns = calls.campaigns_on(g.db, g.today)
    return [call.version for campaign in campaigns for call in campaign.calls if call.state != "closed"]


def _organisations() -> list[Organisation]:
    query = sa.select(Organisation).where(Organisation.id.in_(g.actor.organisations)).order_by(Organisation.name)
    return list(g.db.scalars(query))


def _drafts(organisation_ids: list[int]) -> list[Application]:
    """The drafts already open for these organisations: the one looked for is often there."""
    query = sa.select(Application).where(
        Application.organisation_id.in_(organisation_ids), Application.state.in_(("draft", "deposited"))
    )
    return list(g.db.scalars(query.order_by(Application.updated_at.desc()).limit(10)))


def record_choices() -> dict[str, Any]:
    """What the page that records a received application offers."""
    versions = _recordable()
    return {
        "labels": LABELS,
        "schemes": [
            (v.id, f"{v.campaign} · {v.code} {v.title}" + (" (inventé)" if v.invented else "")) for v in versions
        ],
        "channels": list(OTHER_CHANNELS.items()),
        "legal_forms": list(LEGAL_FORMS.items()),
    }


def record(form: Any) -> Application:
    """Record what the form describes. Raises InvalidInput."""
    answers = read(RecordForm(), form)
    version = next((v for v in _recordable() if v.id == answers["dispositif"]), None)
    if version is None:
        raise InvalidInput({"dispositif": ["Choisissez un des dispositifs proposés."]})
    at: time = answers["received_time"]
    receipt = Receipt(
        siret=answers["siret"],
        name=answers["name"],
        legal_form=answers["legal_form"] or "",
        channel=answers["channel"],
        external_reference=answers["external_reference"],
        received_at=paris_instant(answers["received_on"], at),
    )
    return record_received(g.db, version, receipt, actor=g.actor, at=g.now)


def _recordable() -> list[SchemeVersion]:
    """The current schemes this officer is in charge of; all of them for a manager."""
    versions = current_versions(g.db)
    if "manager" in g.actor.roles or g.actor.schemes is None:
        return versions
    return [version for version in versions if version.code in g.actor.schemes]
