"""The terms of a convention in force, and the amendments that change them: dates, amount, co-bearers.

An amendment is asked (by the applicant or by the services), accepted or refused, signed by both parties, then in force:
the convention then holds its terms, so that whoever reads the convention reads what is in force. Each amendment keeps
what it replaced. One at most is open for each case, and a closed one never changes: the database holds both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.applications import Application
from casework.db import Base, Cents, Instant, Json, Key, one_of
from casework.people import Organisation

STATUSES = {
    "asked": "Demandé",
    "accepted": "À signer",
    "in_force": "En vigueur",
    "refused": "Refusé",
    "withdrawn": "Abandonné",
    "lapsed": "Sans objet",
}
OPEN = ("asked", "accepted")
ASKED_BY = ("applicant", "funder")
_OPEN = sa.text(one_of("status", OPEN))


@dataclass(frozen=True)
class Terms:
    """What a convention says that an amendment may change. Days are both included; the grant is in cents."""

    starts_on: date
    ends_on: date
    grant_cents: int
    co_bearers: tuple[Organisation, ...] = ()

    @property
    def period(self) -> tuple[date, date]:
        return self.starts_on, self.ends_on

    def kept(self) -> dict[str, Any]:
        """The same as plain values, to be stored."""
        return {
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "grant_cents": self.grant_cents,
            "co_bearers": named(self.co_bearers),
        }


class Amendment(Base):
    """One change of the terms of a convention, with its text, its signatures and what it replaced.

    `number`: given once accepted (« avenant n° 1 »). `starts_on` … `co_bearers` ([id, name, SIRET] of each): the terms
    that it brings, all of them. `replaced`: those that it replaces, known once accepted. `decision_reference`,
    `decided_on`: the decision of the funder when the amount changes. `template_id`, `terms`: its text, as for a
    convention. `outcome`: why it was refused, withdrawn or lapsed. `closed_at`: when that was, or its entry into force.
    """

    __tablename__ = "amendment"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", tuple(STATUSES)), name="status"),
        sa.CheckConstraint(one_of("asked_by", ASKED_BY), name="asked_by"),
        sa.CheckConstraint("starts_on <= ends_on", name="dates"),
        sa.CheckConstraint("grant_cents > 0", name="grant"),
        sa.CheckConstraint(f"({one_of('status', OPEN)}) = (closed_at IS NULL)", name="closed"),
        sa.CheckConstraint(
            f"NOT ({one_of('status', ('accepted', 'in_force'))}) OR (number IS NOT NULL AND sent_on IS NOT NULL)",
            name="numbered",
        ),
        sa.CheckConstraint(
            "status <> 'in_force' OR (applicant_signed_on IS NOT NULL AND funder_signed_on IS NOT NULL)", name="signed"
        ),
        sa.UniqueConstraint("application_id", "number"),
        sa.Index(
            "ix_amendment_open",
            "application_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    number: Mapped[int | None] = mapped_column(sa.Integer)
    status: Mapped[str] = mapped_column(sa.String(10), default="asked")
    asked_by: Mapped[str] = mapped_column(sa.String(10))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
    starts_on: Mapped[date] = mapped_column(sa.Date)
    ends_on: Mapped[date] = mapped_column(sa.Date)
    grant_cents: Mapped[int] = mapped_column(Cents)
    co_bearers: Mapped[list[Any]] = mapped_column(Json, default=list)
    replaced: Mapped[dict[str, Any] | None] = mapped_column(Json)
    decision_reference: Mapped[str] = mapped_column(sa.String(80), default="")
    decided_on: Mapped[date | None] = mapped_column(sa.Date)
    sent_on: Mapped[date | None] = mapped_column(sa.Date)
    applicant_signed_on: Mapped[date | None] = mapped_column(sa.Date)
    funder_signed_on: Mapped[date | None] = mapped_column(sa.Date)
    applicant_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    funder_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    template_id: Mapped[int | None] = mapped_column(sa.ForeignKey("convention_template.id"), index=True)
    terms: Mapped[dict[str, Any] | None] = mapped_column(Json, deferred=True)
    outcome: Mapped[str] = mapped_column(sa.Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    application: Mapped[Application] = relationship()

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def label(self) -> str:
        return f"Avenant n° {self.number}" if self.number else "Demande d’avenant"

    @property
    def signed_on(self) -> date | None:
        """The day both signatures stand, None while one is missing."""
        if self.applicant_signed_on is None or self.funder_signed_on is None:
            return None
        return max(self.applicant_signed_on, self.funder_signed_on)


def named(bearers: Iterable[Organisation]) -> list[list[Any]]:
    """[id, name, SIRET] of each organisation, to be kept as it is named now."""
    return [[bearer.id, bearer.name, bearer.siret] for bearer in bearers]


def amendments_of(session: Session, application_id: int) -> list[Amendment]:
    """Every amendment of a case, the oldest first, whatever became of it."""
    query = sa.select(Amendment).where(Amendment.application_id == application_id).order_by(Amendment.id)
    return list(session.scalars(query))


def terms_in_force(application: Application) -> Terms:
    """The terms that bind the parties now. Raises LookupError without a convention."""
    convention = application.convention
    if convention is None:
        raise LookupError("an application without a convention has no terms")
    return Terms(convention.starts_on, convention.ends_on, convention.grant_cents, tuple(application.co_bearers))


def days_of(application: Application) -> tuple[date | None, date | None]:
    """The days of the operation: those in force once there is a convention (its effective end included), else those
    asked.
    """
    convention = application.convention
    if convention is None:
        return application.starts_on, application.ends_on
    return convention.starts_on, convention.last_on


def terms_brought(session: Session, amendment: Amendment) -> Terms:
    """The terms that this amendment brings (or has brought)."""
    keys = [key for key, *_ in amendment.co_bearers]
    query = sa.select(Organisation).where(Organisation.id.in_(keys)).order_by(Organisation.name)
    bearers = tuple(session.scalars(query)) if keys else ()
    return Terms(amendment.starts_on, amendment.ends_on, amendment.grant_cents, bearers)


def bring_into_force(application: Application, terms: Terms) -> None:
    """These terms bind the parties from now on: the convention, and what the case repeats of it for the lists."""
    convention = application.convention
    if convention is None:
        raise LookupError("an application without a convention has no terms")
    convention.starts_on, convention.ends_on = terms.period
    convention.grant_cents = application.granted_cents = terms.grant_cents
    application.co_bearers = list(terms.co_bearers)


_CLOSED = "OLD.closed_at IS NOT NULL"


def amendment_ddl(dialect: str) -> list[str]:
    """Triggers: an amendment that is closed never changes, and none is ever deleted."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER amendment_closed BEFORE UPDATE ON amendment WHEN {_CLOSED} "
            "BEGIN SELECT RAISE(ABORT, 'a closed amendment never changes'); END",
            "CREATE TRIGGER amendment_kept BEFORE DELETE ON amendment "
            "BEGIN SELECT RAISE(ABORT, 'a closed amendment never changes'); END",
        ]
    return [
        "CREATE FUNCTION amendment_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'a closed amendment never changes' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER amendment_closed BEFORE UPDATE ON amendment FOR EACH ROW WHEN ({_CLOSED}) "
        "EXECUTE FUNCTION amendment_refuses()",
        "CREATE TRIGGER amendment_kept BEFORE DELETE ON amendment FOR EACH ROW EXECUTE FUNCTION amendment_refuses()",
    ]
