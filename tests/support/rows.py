"""Rows made directly, for tests of what the database itself holds. Tests of a case's life fire the real moves."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application, Convention
from casework.bank import BankDetails
from casework.people import Organisation, Territory
from casework.schemes import SchemeVersion
from tests.support import people
from tests.support.template import NOW
from workflows.story_bank import invented_iban

_NUMBERS = count(1)


def application(
    session: Session, organisation: Organisation | None = None, scheme: str = "3.1", **columns: Any
) -> Application:
    version = session.scalars(sa.select(SchemeVersion).where(SchemeVersion.code == scheme)).one()
    row = Application(
        reference=f"2024-{scheme}-{next(_NUMBERS):04}",
        campaign=version.campaign,
        scheme_code=scheme,
        scheme_version=version,
        organisation=organisation or people.organisation(session),
        **{
            "opens_on": date(2024, 1, 1),
            "closes_on": date(2024, 2, 29),
            "answers": {},
            "created_at": NOW,
            "updated_at": NOW,
            "state_since": NOW,
            **columns,
        },
    )
    session.add(row)
    session.flush()
    return row


def convention(session: Session, application: Application, *, grant_cents: int) -> Convention:
    row = Convention(
        application_id=application.id,
        number=f"C-{application.reference}",
        grant_cents=grant_cents,
        starts_on=date(2024, 3, 1),
        ends_on=date(2025, 2, 28),
        sent_on=date(2024, 2, 15),
    )
    session.add(row)
    session.flush()
    return row


def bank_account(session: Session, organisation_id: int, *, verdict: str | None = "confirmed") -> BankDetails:
    """An account that this organisation gave, decided upon by somebody else (None: by nobody yet)."""
    decided = {"decided_at": NOW, "decided_by_id": people.officer(session).user_id} if verdict else {}
    row = BankDetails(
        organisation_id=organisation_id,
        holder="Les Ateliers de la Lisse",
        iban=invented_iban(next(_NUMBERS)),
        bic="",
        proof_key="",
        proof_name="rib.pdf",
        proof_type="application/pdf",
        proof_size=1,
        proof_digest="",
        entered_at=NOW,
        entered_by_id=people.user(session).id,
        verdict=verdict,
        reason="Illisible." if verdict == "refused" else "",
        **decided,
    )
    session.add(row)
    session.flush()
    return row


def territories(session: Session) -> list[Territory]:
    return list(session.scalars(sa.select(Territory).order_by(Territory.code)))
