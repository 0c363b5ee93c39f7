"""The history of a case: every entry in French, amounts in euros, dates in full, and the mark of its integrity."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.journal import Event, EventPayload
from casework.people import Actor, job
from casework.settings import Settings
from tests.support.browser import Browser
from tests.support.stories import Teller, cast_of
from workflows.application.editing import save_section
from workflows.application.history import LABELS
from workflows.engine import Act
from workflows.stories import Cast

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


@pytest.fixture
def cast(sessions: sessionmaker[Session]) -> Cast:
    with transaction(sessions) as session:
        return cast_of(session)


@pytest.fixture
def told(cast: Cast, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> int:
    """A 3.8 case, from its draft to its closing."""
    with transaction(sessions) as session:
        case = Teller(session, settings, cast).tell("3.8", "closed", accepted_pct=60)
        clock.move_to(case.updated_at)
        return case.id


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_each_entry_says_what_who_when_and_from_where_to_where(told: int, cast: Cast, signed_in: SignIn) -> None:
    page = text_of(signed_in(cast.officer).get(f"/dossiers/{told}/historique").text)
    assert f"Dossier validé le 2 janvier 2024 à 16 h 30 · {cast.applicant.name} · Déposé, à valider → Validé" in page
    assert "Instruction ouverte" in page
    assert "Déroulement automatique" in page
    assert "Montant accordé : 40 000,00 €" in page.replace("\u202f", " ").replace("\xa0", " ")
    assert "Avis : Favorable" in page
    assert "Avis concerné : Avis du SLAI Arrageois" in page
    assert "Journal intact" in page


def test_no_entry_shows_a_code(told: int, cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    page = signed_in(cast.manager).get(f"/dossiers/{told}/historique").text
    shown = text_of(re.search(r'<ol class="timeline".*</ol>', page, re.DOTALL)[0])  # type: ignore[index]
    with sessions() as session:
        kinds = set(session.scalars(sa.select(Event.kind).where(Event.subject == "application")))
    codes = {"slai_opinion", "order_reference", "final_report", "favourable", "paid_on", "None", "True", *kinds}
    assert not [code for code in codes if code in shown]


def test_every_answer_of_a_move_has_a_french_label(told: int, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        query = sa.select(EventPayload.content).join(Event, Event.id == EventPayload.event_id)
        contents = session.scalars(query.where(Event.subject == "application", Event.after.is_not(None))).all()
    assert {name for content in contents for name, value in content.items() if value is not None} <= {
        *LABELS,
        "version",
    }


def test_an_applicant_sees_that_it_happened_not_what_the_services_wrote(
    told: int, cast: Cast, signed_in: SignIn
) -> None:
    page = text_of(signed_in(cast.applicant).get(f"/dossiers/{told}/historique").text)
    assert "Instruction terminée" in page
    assert "Avis rendu" in page
    assert "Montant proposé" not in page
    assert "Avis : Favorable" not in page
    assert "Montant accordé" in page


def test_a_hundred_entries_a_page(
    told: int, cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    with transaction(sessions) as session:
        for number in range(120):
            journal.record(
                session,
                "application",
                told,
                "application.edited",
                actor=job("Essai"),
                at=clock.now(),
                changes={"title": ["", f"Titre {number}"]},
            )
    browser = signed_in(cast.officer)
    first = browser.get(f"/dossiers/{told}/historique").text
    assert first.count('id="entree-') == 100
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = browser.get(html.unescape(older[1])).text
    assert 0 < second.count('id="entree-') < 100
    assert not set(re.findall(r'id="(entree-\d+)"', first)) & set(re.findall(r'id="(entree-\d+)"', second))
    assert browser.get(f"/dossiers/{told}/historique?avant=abc").status_code == 422


def test_an_altered_entry_is_named(told: int, cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        session.execute(sa.text("DROP TRIGGER event_refuses_update"))
        fifth = sa.update(Event).where(Event.subject_id == told, Event.sequence == 5)
        session.execute(fifth.values(actor_name="Autre"))
    page = text_of(signed_in(cast.officer).get(f"/dossiers/{told}/historique").text)
    assert "Le journal de ce dossier a été altéré" in page
    assert "À l’entrée n° 5 : son contenu a été modifié" in page


def test_an_erased_detail_says_so(
    told: int, cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    with transaction(sessions) as session:
        event = session.scalars(
            sa.select(Event).where(Event.subject_id == told, Event.kind == "application.report_submitted")
        ).one()
        journal.erase(session, event, actor=job("Conservation"), at=clock.now(), reason="Demande d’effacement")
    page = text_of(signed_in(cast.officer).get(f"/dossiers/{told}/historique").text)
    assert "Le détail de cette entrée a été effacé" in page
    assert "Journal intact" in page


def test_the_drawing_marks_where_the_case_is(told: int, cast: Cast, signed_in: SignIn) -> None:
    page = signed_in(cast.applicant).get(f"/dossiers/{told}/parcours").text
    assert "Étape actuelle : Clos" in page
    assert "<svg" in page
    assert "style=" not in page


def test_the_title_of_a_case_changed_is_shown_before_and_after(
    cast: Cast, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn
) -> None:
    with transaction(sessions) as session:
        case = Teller(session, settings, cast).tell("3.8", "draft", title="Avant")
        found = session.get_one(Application, case.id)
        starts, ends = found.starts_on, found.ends_on
        answers = {
            "title": "Après",
            "starts_on": starts.isoformat() if starts else "",
            "ends_on": ends.isoformat() if ends else "",
            "territories": [str(territory.id) for territory in found.territories],
        }
        act = Act(cast.applicant, found.updated_at, settings, {}, found.version)
        save_section(session, found, "projet", answers, act)
        clock.move_to(found.updated_at)
        key = found.id
    page = text_of(signed_in(cast.applicant).get(f"/dossiers/{key}/historique").text)
    assert "Titre du projet : « Avant » → « Après »" in page
