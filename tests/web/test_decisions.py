"""Decisions: the list of an assembly, several cases decided at once, what each sitting settled, and the letters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.clock import FixedClock
from casework.outbox import Message
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser, errors_in
from tests.support.pages import MOST_QUERIES, Town, opened, queries_of, town
from tests.support.pdftext import text_of

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]
SITTING = {"decision_reference": "CP-2024-12", "decided_on": "2024-02-20"}
WHERE = "?reference=CP-2024-12&date=2024-02-20"


@pytest.fixture
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    return town(sessions, settings, clock)


def line(world: Town, case_id: int, decision: str, granted: str = "", reason: str = "") -> dict[str, str]:
    """One line of the form, as the page sends it."""
    return {
        f"version-{case_id}": str(world.case(case_id).version),
        f"decision-{case_id}": decision,
        f"granted-{case_id}": granted,
        f"reason-{case_id}": reason,
    }


def sent(world: Town, actor: Actor, signed_in: SignIn, *lines: dict[str, str], **common: str) -> object:
    form = {name: value for one in lines for name, value in one.items()}
    return signed_in(actor).post("/decisions", {**SITTING, **common, **form})


def squeezed(text: str) -> str:
    return "".join(text.split())


def reads(pdf: bytes, *sentences: str) -> bool:
    """True when every sentence is in this document, whatever its layout."""
    text = squeezed(text_of(pdf))
    return all(squeezed(sentence) in text for sentence in sentences)


def awaiting(world: Town, *codes: str) -> list[int]:
    keys = [world.tell(code, "instructed") for code in codes]
    world.clock.move_to(max(world.case(key).updated_at for key in keys).replace(month=3, day=1))
    return keys


def test_several_cases_are_decided_at_once_and_those_refused_stay_with_their_reason(
    world: Town, signed_in: SignIn
) -> None:
    granted, rejected, silent, later = awaiting(world, "3.12", "3.12", "3.11", "3.5")
    proposed = world.case(granted).proposed_cents or 0
    answer = sent(
        world,
        world.cast.manager,
        signed_in,
        line(world, granted, "grant", f"{proposed / 100:.2f}"),
        line(world, rejected, "reject", reason="Projet déjà financé par ailleurs."),
        line(world, silent, "reject"),
        line(world, later, ""),
    )
    assert answer.status_code == 200
    assert [world.case(key).state for key in (granted, rejected, silent, later)] == [
        "convention",
        "rejected",
        "instructed",
        "instructed",
    ]
    assert world.case(granted).granted_cents == proposed
    assert world.case(rejected).decision_reference == "CP-2024-12"
    assert "2 décisions enregistrées" in answer.text
    assert errors_in(answer) == ["Cette réponse est obligatoire."]
    assert f"{world.case(silent).reference}, motif : Cette réponse" in answer.text


def test_every_applicant_is_told_of_its_decision(world: Town, signed_in: SignIn) -> None:
    (key,) = awaiting(world, "3.12")
    sent(world, world.cast.manager, signed_in, line(world, key, "reject", reason="Budget insuffisant."))
    with world.sessions() as session:
        query = sa.select(Message.category).where(Message.application_id == key)
        told = session.scalars(query).all()
    assert "decision" in told


def test_a_case_changed_meanwhile_is_not_decided(world: Town, signed_in: SignIn) -> None:
    (key,) = awaiting(world, "3.12")
    old = line(world, key, "reject", reason="Motif.")
    world.fire(key, world.cast.officer, "resume_instruction", reason="Pièce reçue.")
    answer = sent(world, world.cast.manager, signed_in, old)
    assert answer.status_code == 422
    assert "a changé depuis" in answer.text
    assert world.case(key).state == "instruction"


def test_a_grant_beyond_the_maximum_is_refused_on_its_line_and_kept_as_typed(world: Town, signed_in: SignIn) -> None:
    (key,) = awaiting(world, "3.12")
    answer = sent(world, world.cast.manager, signed_in, line(world, key, "grant", "9 999 999,00"))
    assert answer.status_code == 422
    assert "Le montant maximal" in errors_in(answer)[0]
    assert 'value="9 999 999,00"' in answer.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decision_reference": ""}, "obligatoire"),
        ({"decision_reference": "x" * 81}, "trop long"),
        ({"decided_on": "31/02/2024"}, "n’existe pas"),
        ({"decided_on": "2099-01-01"}, "futur"),
    ],
)
def test_a_wrong_reference_or_day_decides_nothing(
    world: Town, signed_in: SignIn, changes: dict[str, str], said: str
) -> None:
    (key,) = awaiting(world, "3.12")
    answer = sent(world, world.cast.manager, signed_in, line(world, key, "reject", reason="Un motif."), **changes)
    assert answer.status_code == 422
    assert any(said in error for error in errors_in(answer)), errors_in(answer)
    assert "Un motif." in answer.text
    assert world.case(key).state == "instructed"


def test_nothing_chosen_or_an_unknown_decision_is_said(world: Town, signed_in: SignIn) -> None:
    (key,) = awaiting(world, "3.12")
    nothing = sent(world, world.cast.manager, signed_in, line(world, key, ""))
    forged = sent(world, world.cast.manager, signed_in, line(world, key, "close_settled"))
    assert nothing.status_code == forged.status_code == 422
    assert "Choisissez d’abord" in nothing.text
    assert world.case(key).state == "instructed"


def test_the_list_follows_the_proposal_when_asked_and_narrows_to_one_session(world: Town, signed_in: SignIn) -> None:
    first, second = awaiting(world, "3.12", "3.5")
    manager = signed_in(world.cast.manager)
    page = opened(manager, "/decisions?proposition=1")
    assert page.count('<option value="grant" selected>') == 2
    closes_on = world.case(first).closes_on.isoformat()
    narrowed = opened(manager, f"/decisions?campagne=2024&session=3.12_{closes_on}")
    assert world.case(first).reference in narrowed
    assert world.case(second).reference not in narrowed


def test_an_officer_reads_the_list_and_decides_nothing(world: Town, signed_in: SignIn) -> None:
    (key,) = awaiting(world, "3.12")
    officer = signed_in(world.cast.officer)
    page = opened(officer, "/decisions")
    assert world.case(key).reference in page
    assert "Enregistrer les décisions" not in page
    assert sent(world, world.cast.officer, signed_in, line(world, key, "reject", reason="Non.")).status_code == 403


def test_the_list_of_an_assembly_comes_as_a_sheet_and_on_paper(world: Town, signed_in: SignIn) -> None:
    (key,) = awaiting(world, "3.5")
    manager = signed_in(world.cast.manager)
    sheet = spreadsheets.read(manager.get("/decisions/a-decider.xlsx").data, ["Dossier", "Avis", "Décision"], most=10)
    assert [row.cells["Dossier"] for row in sheet] == [world.case(key).reference]
    assert "favorable" in sheet[0].cells["Avis"]
    paper = manager.get("/decisions/a-decider.pdf").data
    assert reads(paper, "Dossiers proposés à la décision", world.case(key).reference)


def test_what_a_sitting_settled_comes_as_minutes_and_letters(world: Town, signed_in: SignIn) -> None:
    granted, rejected = awaiting(world, "3.12", "3.12")
    cents = world.case(granted).proposed_cents or 0
    sent(
        world,
        world.cast.manager,
        signed_in,
        line(world, granted, "grant", f"{cents / 100:.2f}"),
        line(world, rejected, "reject", reason="=Hors du champ de l’appel."),
    )
    manager = signed_in(world.cast.manager)
    assert "CP-2024-12" in opened(manager, "/decisions")
    sheet = spreadsheets.read(manager.get(f"/decisions/releve.xlsx{WHERE}").data, ["Décision"], most=10)
    assert [row.cells["Décision"] for row in sheet] == ["Accordé", "Refusé"]
    assert reads(manager.get(f"/decisions/releve.pdf{WHERE}").data, "Relevé de décisions", "Refusé")
    assert reads(
        manager.get(f"/decisions/lettres.pdf{WHERE}").data,
        "nous accordons à votre organisme",
        "nous n’avons pas retenu ce projet",
        "=Hors du champ de l’appel.",
        "tribunal administratif",
    )


def test_the_applicant_reads_its_own_letter_once_it_is_decided(world: Town, signed_in: SignIn) -> None:
    (key,) = awaiting(world, "3.12")
    applicant = signed_in(world.cast.applicant)
    assert applicant.get(f"/dossiers/{key}/decision.pdf").status_code == 409
    sent(world, world.cast.manager, signed_in, line(world, key, "reject", reason="Trop tard."))
    assert f"/dossiers/{key}/decision.pdf" in opened(applicant, f"/dossiers/{key}/pieces")
    assert reads(applicant.get(f"/dossiers/{key}/decision.pdf").data, "Trop tard.")


def test_a_decision_that_does_not_exist_has_no_papers(world: Town, signed_in: SignIn) -> None:
    manager = signed_in(world.cast.manager)
    for name in ("releve.pdf", "releve.xlsx", "lettres.pdf"):
        assert manager.get(f"/decisions/{name}{WHERE}").status_code == 404
        assert manager.get(f"/decisions/{name}?reference=x&date=hier").status_code == 404


def test_the_page_asks_little_whatever_its_cases(world: Town, signed_in: SignIn, engine: sa.Engine) -> None:
    (key,) = awaiting(world, "3.12")
    world.copies(key, 30)
    assert queries_of(engine, signed_in(world.cast.manager), "/decisions") <= MOST_QUERIES
