"""Several payments at once: verified by the second person, handed once to the finance system in a file that is kept."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.applications import Application
from casework.bank import BankDetails, BankLook
from casework.clock import FixedClock
from casework.db import transaction
from casework.export_batches import ExportBatch
from casework.money import Payment, live, payments_of
from casework.people import Organisation
from casework.settings import Settings
from tests.support import people
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def ordered(town: Town, *, by: Any = None, amount: str = "1 000", reference: str = "") -> int:
    case_id = town.tell("3.10", "advance")
    town.fire(case_id, by or town.cast.finance, "order_advance", amount=amount, order_reference=reference)
    return case_id


def verified(town: Town, **how: Any) -> int:
    case_id = ordered(town, **how)
    town.fire(case_id, town.cast.verifier, "verify_payment")
    return case_id


def payment(town: Town, case_id: int) -> Payment:
    with town.sessions() as session:
        found = live(payments_of(session, case_id), "advance")
        assert found is not None
        return found


def ticked(town: Town, *case_ids: int) -> list[str]:
    return [f"{case_id}:{town.case(case_id).version}" for case_id in case_ids]


def file_of(browser: Any, address: str) -> list[dict[str, str]]:
    answer = browser.get(f"{address}/versements.csv")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_the_second_person_verifies_several_and_never_those_it_ordered(signed_in: SignIn, town: Town) -> None:
    mine, other = ordered(town, by=town.cast.verifier), ordered(town)
    browser = signed_in(town.cast.verifier)
    page = opened(browser, "/versements?etat=a-verifier")
    assert re.findall(r'name="dossier" value="(\d+):', page) == [str(other)]
    assert "Ordonné par vous" in page
    answer = browser.post("/versements/verifier", {"dossier": ticked(town, mine, other)})
    assert "Fait pour 1 dossier" in answer.text
    assert "Vous avez ordonné ce versement : une autre personne doit le vérifier." in answer.text
    assert payment(town, mine).verified_at is None
    assert payment(town, other).verified_by_id == town.cast.verifier.user_id
    stale = browser.post("/versements/verifier", {"dossier": [f"{mine}:1"]})
    assert "Pas possible pour 1 dossier" in stale.text
    assert browser.post("/versements/verifier").status_code == 303


def test_a_batch_holds_what_was_ticked_and_each_payment_leaves_once(signed_in: SignIn, town: Town) -> None:
    first, second, left = verified(town, amount="1 234,50", reference="BC-1"), verified(town), ordered(town)
    browser = signed_in(town.cast.finance)
    page = opened(browser, "/versements?etat=ordonnes")
    keys = re.findall(r'name="versement" value="(\d+)"', page)
    assert set(keys) == {str(payment(town, first).id), str(payment(town, second).id)}
    keys.append(str(payment(town, left).id))
    answer = browser.post("/versements/lots", {"versement": keys})
    assert answer.status_code == 303
    shown = opened(browser, answer.location)
    assert "1 versement coché n’était plus à transmettre." in shown
    rows = file_of(browser, answer.location)
    assert [row["dossier"] for row in rows] == [town.case(first).reference, town.case(second).reference]
    details, case = payment(town, first), town.case(first)
    with town.sessions() as session:
        account = session.get_one(BankDetails, details.bank_details_id)
        siret = session.get_one(Organisation, case.organisation_id).siret
    assert {name: rows[0][name] for name in ("numero_versement", "sens", "montant", "iban", "siret", "lot")} == {
        "numero_versement": details.number,
        "sens": "D",
        "montant": "1234,50",
        "iban": account.iban,
        "siret": siret,
        "lot": "L00001",
    }
    again = browser.post("/versements/lots", {"versement": keys})
    assert "l’ont déjà été" in opened(browser, again.location)
    assert "l’ont déjà été" in opened(browser, browser.post("/versements/lots", {"tout": "1"}).location)
    third = verified(town)
    browser = signed_in(town.cast.finance)
    other = browser.post("/versements/lots", {"tout": "1"})
    assert [row["dossier"] for row in file_of(browser, other.location)] == [town.case(third).reference]
    assert file_of(browser, answer.location) == rows, "the first file is given again as it was made"


def test_the_file_never_changes_whatever_happens_since(signed_in: SignIn, town: Town) -> None:
    case_id = verified(town)
    browser = signed_in(town.cast.finance)
    address = browser.post("/versements/lots", {"tout": "1"}).location
    rows = file_of(browser, address)
    with transaction(town.sessions) as session:
        session.get_one(Organisation, town.cast.organisation_id).name = "=cmd|’calc’!A0"
    reverse = {"payment": str(payment(town, case_id).id), "reason": "Erreur."}
    town.fire(case_id, town.cast.verifier, "reverse_payment", **reverse)
    assert file_of(browser, address) == rows
    assert "Annulé ici" in opened(browser, address)
    with town.sessions() as session:
        for statement in ("UPDATE export_batch SET content = 'x'", "DELETE FROM export_batch"):
            with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
                session.execute(sa.text(statement))
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.execute(sa.text("UPDATE payment SET export_batch_id = NULL"))
        session.rollback()


def test_no_text_of_the_file_becomes_a_formula(signed_in: SignIn, town: Town) -> None:
    case_id = verified(town, reference="@SUM(A1:A9)")
    with transaction(town.sessions) as session:
        session.get_one(Organisation, town.cast.organisation_id).name = "=1+1"
        session.get_one(Application, case_id).title = "+33 pour l’emploi"
    browser = signed_in(town.cast.finance)
    (row,) = file_of(browser, browser.post("/versements/lots", {"tout": "1"}).location)
    assert (row["organisme"], row["objet"], row["reference_ordre"]) == ("'=1+1", "'+33 pour l’emploi", "'@SUM(A1:A9)")


def test_what_comes_back_leaves_in_the_other_direction_without_an_account(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.1", "balance", accepted_pct=30, results_pct=30)
    town.fire(case_id, town.cast.finance, "order_recovery")
    town.fire(case_id, town.cast.verifier, "verify_payment")
    browser = signed_in(town.cast.finance)
    address = browser.post("/versements/lots", {"tout": "1"}).location
    (row,) = file_of(browser, address)
    assert (row["sens"], row["nature"], row["iban"]) == ("R", "Reversement", "")
    with town.sessions() as session:
        batch = session.scalars(sa.select(ExportBatch)).one()
        assert (batch.out_cents, batch.payments) == (0, 1)
        assert batch.back_cents > 0


def test_the_export_is_in_the_history_without_an_iban_and_each_file_leaves_a_trace(
    signed_in: SignIn, town: Town
) -> None:
    case_id = verified(town)
    browser = signed_in(town.cast.finance)
    address = browser.post("/versements/lots", {"tout": "1"}).location
    file_of(browser, address)
    details_id = payment(town, case_id).bank_details_id
    history = opened(signed_in(town.cast.manager), f"/dossiers/{case_id}/historique")
    assert "Versement transmis au système financier" in history
    assert "L00001" in history
    own = opened(signed_in(town.cast.applicant), f"/dossiers/{case_id}/historique")
    assert "Versement transmis au système financier" not in own
    with town.sessions() as session:
        event = journal.last_event(session, "application", case_id)
        assert event is not None
        assert event.payload is not None
        assert event.label == "Versement transmis au système financier"
        account = session.get_one(BankDetails, details_id)
        assert account.iban not in str(event.payload.content)
        looks = session.scalars(sa.select(BankLook.purpose).order_by(BankLook.id)).all()
        assert looks == ["export", "export"]
        assert journal.verify(session)[1] is None


def test_only_finance_makes_and_takes_files_and_others_read_the_list(signed_in: SignIn, town: Town) -> None:
    case_id = verified(town)
    address = signed_in(town.cast.finance).post("/versements/lots", {"tout": "1"}).location
    with transaction(town.sessions) as session:
        auditor = people.auditor(session)
    for actor in (town.cast.manager, auditor):
        browser = signed_in(actor)
        assert browser.get(f"{address}/versements.csv").status_code == 403
        assert browser.post("/versements/lots", {"tout": "1"}).status_code == 403
        assert "Télécharger" not in opened(browser, address)
        assert "L00001" in opened(browser, "/versements/lots")
        assert browser.get(f"/dossiers/{case_id}/versements/1/ordre.pdf").status_code == 403
    assert signed_in(town.cast.finance).get("/versements/lots/99").status_code == 404
    for actor in (town.cast.applicant, town.cast.officer):
        assert signed_in(actor).get(address).status_code == 403


def test_finance_downloads_the_payment_order_and_the_look_is_kept(signed_in: SignIn, town: Town) -> None:
    case_id, waiting = verified(town), ordered(town)
    browser = signed_in(town.cast.finance)
    key = payment(town, case_id).id
    address = f"/dossiers/{case_id}/versements/{key}/ordre.pdf"
    assert address in opened(browser, f"/dossiers/{case_id}/versements")
    answer = browser.get(address)
    assert answer.data.startswith(b"%PDF")
    assert f'filename="ordre-V{key:06d}.pdf"' in answer.headers["Content-Disposition"]
    with town.sessions() as session:
        assert session.scalars(sa.select(BankLook.purpose)).all() == ["order"]
    assert browser.get(f"/dossiers/{waiting}/versements/{payment(town, waiting).id}/ordre.pdf").status_code == 409
    assert browser.get(f"/dossiers/{waiting}/versements/{key}/ordre.pdf").status_code == 404


def test_the_pages_of_batches_ask_few_questions(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    for _ in range(3):
        verified(town)
    address = signed_in(town.cast.finance).post("/versements/lots", {"tout": "1"}).location
    for _ in range(3):
        verified(town)
    browser = signed_in(town.cast.finance)
    for page in (address, "/versements/lots", "/versements?etat=ordonnes", "/versements/import"):
        assert queries_of(engine, browser, page) <= MOST_QUERIES
    assert opened(browser, "/versements/lots?avant=x")
