"""The deposit receipt: what it says, that it never changes, and that anybody can read it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.applications import Application
from casework.clock import PARIS
from casework.errors import Refused
from casework.people import Organisation
from casework.settings import Settings
from casework.storage import Storage
from tests.support.pdftext import text_of
from tests.support.stories import cast_of
from tests.support.template import NOW
from workflows.application.budgeting import save_budget
from workflows.application.editing import save_section, start_draft
from workflows.application.files import attach, remove
from workflows.application.form import documents_of
from workflows.application.receipt import content_digest, receipt_data, receipt_pdf
from workflows.engine import Act, fire
from workflows.stories import PDF, Plan, Story
from workflows.versions import current_version

LATER = NOW + timedelta(days=900)
Tell = Callable[..., Story]


@pytest.fixture
def tell(session: Session, settings: Settings, tmp_path: Path) -> Tell:
    storage = Storage(tmp_path / "files")

    def make(target: str = "submitted", *, name: str | None = None, **plan: Any) -> Story:
        cast = cast_of(session)
        if name is not None:
            session.get_one(Organisation, cast.organisation_id).name = name
        story = Story(session, storage, settings, cast, Plan(plan.pop("code", "3.1"), target=target, **plan), LATER)
        story.tell()
        return story

    return make


def act(story: Story, **data: Any) -> Act:
    return Act(story.cast.applicant, LATER, story.settings, data, story.application.version)


def value(data: dict[str, Any], part: str, label: str) -> str:
    return next(row["value"] for row in data[part] if row["label"] == label)


def flat(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def test_there_is_no_receipt_before_both_acts(session: Session, tell: Tell) -> None:
    for state in ("draft", "deposited"):
        case = tell(state).application
        for make in (receipt_data, receipt_pdf, content_digest):
            with pytest.raises(Refused, match="déposé et validé"):
                make(session, case)


def test_a_file_validated_at_any_instant_has_its_receipt(session: Session, tell: Tell) -> None:
    story = tell("deposited")
    story.at += timedelta(hours=1, microseconds=123_456)
    story.fire(story.cast.applicant, "validate")
    assert receipt_pdf(session, story.application).startswith(b"%PDF")


def test_the_receipt_says_what_was_received_from_whom_and_when(session: Session, tell: Tell) -> None:
    story = tell(territories=("Arrageois", "Ternois"), requested=1_234_500)
    case = story.application
    data = receipt_data(session, case, funder="Le Département")
    assert (data["title"], data["reference"], data["funder"]) == (
        "Accusé de réception",
        case.reference,
        "Le Département",
    )
    siret = value(data, "request", "Porteur").replace("\u00a0", "")
    assert case.organisation.name in siret
    assert case.organisation.siret in siret
    assert value(data, "request", "Territoires") == "Arrageois et Ternois"
    assert value(data, "request", "Subvention demandée") == "12\u202f345,00\u00a0€"
    assert value(data, "request", "Dispositif").startswith("3.1 ")
    assert "à 16\u00a0h\u00a030, heure de Paris" in value(data, "deposit", "Validé")
    assert story.cast.applicant.name in value(data, "deposit", "Validé")
    assert value(data, "deposit", "Reçu par") == "Ce service"
    assert [file["name"] for file in data["documents"]] == [d.name for d in documents_of(session, case.id)]
    first = documents_of(session, case.id)[0]
    assert data["documents"][0]["digest"].replace("\u00a0", "") == first.digest[:16]
    assert any(line.startswith("Le budget : ") for line in data["sections"])


def test_it_carries_the_digest_of_the_content_and_the_one_of_the_journal(session: Session, tell: Tell) -> None:
    case = tell("instruction").application
    event = session.scalars(
        sa.select(journal.Event).where(
            journal.Event.subject_id == case.id, journal.Event.kind == "application.submitted"
        )
    ).one()
    digests = [item["value"].replace(" ", "") for item in receipt_data(session, case)["digests"]]
    assert digests == [content_digest(session, case), event.digest]


def test_another_content_has_another_digest(session: Session, tell: Tell) -> None:
    digests = {
        content_digest(session, tell(**plan).application)
        for plan in ({}, {"title": "Autre"}, {"requested": 3_900_000}, {"territories": ("Ternois",)})
    }
    assert len(digests) == 4


def test_what_is_corrected_later_changes_nothing_in_the_receipt(session: Session, tell: Tell) -> None:
    story = tell("submitted")
    case = story.application
    before, pdf = receipt_data(session, case), receipt_pdf(session, case)
    due_on = (LATER + timedelta(days=9)).date().isoformat()
    asked = Act(story.cast.officer, LATER, story.settings, {"reason": "À revoir.", "due_on": due_on}, case.version)
    fire(session, case, "request_correction", asked)

    identity = {"starts_on": "2024-03-01", "ends_on": "2024-11-30", "territories": []}
    for title in ("Un premier titre", "Un second titre"):
        save_section(session, case, "projet", {**identity, "title": title}, act(story))
    key = next(q.key for q in story.scheme.form.questions if q.section == "public" and q.kind == "long_text")
    save_section(session, case, "public", {key: "Un autre texte."}, act(story))
    rows = [("expense", "personnel"), ("income", "requested")]
    staff = {"fte": "1", "gross": "10", "share": "100"}
    budget = [{"side": side, "category": category, "label": "x", "amount": "10", **staff} for side, category in rows]
    save_budget(session, case, budget, act(story))
    remove(session, case, documents_of(session, case.id)[0], act(story))
    attach(session, story.storage, case, io.BytesIO(PDF), name="autre.pdf", slot="statutes", act=act(story))

    assert case.title == "Un second titre"
    assert receipt_data(session, case) == before
    assert receipt_pdf(session, case) == pdf


def test_an_erased_correction_is_said_rather_than_guessed(session: Session, tell: Tell) -> None:
    story = tell("submitted")
    case = story.application
    due_on = (LATER + timedelta(days=9)).date().isoformat()
    asked = Act(story.cast.officer, LATER, story.settings, {"reason": "À revoir.", "due_on": due_on}, case.version)
    fire(session, case, "request_correction", asked)
    save_section(session, case, "projet", {"title": "Un autre titre"}, act(story))
    edited = journal.last_event(session, "application", case.id)
    assert edited is not None
    journal.erase(session, edited, actor=story.cast.manager, at=LATER, reason="Donnée personnelle")
    with pytest.raises(Refused, match="effacée"):
        receipt_data(session, case)


def test_a_file_received_by_another_channel_keeps_its_own_reference_and_hour(session: Session, tell: Tell) -> None:
    story = tell("draft")
    bearer = story.application.organisation
    version = current_version(session, "2024", "3.1")
    assert version is not None
    received = datetime(2024, 1, 12, 9, 5, tzinfo=PARIS)
    case: Application = start_draft(
        session,
        version,
        bearer,
        actor=story.cast.officer,
        at=NOW,
        channel="e_partenaire",
        external_reference="EP-2024-77",
        received_at=received,
    )
    story.case, story.at = case, NOW
    story.fill()
    for trigger in ("deposit", "validate"):
        story.fire(story.cast.applicant, trigger)
    data = receipt_data(session, case)
    assert value(data, "deposit", "Reçu par") == "E-partenaire"
    assert value(data, "deposit", "Référence d’origine") == "EP-2024-77"
    assert value(data, "deposit", "Reçu") == "vendredi 12 janvier 2024 à 9\u00a0h\u00a005, heure de Paris"
    assert "12 janvier 2024" in data["summary"]


@pytest.mark.database("sqlite")
def test_the_pdf_is_tagged_titled_and_in_french(session: Session, tell: Tell) -> None:
    with pikepdf.open(io.BytesIO(receipt_pdf(session, tell().application))) as pdf:
        assert pdf.Root.Lang == "fr-FR"
        assert pdf.Root.MarkInfo.Marked is True or bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "Accusé de réception"
            assert metadata["pdfuaid:part"] == "1"
            assert metadata.pdfa_status == "2A"


@pytest.mark.database("sqlite")
def test_the_pdf_holds_what_people_typed_to_the_letter(session: Session, tell: Tell) -> None:
    name, title = "Œuvre & Cie #let x = 1 *gras*", '$x$ @label <b> _d’été_ \\ "cité" #sys.inputs'
    case = tell(name=name, title=title).application
    said = flat(text_of(receipt_pdf(session, case)))
    data = receipt_data(session, case)
    for wanted in (name, title, case.reference, data["proof"], *(item["value"] for item in data["digests"])):
        assert flat(wanted) in said
    for row in (*data["deposit"], *data["request"]):
        assert flat(row["label"] + row["value"]) in said


@pytest.mark.database("sqlite")
def test_the_same_case_gives_the_same_bytes_and_the_longest_words_fit(session: Session, tell: Tell) -> None:
    case = tell(title="x" * 200).application
    documents_of(session, case.id)[0].name = "y" * 196 + ".pdf"
    session.flush()
    first = receipt_pdf(session, case)
    assert receipt_pdf(session, case) == first
    assert "y" * 196 in flat(text_of(first))


@pytest.mark.database("sqlite")
def test_a_letter_that_the_fonts_lack_does_not_prevent_the_receipt(session: Session, tell: Tell) -> None:
    case = tell(name="Épicerie 🎉 Жук 漢\x07", title="👩‍🌾 Jardin").application
    said = flat(text_of(receipt_pdf(session, case)))
    assert "Épicerie□Жук□□" in said
    assert "Jardin" in said
