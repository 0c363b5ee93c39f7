"""Writing the pedagogical part on screen: each section beside what is known, kept when refused, read once sent."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.pages import opened, town

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


def test_the_sections_are_written_read_by_the_officer_and_downloaded(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    here = town(sessions, settings, clock)
    case, sent = here.tell("3.12", "bilan"), here.tell("3.9", "bilan", beyond=1)
    applicant, officer = signed_in(here.cast.applicant), signed_in(here.cast.officer)
    address = f"/dossiers/{case}/bilan/pedagogique"
    page = opened(applicant, address)
    assert "2 rubriques restent à écrire" in page
    assert "Ce que montre le suivi" in page
    seen = dict(re.findall(r'name="(seen-\w+)" value="(\w+)"', page))
    saved = applicant.post(address, {**seen, "actions": "Ateliers tenus.", "section": "actions"})
    assert saved.status_code == 303
    assert saved.location.endswith("#rubrique-actions")
    assert "prévu" in opened(applicant, f"/dossiers/{case}/bilan/preparer")
    refused = applicant.post(address, {**seen, "actions": "Écrasé.", "objectives": "Atteints."})
    assert refused.status_code == 422
    for kept in ("Écrasé.", "Atteints.", "Ateliers tenus.", "a changé cette rubrique"):
        assert kept in refused.text
    assert applicant.get(f"{address}.pdf").status_code == 404
    assert officer.get(address).status_code == 403

    read = opened(officer, f"/dossiers/{sent}/bilan")
    assert "Liens avec les partenaires" in read
    assert "Liens avec les partenaires" in opened(officer, f"/dossiers/{sent}/bilan/controle")
    document = officer.get(f"/dossiers/{sent}/bilan/pedagogique.pdf")
    assert (document.status_code, document.data[:5]) == (200, b"%PDF-")
