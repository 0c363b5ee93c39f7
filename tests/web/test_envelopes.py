"""The page of envelopes: what a manager records, what others read, what each figure opens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser, errors_in
from tests.support.pages import MOST_QUERIES, Town, opened, queries_of, town

SignIn = Callable[[Actor], Browser]
VOTE = {
    "campaign": "2024",
    "scheme": "3.12",
    "sign": "more",
    "amount": "90 000,00",
    "voted_on": "2024-01-10",
    "reference": "CD-2024-7",
}


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return town(sessions, settings, clock)


def test_a_vote_is_recorded_and_its_figures_open_their_lists(world: Town, signed_in: SignIn) -> None:
    world.tell("3.12", "execution")
    manager = signed_in(world.cast.manager)
    assert manager.post("/enveloppes", VOTE).location == "/enveloppes?campagne=2024"
    page = opened(manager, "/enveloppes?campagne=2024")
    assert "90\u202f000,00\xa0€" in page
    assert 'data-label="Délibération">CD-2024-7' in page
    assert "/dossiers?campagne=2024&amp;dispositif=3.12" in page
    assert "/versements?etat=payes&amp;campagne=2024&amp;dispositif=3.12" in page
    assert "1 convention" in page
    assert "Enregistrer un vote" not in opened(signed_in(world.cast.finance), "/enveloppes")


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": "-5"}, "négatif"),
        ({"amount": "0"}, "supérieur à zéro"),
        ({"amount": "beaucoup"}, "n’est pas compris"),
        ({"amount": ""}, "obligatoire"),
        ({"scheme": "9.9"}, "proposées"),
        ({"voted_on": "2099-01-01"}, "futur"),
        ({"voted_on": "31/02/2024"}, "n’existe pas"),
        ({"sign": "less"}, "ne contient pas"),
        ({"reference": ""}, "obligatoire"),
        ({"reference": "x" * 81}, "trop long"),
    ],
)
def test_a_wrong_vote_says_why_and_keeps_the_rest(
    world: Town, signed_in: SignIn, changes: dict[str, str], said: str
) -> None:
    answer = signed_in(world.cast.manager).post("/enveloppes", {**VOTE, **changes})
    assert answer.status_code == 422
    assert any(said in error for error in errors_in(answer)), errors_in(answer)
    assert "CD-2024-7" in answer.text or "reference" in changes


@pytest.mark.database("sqlite")
def test_only_a_manager_votes_and_applicants_read_nothing(world: Town, signed_in: SignIn) -> None:
    assert signed_in(world.cast.finance).post("/enveloppes", VOTE).status_code == 403
    assert signed_in(world.cast.applicant).get("/enveloppes").status_code == 403


def test_the_page_asks_little(world: Town, signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    browser = signed_in(world.cast.manager)
    browser.post("/enveloppes", VOTE)
    engine = sessions.kw["bind"]
    assert queries_of(engine, browser, "/enveloppes") <= MOST_QUERIES
