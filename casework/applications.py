"""An application and what belongs to it: territories, co-bearers, opinions, corrections, convention, final report.

An application is one row from draft to closed; its state is only ever set by `workflows.engine`. What an applicant
writes in the form is kept in `answers` (question key → value), in the shape that the scheme's version asks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Cents, Instant, Json, Key, one_of
from casework.people import Organisation, Territory, User
from casework.schemes import SchemeVersion

STATES = {
    "draft": "Brouillon",
    "deposited": "Déposé, à valider",
    "submitted": "Validé",
    "slai_opinion": "Avis SLAI",
    "instruction": "En instruction",
    "instructed": "Instruit",
    "convention": "Convention",
    "advance": "Avance",
    "execution": "En cours",
    "bilan": "Bilan",
    "balance": "Solde",
    "closed": "Clos",
    "lapsed": "Caduc",
    "inadmissible": "Irrecevable",
    "rejected": "Refusé",
    "withdrawn": "Retiré",
    "terminated": "Résilié",
}
FINAL_STATES = ("closed", "lapsed", "inadmissible", "rejected", "withdrawn", "terminated")
CHANNELS = {
    "casework": "Ce service",
    "e_partenaire": "E-partenaire",
    "demarches_simplifiees": "Démarches simplifiées",
    "paper": "Papier",
}
VERDICTS = {"favourable": "Favorable", "reserved": "Favorable avec réserves", "unfavourable": "Défavorable"}
BODIES = {"slai": "SLAI", "convergence": "Convergence", "caf": "CAF du Pas-de-Calais"}
_UNTITLED = "Brouillon – "


class Application(Base):
    """`reference` is what people quote. `opens_on`/`closes_on`: the deposit window it is prepared for.

    `received_at` is set for another channel: it is the instant compared with the window. `due_on` repeats the
    earliest open deadline, for the lists.
    """

    __tablename__ = "application"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", tuple(STATES)), name="state"),
        sa.CheckConstraint(one_of("channel", tuple(CHANNELS)), name="channel"),
        sa.CheckConstraint("requested_cents >= 0", name="requested"),
        sa.CheckConstraint("granted_cents IS NULL OR granted_cents >= 0", name="granted"),
        sa.CheckConstraint("starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on", name="operation_dates"),
        sa.CheckConstraint("(channel = 'casework') = (received_at IS NULL)", name="other_channel_received"),
        sa.Index("ix_application_recent", "updated_at", "id"),
        sa.Index("ix_application_state_recent", "state", "updated_at", "id"),
        sa.Index("ix_application_scheme_recent", "scheme_code", "updated_at", "id"),
        sa.Index("ix_application_scheme_state_recent", "scheme_code", "state", "updated_at", "id"),
        sa.Index("ix_application_organisation_recent", "organisation_id", "updated_at", "id"),
        sa.Index("ix_application_officer_recent", "officer_id", "updated_at", "id"),
        sa.Index("ix_application_campaign_recent", "campaign", "updated_at", "id"),
        sa.Index("ix_application_due", "due_on", "id"),
        sa.Index("ix_application_state_due", "state", "due_on", "id"),
        sa.Index("ix_application_officer_state_due", "officer_id", "state", "due_on", "id"),
        sa.Index("ix_application_waiting", "officer_id", "state", "due_on", "state_since", "id"),
        sa.Index(
            "ix_application_received",
            "officer_id",
            "state",
            sqlite_where=sa.text("channel <> 'casework'"),
            postgresql_where=sa.text("channel <> 'casework'"),
        ),
        sa.Index("ix_application_requested", "requested_cents", "id"),
        sa.Index("ix_application_since", "state_since", "id"),
        sa.Index("ix_application_state_closes", "state", "closes_on"),
        sa.Index("ix_application_decided", "decided_on", "decision_reference", "id"),
        sa.Index("ix_application_state_ends", "state", "ends_on"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    reference: Mapped[str] = mapped_column(
        sa.String(30).with_variant(sa.String(30, collation="C"), "postgresql"), unique=True
    )
    campaign: Mapped[str] = mapped_column(sa.String(20))
    scheme_code: Mapped[str] = mapped_column(sa.String(8))
    scheme_version_id: Mapped[int] = mapped_column(sa.ForeignKey("scheme_version.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    state: Mapped[str] = mapped_column(sa.String(20), default="draft")
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, deferred=True)
    starts_on: Mapped[date | None] = mapped_column(sa.Date)
    ends_on: Mapped[date | None] = mapped_column(sa.Date)
    requested_cents: Mapped[int] = mapped_column(Cents, default=0)
    proposed_cents: Mapped[int | None] = mapped_column(Cents)
    granted_cents: Mapped[int | None] = mapped_column(Cents)
    opens_on: Mapped[date] = mapped_column(sa.Date)
    closes_on: Mapped[date] = mapped_column(sa.Date)
    channel: Mapped[str] = mapped_column(sa.String(30), default="casework")
    external_reference: Mapped[str] = mapped_column(sa.String(80), default="")
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    deposited_at: Mapped[datetime | None] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_on: Mapped[date | None] = mapped_column(sa.Date)
    decision_reference: Mapped[str] = mapped_column(sa.String(80), default="")
    instruction_report: Mapped[str] = mapped_column(sa.Text, default="", deferred=True)
    officer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    carried_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    state_since: Mapped[datetime] = mapped_column(Instant)
    due_on: Mapped[date | None] = mapped_column(sa.Date)

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    scheme_version: Mapped[SchemeVersion] = relationship(lazy="joined", innerjoin=True)
    officer: Mapped[User | None] = relationship(lazy="joined")
    territories: Mapped[list[Territory]] = relationship(secondary="application_territory", order_by=Territory.name)
    co_bearers: Mapped[list[Organisation]] = relationship(secondary="co_bearer", order_by=Organisation.name)
    partners: Mapped[list[Partnership]] = relationship(order_by="Partnership.partner")
    opinions: Mapped[list[Opinion]] = relationship(back_populates="application", order_by="Opinion.id")
    corrections: Mapped[list[Correction]] = relationship(order_by="Correction.id")
    accepted_warnings: Mapped[list[AcceptedWarning]] = relationship(order_by="AcceptedWarning.id")
    convention: Mapped[Convention | None] = relationship(back_populates="application")
    report: Mapped[FinalReport | None] = relationship(back_populates="application")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @hybrid_property
    def called(self) -> str:
        """What people call it: its title or, while it has none, the scheme it is a draft of."""
        return self.title or _UNTITLED + self.scheme_version.title

    @called.inplace.expression
    @classmethod
    def _called(cls) -> sa.ColumnElement[str]:
        scheme = sa.select(SchemeVersion.title).where(SchemeVersion.id == cls.scheme_version_id).correlate(cls)
        return sa.case((cls.title != "", cls.title), else_=sa.literal(_UNTITLED) + scheme.scalar_subquery())


application_territory = sa.Table(
    "application_territory",
    Base.metadata,
    sa.Column("application_id", sa.ForeignKey("application.id"), primary_key=True),
    sa.Column("territory_id", sa.ForeignKey("territory.id"), primary_key=True),
    sa.Index("ix_application_territory_territory", "territory_id", "application_id"),
)
co_bearer = sa.Table(
    "co_bearer",
    Base.metadata,
    sa.Column("application_id", sa.ForeignKey("application.id"), primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisation.id"), primary_key=True),
    sa.Index("ix_co_bearer_organisation", "organisation_id", "application_id"),
)


class Partnership(Base):
    """A partner who takes part in this application: its opinion is asked, or it sits in the committees."""

    __tablename__ = "application_partner"
    __table_args__ = (sa.Index("ix_application_partner_partner", "partner", "application_id"),)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), primary_key=True, autoincrement=False)
    partner: Mapped[str] = mapped_column(sa.String(20), primary_key=True)


class Word(Base):
    """The search index: one row per word (folded: lower case, no accent) of an application's searchable text."""

    __tablename__ = "application_word"
    word: Mapped[str] = mapped_column(
        sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"), primary_key=True
    )
    application_id: Mapped[int] = mapped_column(
        sa.ForeignKey("application.id"), primary_key=True, autoincrement=False, index=True
    )


