"""The files of an application: joining one, taking one off, finding those a person may read, cleaning what is left.

The bytes are kept first (`receive`), before anything is locked, so that nobody waits for a disk or a slow copy; then
the case takes them (`join`), and when it refuses them they are deleted at once. A process that dies in between, or a
transaction that fails later, leaves an orphan, which `orphans` finds after a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.amendments import Amendment, amendments_of
from casework.applications import Application, Convention
from casework.bank import BankDetails
from casework.documents import CONFIDENTIAL_SLOTS, Document
from casework.errors import Forbidden, NotFound, Refused
from casework.participants import Journey
from casework.people import Actor, Grant
from casework.permissions import PERMISSIONS, in_scope, may, visible
from casework.storage import Storage, Stored
from workflows.application.editing import open_for_editing, why_not_editable
from workflows.application.form import documents_of
from workflows.engine import Act, compare_version, touch
from workflows.versions import scheme_of

ADDED = journal.register("application.document_added", "Pièce ajoutée")
REMOVED = journal.register("application.document_removed", "Pièce retirée")
FREE = ""
SIGNED = "signed_convention"
SIGNED_AMENDMENT = "signed_amendment"
REPORT_SLOTS = {
    "final_report": "Bilan final signé",
    "evidence": "Justificatifs du bilan",
    "exit_evidence": "Justificatifs de sortie des participants",
}
LATER_SLOTS = {SIGNED: "Convention signée", SIGNED_AMENDMENT: "Avenant signé", **REPORT_SLOTS}
"""What is joined after the decision, each at its own step."""
ANNUAL = "annual-"
_MOST_YEARS = 3
ANNUAL_STATES = ("advance", "execution", "bilan", "balance", "closed")
"""When the documents of a financial year may come: it may close, and be due, long after the operation."""
MAX_FILES = 150
ORPHAN_AGE = timedelta(days=1)
_CHUNK = 500
_NOT_NOW = "Les pièces ne se retirent plus à cette étape : le dossier garde ce qui a été transmis."


@dataclass(frozen=True)
class Attached:
    """The document of the case, and, when it was already there, the sentence that says so (`added` is then False)."""

    document: Document
    added: bool
    notice: str = ""


def slots_of(application: Application) -> dict[str, str]:
    """The slots this case may hold: those of its scheme's form, the free one, those of later steps."""
    form = {document.key: document.label for document in scheme_of(application).form.documents}
    return {**form, FREE: "Autre pièce", **LATER_SLOTS, **_annual_slots(application)}


def annual_slot(rank: int, key: str) -> str:
    """The slot of one document of the financial year of this rank (3.8, l.1926-1943)."""
    return f"{ANNUAL}{rank}-{key}"


def _annual_slots(application: Application) -> dict[str, str]:
    return {
        annual_slot(rank, one.key): f"{one.label} (exercice n° {rank})"
        for rank in range(1, _MOST_YEARS + 1)
        for one in scheme_of(application).annual_documents
    }


def why_not_annual(actor: Actor, application: Application) -> str | None:
    """None when this person may join or take off the documents of a financial year now, else why not."""
    if not may(actor, "application.report", application):
        return "Seul le porteur joint ses documents annuels."
    if application.state in ANNUAL_STATES:
        return None
    return "Les documents annuels se joignent à partir de la signature de la convention."


def why_not_attachable(
    actor: Actor, application: Application, slot: str, amendments: Sequence[Amendment] = ()
) -> str | None:
    """None when this person may join a file to this slot now, else the sentence that says why not.

    `amendments`: those of the case, for the slot of a signed one.
    """
    if slot == SIGNED:
        return _why_no_signed_file(actor, application)
    if slot == SIGNED_AMENDMENT:
        return _why_no_signed_amendment(actor, application, amendments)
    if slot in REPORT_SLOTS:
        return _why_no_report_file(actor, application, slot)
    if slot.startswith(ANNUAL):
        return why_not_annual(actor, application)
    if slot == FREE and may(actor, "application.instruct", application):
        return "Ce dossier est terminé : aucune pièce ne s’y ajoute plus." if application.is_final else None
    return why_not_editable(actor, application)


def _why_no_signed_file(actor: Actor, application: Application) -> str | None:
    if not may(actor, "application.sign", application):
        return "Seuls le porteur et les services joignent la convention signée."
    if application.state == "convention":
        return None
    return "La convention signée se joint entre l’accord de la subvention et la dernière signature."


def _why_no_signed_amendment(actor: Actor, application: Application, amendments: Sequence[Amendment]) -> str | None:
    if not may(actor, "application.sign", application):
        return "Seuls le porteur et les services joignent l’avenant signé."
    if any(amendment.status == "accepted" for amendment in amendments):
        return None
    return "L’avenant signé se joint une fois l’avenant accepté, jusqu’à la dernière signature."


