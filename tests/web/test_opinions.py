"""Giving an opinion: with what is needed on one page, in two clicks, and nothing typed ever lost."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application, Opinion
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor, Territory
from casework.settings import Settings
from tests.support import people
from tests.support.browser import errors_in
from tests.support.pages import MOST_QUERIES, SignIn, Town, opened, queries_of
from tests.support.pages import town as new_town

pytestmark = pytest.mark.database("sqlite")

TEXT = "Le besoin est réel, mais le lieu n’est pas desservi."


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return new_town(sessions, settings, clock)


def _opinion(town: Town, case_id: int) -> Opinion:
    with town.sessions() as session:
        return session.scalars(sa.select(Opinion).where(Opinion.application_id == case_id)).one()


def _form(town: Town, case_id: int, **changes: object) -> dict[str, object]:
    opinion = _opinion(town, case_id)
    return {"opinion": opinion.id, "version": town.case(case_id).version, "verdict": "favourable", **changes}


def _elsewhere(town: Town) -> Actor:
    with transaction(town.sessions) as session:
        territory = session.scalars(sa.select(Territory).where(Territory.code == "calaisis")).one()
        return people.slai(session, territory)


def test_an_opinion_is_found_read_and_given(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.14", "slai_opinion", title="Le café des compétences")
    browser = signed_in(town.cast.slai)
    waiting = opened(browser, "/avis")
    assert "Le café des compétences" in waiting
    assert f'href="/dossiers/{case_id}/avis#rendre"' in waiting
    page = opened(browser, f"/dossiers/{case_id}/avis")
    assert "Accueil individuel, ateliers collectifs" in page
    assert "Budget total" in page
    answer = browser.post(f"/dossiers/{case_id}/avis", _form(town, case_id))
    assert (answer.status_code, answer.location) == (303, "/avis")
    assert _opinion(town, case_id).verdict == "favourable"
    assert town.case(case_id).state == "instruction"
    after = opened(browser, "/avis")
    assert "Aucun avis n’est attendu de vous" in after
    assert "Favorable" in after


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"verdict": ""}, "Cette réponse est obligatoire."),
        ({"verdict": "unfavourable"}, "Expliquez cet avis : vos observations sont obligatoires."),
        ({"verdict": "peut-être", "text": TEXT}, "Choisissez une des réponses proposées."),
        ({"opinion": "999999", "text": TEXT}, "Choisissez une des réponses proposées."),
        ({"text": "x" * 20_001}, "Ce texte est trop long"),
    ],
)
def test_a_wrong_answer_is_said_and_everything_is_kept(
    signed_in: SignIn, town: Town, changes: dict[str, object], sentence: str
) -> None:
    case_id = town.tell("3.14", "slai_opinion")
    answer = signed_in(town.cast.slai).post(f"/dossiers/{case_id}/avis", _form(town, case_id, **changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert str(changes.get("text", "")) in answer.text
    if changes.get("verdict") == "unfavourable":
        assert 'value="unfavourable" checked' in " ".join(answer.text.split())
        assert errors_in(answer) == [sentence]
    assert _opinion(town, case_id).verdict is None


def test_a_stale_page_keeps_what_was_typed_and_may_be_sent_again(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.14", "slai_opinion")
    seen = _form(town, case_id, verdict="reserved", text=TEXT)
    town.fire(case_id, town.cast.manager, "reassign", officer=str(town.cast.officer.user_id))
    browser = signed_in(town.cast.slai)
    answer = browser.post(f"/dossiers/{case_id}/avis", seen)
    assert answer.status_code == 409
    assert "a changé depuis que vous l’avez ouvert" in answer.text
    assert TEXT in answer.text
    assert browser.post(f"/dossiers/{case_id}/avis", {**seen, "version": town.case(case_id).version}).status_code == 303


def test_an_opinion_already_given_by_a_colleague_gives_back_the_text(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.14", "slai_opinion")
    seen = _form(town, case_id, verdict="reserved", text=TEXT)
    town.fire(case_id, town.cast.slai, "give_opinion", opinion=str(seen["opinion"]), verdict="favourable")
    answer = signed_in(town.cast.slai).post(f"/dossiers/{case_id}/avis", seen)
    assert answer.status_code == 409
    assert TEXT in answer.text
    assert _opinion(town, case_id).verdict == "favourable"


def test_another_territory_neither_sees_nor_answers(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.14", "slai_opinion")
    stranger = signed_in(_elsewhere(town))
    assert "Aucun avis n’est attendu de vous" in opened(stranger, "/avis")
    assert stranger.get(f"/dossiers/{case_id}/avis").status_code == 404
    assert stranger.post(f"/dossiers/{case_id}/avis", _form(town, case_id)).status_code == 404


def test_the_services_read_the_opinions_and_cannot_give_them(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.14", "slai_opinion")
    officer = signed_in(town.cast.officer)
    page = opened(officer, f"/dossiers/{case_id}/avis")
    assert "SLAI Arrageois" in page
    assert 'name="verdict"' not in page
    assert officer.post(f"/dossiers/{case_id}/avis", _form(town, case_id)).status_code == 403


def test_the_applicant_reads_the_verdict_but_not_the_observations(signed_in: SignIn, town: Town) -> None:
    case_id = town.tell("3.14", "instruction", opinion="reserved")
    assert "un rapprochement avec" in opened(signed_in(town.cast.officer), f"/dossiers/{case_id}/avis")
    page = opened(signed_in(town.cast.applicant), f"/dossiers/{case_id}/avis")
    assert "Favorable avec réserves" in page
    assert "un rapprochement avec" not in page


def test_many_opinions_cost_no_more(signed_in: SignIn, town: Town, engine: sa.Engine) -> None:
    case_id = town.tell("3.14", "slai_opinion")
    town.copies(case_id, 60)
    with transaction(town.sessions) as session:
        asked = session.scalars(sa.select(Opinion).where(Opinion.application_id == case_id)).one()
        for key in session.scalars(sa.select(Application.id).where(Application.id != case_id)):
            session.add(
                Opinion(
                    application_id=key,
                    body=asked.body,
                    territory_id=asked.territory_id,
                    requested_at=asked.requested_at,
                    due_on=asked.due_on,
                )
            )
            session.execute(
                sa.text("INSERT INTO application_territory (application_id, territory_id) VALUES (:a, :t)"),
                {"a": key, "t": asked.territory_id},
            )
    browser = signed_in(town.cast.slai)
    page = opened(browser, "/avis")
    assert page.count("#rendre") == 50
    following = page.split('rel="next" href="')[1].split('"')[0]
    assert opened(browser, following).count("#rendre") == 11
    assert opened(browser, "/avis?apres=rien~du-tout").count("#rendre") == 50
    assert queries_of(engine, browser, "/avis") <= MOST_QUERIES
    assert queries_of(engine, browser, f"/dossiers/{case_id}/avis") <= MOST_QUERIES
