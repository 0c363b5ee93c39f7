"""Files of a case: who may join or take off what and when, what is recognised, and what becomes of the bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.applications import Application
from casework.documents import Document
from casework.errors import CaseworkError, Forbidden, InvalidInput, NotFound, Refused, Stale, TooLarge
from casework.people import Actor, Organisation
from casework.settings import Settings
from casework.storage import Storage
from jobs import orphans as orphans_job
from jobs.work import Means
from tests.support import people
from tests.support.reports import write_sections
from tests.support.stories import Teller, cast_of
from tests.support.template import NOW
from workflows.application.editing import copy_draft
from workflows.application.files import (
    MAX_FILES,
    Attached,
    attach,
    find_document,
    orphans,
    remove,
    visible_documents,
    why_not_attachable,
    why_not_removable,
)
from workflows.application.form import documents_of
from workflows.application.reporting import save_draft
from workflows.engine import Act, fire
from workflows.stories import PDF, Cast, Plan, Story

LATER = NOW + timedelta(days=900)


@dataclass
class Desk:
    """One case of scheme 3.1 and the people round it."""

    session: Session
    storage: Storage
    settings: Settings
    cast: Cast
    case: Application
    at: datetime = field(default=LATER)

    def act(self, actor: Actor, **data: Any) -> Act:
        return Act(actor, self.at, self.settings, data, self.case.version)

    def attach(self, actor: Actor, slot: str, content: bytes = PDF + b"% another", name: str = "piece.pdf") -> Attached:
        stream = io.BytesIO(content)
        return attach(self.session, self.storage, self.case, stream, name=name, slot=slot, act=self.act(actor))

    def remove(self, actor: Actor, document: Document) -> Document:
        return remove(self.session, self.case, document, self.act(actor))

    def request_correction(self) -> None:
        due_on = (self.at + timedelta(days=9)).date().isoformat()
        act = self.act(self.cast.officer, reason="Pièce illisible.", due_on=due_on)
        fire(self.session, self.case, "request_correction", act)

    @property
    def keys(self) -> set[str]:
        return set(self.storage.keys(before=self.at + timedelta(days=9)))


Open = Callable[..., Desk]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "files")


@pytest.fixture
def open_desk(session: Session, settings: Settings, storage: Storage) -> Open:
    def make(target: str, code: str = "3.1") -> Desk:
        return build(session, storage, settings, target, code)

    return make


def build(session: Session, storage: Storage, settings: Settings, target: str, code: str) -> Desk:
    cast = cast_of(session)
    case = Story(session, storage, settings, cast, Plan(code, target=target), LATER).tell()
    assert case.state == target
    return Desk(session, storage, settings, cast, case)


def test_a_joined_file_is_in_the_case_in_the_storage_and_in_the_journal(open_desk: Open) -> None:
    desk = open_desk("draft")
    version = desk.case.version
    document = desk.attach(desk.cast.applicant, "statutes", name="Statuts.pdf").document
    assert desk.storage.exists(document.storage_key)
    assert document in documents_of(desk.session, desk.case.id)
    assert desk.case.version > version
    last = journal.last_event(desk.session, "application", desk.case.id)
    assert last is not None
    assert (last.label, last.actor_id) == ("Pièce ajoutée", desk.cast.applicant.user_id)
    assert last.payload is not None
    assert last.payload.content["digest"] == document.digest


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("state", "who", "slot", "allowed"),
    [
        ("draft", "applicant", "statutes", True),
        ("draft", "applicant", "", True),
        ("draft", "applicant", "final_report", False),
        ("draft", "officer", "statutes", False),
        ("draft", "officer", "", True),
        ("deposited", "applicant", "statutes", False),
        ("submitted", "applicant", "", False),
        ("submitted", "officer", "", True),
        ("bilan", "applicant", "final_report", True),
        ("bilan", "applicant", "evidence", True),
        ("bilan", "applicant", "exit_evidence", True),
        ("execution", "applicant", "exit_evidence", True),
        ("execution", "applicant", "evidence", False),
        ("bilan", "applicant", "", False),
        ("bilan", "officer", "evidence", False),
        ("bilan", "manager", "", True),
        ("closed", "officer", "", False),
        ("closed", "applicant", "final_report", False),
        ("closed", "applicant", "statutes", False),
    ],
)
def test_who_joins_what_depends_on_the_stage(open_desk: Open, state: str, who: str, slot: str, allowed: bool) -> None:
    desk = open_desk(state)
    actor: Actor = getattr(desk.cast, who)
    kept = desk.keys
    if allowed:
        assert why_not_attachable(actor, desk.case, slot) is None
        assert desk.attach(actor, slot).added
        return
    reason = why_not_attachable(actor, desk.case, slot)
    assert reason
    with pytest.raises(Refused) as caught:
        desk.attach(actor, slot)
    assert caught.value.reasons == (reason,)
    assert desk.keys == kept, "the bytes of a refused file must be deleted at once"


@pytest.mark.parametrize("who", ["slai", "finance", "partner"])
def test_those_who_only_read_join_nothing(open_desk: Open, who: str) -> None:
    desk = open_desk("submitted")
    with pytest.raises(Forbidden):
        desk.attach(getattr(desk.cast, who), "")


def test_an_applicant_of_another_organisation_joins_nothing(open_desk: Open) -> None:
    desk = open_desk("draft")
    stranger = people.applicant(desk.session, people.organisation(desk.session))
    with pytest.raises(Forbidden):
        desk.attach(stranger, "statutes")


def test_a_slot_that_the_scheme_does_not_have_is_refused(open_desk: Open) -> None:
    desk = open_desk("draft")
    with pytest.raises(NotFound):
        desk.attach(desk.cast.applicant, "accreditation")


def test_somebody_who_saw_an_older_version_is_told_who_changed_it(open_desk: Open) -> None:
    desk = open_desk("draft")
    seen = desk.act(desk.cast.applicant)
    desk.attach(desk.cast.applicant, "", PDF + b"% first")
    kept = desk.keys
    with pytest.raises(Stale, match="Pièce ajoutée"):
        attach(desk.session, desk.storage, desk.case, io.BytesIO(PDF), name="b.pdf", slot="", act=seen)
    assert desk.keys == kept


@pytest.mark.parametrize(
    ("content", "error"), [(b"", InvalidInput), (b"MZ\x90\x00\x00", InvalidInput), (PDF + bytes(3 << 20), TooLarge)]
)
def test_a_bad_file_leaves_the_case_as_it_was(open_desk: Open, content: bytes, error: type[CaseworkError]) -> None:
    desk = open_desk("draft")
    desk.settings = replace(desk.settings, upload_max_mb=2)
    before = (desk.case.version, desk.keys)
    with pytest.raises(error):
        desk.attach(desk.cast.applicant, "statutes", content)
    assert (desk.case.version, desk.keys) == before


def test_the_same_file_twice_in_a_slot_is_recognised_and_not_kept_twice(open_desk: Open) -> None:
    desk = open_desk("draft")
    first = desk.attach(desk.cast.applicant, "statutes", name="Statuts.pdf")
    kept, version = desk.keys, desk.case.version
    for slot in ("statutes", ""):
        again = desk.attach(desk.cast.applicant, slot, name="Copie.pdf")
        assert (again.document, again.added) == (first.document, False)
        assert again.notice == "Ce fichier est déjà dans le dossier : « Statuts.pdf » (Statuts à jour de la structure)."
    assert (desk.keys, desk.case.version) == (kept, version)


def test_one_file_may_answer_two_requests_and_is_stored_once(open_desk: Open) -> None:
    desk = open_desk("draft")
    first = desk.attach(desk.cast.applicant, "statutes").document
    kept = desk.keys
    second = desk.attach(desk.cast.applicant, "officers_list")
    assert second.added
    assert "déjà dans le dossier" in second.notice
    assert second.document.storage_key == first.storage_key
    assert desk.keys == kept


def test_a_case_holds_a_bounded_number_of_files(open_desk: Open) -> None:
    desk = open_desk("draft")
    desk.session.add_all(
        Document(
            application_id=desk.case.id,
            name="x.pdf",
            media_type="application/pdf",
            size=1,
            digest=f"{n:064}",
            storage_key="",
            added_at=NOW,
        )
        for n in range(MAX_FILES)
    )
    desk.session.flush()
    with pytest.raises(Refused, match=f"au plus {MAX_FILES} pièces"):
        desk.attach(desk.cast.applicant, "")


def test_a_removed_file_leaves_the_case_but_not_the_records(open_desk: Open) -> None:
    desk = open_desk("draft")
    document = desk.attach(desk.cast.applicant, "statutes").document
    desk.remove(desk.cast.applicant, document)
    assert document.removed_at == LATER
    assert document not in documents_of(desk.session, desk.case.id)
    last = journal.last_event(desk.session, "application", desk.case.id)
    assert last is not None
    assert last.label == "Pièce retirée"
    with pytest.raises(NotFound):
        desk.remove(desk.cast.applicant, document)


def test_nothing_is_taken_off_a_deposited_file_unless_a_correction_is_asked(open_desk: Open) -> None:
    desk = open_desk("submitted")
    document = documents_of(desk.session, desk.case.id)[0]
    with pytest.raises(Refused):
        desk.remove(desk.cast.applicant, document)
    desk.request_correction()
    assert desk.remove(desk.cast.applicant, document).removed_at == LATER


def test_a_file_of_another_case_is_not_taken_off_through_this_one(open_desk: Open) -> None:
    desk, other = open_desk("draft"), open_desk("draft")
    with pytest.raises(NotFound):
        desk.remove(desk.cast.applicant, documents_of(desk.session, other.case.id)[0])


def test_what_the_services_joined_is_theirs_to_take_off(open_desk: Open) -> None:
    desk = open_desk("submitted")
    document = desk.attach(desk.cast.officer, "").document
    desk.request_correction()
    for actor in (desk.cast.applicant, desk.cast.manager):
        with pytest.raises(Refused, match="ajoutée par les services"):
            desk.remove(actor, document)
    assert desk.remove(desk.cast.officer, document).removed_at


def test_the_signed_report_is_not_taken_back_once_it_is_handed_in(open_desk: Open) -> None:
    desk = open_desk("bilan")
    document = desk.attach(desk.cast.applicant, "evidence").document
    assert why_not_removable(desk.session, desk.cast.applicant, desk.case, document) is None
    desk.attach(desk.cast.applicant, "final_report", PDF + b"% report")
    spent = [{"category": "operating", "label": "Location", "spent": "100"}]
    said = {"narrative": "Tenu.", "months_done": "0", "hours_done": "0", "dynamic_exits": "0"}
    save_draft(desk.session, desk.case, spent, said, desk.act(desk.cast.applicant))
    write_sections(Teller(desk.session, desk.settings, desk.cast), desk.case)
    fire(desk.session, desk.case, "submit_report", desk.act(desk.cast.applicant, partial="Facture à venir."))
    with pytest.raises(Refused, match="ne se retirent plus"):
        desk.remove(desk.cast.applicant, document)
    desk.request_correction()
    assert desk.remove(desk.cast.applicant, document).removed_at


def test_what_names_a_participant_is_read_only_by_those_who_follow_them(open_desk: Open) -> None:
    desk = open_desk("bilan")
    document = desk.attach(desk.cast.applicant, "exit_evidence", name="contrat.pdf").document
    for actor in (desk.cast.applicant, desk.cast.officer):
        assert find_document(desk.session, actor, document.id) is document
    for actor in (desk.cast.slai, desk.cast.manager, desk.cast.finance, people.auditor(desk.session)):
        with pytest.raises(NotFound):
            find_document(desk.session, actor, document.id)


def test_a_file_is_read_by_those_who_see_its_case_and_by_nobody_else(open_desk: Open) -> None:
    desk = open_desk("draft")
    document = documents_of(desk.session, desk.case.id)[0]
    for actor in (desk.cast.applicant, desk.cast.officer, desk.cast.manager):
        assert find_document(desk.session, actor, document.id) is document
        assert document in desk.session.scalars(visible_documents(actor)).all()
    stranger = people.applicant(desk.session, people.organisation(desk.session))
    for actor in (stranger, desk.cast.slai, desk.cast.finance, people.admin(desk.session)):
        with pytest.raises(NotFound):
            find_document(desk.session, actor, document.id)
    desk.remove(desk.cast.applicant, document)
    with pytest.raises(NotFound):
        find_document(desk.session, desk.cast.applicant, document.id)


def test_the_bytes_of_a_failed_transaction_are_orphans_after_a_day(
    sessions: sessionmaker[Session], storage: Storage, settings: Settings
) -> None:
    with sessions.begin() as session:
        desk = build(session, storage, settings, "draft", "3.1")
    kept = desk.keys
    with sessions() as session:
        desk.session, desk.case = session, session.get_one(Application, desk.case.id)
        lost = desk.attach(desk.cast.applicant, "").document.storage_key
        session.rollback()
    early, late = (Means(sessions, settings, storage, LATER + timedelta(hours=hours)) for hours in (23, 25))
    assert orphans_job.run(early).done == 0
    assert storage.exists(lost)
    assert orphans_job.run(late).done == 1
    assert not storage.exists(lost)
    assert desk.keys == kept


def test_a_file_taken_off_a_draft_is_deleted_but_what_was_validated_stays_as_evidence(open_desk: Open) -> None:
    desk = open_desk("draft")
    document = desk.attach(desk.cast.applicant, "").document
    desk.remove(desk.cast.applicant, document)
    tomorrow = LATER + timedelta(hours=25)
    assert orphans(desk.session, desk.storage, now=LATER + timedelta(hours=1)) == []
    assert orphans(desk.session, desk.storage, now=tomorrow) == [document.storage_key]

    desk = open_desk("submitted")
    desk.request_correction()
    replaced = desk.remove(desk.cast.applicant, documents_of(desk.session, desk.case.id)[0])
    assert replaced.storage_key not in orphans(desk.session, desk.storage, now=tomorrow)


def test_a_file_shared_with_a_copied_draft_stays_until_the_last_case_leaves_it(open_desk: Open) -> None:
    desk = open_desk("draft")
    document = documents_of(desk.session, desk.case.id)[0]
    version = desk.case.scheme_version
    copy = copy_draft(desk.session, desk.case, version, actor=desk.cast.applicant, at=NOW)
    desk.remove(desk.cast.applicant, document)
    tomorrow = LATER + timedelta(hours=25)
    assert orphans(desk.session, desk.storage, now=tomorrow) == []
    shared = next(d for d in documents_of(desk.session, copy.id) if d.storage_key == document.storage_key)
    remove(desk.session, copy, shared, Act(desk.cast.applicant, LATER, desk.settings, version=copy.version))
    assert orphans(desk.session, desk.storage, now=tomorrow) == [document.storage_key]


def test_a_job_finds_its_files_among_many(open_desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.application.files._CHUNK", 2)
    desk = open_desk("draft")
    lost = {
        desk.storage.put(io.BytesIO(PDF + bytes([n])), name="x.pdf", limit=1 << 20, at=NOW).key for n in range(48, 53)
    }
    assert set(orphans(desk.session, desk.storage, now=LATER)) == lost


def test_an_organisation_reads_the_files_of_a_case_it_bears_with_another(open_desk: Open) -> None:
    desk = open_desk("draft", "3.7")
    other: Organisation = people.organisation(desk.session)
    desk.case.co_bearers = [other]
    desk.session.flush()
    document = documents_of(desk.session, desk.case.id)[0]
    assert find_document(desk.session, people.applicant(desk.session, other), document.id) is document
