"""The files of a draft through the pages: joined, recognised, refused, downloaded, taken off."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from casework.applications import Application
from casework.db import transaction
from casework.documents import Document
from casework.people import Actor
from casework.settings import Settings
from casework.storage import Storage, Stored
from tests.support import people
from tests.support.browser import Browser
from tests.support.stories import Teller, cast_of
from tests.support.template import NOW
from workflows.application.editing import start_draft
from workflows.application.form import documents_of
from workflows.stories import PDF
from workflows.versions import current_version

pytestmark = pytest.mark.database("sqlite")

SignedIn = Callable[[Actor], Browser]


@dataclass
class Draft:
    sessions: sessionmaker[Session]
    id: int
    browser: Browser

    def documents(self) -> list[Document]:
        with self.sessions() as session:
            return documents_of(session, self.id)

    def version(self) -> int:
        with self.sessions() as session:
            return session.get_one(Application, self.id).version

    def join(self, content: bytes, name: str = "statuts.pdf", slot: str = "statutes", version: int = 0) -> TestResponse:
        data = {"version": version or self.version(), "slot": slot, "file": (io.BytesIO(content), name)}
        return self.browser.post(f"/dossiers/{self.id}/pieces", data, content_type="multipart/form-data")


@pytest.fixture
def draft(sessions: sessionmaker[Session], signed_in: SignedIn) -> Draft:
    return _draft(sessions, signed_in)


def _draft(sessions: sessionmaker[Session], signed_in: SignedIn) -> Draft:
    with transaction(sessions) as session:
        bearer = people.organisation(session)
        actor = people.applicant(session, bearer)
        version = current_version(session, "2024", "3.10")
        assert version is not None
        key = start_draft(session, version, bearer, actor=actor, at=NOW).id
    return Draft(sessions, key, signed_in(actor))


def test_a_file_is_joined_and_no_longer_lacks(draft: Draft) -> None:
    response = draft.join(PDF, "Statuts à jour.pdf")
    assert response.status_code == 303
    assert response.location.endswith("/demande/pieces#piece-statutes")
    page = draft.browser.get(f"/dossiers/{draft.id}/demande/pieces").text
    assert "Statuts à jour.pdf" in page
    assert "#piece-statutes" not in draft.browser.get(f"/dossiers/{draft.id}/demande").text


def test_nobody_waits_while_a_file_is_received(
    draft: Draft, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow the disk: another person writes while the bytes are being kept."""
    keep = Storage.put

    def _slow(storage: Storage, *arguments: Any, **more: Any) -> Stored:
        with engine.connect() as other:
            other.exec_driver_sql("UPDATE organisation SET town = 'Béthune'")
            other.commit()
        return keep(storage, *arguments, **more)

    monkeypatch.setattr(Storage, "put", _slow)
    assert draft.join(PDF).status_code == 303
    assert [document.slot for document in draft.documents()] == ["statutes"]


def test_it_is_downloaded_as_it_was_and_never_shown_by_the_browser(draft: Draft) -> None:
    draft.join(PDF, '../..\\Éta"ts;.pdf')
    document = draft.documents()[0]
    response = draft.browser.get(f"/dossiers/{draft.id}/pieces/{document.id}")
    assert response.data == PDF
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "\\" not in document.name
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert int(response.headers["Content-Length"]) == len(PDF)


def test_a_program_renamed_to_pdf_is_refused_and_not_kept(draft: Draft, settings: Settings) -> None:
    response = draft.join(b"MZ" + b"\x00" * 400)
    assert response.status_code == 422
    assert "n’est pas accepté" in response.text
    assert draft.documents() == []
    assert [path for path in Path(settings.files_dir).rglob("*") if path.is_file()] == []


def test_no_file_and_an_empty_file_are_told_apart(draft: Draft) -> None:
    assert "Choisissez d’abord un fichier" in draft.join(PDF, "").text
    assert "Ce fichier est vide" in draft.join(b"").text


@pytest.mark.parametrize("extra", [1, 5 * 1024 * 1024])
def test_a_file_beyond_twenty_megabytes_is_refused_in_french(draft: Draft, extra: int) -> None:
    response = draft.join(PDF + b"0" * (20 * 1024 * 1024 - len(PDF) + extra))
    assert response.status_code == 413
    assert "20 Mo" in response.text
    assert draft.documents() == []


def test_the_same_file_twice_is_recognised(draft: Draft) -> None:
    draft.join(PDF)
    response = draft.join(PDF, "copie.pdf")
    assert response.status_code == 303
    assert len(draft.documents()) == 1
    assert "déjà dans le dossier" in draft.browser.get(response.location).text


def test_an_unknown_slot_is_not_found(draft: Draft) -> None:
    assert draft.join(PDF, slot="invented").status_code == 404


def test_a_file_joined_to_a_changed_case_is_asked_again(draft: Draft) -> None:
    seen = draft.version()
    draft.join(PDF)
    response = draft.join(PDF + b"\n", slot="rib", version=seen)
    assert response.status_code == 409
    assert "a changé depuis" in response.text
    assert len(draft.documents()) == 1


def test_a_file_is_taken_off(draft: Draft) -> None:
    draft.join(PDF)
    document = draft.documents()[0]
    address = f"/dossiers/{draft.id}/pieces/{document.id}"
    assert draft.browser.post(f"{address}/retirer", {"version": 1}).status_code == 409
    assert draft.browser.post(f"{address}/retirer", {"version": draft.version()}).status_code == 303
    assert draft.documents() == []
    assert draft.browser.get(address).status_code == 404


def test_a_stranger_reaches_no_file_by_any_address(
    draft: Draft, sessions: sessionmaker[Session], signed_in: SignedIn
) -> None:
    draft.join(PDF)
    document = draft.documents()[0]
    stranger = _draft(sessions, signed_in)
    assert stranger.browser.get(f"/dossiers/{draft.id}/pieces/{document.id}").status_code == 404
    assert stranger.browser.get(f"/dossiers/{stranger.id}/pieces/{document.id}").status_code == 404
    forged = {"version": stranger.version()}
    assert stranger.browser.post(f"/dossiers/{stranger.id}/pieces/{document.id}/retirer", forged).status_code == 404
    assert len(draft.documents()) == 1


def test_a_draft_has_no_receipt_yet(draft: Draft) -> None:
    assert draft.browser.get(f"/dossiers/{draft.id}/recu.pdf").status_code == 409


def test_a_validated_case_has_its_receipt_and_keeps_its_files(
    sessions: sessionmaker[Session], settings: Settings, signed_in: SignedIn
) -> None:
    with transaction(sessions) as session:
        cast = cast_of(session)
        case = Teller(session, settings, cast).tell("3.10", "submitted")
        key, version, reference = case.id, case.version, case.reference
        document = documents_of(session, key)[0].id
    browser = signed_in(cast.applicant)
    response = browser.get(f"/dossiers/{key}/recu.pdf")
    assert response.status_code == 200
    assert response.data.startswith(b"%PDF-")
    assert reference in response.headers["Content-Disposition"]
    refused = browser.post(f"/dossiers/{key}/pieces/{document}/retirer", {"version": version})
    assert refused.status_code == 409
    assert "ne se modifie plus" in refused.text
