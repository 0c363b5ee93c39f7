"""The documents owed after each financial year (3.8, l.1926-1943): each in its own place, the deadline met by them all.

A rank is that of the deadline: 1 for the first financial year that closes during the operation. The day the last
document of a year comes, its deadline is met by itself; nobody ticks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from casework import deadlines
from casework.applications import Application
from casework.deadlines import Deadline, deadlines_of
from casework.documents import Document
from casework.errors import InvalidInput, NotFound, Refused
from casework.filekinds import ODS, XLSX
from casework.storage import Storage, Stored
from workflows.application.files import Attached, annual_slot, join, why_not_annual
from workflows.application.form import documents_of
from workflows.engine import Act
from workflows.scheme import Scheme
from workflows.scheme_reported import AnnualDocument
from workflows.versions import scheme_of

KIND = "annual_accounts"
SPREADSHEETS = (XLSX.media_type, ODS.media_type)


def owed_years(known: Iterable[Deadline]) -> list[Deadline]:
    """The deadlines of annual documents of a case, one for each financial year, in order."""
    found = [one for one in known if one.kind == KIND and one.status != "cancelled"]
    return sorted(found, key=lambda one: one.rank)


def missing(scheme: Scheme, rank: int, documents: Iterable[Document]) -> list[AnnualDocument]:
    """The documents of this year that are not there yet."""
    present = {document.slot for document in documents}
    return [one for one in scheme.annual_documents if annual_slot(rank, one.key) not in present]


def join_annual(
    session: Session, storage: Storage, application: Application, stored: Stored, *, rank: int, key: str, act: Act
) -> Attached:
    """Join one document of one year; the deadline is met when it is the last. Raises NotFound, InvalidInput, Refused.

    The bytes are deleted when it is refused.
    """
    try:
        wanted = _wanted(session, application, rank, key, stored, act)
    except BaseException:
        storage.delete(stored.key)
        raise
    joined = join(session, storage, application, stored, slot=annual_slot(rank, wanted.key), act=act)
    session.flush()
    _meet(session, application, rank, act)
    return joined


def _wanted(
    session: Session, application: Application, rank: int, key: str, stored: Stored, act: Act
) -> AnnualDocument:
    wanted = next((one for one in scheme_of(application).annual_documents if one.key == key), None)
    year = next((one for one in owed_years(deadlines_of(session, application.id)) if one.rank == rank), None)
    if wanted is None or year is None:
        raise NotFound("Ce document annuel n’est pas attendu dans ce dossier.")
    reason = why_not_annual(act.actor, application)
    if reason is not None:
        raise Refused([reason])
    if wanted.spreadsheet and stored.media_type not in SPREADSHEETS:
        sentence = f"« {stored.name} » n’est pas un tableur : la fiche veut la balance au format Excel (.xlsx)."
        raise InvalidInput({"file": [sentence]})
    return wanted


def _meet(session: Session, application: Application, rank: int, act: Act) -> None:
    waiting: Sequence[Deadline] = [
        one for one in owed_years(deadlines_of(session, application.id)) if one.rank == rank and one.status == "open"
    ]
    if waiting and not missing(scheme_of(application), rank, documents_of(session, application.id)):
        outcome = "Tous les documents annuels sont joints."
        deadlines.close(session, application, waiting, status="met", at=act.at, done_on=act.day, outcome=outcome)
