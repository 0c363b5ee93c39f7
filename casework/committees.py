"""The committees of an operation: planned by the rule or proposed, convened, held, minuted; who sat; what was decided.

A committee that its sheet asks for has the `rank` of its deadline (`casework.deadlines`, kind "committee"); one that
was proposed besides has none. Only bodies and functions are named here, never a participant.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.applications import Application
from casework.db import Base, Instant, Key, one_of
from casework.people import Territory, User

STATES = {
    "planned": "À convoquer",
    "convened": "Convoqué",
    "held": "Tenu, compte rendu à rédiger",
    "minuted": "Compte rendu à accepter",
    "acknowledged": "Compte rendu accepté",
    "cancelled": "Annulé",
}
HELD_STATES = ("held", "minuted", "acknowledged")
COMING_STATES = ("planned", "convened")
PRESENCES = {"present": "Présent", "represented": "Représenté", "excused": "Excusé", "absent": "Absent"}
ATTENDED = ("present", "represented")
DECISIONS = {"open": "À suivre", "done": "Faite", "dropped": "Abandonnée"}
BODIES = ("operator", "slai", "officer", "caf", "convergence", "mamobilite62", "contact", "other")


class Committee(Base):
    """One meeting. `day`: when it is planned, convened, then when it was held.

    `sequence` grows each time its invitation changes, as calendars want it. `absent`: the mandatory bodies that were
    missing, each with its line, in French; empty when they all sat. `earlier`: it was recorded as held before its
    convocation, its attendance and its minutes were kept here: nothing is known of them.
    `led_by`: who convenes and minutes it, the operator or, where the sheet leaves it to the Département, an officer.
    """

    __tablename__ = "committee"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", tuple(STATES)), name="state"),
        sa.CheckConstraint("state <> 'convened' OR starts_at IS NOT NULL", name="convened"),
        sa.CheckConstraint("(state IN ('minuted', 'acknowledged')) = (minuted_at IS NOT NULL)", name="minuted"),
        sa.CheckConstraint("(state = 'acknowledged') = (acknowledged_at IS NOT NULL)", name="acknowledged"),
        sa.CheckConstraint(one_of("led_by", ("applicant", "officer")), name="led_by"),
        sa.CheckConstraint("lasts > 0 AND lasts <= 600", name="lasts"),
        sa.Index(
            "ix_committee_rank",
            "application_id",
            "rank",
            unique=True,
            sqlite_where=sa.text("rank IS NOT NULL AND state <> 'cancelled'"),
            postgresql_where=sa.text("rank IS NOT NULL AND state <> 'cancelled'"),
        ),
        sa.Index("ix_committee_case", "application_id", "day"),
        sa.Index("ix_committee_state", "state", "day", "id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    rank: Mapped[int | None] = mapped_column(sa.Integer)
    state: Mapped[str] = mapped_column(sa.String(20), default="planned")
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    title: Mapped[str] = mapped_column(sa.String(160))
    day: Mapped[date] = mapped_column(sa.Date)
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    lasts: Mapped[int] = mapped_column(sa.Integer, default=120)
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    agenda: Mapped[str] = mapped_column(sa.Text, default="", deferred=True)
    sequence: Mapped[int] = mapped_column(sa.Integer, default=0)
    absent: Mapped[str] = mapped_column(sa.String(500), default="")
    note: Mapped[str] = mapped_column(sa.Text, default="", deferred=True)
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    minutes: Mapped[str] = mapped_column(sa.Text, default="", deferred=True)
    minuted_at: Mapped[datetime | None] = mapped_column(Instant)
    minuted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    return_reason: Mapped[str] = mapped_column(sa.Text, default="", deferred=True)
    earlier: Mapped[bool] = mapped_column(default=False)
    led_by: Mapped[str] = mapped_column(sa.String(20), default="applicant")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    state_since: Mapped[datetime] = mapped_column(Instant)

    application: Mapped[Application] = relationship()
    minuted_by: Mapped[User | None] = relationship(foreign_keys=[minuted_by_id])
    acknowledged_by: Mapped[User | None] = relationship(foreign_keys=[acknowledged_by_id])
    seats: Mapped[list[CommitteeSeat]] = relationship(order_by="CommitteeSeat.id", cascade="all, delete-orphan")
    decisions: Mapped[list[CommitteeDecision]] = relationship(order_by="CommitteeDecision.id", viewonly=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def state_label(self) -> str:
        return "Tenu" if self.earlier and self.state == "held" else STATES[self.state]

    @property
    def is_final(self) -> bool:
        return self.state in ("acknowledged", "cancelled")

    @property
    def held(self) -> bool:
        return self.state in HELD_STATES


class CommitteeSeat(Base):
    """One body that is invited, and whether it sat. `mandatory`: the sheet wants it there, at `line` of the call.

    `key` names the seat within its committee. `email`: where somebody without an account is invited.
    """

    __tablename__ = "committee_seat"
    __table_args__ = (
        sa.UniqueConstraint("committee_id", "key"),
        sa.CheckConstraint(one_of("body", BODIES), name="body"),
        sa.CheckConstraint("presence IS NULL OR " + one_of("presence", tuple(PRESENCES)), name="presence"),
        sa.CheckConstraint("mandatory OR line IS NULL", name="line"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    committee_id: Mapped[int] = mapped_column(sa.ForeignKey("committee.id"))
    key: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.String(20))
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territory.id"))
    label: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    mandatory: Mapped[bool] = mapped_column(default=False)
    line: Mapped[int | None] = mapped_column(sa.Integer)
    invited: Mapped[bool] = mapped_column(default=True)
    presence: Mapped[str | None] = mapped_column(sa.String(20))

    territory: Mapped[Territory | None] = relationship()

    @property
    def sat(self) -> bool:
        return self.presence in ATTENDED


class CommitteeDecision(Base):
    """What a committee decided: who does it (a function), until when, and what came of it."""

    __tablename__ = "committee_decision"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", tuple(DECISIONS)), name="status"),
        sa.CheckConstraint("(status = 'open') = (settled_on IS NULL)", name="settled"),
        sa.Index("ix_committee_decision_case", "application_id", "status", "due_on"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    committee_id: Mapped[int] = mapped_column(sa.ForeignKey("committee.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    responsible: Mapped[str] = mapped_column(sa.String(200))
    due_on: Mapped[date | None] = mapped_column(sa.Date)
    status: Mapped[str] = mapped_column(sa.String(10), default="open")
    outcome: Mapped[str] = mapped_column(sa.Text, default="")
    settled_on: Mapped[date | None] = mapped_column(sa.Date)
    decided_on: Mapped[date] = mapped_column(sa.Date)

    @property
    def status_label(self) -> str:
        return DECISIONS[self.status]

    def late(self, today: date) -> bool:
        return self.status == "open" and self.due_on is not None and self.due_on < today


def committees_of(session: Session, application_id: int) -> list[Committee]:
    """Every committee of an operation, by day."""
    query = sa.select(Committee).where(Committee.application_id == application_id)
    return list(session.scalars(query.order_by(Committee.day, Committee.id)))


def decisions_of(session: Session, application_id: int, *, still_open: bool = False) -> list[CommitteeDecision]:
    """What the committees of an operation decided, in order; `still_open`: only what is to be followed."""
    query = sa.select(CommitteeDecision).where(CommitteeDecision.application_id == application_id)
    if still_open:
        query = query.where(CommitteeDecision.status == "open")
    return list(session.scalars(query.order_by(CommitteeDecision.id)))


def held_without(session: Session, application_ids: Iterable[int]) -> dict[int, list[Committee]]:
    """The committees of several operations that were held without a mandatory body, by operation, in one query."""
    query = sa.select(Committee).where(
        Committee.application_id.in_(list(application_ids)), Committee.state.in_(HELD_STATES), Committee.absent != ""
    )
    found: dict[int, list[Committee]] = {}
    for committee in session.scalars(query.order_by(Committee.day, Committee.id)):
        found.setdefault(committee.application_id, []).append(committee)
    return found