class Opinion(Base):
    """One opinion asked of one body (and one territory for a SLAI). Given, or skipped by a manager with a reason."""

    __tablename__ = "opinion"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "body", "territory_id"),
        sa.CheckConstraint(one_of("body", tuple(BODIES)), name="body"),
        sa.CheckConstraint("verdict IS NULL OR " + one_of("verdict", tuple(VERDICTS)), name="verdict"),
        sa.CheckConstraint("(body = 'slai') = (territory_id IS NOT NULL)", name="territory"),
        sa.CheckConstraint("verdict IS NULL OR skipped_at IS NULL", name="given_or_skipped"),
        sa.CheckConstraint("(verdict IS NULL) = (given_at IS NULL)", name="given"),
        sa.Index(
            "ix_opinion_waiting",
            "body",
            "territory_id",
            "due_on",
            "id",
            sqlite_where=sa.text("given_at IS NULL AND skipped_at IS NULL"),
            postgresql_where=sa.text("given_at IS NULL AND skipped_at IS NULL"),
        ),
        sa.Index("ix_opinion_given", "body", "territory_id", "given_at", "id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    body: Mapped[str] = mapped_column(sa.String(20))
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territory.id"))
    blocking: Mapped[bool] = mapped_column(default=False)
    requested_at: Mapped[datetime] = mapped_column(Instant)
    due_on: Mapped[date] = mapped_column(sa.Date)
    verdict: Mapped[str | None] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    given_at: Mapped[datetime | None] = mapped_column(Instant)
    given_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    skipped_at: Mapped[datetime | None] = mapped_column(Instant)
    skip_reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    application: Mapped[Application] = relationship(back_populates="opinions")
    territory: Mapped[Territory | None] = relationship(lazy="joined")
    given_by: Mapped[User | None] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return f"SLAI {self.territory.name}" if self.territory else BODIES[self.body]

    @property
    def waiting(self) -> bool:
        return self.verdict is None and self.skipped_at is None


class Correction(Base):
    """A request for corrections (of the file, or of the final report) with its due date, and its answer."""

    __tablename__ = "correction"
    __table_args__ = (
        sa.CheckConstraint("(answered_at IS NULL) OR (lifted_at IS NULL)", name="answered_or_lifted"),
        sa.Index(
            "ix_correction_open",
            "application_id",
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL AND lifted_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL AND lifted_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(20))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    requested_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    request: Mapped[str] = mapped_column(sa.Text)
    due_on: Mapped[date] = mapped_column(sa.Date)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    requested_by: Mapped[User | None] = relationship(lazy="joined")

    @property
    def waiting(self) -> bool:
        return self.answered_at is None and self.lifted_at is None


class AcceptedWarning(Base):
    """A warning of the rules (dates, capacity …) that an officer accepted, by name. A warning never blocks."""

    __tablename__ = "accepted_warning"
    __table_args__ = (sa.UniqueConstraint("application_id", "code"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(60))
    sentence: Mapped[str] = mapped_column(sa.String(500))
    accepted_at: Mapped[datetime] = mapped_column(Instant)
    accepted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    accepted_by: Mapped[User] = relationship(lazy="joined")


class Convention(Base):
    """The convention between the funder and the applicant; effective period, amount, both signatures.

    `terms`: what its text names, as it was when it was made, whatever changes later; `template_id`: the version of the
    text. Both are None only for a convention made before the service wrote them. `applicant_file_id`, `funder_file_id`:
    the signed file that each signature was recorded with, kept with its digest (`casework.documents`).

    `starts_on`, `ends_on`, `grant_cents` are the terms in force: an amendment changes them (`casework.amendments`).
    `ended_on`: the effective end, known once the operation is over or terminated on `terminated_on`.
    """

    __tablename__ = "convention"
    __table_args__ = (
        sa.CheckConstraint("grant_cents >= 0", name="grant"),
        sa.CheckConstraint("starts_on <= ends_on", name="dates"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    grant_cents: Mapped[int] = mapped_column(Cents)
    starts_on: Mapped[date] = mapped_column(sa.Date)
    ends_on: Mapped[date] = mapped_column(sa.Date)
    sent_on: Mapped[date] = mapped_column(sa.Date)
    applicant_signed_on: Mapped[date | None] = mapped_column(sa.Date)
    funder_signed_on: Mapped[date | None] = mapped_column(sa.Date)
    ended_on: Mapped[date | None] = mapped_column(sa.Date)
    applicant_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    funder_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    template_id: Mapped[int | None] = mapped_column(sa.ForeignKey("convention_template.id"), index=True)
    terms: Mapped[dict[str, Any] | None] = mapped_column(Json, deferred=True)
    terminated_on: Mapped[date | None] = mapped_column(sa.Date)
    termination_reason: Mapped[str | None] = mapped_column(sa.Text)
    application: Mapped[Application] = relationship(back_populates="convention")

    @property
    def last_on(self) -> date:
        """The last day of the operation: its effective end once it is known, else the one agreed."""
        return self.ended_on or self.ends_on

    @property
    def signed_on(self) -> date | None:
        """The day both signatures stand, None while one is missing."""
        if self.applicant_signed_on is None or self.funder_signed_on is None:
            return None
        return max(self.applicant_signed_on, self.funder_signed_on)


class FinalReport(Base):
    """The final report as submitted and, after its control, as accepted. Amounts in cents by category.

    `income`: cents received, by origin. `partial`: why it is incomplete, empty when it is whole. `intended`: the result
    that the applicant was told of (accepted amounts, results, amount due) on `intended_at`, with `answer_due_on` to
    answer it; `answer`: what it said as a whole. `observations`: what the control says of the whole report.
    `sections`: the pedagogical part as sent (key, label, text, and the facts that stood beside it).
    """

    __tablename__ = "final_report"
    __table_args__ = (
        sa.CheckConstraint("due_cents IS NULL OR due_cents >= 0", name="due"),
        sa.CheckConstraint("(validated_at IS NULL) = (due_cents IS NULL)", name="validated"),
        sa.CheckConstraint("(intended_at IS NULL) = (answer_due_on IS NULL)", name="intended"),
        sa.CheckConstraint("answered_at IS NULL OR intended_at IS NOT NULL", name="answered"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    narrative: Mapped[str] = mapped_column(sa.Text)
    declared: Mapped[dict[str, int]] = mapped_column(Json)
    results: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    income: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    partial: Mapped[str] = mapped_column(sa.Text, default="")
    intended: Mapped[dict[str, Any] | None] = mapped_column(Json)
    intended_at: Mapped[datetime | None] = mapped_column(Instant)
    answer_due_on: Mapped[date | None] = mapped_column(sa.Date)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    observations: Mapped[str] = mapped_column(sa.Text, default="")
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    due_cents: Mapped[int | None] = mapped_column(Cents)
    explanation: Mapped[dict[str, Any] | None] = mapped_column(Json)
    figures: Mapped[dict[str, Any] | None] = mapped_column(Json)
    sections: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    application: Mapped[Application] = relationship(back_populates="report")

    @property
    def awaits_answer(self) -> bool:
        """The applicant was told of the intended result and has not answered yet."""
        return self.intended_at is not None and self.answered_at is None and self.validated_at is None


class Note(Base):
    """An internal note of the services; applicants never see it."""

    __tablename__ = "note"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[User] = relationship(lazy="joined")


class Counter(Base):
    """The last number given in a series ("2024-3.10"): references are taken under its row lock."""

    __tablename__ = "counter"
    series: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[int] = mapped_column(sa.Integer)
