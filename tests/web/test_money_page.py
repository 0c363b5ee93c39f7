"""The list of payments: each stage, its totals, and one click to the action of each case."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.amounts import euros
from casework.clock import FixedClock
from casework.settings import Settings
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def _lines(page: str) -> list[tuple[str, str]]:
    """(link, kind) of each line."""
    return re.findall(
        r'data-label="Dossier"><a class="nowrap" href="([^"]+)".*?data-label="Nature">([^<]+)<', page, re.S
    )


def test_what_is_to_order_leads_to_the_action_that_orders_it(signed_in: SignIn, town: Town) -> None:
    advance = town.tell("3.10", "advance")
    balance = town.tell("3.10", "balance")
    recovery = town.tell("3.1", "balance", accepted_pct=30, results_pct=30)
    browser = signed_in(town.cast.finance)
    page = opened(browser, "/versements")
    expected = {
        (f"/dossiers/{advance}?action=order_advance#action-order_advance", "Avance"),
        (f"/dossiers/{balance}?action=order_balance#action-order_balance", "Solde"),
        (f"/dossiers/{recovery}?action=order_recovery#action-order_recovery", "Reversement"),
    }
    assert set(_lines(page)) == expected
    assert "proposé par les règles" in page
    assert euros((town.case(advance).granted_cents or 0) * 80 // 100) in page
    for kind, label in (("avance", "Avance"), ("solde", "Solde"), ("reversement", "Reversement")):
        assert [name for _, name in _lines(opened(browser, f"/versements?nature={kind}"))] == [label]
    assert opened(browser, expected.pop()[0].partition("#")[0])


def test_an_order_moves_to_the_next_tab_and_then_to_the_paid_ones(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.10", "advance")
    browser = signed_in(town.cast.finance)
    town.fire(case_id, town.cast.finance, "order_advance", amount="1 000", order_reference="O-7")
    assert _lines(opened(browser, "/versements")) == []
    waiting = opened(browser, "/versements?etat=a-verifier")
    assert [link.partition("#")[2] for link, _ in _lines(waiting)] == ["action-verify_payment"]
    assert _lines(opened(browser, "/versements?etat=ordonnes")) == []
    assert "une autre personne doit le vérifier" in opened(browser, f"/dossiers/{case_id}")
    town.fire(case_id, town.cast.verifier, "verify_payment")
    assert _lines(opened(browser, "/versements?etat=a-verifier")) == []
    assert f"par {town.cast.verifier.name}." in opened(browser, f"/dossiers/{case_id}/versements")
    ordered = opened(browser, "/versements?etat=ordonnes")
    assert [link.partition("#")[2] for link, _ in _lines(ordered)] == ["action-record_advance"]
    assert "réf. O-7" in ordered
    assert f'Sur cette page : <span class="amount">{euros(100_000)}</span> à verser' in ordered
    paid_on = town.clock.now().date().isoformat()
    town.fire(case_id, town.cast.finance, "record_advance", paid_on=paid_on, paid_reference="M-7")
    assert _lines(opened(browser, "/versements?etat=ordonnes")) == []
    assert "réf. M-7" in opened(browser, "/versements?etat=payes")


def test_a_reversed_payment_is_no_longer_listed(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.10", "advance")
    town.fire(case_id, town.cast.finance, "order_advance", amount="1 000")
    with town.sessions() as session:
        key = session.scalar(sa.text("SELECT max(id) FROM payment"))
    town.fire(case_id, town.cast.finance, "reverse_payment", payment=str(key), reason="Erreur de montant.")
    browser = signed_in(town.cast.finance)
    assert _lines(opened(browser, "/versements?etat=ordonnes")) == []
    assert len(_lines(opened(browser, "/versements"))) == 1


def test_managers_read_without_the_buttons_and_others_do_not_enter(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.10", "advance")
    assert _lines(opened(signed_in(town.cast.manager), "/versements"))[0][0] == f"/dossiers/{case_id}/versements"
    for actor in (town.cast.applicant, town.cast.officer, town.cast.slai):
        assert signed_in(actor).get("/versements").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "etat=nulle-part",
        "nature=cadeau",
        "apres=1",
        "apres=x~y",
        "etat=payes&avant=1~jamais",
        "apres=1~2024-01-01",
        "retard=oui",
    ],
)
def test_a_wrong_address_is_left_aside(signed_in: SignIn, town: Town, query: str) -> None:
    assert "laissés de côté" in opened(signed_in(town.cast.finance), f"/versements?{query}")


def test_only_what_is_late_is_listed_when_asked(signed_in: SignIn, town: Town) -> None:
    town.tell("3.10", "advance")
    assert "Aucun versement en retard" in opened(signed_in(town.cast.finance), "/versements?retard=1")
    town.clock.advance(timedelta(days=90))
    assert len(_lines(opened(signed_in(town.cast.finance), "/versements?retard=1"))) == 1


def test_pages_hold_each_payment_once(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    town.copies(town.tell("3.10", "advance"), 60)
    browser = signed_in(town.cast.finance)
    first = opened(browser, "/versements?nature=avance")
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = opened(browser, following)
    links = [link for page in (first, second) for link, _ in _lines(page)]
    assert (len(links), len(set(links))) == (61, 61)
    back = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert _lines(opened(browser, back)) == _lines(first)
    for stage in ("a-ordonner", "a-verifier", "ordonnes", "payes"):
        assert queries_of(engine, browser, f"/versements?etat={stage}") <= MOST_QUERIES
