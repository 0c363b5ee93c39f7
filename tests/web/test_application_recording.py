"""Recording an application received by another channel: what is kept, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.db import transaction
from casework.people import Actor, Organisation
from tests.support import people
from tests.support.browser import Browser, errors_in
from workflows.versions import current_version

SignedIn = Callable[[Actor], Browser]

RECEIVED = {
    "channel": "e_partenaire",
    "external_reference": "EP-2024-17",
    "received_on": "2024-01-10",
    "received_time": "23:59",
    "siret": people.siret(7_000_001),
    "name": "Régie de la Lys",
    "legal_form": "association",
}


def test_an_officer_records_an_application_received_elsewhere(
    sessions: sessionmaker[Session], signed_in: SignedIn
) -> None:
    officer, scheme = _officer(sessions, ["3.3"], "3.3")
    response = signed_in(officer).post("/dossiers/enregistrer", {**RECEIVED, "dispositif": scheme})
    assert response.status_code == 303
    with sessions() as session:
        case = session.scalars(sa.select(Application)).one()
        assert (case.channel, case.external_reference) == ("e_partenaire", "EP-2024-17")
        assert case.received_at is not None
        assert case.received_at.isoformat() == "2024-01-10T22:59:00+00:00"
        assert case.organisation.name == "Régie de la Lys"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"siret": "12345678901234"}, "Ce numéro SIRET n’existe pas"),
        ({"channel": "pigeon"}, "Choisissez une des réponses proposées."),
        ({"channel": "demarches_simplifiees"}, "ne se dépose pas sur Démarches simplifiées"),
        ({"external_reference": ""}, "Indiquez la référence"),
        ({"received_on": "2024-01-16"}, "dans le futur"),
        ({"received_on": "2023-12-13"}, "Aucune session de dépôt"),
        ({"received_on": "2024-13-01"}, "Cette date n’existe pas"),
        ({"received_time": "25:00"}, "Écrivez l’heure comme 14:30."),
        ({"name": ""}, "indiquez son nom"),
        ({"legal_form": ""}, "indiquez sa forme juridique"),
    ],
)
@pytest.mark.database("sqlite")
def test_what_is_wrong_in_a_recorded_application_is_said(
    sessions: sessionmaker[Session], signed_in: SignedIn, typed: dict[str, str], sentence: str
) -> None:
    officer, scheme = _officer(sessions, None, "3.3")
    response = signed_in(officer).post("/dossiers/enregistrer", {**RECEIVED, "dispositif": scheme, **typed})
    assert response.status_code == 422
    assert any(sentence in said for said in errors_in(response))
    with sessions() as session:
        assert session.scalars(sa.select(Application)).first() is None
        assert session.scalars(sa.select(Organisation).where(Organisation.name == "Régie de la Lys")).first() is None


def test_the_same_reference_is_recorded_once_and_only_on_ones_own_schemes(
    sessions: sessionmaker[Session], signed_in: SignedIn
) -> None:
    officer, scheme = _officer(sessions, ["3.3"], "3.3")
    browser = signed_in(officer)
    assert browser.post("/dossiers/enregistrer", {**RECEIVED, "dispositif": scheme}).status_code == 303
    assert browser.post("/dossiers/enregistrer", {**RECEIVED, "dispositif": scheme}).status_code == 422
    _, foreign = _officer(sessions, None, "3.4")
    other = {**RECEIVED, "external_reference": "EP-2", "dispositif": foreign}
    assert browser.post("/dossiers/enregistrer", other).status_code == 422


def _officer(sessions: sessionmaker[Session], schemes: list[str] | None, code: str) -> tuple[Actor, int]:
    with transaction(sessions) as session:
        version = current_version(session, "2024", code)
        assert version is not None
        return people.officer(session, schemes), version.id
