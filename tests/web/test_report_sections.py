"""Writing the pedagogical part on screen: each section beside what is known, kept when refused, read once sent."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.journeys import roster
from tests.support.pages import opened, town
from tests.support.stories import Teller, cast_of

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


def test_the_figures_of_the_poverty_plan_are_a_table_where_each_leads_to_its_people(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    """3.8 (l.1922, 1947-1965): nothing is counted again by hand, and what changes in the follow-up changes there."""
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), "3.8")
        for kind in ("job", "dropped"):
            journey = operation.entered(30)
            operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(90), exit_kind=kind)
        clock.move_to(operation.late)
        case, actor = operation.application.id, operation.operator
    applicant = signed_in(actor)
    page = opened(applicant, f"/dossiers/{case}/bilan/pedagogique")
    counted = {
        "Bénéficiaires du RSA en situation de handicap accueillis": 2,
        "Évolutions de parcours entre l’entrée et la sortie": 1,
        "Sorties positives à la fin de l’accompagnement": 1,
    }
    assert {label: number(page, label) for label in counted} == counted
    assert f"/dossiers/{case}/participants?indicateur=changes&amp;groupe=F#liste" in page
    ways = re.findall(r">(Accès à un emploi|Arrêt de l’accompagnement sans solution|Hors sorties dynamiques)<", page)
    assert ways == ["Accès à un emploi", "Arrêt de l’accompagnement sans solution"]
    assert "compté d’après les sorties : situations à l’entrée et à la sortie comparées" in page
    behind = opened(applicant, f"/dossiers/{case}/participants?indicateur=changes")
    assert behind.count('href="/participants/') == 1


def number(page: str, label: str) -> int:
    """What a line of the table of figures counts."""
    found = re.search(rf">{re.escape(label)} <.*?data-label=\"Réalisé\">(?:<a[^>]*>)?(\d+)", page, re.DOTALL)
    assert found, label
    return int(found[1])
