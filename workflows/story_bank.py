"""An invented account for an organisation, given by its member and confirmed by an officer: the real acts."""

from __future__ import annotations

import io
from datetime import datetime

from sqlalchemy.orm import Session
from stdnum import iban

from casework.bank import BankDetails, confirmed, details_of, pending
from casework.people import Actor, Organisation
from casework.settings import Settings
from casework.storage import Storage
from workflows import bank
from workflows.engine import Act
from workflows.story_plan import PDF


def invented_iban(number: int) -> str:
    """A French IBAN of valid form that no bank gives: its bank code is 99999."""
    account = f"9999900001{number:011d}"
    key = 97 - int(f"{account}00") % 97
    bban = f"{account}{key:02d}"
    return f"FR{iban.calc_check_digits(f'FR00{bban}')}{bban}"


def give_account(
    session: Session,
    storage: Storage,
    settings: Settings,
    applicant: Actor,
    organisation_id: int,
    at: datetime,
    *,
    rank: int = 0,
) -> BankDetails:
    """An account entered by a member of the organisation; each `rank` is another account."""
    organisation = session.get_one(Organisation, organisation_id)
    act = Act(applicant, at, settings)
    stored = storage.put(io.BytesIO(PDF + b"% RIB"), name="rib.pdf", limit=settings.upload_max_bytes, at=at)
    answers = {"holder": organisation.name, "iban": invented_iban(organisation_id * 10 + rank), "bic": ""}
    return bank.enter(session, storage, organisation_id, answers, stored, act)


def ensure_account(
    session: Session,
    storage: Storage,
    settings: Settings,
    applicant: Actor,
    officer: Actor,
    organisation_id: int,
    at: datetime,
) -> None:
    """A confirmed account, unless the organisation has one already or waits for an answer."""
    known = details_of(session, organisation_id)
    if confirmed(known) is None and pending(known) is None:
        given = give_account(session, storage, settings, applicant, organisation_id, at)
        bank.confirm(session, organisation_id, given.id, Act(officer, at, settings))
