"""Recording an application received by another channel: who sent it, through what, and at which instant.

The instant of receipt is the one compared with the deposit window (E-partenaire, démarches-simplifiées for the AVIP
crèches of 3.6, l.1359-1365, or paper).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.applications import CHANNELS, Application
from casework.errors import InvalidInput, Refused
from casework.people import Actor, Organisation
from casework.registration import REGISTERED
from casework.schemes import SchemeVersion
from workflows.application.editing import start_draft
from workflows.scheme import Scheme
from workflows.versions import read_version

OTHER_CHANNELS = {code: label for code, label in CHANNELS.items() if code != "casework"}


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What an officer knows of it. `name` and `legal_form` serve only for an organisation not known yet."""

    siret: str
    name: str
    legal_form: str
    channel: str
    external_reference: str
    received_at: datetime


def record_received(
    session: Session, version: SchemeVersion, receipt: Receipt, *, actor: Actor, at: datetime
) -> Application:
    """Open the draft of an application received elsewhere. Raises InvalidInput, field by field.

    Its organisation is found by its SIRET, else registered with the name and the legal form given.
    """
    errors = _faults(session, read_version(version), receipt, at)
    known = session.scalars(sa.select(Organisation).where(Organisation.siret == receipt.siret)).one_or_none()
    if known is None:
        errors |= _faults_of_new(receipt)
    if errors:
        raise InvalidInput(errors)
    organisation = known or _register(session, receipt, actor, at)
    try:
        return start_draft(
            session,
            version,
            organisation,
            actor=actor,
            at=at,
            channel=receipt.channel,
            external_reference=receipt.external_reference,
            received_at=receipt.received_at,
        )
    except Refused as refused:
        raise InvalidInput({"received_on": refused.reasons}) from None


def _faults(session: Session, scheme: Scheme, receipt: Receipt, at: datetime) -> dict[str, Sequence[str]]:
    errors: dict[str, Sequence[str]] = {}
    if receipt.received_at > at:
        errors["received_on"] = ["Cette réception est dans le futur."]
    if receipt.channel == "demarches_simplifiees" and not _takes_simplified(scheme):
        errors["channel"] = [f"Le dispositif {scheme.code} ne se dépose pas sur Démarches simplifiées."]
    if not receipt.external_reference:
        if receipt.channel != "paper":
            errors["external_reference"] = ["Indiquez la référence du dossier dans l’autre service."]
    elif _already_recorded(session, receipt):
        errors["external_reference"] = ["Un dossier reçu par ce canal porte déjà cette référence."]
    return errors


def _takes_simplified(scheme: Scheme) -> bool:
    return any(channel.startswith("demarches-simplifiees") for channel in scheme.deposit_channels)


def _already_recorded(session: Session, receipt: Receipt) -> bool:
    same = (
        Application.channel == receipt.channel,
        Application.external_reference == receipt.external_reference,
        Application.state.not_in(("withdrawn", "lapsed")),
    )
    return session.scalars(sa.select(Application.id).where(*same).limit(1)).first() is not None


def _faults_of_new(receipt: Receipt) -> dict[str, Sequence[str]]:
    errors: dict[str, Sequence[str]] = {}
    if not receipt.name:
        errors["name"] = ["Cet organisme n’est pas encore connu du service : indiquez son nom."]
    if not receipt.legal_form:
        errors["legal_form"] = ["Cet organisme n’est pas encore connu du service : indiquez sa forme juridique."]
    return errors


def _register(session: Session, receipt: Receipt, actor: Actor, at: datetime) -> Organisation:
    made = Organisation(siret=receipt.siret, name=receipt.name, legal_form=receipt.legal_form, created_at=at)
    session.add(made)
    session.flush()
    journal.record(session, "organisation", made.id, REGISTERED, actor=actor, at=at, by="services")
    return made