def _why_no_report_file(actor: Actor, application: Application, slot: str) -> str | None:
    if not may(actor, "application.report", application):
        return "Seul le porteur joint les pièces de son bilan."
    if slot == "exit_evidence" and application.state == "execution":
        return None
    return None if application.state == "bilan" else "Les pièces du bilan se joignent une fois l’opération terminée."


def receive(storage: Storage, application: Application, stream: BinaryIO, *, name: str, slot: str, act: Act) -> Stored:
    """Keep the bytes of a file meant for this slot; no transaction need be open to write, and none should.

    Raises Forbidden, NotFound (unknown slot), TooLarge or InvalidInput (field « file »): nothing is kept then.
    """
    if not may(act.actor, "document.add", application):
        raise Forbidden()
    if slot not in slots_of(application):
        raise NotFound("Cette pièce n’est pas prévue dans ce dossier.")
    return storage.put(stream, name=name, limit=act.settings.upload_max_bytes, at=act.at)


def join(
    session: Session, storage: Storage, application: Application, stored: Stored, *, slot: str, act: Act
) -> Attached:
    """Join a received file to its slot of the case; the same file already there is recognised and not kept twice.

    Raises Forbidden, NotFound, Stale or Refused: the bytes are deleted then.
    """
    try:
        attached = _join(session, _opened(session, application, slot, act), stored, slot, act)
    except BaseException:
        storage.delete(stored.key)
        raise
    if attached.document.storage_key != stored.key:
        storage.delete(stored.key)
    return attached


def attach(
    session: Session, storage: Storage, application: Application, stream: BinaryIO, *, name: str, slot: str, act: Act
) -> Attached:
    """Receive a file and join it within one transaction: for who writes alone (a demonstration being told)."""
    stored = receive(storage, application, stream, name=name, slot=slot, act=act)
    return join(session, storage, application, stored, slot=slot, act=act)


def _opened(session: Session, application: Application, slot: str, act: Act) -> Application:
    if slot not in LATER_SLOTS and slot != FREE and not slot.startswith(ANNUAL):
        return open_for_editing(session, application, act, None)
    locked = _locked(session, application, act)
    known = amendments_of(session, locked.id) if slot == SIGNED_AMENDMENT else ()
    reason = why_not_attachable(act.actor, locked, slot, known)
    if reason:
        raise Refused([reason])
    return locked


def _locked(session: Session, application: Application, act: Act) -> Application:
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    compare_version(session, "application", locked, act)
    if not may(act.actor, "document.add", locked):
        raise Forbidden()
    return locked


def _join(session: Session, application: Application, stored: Stored, slot: str, act: Act) -> Attached:
    standing = documents_of(session, application.id)
    same = [document for document in standing if document.digest == stored.digest]
    here = next((document for document in same if slot in (document.slot, FREE)), None)
    if here is not None:
        return Attached(here, added=False, notice=_already(application, here))
    if len(standing) >= MAX_FILES:
        raise Refused([f"Un dossier compte au plus {MAX_FILES} pièces : retirez-en une pour en ajouter une autre."])
    document = Document(
        application_id=application.id,
        slot=slot,
        name=stored.name,
        media_type=stored.media_type,
        size=stored.size,
        digest=stored.digest,
        storage_key=same[0].storage_key if same else stored.key,
        added_at=act.at,
        added_by_id=act.actor.user_id,
    )
    session.add(document)
    _record(session, application, document, ADDED, act)
    notice = f"{_already(application, same[0])} Il répond maintenant aussi à cette demande." if same else ""
    return Attached(document, added=True, notice=notice)


def _already(application: Application, document: Document) -> str:
    label = slots_of(application).get(document.slot, document.slot)
    return f"Ce fichier est déjà dans le dossier : « {document.name} » ({label})."


def _record(session: Session, application: Application, document: Document, kind: str, act: Act) -> None:
    touch(application, act.at)
    session.flush()
    journal.record(
        session,
        "application",
        application.id,
        kind,
        actor=act.actor,
        at=act.at,
        version=application.version,
        document=document.id,
        slot=document.slot,
        name=document.name,
        size=document.size,
        digest=document.digest,
    )


