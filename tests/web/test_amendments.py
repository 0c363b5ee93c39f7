"""Amendments and terminations on screen: the convention tab of each role, the forms, the downloads, the text."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.amendments import Amendment
from casework.amounts import euros
from casework.clock import FixedClock, paris_day
from casework.db import transaction
from casework.documents import Document
from casework.french import long_date
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town
from workflows.rules.calendar import add_months
from workflows.stories import PDF

pytestmark = pytest.mark.database("sqlite")

WHY = "Recrutement retardé de deux mois."
ADMIN = "/admin/conventions?texte=avenant"


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def period(town: Town, case_id: int) -> tuple[date, int]:
    """The last day in force and the grant in cents."""
    with town.sessions() as session:
        case = town.case(case_id)
        session.add(case)
        assert case.convention is not None
        return case.convention.ends_on, case.convention.grant_cents


def do(browser: Browser, town: Town, case_id: int, trigger: str, **typed: str) -> int:
    form = {**typed, "version": str(town.case(case_id).version)}
    return browser.post(f"/dossiers/{case_id}/actions/{trigger}", form).status_code


def asked(town: Town, browser: Browser, case_id: int, months: int = 2) -> date:
    end, cents = period(town, case_id)
    later = add_months(end, months)
    typed = {"ends_on": later.isoformat(), "amount": f"{cents / 100:.2f}", "reason": WHY}
    assert do(browser, town, case_id, "request_amendment", **typed) == 303
    return later


def test_an_amendment_goes_from_the_request_to_its_signed_text_through_the_pages(
    signed_in: SignIn, town: Town, engine: sa.Engine
) -> None:
    case_id = town.tell("3.5", "execution")
    address = f"/dossiers/{case_id}/convention"
    applicant, officer, manager = (
        signed_in(one) for one in (town.cast.applicant, town.cast.officer, town.cast.manager)
    )
    assert "Demander un avenant" in opened(applicant, address)
    later = asked(town, applicant, case_id)
    said = f"Le porteur demande un avenant (fin de l’opération : {long_date(later)} au lieu de"
    assert said in opened(officer, f"/dossiers/{case_id}")
    for browser in (applicant, officer):
        page = opened(browser, address)
        for part in ("Demande d’avenant", WHY, "Fin de l’opération", long_date(later)):
            assert part in page
    assert "Accepter l’avenant demandé" in opened(officer, address)
    said = {"ends_on": later.isoformat(), "derogation_reason": "Retard admis."}
    assert do(officer, town, case_id, "accept_amendment", **said) == 303
    for browser, page in product((officer, manager), (address, f"/dossiers/{case_id}")):
        assert queries_of(engine, browser, page) <= MOST_QUERIES, page
    assert officer.get(f"/dossiers/{case_id}/avenants/1.pdf").data.startswith(b"%PDF")
    assert officer.get(f"/dossiers/{case_id}/avenants/1.docx").data.startswith(b"PK")
    assert applicant.get(f"/dossiers/{case_id}/avenants/2.pdf").status_code == 404
    day = paris_day(town.case(case_id).updated_at).isoformat()
    assert do(applicant, town, case_id, "sign_amendment_for_applicant", signed_on=day) == 303
    assert do(manager, town, case_id, "sign_amendment_for_funder", signed_on=day) == 303
    page = opened(applicant, address)
    for part in ("Avenant n° 1", "En vigueur", "Convention initiale", f"au {long_date(later)}"):
        assert part in page
    assert applicant.get(f"{address}/en-vigueur.pdf").data.startswith(b"%PDF")
    assert queries_of(engine, officer, address) <= MOST_QUERIES
    assert queries_of(engine, applicant, f"/dossiers/{case_id}") <= MOST_QUERIES
    assert signed_in(town.cast.slai).get(f"/dossiers/{case_id}/avenants/1.pdf").status_code == 403


def test_a_wrong_amount_comes_back_at_its_field_with_what_was_typed(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.12", "execution")
    browser = signed_in(town.cast.applicant)
    end, _ = period(town, case_id)
    form = {"ends_on": end.isoformat(), "amount": "beaucoup", "reason": WHY, "version": str(town.case(case_id).version)}
    refused = browser.post(f"/dossiers/{case_id}/actions/request_amendment", form)
    assert refused.status_code == 422
    assert "beaucoup" in refused.text
    assert WHY in refused.text


def test_what_the_services_propose_is_not_shown_before_it_is_decided(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.12", "execution")
    end, cents = period(town, case_id)
    lower = euros(cents - 123_400)
    typed = {"ends_on": end.isoformat(), "amount": f"{(cents - 123_400) / 100:.2f}", "reason": WHY}
    assert do(signed_in(town.cast.officer), town, case_id, "propose_amendment", **typed) == 303
    for page in ("", "/convention", "/historique"):
        assert lower not in opened(signed_in(town.cast.applicant), f"/dossiers/{case_id}{page}")
    assert lower in opened(signed_in(town.cast.manager), f"/dossiers/{case_id}/convention")


def test_each_finds_the_amendment_in_its_own_list(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.5", "execution")
    applicant, officer, manager = (
        signed_in(one) for one in (town.cast.applicant, town.cast.officer, town.cast.manager)
    )
    later = asked(town, applicant, case_id)
    assert "Examiner une demande d’avenant" in opened(officer, "/a-faire")
    said = {"ends_on": later.isoformat(), "derogation_reason": "Retard admis."}
    do(officer, town, case_id, "accept_amendment", **said)
    assert "Signer l’avenant" in opened(applicant, "/a-faire")
    assert "Enregistrer la signature de l’avenant" in opened(manager, "/a-faire")


def test_a_manager_finds_the_amendment_that_changes_the_amount(
    signed_in: SignIn, town: Town, engine: sa.Engine
) -> None:
    case_id = town.tell("3.12", "execution")
    end, cents = period(town, case_id)
    typed = {"ends_on": end.isoformat(), "amount": f"{(cents - 100) / 100:.2f}", "reason": WHY}
    assert do(signed_in(town.cast.applicant), town, case_id, "request_amendment", **typed) == 303
    manager = signed_in(town.cast.manager)
    assert "Décider d’un avenant" in opened(manager, "/a-faire")
    assert queries_of(engine, manager, f"/dossiers/{case_id}") <= MOST_QUERIES
    assert "Examiner une demande d’avenant" not in opened(signed_in(town.cast.officer), "/a-faire")


def test_the_signed_amendment_is_joined_while_it_is_awaited_and_kept_with_the_signature(
    signed_in: SignIn, town: Town, sessions: sessionmaker[Session]
) -> None:
    case_id = town.tell("3.5", "execution")
    applicant = signed_in(town.cast.applicant)
    assert "Joindre : avenant signé" not in opened(applicant, f"/dossiers/{case_id}/pieces")
    later = asked(town, applicant, case_id)
    said = {"ends_on": later.isoformat(), "derogation_reason": "Retard admis."}
    do(signed_in(town.cast.officer), town, case_id, "accept_amendment", **said)
    assert "Joindre : avenant signé" in opened(applicant, f"/dossiers/{case_id}/pieces")
    key = _joined(applicant, town, case_id)
    day = paris_day(town.case(case_id).updated_at).isoformat()
    assert do(applicant, town, case_id, "sign_amendment_for_applicant", signed_on=day, signed_file=str(key)) == 303
    with sessions() as session:
        assert session.scalars(sa.select(Amendment.applicant_file_id)).one() == key
    form = {"version": str(town.case(case_id).version)}
    refused = applicant.post(f"/dossiers/{case_id}/pieces/{key}/enlever", form)
    assert refused.status_code == 409
    assert "avenant-signe.pdf" in opened(applicant, f"/dossiers/{case_id}/convention")


def _joined(browser: Browser, town: Town, case_id: int) -> int:
    form = {
        "slot": "signed_amendment",
        "version": str(town.case(case_id).version),
        "file": (BytesIO(PDF + b"% avenant"), "avenant-signe.pdf"),
    }
    assert browser.post(f"/dossiers/{case_id}/pieces/joindre", form).status_code == 303
    with town.sessions() as session:
        newest = sa.select(Document.id).where(Document.application_id == case_id).order_by(Document.id.desc())
        return session.scalars(newest.limit(1)).one()


def test_a_termination_is_said_on_the_case_and_its_report_is_awaited(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.14", "execution")
    manager, applicant = signed_in(town.cast.manager), signed_in(town.cast.applicant)
    day = paris_day(town.clock.now())
    typed = {"ended_on": day.isoformat(), "reason": "Cessation d’activité."}
    assert do(manager, town, case_id, "terminate", **typed) == 303
    assert town.case(case_id).state == "bilan"
    page = opened(applicant, f"/dossiers/{case_id}")
    assert "La convention est résiliée" in page
    assert "Résiliation" in page
    assert "Cessation d’activité." in opened(applicant, f"/dossiers/{case_id}/convention")
    assert "plus personne n’est orienté" in opened(applicant, f"/dossiers/{case_id}/participants")
    town.clock.move_to(town.clock.now() + timedelta(days=200))
    manager = signed_in(town.cast.manager)
    assert "Constater l’absence de bilan" in opened(manager, f"/dossiers/{case_id}")


@pytest.fixture
def admin(sessions: sessionmaker[Session]) -> Actor:
    with transaction(sessions) as session:
        return people.admin(session)


def test_the_text_of_amendments_is_previewed_on_a_chosen_case_and_kept(
    signed_in: SignIn, town: Town, admin: Actor
) -> None:
    first, second = town.tell("3.1", "advance"), town.tell("3.5", "advance")
    browser = signed_in(admin)
    fields = {"text": "# Essai\r\nAvenant {avenant} à {numero}.\r\n\r\n{modifications}", "current": "1"}
    for chosen, expected in ((town.case(first).reference, first), ("", second)):
        preview = browser.post(ADMIN, {**fields, "action": "apercu", "example": chosen})
        assert preview.status_code == 200
        assert f"Aperçu avec le dossier {town.case(expected).reference}" in preview.text
        assert "Fin de l’opération" in preview.text
    unknown = browser.post(ADMIN, {**fields, "action": "apercu", "example": "2024-9.99-0001"})
    assert unknown.status_code == 422
    assert "Aucune convention pour le dossier" in unknown.text
    assert browser.post(ADMIN, {**fields, "action": "pdf"}).data.startswith(b"%PDF")
    assert browser.post(ADMIN, {**fields, "action": "enregistrer"}).status_code == 303
    assert "Version 2" in opened(browser, ADMIN)
    assert "Version 2" not in opened(browser, "/admin/conventions"), "the text of conventions has its own versions"
    assert browser.get("/admin/conventions?texte=autre").status_code == 404


def test_a_convention_cannot_name_what_only_an_amendment_knows(signed_in: SignIn, town: Town, admin: Actor) -> None:
    fields = {"text": "# Essai\n{motif}", "current": "1", "action": "enregistrer"}
    refused = signed_in(admin).post("/admin/conventions", fields)
    assert refused.status_code == 422
    assert "le champ « motif » n’existe pas" in refused.text
