"""The pages of a bank account: given by the organisation, checked by the services, masked for everybody else."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.bank import BankDetails, BankLook, confirmed, details_of
from casework.clock import FixedClock
from casework.db import transaction
from casework.ibans import grouped_iban, masked_iban
from casework.people import Organisation
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town
from workflows.story_bank import invented_iban
from workflows.story_plan import PDF

FIRST, SECOND = invented_iban(41), invented_iban(42)


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def give(browser: Browser, organisation_id: int, iban: str = FIRST, **typed: Any) -> Any:
    form = {"holder": "Les Ateliers", "iban": grouped_iban(iban), "bic": "", "file": (io.BytesIO(PDF), "rib.pdf")}
    return browser.post(f"/organisation/{organisation_id}/coordonnees-bancaires", {**form, **typed})


def known(town: Town) -> list[BankDetails]:
    with town.sessions() as session:
        return details_of(session, town.cast.organisation_id)


def looks(town: Town) -> list[tuple[int, str]]:
    with town.sessions() as session:
        rows = session.execute(sa.select(BankLook.user_id, BankLook.purpose).order_by(BankLook.id))
        return [(row.user_id, row.purpose) for row in rows]


def confirm(browser: Browser, case_id: int, details_id: int, **typed: Any) -> Any:
    return browser.post(f"/dossiers/{case_id}/coordonnees-bancaires/{details_id}/confirmer", {"seen": "1", **typed})


def test_an_account_goes_from_the_organisation_to_the_officer_and_back(signed_in: SignIn, town: Town) -> None:
    case_id, organisation_id = town.tell("3.10", "convention"), town.cast.organisation_id
    applicant, officer = signed_in(town.cast.applicant), signed_in(town.cast.officer)
    assert "Aucun compte confirmé" in opened(applicant, "/organisation")
    answer = give(applicant, organisation_id)
    assert answer.status_code == 303, answer.text
    page = opened(applicant, "/organisation")
    assert grouped_iban(FIRST) in page
    assert "En attente du Département" in page
    assert f'href="/dossiers/{case_id}/coordonnees-bancaires"' in opened(officer, "/a-faire")
    (waiting,) = known(town)
    seen = opened(officer, f"/dossiers/{case_id}/coordonnees-bancaires")
    assert grouped_iban(FIRST) in seen
    proof = officer.get(f"/dossiers/{case_id}/coordonnees-bancaires/{waiting.id}/justificatif")
    assert proof.data == PDF
    assert proof.headers["Content-Disposition"].startswith("attachment")
    unseen = confirm(officer, case_id, waiting.id, seen="")
    assert unseen.status_code == 422
    assert errors_in(unseen) == ["Cochez cette case une fois le RIB ouvert et comparé."]
    assert confirm(officer, case_id, waiting.id).status_code == 303
    again = confirm(officer, case_id, waiting.id)
    assert again.status_code == 409
    assert "déjà une réponse" in again.text
    assert confirmed(known(town)) is not None
    assert "Aucun compte confirmé" not in opened(applicant, "/organisation")
    assert (town.cast.officer.user_id, "proof") in looks(town)


def test_a_refusal_asks_for_a_reason_that_the_organisation_reads(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.10", "instruction")
    give(signed_in(town.cast.applicant), town.cast.organisation_id)
    (waiting,) = known(town)
    officer, address = signed_in(town.cast.officer), f"/dossiers/{case_id}/coordonnees-bancaires/{waiting.id}/refuser"
    assert errors_in(officer.post(address, {"reason": " "})) == ["Écrivez le motif du refus : le porteur le lira."]
    assert officer.post(address, {"reason": "Le RIB est coupé."}).status_code == 303
    assert "Motif : Le RIB est coupé." in opened(signed_in(town.cast.applicant), "/organisation")


def test_what_was_typed_wrong_is_kept_and_said_at_its_field(signed_in: SignIn, town: Town) -> None:
    applicant, organisation_id = signed_in(town.cast.applicant), town.cast.organisation_id
    wrong = give(applicant, organisation_id, iban="FR7612345", bic="XX", file=(io.BytesIO(PDF), "rib.pdf"))
    assert wrong.status_code == 422
    assert any("IBAN n’existe pas" in sentence for sentence in errors_in(wrong))
    assert "FR76 1234 5" in wrong.text
    without = give(applicant, organisation_id, iban="FR76", file=(io.BytesIO(b""), ""))
    assert len(errors_in(without)) == 2
    text = give(applicant, organisation_id, file=(io.BytesIO(b"un texte"), "rib.txt"))
    assert errors_in(text) == ["Joignez le RIB en PDF ou en image (JPEG, PNG)."]
    assert known(town) == []
    assert give(applicant, organisation_id).status_code == 303
    details = known(town)[0]
    withdrawn = applicant.post(f"/organisation/{organisation_id}/coordonnees-bancaires/{details.id}/retirer")
    assert withdrawn.status_code == 303
    assert known(town)[0].verdict == "withdrawn"


def test_nobody_else_s_organisation(signed_in: SignIn, town: Town) -> None:
    town.tell("3.10", "convention")
    give(signed_in(town.cast.applicant), town.cast.organisation_id)
    (details,) = known(town)
    with transaction(town.sessions) as session:
        stranger = people.applicant(session, people.organisation(session))
    browser, base = signed_in(stranger), f"/organisation/{town.cast.organisation_id}/coordonnees-bancaires"
    assert give(browser, town.cast.organisation_id).status_code == 404
    assert browser.post(f"{base}/{details.id}/retirer").status_code == 404
    assert browser.get(f"{base}/{details.id}/justificatif").status_code == 404
    mixed = f"/organisation/{next(iter(stranger.organisations))}/coordonnees-bancaires/{details.id}/justificatif"
    assert browser.get(mixed).status_code == 404
    other = town.tell("3.12", "convention")
    with transaction(town.sessions) as session:
        session.get_one(Application, other).organisation_id = next(iter(stranger.organisations))
    officer = signed_in(town.cast.officer)
    assert confirm(officer, other, details.id).status_code == 404
    assert officer.get(f"/dossiers/{other}/coordonnees-bancaires/{details.id}/justificatif").status_code == 404


def test_the_whole_account_is_shown_to_those_who_need_it_and_each_look_is_kept(signed_in: SignIn, town: Town) -> None:
    case_id, organisation_id = town.tell("3.10", "advance"), town.cast.organisation_id
    (details,) = known(town)
    whole = grouped_iban(details.iban)
    with transaction(town.sessions) as session:
        bearer = people.organisation(session)
        case = session.get_one(Application, case_id)
        case.co_bearers.append(bearer)
        co_bearer, auditor = people.applicant(session, bearer), people.auditor(session)
    for actor in (town.cast.applicant, co_bearer, auditor, town.cast.manager, town.cast.finance, town.cast.officer):
        page = opened(signed_in(actor), f"/dossiers/{case_id}/versements")
        assert whole not in page
        assert details.iban not in page
        assert masked_iban(details.iban) in page
    assert looks(town) == []
    address = f"/dossiers/{case_id}/coordonnees-bancaires"
    for actor in (co_bearer, auditor, town.cast.applicant):
        assert signed_in(actor).get(address).status_code == 403
    assert whole in opened(signed_in(town.cast.finance), address)
    assert looks(town) == [(town.cast.finance.user_id, "check")]
    assert whole in opened(signed_in(town.cast.applicant), "/organisation")
    assert whole not in opened(signed_in(co_bearer), "/organisation")
    town.fire(case_id, town.cast.finance, "order_advance", amount="1 000")
    give(signed_in(town.cast.applicant), organisation_id, iban=SECOND)
    confirm(signed_in(town.cast.officer), case_id, known(town)[0].id)
    page = opened(signed_in(town.cast.finance), f"/dossiers/{case_id}/versements")
    assert f"Sur le compte {masked_iban(details.iban)}, qui n’est plus celui du porteur." in page


def test_the_blocked_order_leads_to_the_account(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.10", "advance")
    with transaction(town.sessions) as session:
        case = session.get_one(Application, case_id)
        case.organisation_id = people.organisation(session).id
    finance = signed_in(town.cast.finance)
    page = opened(finance, f"/dossiers/{case_id}")
    assert "n’a pas de coordonnées bancaires confirmées" in page
    assert f'<a href="/dossiers/{case_id}/coordonnees-bancaires">Voir les coordonnées bancaires</a>' in page
    assert "en attente de coordonnées bancaires confirmées" in opened(finance, "/a-faire")
    assert "Aucun compte" in opened(finance, f"/dossiers/{case_id}/coordonnees-bancaires")


def test_the_pages_of_an_account_ask_few_questions(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    case_id = town.tell("3.10", "advance")
    applicant, officer = signed_in(town.cast.applicant), signed_in(town.cast.officer)
    for rank in range(5):
        give(applicant, town.cast.organisation_id, iban=invented_iban(70 + rank))
    assert queries_of(engine, applicant, "/organisation") <= MOST_QUERIES
    assert queries_of(engine, officer, f"/dossiers/{case_id}/coordonnees-bancaires") <= MOST_QUERIES
    finance = signed_in(town.cast.finance)
    assert queries_of(engine, finance, f"/dossiers/{case_id}/versements") <= MOST_QUERIES
    assert queries_of(engine, finance, f"/dossiers/{case_id}") <= MOST_QUERIES


def test_the_account_never_reaches_the_technical_log(
    signed_in: SignIn, town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    applicant = signed_in(town.cast.applicant)
    give(applicant, town.cast.organisation_id)
    give(applicant, town.cast.organisation_id, iban=FIRST[:-1])
    give(applicant, town.cast.organisation_id, bic="XX")
    written = capfd.readouterr()
    assert FIRST[4:-1] not in (written.out + written.err).replace(" ", "")


def test_an_organisation_without_a_case_gives_its_account_and_no_officer_is_disturbed(
    signed_in: SignIn, town: Town
) -> None:
    assert give(signed_in(town.cast.applicant), town.cast.organisation_id).status_code == 303
    assert "coordonnees-bancaires" not in opened(signed_in(town.cast.officer), "/a-faire")
    with town.sessions() as session:
        assert session.get_one(Organisation, town.cast.organisation_id).name
