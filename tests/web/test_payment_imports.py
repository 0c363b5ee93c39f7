"""Paid references given back by the finance system: what each line comes to, then what is recorded, line by line."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock, paris_day
from casework.settings import Settings
from tests.support.databases import everything
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened
from tests.support.pages import town as new_town
from tests.support.queries import counted
from tests.web.test_payment_batches import ordered, payment, verified

HEADER = "numero_versement;paye_le;reference_paiement;montant"


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def send(browser: Any, *lines: str, header: str = HEADER) -> Any:
    content = "\r\n".join((header, *lines)).encode()
    return browser.post("/versements/import", {"file": (io.BytesIO(content), "paye.csv")})


def results(page: str) -> list[str]:
    """The tag of each line, without its explanation."""
    cells = re.findall(r'data-label="Résultat">(.*?)(?:<span class="soft|</td>)', page, re.S)
    return [" ".join(unescape(re.sub("<[^>]+>", " ", cell)).split()) for cell in cells]


def save(browser: Any, page: str) -> Any:
    hidden = re.search(r'name="lignes" value="([^"]*)"', page)
    assert hidden is not None
    return browser.post("/versements/import/enregistrer", {"lignes": unescape(hidden[1])})


def today(town: Town) -> str:
    return f"{paris_day(town.clock.now()):%d/%m/%Y}"


def test_half_the_lines_are_wrong_and_the_others_are_recorded(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    good, by_reference, amount, waiting, cancelled, paid = (
        verified(town),
        verified(town, reference="BC-88"),
        verified(town),
        ordered(town),
        verified(town),
        verified(town),
    )
    future = verified(town)
    town.fire(
        paid, town.cast.finance, "record_advance", paid_on=paris_day(town.clock.now()).isoformat(), paid_reference="M-1"
    )
    number = {
        case: payment(town, case).number for case in (good, by_reference, amount, waiting, cancelled, paid, future)
    }
    reverse = {"payment": str(payment(town, cancelled).id), "reason": "Erreur."}
    town.fire(cancelled, town.cast.verifier, "reverse_payment", **reverse)
    browser, day = signed_in(town.cast.finance), today(town)
    tomorrow = f"{paris_day(town.clock.now()) + timedelta(days=1):%d/%m/%Y}"
    before = everything(engine)
    page = send(
        browser,
        f"{number[good]};{day};M-10;1 000,00",
        f"BC-88;{day};M-11;1000",
        f"{number[amount]};{day};M-12;999,99",
        f"{number[waiting]};{day};M-13;1000,00",
        f"{number[cancelled]};{day};M-14;1000,00",
        f"{number[paid]};{day};M-1;1000,00",
        f"{number[future]};{tomorrow};M-16;1000,00",
        f"V999999;{day};M-17;1000,00",
        f"{number[future]};{day};M-18;mille euros",
    )
    assert page.status_code == 200
    assert everything(engine) == before, "a preview writes nothing"
    assert results(page.text) == [
        "À enregistrer",
        "À enregistrer",
        "Montant différent",
        "Pas encore vérifié",
        "Annulé",
        "Déjà enregistré",
        "Répété dans le fichier",
        "Versement inconnu",
        "Répété dans le fichier",
    ]
    answer = save(browser, page.text)
    assert "2 paiements enregistrés" in answer.text
    assert payment(town, good).paid_reference == "M-10"
    assert payment(town, by_reference).paid_reference == "M-11"
    assert town.case(good).state == "execution"
    for case in (amount, waiting, future):
        assert payment(town, case).paid_on is None
    assert results(save(browser, page.text).text) == ["Déjà enregistré", "Déjà enregistré"]


def test_each_wrong_cell_says_what_was_expected(signed_in: SignIn, town: Town) -> None:
    case_id = verified(town)
    number, day, browser = payment(town, case_id).number, today(town), signed_in(town.cast.finance)
    for line, sentence in (
        (f"{number};{day};M-1;mille", "écrivez-le en chiffres"),
        (f"{number};{day};M-1;NaN", "écrivez-le en chiffres"),
        (f"{number};{day};M-1;-1000", "négatif"),
        (f"{number};{day};M-1;10000000000000", "trop élevé"),
        (f"{number};31/02/2024;M-1;1000", "écrivez-la sous la forme 31/03/2024"),
        (f"{number};{day};;1000", "La référence du paiement manque."),
        (f"{number};{day};{'x' * 81};1000", "80 caractères au plus"),
        (f"{number};01/01/2124;M-1;1000", "n’est pas encore passé"),
        (f";{day};M-1;1000", "Ce n’est ni le numéro d’un versement"),
        (f"V{'9' * 30};{day};M-1;1000", "Ce n’est ni le numéro d’un versement"),
    ):
        page = send(browser, line).text
        assert sentence in page, line
        assert "Rien à enregistrer" in page


def test_a_reference_that_several_orders_share_names_none_of_them(signed_in: SignIn, town: Town) -> None:
    verified(town, reference="BC-1")
    verified(town, reference="BC-1")
    page = send(signed_in(town.cast.finance), f"BC-1;{today(town)};M-1;1000").text
    assert results(page) == ["Versement inconnu"]


def test_what_the_move_refuses_is_said_on_its_line_and_stops_no_other(signed_in: SignIn, town: Town) -> None:
    first, second = verified(town), verified(town)
    browser = signed_in(town.cast.finance)
    page = send(
        browser,
        f"{payment(town, first).number};01/01/2024;M-1;1000",
        f"{payment(town, second).number};{today(town)};M-2;1000",
    )
    answer = save(browser, page.text)
    assert "La convention a été signée le" in answer.text
    assert "1 paiement enregistré" in answer.text
    assert payment(town, first).paid_on is None
    assert payment(town, second).paid_on is not None


def test_a_recovery_is_recorded_as_received(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.1", "balance", accepted_pct=30, results_pct=30)
    town.fire(case_id, town.cast.finance, "order_recovery", order_reference="T-5")
    town.fire(case_id, town.cast.verifier, "verify_payment")
    with town.sessions() as session:
        cents = session.scalar(sa.text("SELECT amount_cents FROM payment WHERE kind = 'recovery'"))
    browser = signed_in(town.cast.finance)
    page = send(browser, f"T-5;{today(town)};R-1;{cents // 100},{cents % 100:02}")
    save(browser, page.text)
    assert town.case(case_id).state == "closed"


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(signed_in: SignIn, town: Town) -> None:
    browser = signed_in(town.cast.finance)
    missing = browser.post("/versements/import", {})
    assert (missing.status_code, "Choisissez d’abord le fichier" in missing.text) == (422, True)
    other = send(browser, "1;2;3", header="a;b;c")
    assert other.status_code == 422
    assert "il manque « numero_versement »" in other.text
    many = send(browser, *(["V000001;01/01/2024;M;1,00"] * 501))
    assert "plus de 500 lignes" in many.text
    huge = send(browser, *(["V000001;01/01/2024;M;1,00"] * 100_000))
    assert "trop gros" in huge.text
    book = browser.post("/versements/import", {"file": (io.BytesIO(b"PK\x03\x04rien"), "paye.xlsx")})
    assert "C’est un classeur" in book.text
    assert browser.post("/versements/import/enregistrer", {"lignes": ""}).status_code == 422


def test_a_file_of_many_lines_is_compared_in_one_question(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    verified(town)
    browser = signed_in(town.cast.finance)
    with counted(engine) as statements:
        send(browser, *(f"V{rank:06};{today(town)};M-{rank};1,00" for rank in range(2, 400)))
    assert len(statements) <= MOST_QUERIES


def test_nobody_else_imports(signed_in: SignIn, town: Town) -> None:
    for actor in (town.cast.manager, town.cast.applicant, town.cast.officer):
        browser = signed_in(actor)
        assert browser.get("/versements/import").status_code == 403
        assert browser.post("/versements/import/enregistrer", {"lignes": HEADER}).status_code == 403
    assert "numero_versement" in opened(signed_in(town.cast.finance), "/versements/import")
