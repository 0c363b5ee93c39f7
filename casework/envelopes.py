"""The envelope of a scheme in a campaign: voted, engaged by decisions, paid, remaining. Amounts in cents.

Votes are added, never changed (triggers of migration 0007): `Envelope.voted_cents` repeats their sum under the lock of
its row. What is engaged is the grant of each convention, with what an amendment to be signed adds to it; once its final
report is validated, what is due (or already paid); once the case is closed or terminated, what was paid of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework import db, journal
from casework.administration import SERVICE
from casework.amendments import Amendment
from casework.applications import Application, Convention, FinalReport
from casework.db import Base, Cents, Instant, Key
from casework.errors import InvalidInput
from casework.money import Payment
from casework.people import Actor

VOTED = journal.register("service.envelope_voted", "Enveloppe votée ou modifiée")
_ENDED = ("closed", "terminated")


class Envelope(Base):
    """What may be granted for a scheme in a campaign. Its row is locked after the case's, always in that order."""

    __tablename__ = "envelope"
    __table_args__ = (
        sa.UniqueConstraint("campaign", "scheme_code"),
        sa.CheckConstraint("voted_cents >= 0", name="voted"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    campaign: Mapped[str] = mapped_column(sa.String(20))
    scheme_code: Mapped[str] = mapped_column(sa.String(8))
    voted_cents: Mapped[int] = mapped_column(Cents, default=0)


class EnvelopeVote(Base):
    """One vote of the assembly: more or less money, on a day, under a reference."""

    __tablename__ = "envelope_vote"
    __table_args__ = (sa.CheckConstraint("amount_cents <> 0", name="amount"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    envelope_id: Mapped[int] = mapped_column(sa.ForeignKey("envelope.id"), index=True)
    amount_cents: Mapped[int] = mapped_column(Cents)
    voted_on: Mapped[date] = mapped_column(sa.Date)
    reference: Mapped[str] = mapped_column(sa.String(80))
    author_name: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True)
class Figures:
    """Where one envelope stands. `voted` None: nothing was voted. `cases`: how many conventions engage it."""

    voted: int | None = None
    engaged: int = 0
    paid: int = 0
    cases: int = 0

    @property
    def remaining(self) -> int | None:
        return None if self.voted is None else self.voted - self.engaged


def vote(
    session: Session,
    campaign: str,
    scheme_code: str,
    *,
    amount_cents: int,
    voted_on: date,
    reference: str,
    actor: Actor,
    at: datetime,
) -> Envelope:
    """Add a vote, negative to take back. Raises InvalidInput("amount") when the envelope would be below zero."""
    envelope = _locked(session, campaign, scheme_code) or _opened(session, campaign, scheme_code)
    if envelope.voted_cents + amount_cents < 0:
        raise InvalidInput({"amount": ["L’enveloppe ne contient pas ce montant."]})
    envelope.voted_cents += amount_cents
    session.add(
        EnvelopeVote(
            envelope_id=envelope.id,
            amount_cents=amount_cents,
            voted_on=voted_on,
            reference=reference,
            author_name=actor.name,
            at=at,
        )
    )
    session.flush()
    journal.record(
        session,
        "service",
        SERVICE,
        VOTED,
        actor=actor,
        at=at,
        campaign=campaign,
        scheme=scheme_code,
        amount=amount_cents,
        voted_on=voted_on.isoformat(),
        reference=reference,
    )
    return envelope


def _locked(session: Session, campaign: str, scheme_code: str) -> Envelope | None:
    same = (Envelope.campaign == campaign, Envelope.scheme_code == scheme_code)
    key = session.scalar(sa.select(Envelope.id).where(*same))
    found: Envelope | None = db.lock(session, Envelope, key) if key is not None else None
    return found


def _opened(session: Session, campaign: str, scheme_code: str) -> Envelope:
    """Two people who vote first at once: the unique key refuses the second, who is told to try again."""
    envelope = Envelope(campaign=campaign, scheme_code=scheme_code, voted_cents=0)
    session.add(envelope)
    session.flush()
    return envelope


def figures(session: Session, campaign: str) -> Mapping[str, Figures]:
    """Where each scheme of a campaign stands, by code; in two queries."""
    voted = session.execute(
        sa.select(Envelope.scheme_code, Envelope.voted_cents).where(Envelope.campaign == campaign)
    ).all()
    found = {code: Figures(cents) for code, cents in voted}
    for code, engaged, paid, cases in session.execute(_used(Application.campaign == campaign)):
        opened = found.get(code, Figures())
        found[code] = Figures(opened.voted, int(engaged), int(paid), cases)
    return found


def remaining_for(session: Session, case: Application, *, lock: bool = False) -> int | None:
    """What may still be granted for the scheme of this case; None when nothing was voted.

    `lock`: hold the envelope until the end of the transaction, so that two decisions cannot share its last euros.
    """
    if lock:
        envelope = _locked(session, case.campaign, case.scheme_code)
    else:
        same = (Envelope.campaign == case.campaign, Envelope.scheme_code == case.scheme_code)
        envelope = session.scalars(sa.select(Envelope).where(*same)).one_or_none()
    if envelope is None:
        return None
    own = sa.and_(Application.campaign == case.campaign, Application.scheme_code == case.scheme_code)
    row = session.execute(_used(own)).one_or_none()
    return envelope.voted_cents - (int(row.engaged) if row else 0)


def votes_of(session: Session, campaign: str) -> dict[str, list[EnvelopeVote]]:
    """Every vote of a campaign by scheme code, the newest first."""
    query = sa.select(Envelope.scheme_code, EnvelopeVote).join(Envelope, Envelope.id == EnvelopeVote.envelope_id)
    found: dict[str, list[EnvelopeVote]] = {}
    ordered = query.where(Envelope.campaign == campaign).order_by(EnvelopeVote.voted_on.desc(), EnvelopeVote.id.desc())
    for code, row in session.execute(ordered):
        found.setdefault(code, []).append(row)
    return found


def _larger(one: Any, other: Any) -> sa.ColumnElement[int]:
    return sa.case((one > other, one), else_=other)


def _used(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """(code, engaged, paid, number of conventions) by scheme."""
    sign = sa.case((Payment.kind == "recovery", -1), else_=1)
    paid = (
        sa.select(Payment.application_id, sa.func.sum(sign * Payment.amount_cents).label("cents"))
        .where(Payment.paid_on.is_not(None), Payment.reversed_by_id.is_(None), Payment.kind != "reversal")
        .group_by(Payment.application_id)
        .subquery()
    )
    net = sa.func.coalesce(paid.c.cents, 0)
    agreed = _larger(sa.func.coalesce(Amendment.grant_cents, 0), Convention.grant_cents)
    engaged = sa.case(
        (Application.state.in_(_ENDED), net),
        (FinalReport.due_cents.is_not(None), _larger(FinalReport.due_cents, net)),
        else_=agreed,
    )
    return (
        sa.select(
            Application.scheme_code,
            sa.func.sum(engaged).label("engaged"),
            sa.func.sum(net).label("paid"),
            sa.func.count().label("cases"),
        )
        .join(Convention, Convention.application_id == Application.id)
        .outerjoin(paid, paid.c.application_id == Application.id)
        .outerjoin(FinalReport, FinalReport.application_id == Application.id)
        .outerjoin(Amendment, sa.and_(Amendment.application_id == Application.id, Amendment.status == "accepted"))
        .where(which)
        .group_by(Application.scheme_code)
    )