def why_not_removable(session: Session, actor: Actor, application: Application, document: Document) -> str | None:
    """None when this person may take this file off now, else the sentence that says why not."""
    if document.slot == SIGNED:
        return _why_no_signed_file(actor, application) or _why_it_is_signed(document, application.convention)
    if document.slot == SIGNED_AMENDMENT:
        known = amendments_of(session, application.id)
        return _why_no_signed_amendment(actor, application, known) or _why_it_is_signed(document, *known)
    if document.slot in REPORT_SLOTS:
        return _why_no_report_file(actor, application, document.slot) or (
            None if _report_is_open(application) else _NOT_NOW
        )
    if document.slot.startswith(ANNUAL):
        return "Un document annuel remis ne se retire pas : joignez la version corrigée à côté."
    if document.slot == FREE and _added_by_services(session, document):
        own = document.added_by_id == actor.user_id and may(actor, "application.instruct", application)
        if not own:
            return "Cette pièce a été ajoutée par les services : seule la personne qui l’a ajoutée la retire."
        return _NOT_NOW if application.is_final else None
    return why_not_editable(actor, application)


def _why_it_is_signed(document: Document, *agreed: Convention | Amendment | None) -> str | None:
    if not any(one is not None and document.id in (one.applicant_file_id, one.funder_file_id) for one in agreed):
        return None
    return "Une signature est enregistrée avec ce fichier : il ne se retire plus."


def _report_is_open(application: Application) -> bool:
    """The applicant still writes its final report: it has not handed it in, or a correction of it is asked."""
    return application.report is None or any(correction.waiting for correction in application.corrections)


def _added_by_services(session: Session, document: Document) -> bool:
    role = sa.select(Grant.id).where(Grant.user_id == document.added_by_id, Grant.role.in_(("officer", "manager")))
    return session.scalar(role.limit(1)) is not None


def remove(session: Session, application: Application, document: Document, act: Act) -> Document:
    """Take a file off the case; its row stays, dated. Raises NotFound, Forbidden, Stale or Refused."""
    locked = _locked(session, application, act)
    if document.application_id != locked.id or document.removed_at is not None:
        raise NotFound("Cette pièce n’est plus dans le dossier.")
    reason = why_not_removable(session, act.actor, locked, document)
    if reason:
        raise Refused([reason])
    document.removed_at = act.at
    _record(session, locked, document, REMOVED, act)
    return document


def visible_documents(actor: Actor) -> sa.Select[Document]:
    """The query over the standing documents of every case this actor may see.

    The evidence of exits names people: an SLAI reads the files that prove exits of its territories and of no other.
    """
    query = sa.select(Document).join(Application, Application.id == Document.application_id)
    named = [in_scope(role, actor) for role in sorted(PERMISSIONS["journey.identity"] - {"slai"})]
    readable = sa.or_(Document.slot.not_in(CONFIDENTIAL_SLOTS), *named, _proves_exits_of(actor))
    return visible(query.where(Document.removed_at.is_(None), readable), actor)


def _proves_exits_of(actor: Actor) -> sa.ColumnElement[bool]:
    if "slai" not in actor.roles:
        return sa.false()
    own = Journey.territory_id.in_(actor.territories)
    proven = sa.exists().where(Journey.evidence_id == Document.id)
    return sa.and_(proven.where(own), ~proven.where(~own))


def find_document(session: Session, actor: Actor, document_id: int) -> Document:
    """One standing document, for its download. Raises NotFound outside the actor's scope."""
    found = session.scalars(visible_documents(actor).where(Document.id == document_id)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def orphans(session: Session, storage: Storage, *, now: datetime) -> list[str]:
    """The keys, kept for more than a day, that no case needs any more.

    A case needs the files that stand, those taken off less than a day ago, and those that were in it when it was
    validated: what has been transmitted is evidence, even once it is replaced. What was erased is needed by nobody. The
    proof of a bank account is needed as long as the account is kept, which is always.
    """
    before = now - ORPHAN_AGE
    keys = storage.keys(before=before)
    found: list[str] = []
    while chunk := list(islice(keys, _CHUNK)):
        needed = set(session.scalars(_needed(chunk, before)))
        found += [key for key in chunk if key not in needed]
    return found


def _needed(keys: list[str], before: datetime) -> sa.CompoundSelect[str]:
    proofs = sa.select(BankDetails.proof_key).where(BankDetails.proof_key.in_(keys))
    documents = (
        sa.select(Document.storage_key)
        .join(Application, Application.id == Document.application_id)
        .where(
            Document.storage_key.in_(keys),
            Document.erased_at.is_(None),
            sa.or_(
                Document.removed_at.is_(None),
                Document.removed_at >= before,
                Document.removed_at > Application.submitted_at,
            ),
        )
    )
    return sa.union_all(documents, proofs)


def documents_at(session: Session, application_id: int, instant: datetime) -> Iterator[Document]:
    """The documents that were in the case at this instant, in the order they came."""
    query = sa.select(Document).where(
        Document.application_id == application_id,
        Document.added_at <= instant,
        sa.or_(Document.removed_at.is_(None), Document.removed_at > instant),
    )
    return iter(session.scalars(query.order_by(Document.id)))
