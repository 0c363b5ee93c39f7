"""People who are accompanied: one journey for each operation entered, and who looked at whose identity.

An identity (`casework.identities`) is only read on purpose: `Journey.person` refuses to load by itself, and each
display of an identity leaves a row in `identity_look`, which the database refuses to change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.applications import Application
from casework.db import Base, Instant, Key, one_of
from casework.documents import Document
from casework.identities import Person
from casework.people import Territory, User
from casework.sealed import Sealed

if TYPE_CHECKING:
    from casework.details import JourneyDetails
    from casework.journey_facts import JourneyFact

STATES = {
    "oriented": "Orienté",
    "accompanied": "Accompagné",
    "suspended": "Suspendu",
    "exited": "Sorti",
    "declined": "Sans suite",
}
LIVE_STATES = ("oriented", "accompanied", "suspended")
ENTERED_STATES = ("accompanied", "suspended", "exited")
PUBLICS = {
    "rsa": "Bénéficiaire du RSA",
    "young": "Jeune en précarité",
    "ex_rsa": "Sorti du RSA, encore en parcours",
    "aseyouth": "Jeune issu de l’aide sociale à l’enfance",
    "disability": "Demande de RQTH, d’orientation ou d’AAH",
    "housing_first": "À la rue, hébergé ou suivi en logement d’abord",
    "parent": "Parent d’un enfant de moins de 3 ans",
    "other": "Autre situation",
}
"""The situations at entry that the sheets name. Several may be true of one person."""
PRESCRIBERS = {
    "operator": "Le porteur du projet",
    "slai": "SLAI",
    "mds": "Maison du Département Solidarité",
    "social_worker": "Travailleur social d’un autre service",
    "mission_locale": "Mission locale",
    "france_travail": "France Travail",
    "caf": "CAF",
    "mdph": "MDPH",
    "cap_emploi": "Cap emploi",
    "housing": "Structure d’hébergement ou de logement",
    "mobility_adviser": "Conseiller de Mamobilité62",
    "other": "Autre prescripteur",
}
FAMILIES = {
    "durable": "Emploi durable",
    "transition": "Emploi de transition",
    "positive": "Sortie positive",
    "none": "Hors sorties dynamiques",
}
WORKING_TIMES = {"full": "Temps plein", "part": "Temps partiel"}
NEXT_STEPS = {
    "insertion": "Autre étape d’insertion (chantier, SIAE, autre action)",
    "training": "Formation ou remise à niveau",
    "support": "Accompagnement social ou professionnel",
    "job_search": "Recherche d’emploi autonome",
    "none": "Aucune suite connue",
}
MILESTONES = ("trial_end", "six_months", "midway")
PURPOSES = {
    "roster": "Liste des participants",
    "journey": "Parcours d’un participant",
    "orientations": "Orientations à valider",
    "match": "Rapprochement à l’orientation",
    "evidence": "Justificatif de sortie",
    "months": "Mois et activités des participants",
    "records": "Comptes rendus d’exécution",
    "request": "Recherche pour répondre à une personne",
    "export": "Données remises à une personne",
}


def publics_said(codes: Sequence[str]) -> str:
    """Situations as one text, the first one as it is, the others after it."""
    first, *others = (PUBLICS[code] for code in codes)
    return " ; ".join([first, *(label if label[:3].isupper() else label[0].lower() + label[1:] for label in others)])


class Journey(Base):
    """One person in one operation. `exit_kind` is in the scheme's words, `exit_family` is how it classes it.

    `publics`: the situations at entry (codes of `PUBLICS`, sealed), the one that opens the operation to her first.
    `age_when_oriented`, `age_at_entry`: full years on the day of the orientation, on the day of entry.
    `prescriber`, `prescriber_body`: who sent the person, a kind of `PRESCRIBERS` and its name, never a person’s.
    `hired_on`, `trial_ends_on`: the contract that 3.2 follows.
    `college_entered_on`, `college_left_on`: the last placement in a college (3.10). `to_validate`: whether the sheet
    wants the SLAI to accept the orientation; `validated_at`: when it did. `employer_name`: an
    organisation, never a person; `next_step`: what follows the exit, where the sheet values it.
    """

    __tablename__ = "journey"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", tuple(STATES)), name="state"),
        sa.CheckConstraint("exit_family IS NULL OR " + one_of("exit_family", tuple(FAMILIES)), name="family"),
        sa.CheckConstraint(f"({one_of('state', ENTERED_STATES)}) = (entered_on IS NOT NULL)", name="entered"),
        sa.CheckConstraint("(entered_on IS NULL) = (age_at_entry IS NULL)", name="age"),
        sa.CheckConstraint("(state = 'exited') = (exit_kind IS NOT NULL)", name="exit_kind"),
        sa.CheckConstraint("(state = 'exited') = (exited_on IS NOT NULL)", name="exit_date"),
        sa.CheckConstraint("(exit_kind IS NULL) = (exit_family IS NULL)", name="exit_class"),
        sa.CheckConstraint("exited_on IS NULL OR entered_on <= exited_on", name="exit_after_entry"),
        sa.CheckConstraint("contract_ends_on IS NULL OR contract_starts_on <= contract_ends_on", name="contract"),
        sa.CheckConstraint(
            "working_time IS NULL OR " + one_of("working_time", tuple(WORKING_TIMES)), name="working_time"
        ),
        sa.CheckConstraint("weekly_minutes IS NULL OR weekly_minutes > 0", name="weekly_minutes"),
        sa.CheckConstraint("trial_ends_on IS NULL OR hired_on <= trial_ends_on", name="trial"),
        sa.CheckConstraint("college_left_on IS NULL OR college_entered_on <= college_left_on", name="college"),
        sa.CheckConstraint("(validated_at IS NULL) = (validated_by_id IS NULL)", name="validated"),
        sa.CheckConstraint("to_validate OR validated_at IS NULL", name="nothing_to_validate"),
        sa.CheckConstraint(
            "NOT to_validate OR validated_at IS NOT NULL OR entered_on IS NULL", name="entered_validated"
        ),
        sa.Index(
            "ix_journey_live",
            "person_id",
            "application_id",
            unique=True,
            sqlite_where=sa.text(one_of("state", LIVE_STATES)),
            postgresql_where=sa.text(one_of("state", LIVE_STATES)),
        ),
        sa.Index("ix_journey_roster", "application_id", "id"),
        sa.Index(
            "ix_journey_waiting",
            *("territory_id", "oriented_at", "id", "application_id"),
            sqlite_where=sa.text("state = 'oriented' AND to_validate = 1 AND validated_at IS NULL"),
            postgresql_where=sa.text("state = 'oriented' AND to_validate AND validated_at IS NULL"),
        ),
        sa.Index("ix_journey_person", "person_id", "state"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey("territory.id"))
    state: Mapped[str] = mapped_column(sa.String(20), default="oriented")
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    publics: Mapped[list[str]] = mapped_column(Sealed("journey.publics"))
    oriented_at: Mapped[datetime] = mapped_column(Instant)
    age_when_oriented: Mapped[int] = mapped_column(sa.Integer)
    oriented_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    prescriber: Mapped[str | None] = mapped_column(sa.String(20))
    prescriber_body: Mapped[str | None] = mapped_column(sa.String(120))
    to_validate: Mapped[bool] = mapped_column(default=False)
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    validated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    entered_on: Mapped[date | None] = mapped_column(sa.Date)
    age_at_entry: Mapped[int | None] = mapped_column(sa.Integer)
    exited_on: Mapped[date | None] = mapped_column(sa.Date)
    exit_kind: Mapped[str | None] = mapped_column(sa.String(200))
    exit_family: Mapped[str | None] = mapped_column(sa.String(20))
    contract_starts_on: Mapped[date | None] = mapped_column(sa.Date)
    contract_ends_on: Mapped[date | None] = mapped_column(sa.Date)
    employer_name: Mapped[str] = mapped_column(sa.String(120), default="")
    employer_town: Mapped[str] = mapped_column(sa.String(120), default="")
    working_time: Mapped[str | None] = mapped_column(sa.String(10))
    weekly_minutes: Mapped[int | None] = mapped_column(sa.Integer)
    next_step: Mapped[str | None] = mapped_column(Sealed("journey.next_step"))
    hired_on: Mapped[date | None] = mapped_column(sa.Date)
    trial_ends_on: Mapped[date | None] = mapped_column(sa.Date)
    college_entered_on: Mapped[date | None] = mapped_column(sa.Date)
    college_left_on: Mapped[date | None] = mapped_column(sa.Date)
    evidence_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    updated_at: Mapped[datetime] = mapped_column(Instant)
    state_since: Mapped[datetime] = mapped_column(Instant)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    application: Mapped[Application] = relationship()
    territory: Mapped[Territory] = relationship(lazy="joined", innerjoin=True)
    oriented_by: Mapped[User | None] = relationship(foreign_keys=[oriented_by_id])
    validated_by: Mapped[User | None] = relationship(foreign_keys=[validated_by_id])
    evidence: Mapped[Document | None] = relationship()
    details: Mapped[JourneyDetails | None] = relationship(lambda: _details(), back_populates="journey")
    suspensions: Mapped[list[Suspension]] = relationship(order_by="Suspension.id")
    warnings: Mapped[list[JourneyWarning]] = relationship(order_by="JourneyWarning.id")
    milestones: Mapped[list[JourneyMilestone]] = relationship(order_by="JourneyMilestone.done_on")
    facts: Mapped[list[JourneyFact]] = relationship(
        lambda: _facts(), order_by=lambda: (_facts().since_on, _facts().id), viewonly=True, lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def public(self) -> str:
        """The situation that opens the operation to the person."""
        return self.publics[0]

    @property
    def publics_said(self) -> str:
        """« Bénéficiaire du RSA ; à la rue, hébergé ou suivi en logement d’abord »"""
        return publics_said(self.publics)

    @property
    def is_final(self) -> bool:
        return self.state not in LIVE_STATES

    @property
    def age(self) -> int:
        """At entry, or at the orientation as long as there is no entry."""
        return self.age_when_oriented if self.age_at_entry is None else self.age_at_entry

    @property
    def awaits_validation(self) -> bool:
        return self.state == "oriented" and self.to_validate and self.validated_at is None

    @property
    def label(self) -> str:
        """How a journey is named wherever the person must not be."""
        return f"Parcours n° {self.id}"


def _facts() -> type[JourneyFact]:
    """What its sheet follows, which knows the journey: read when the tables are put together."""
    from casework.journey_facts import JourneyFact

    return JourneyFact


def _details() -> type[JourneyDetails]:
    """Known once the tables are put together: that module is built on this one."""
    from casework.details import JourneyDetails

    return JourneyDetails


def awaiting_validation() -> sa.ColumnElement[bool]:
    """What an SLAI has to accept, written as its index is: a parameter would keep the index from serving."""
    return sa.and_(
        Journey.state == sa.literal_column("'oriented'"), Journey.to_validate, Journey.validated_at.is_(None)
    )


class Suspension(Base):
    """A time out of the journey, from a day to a day, both included; open while `ended_on` is empty."""

    __tablename__ = "journey_suspension"
    __table_args__ = (
        sa.CheckConstraint("ended_on IS NULL OR started_on <= ended_on", name="dates"),
        sa.Index(
            "ix_journey_suspension_open",
            "journey_id",
            unique=True,
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"), index=True)
    started_on: Mapped[date] = mapped_column(sa.Date)
    ended_on: Mapped[date | None] = mapped_column(sa.Date)


class JourneyMilestone(Base):
    """A dated step that took place. `in_work`: what it found, where the sheet counts who is still in work (3.2)."""

    __tablename__ = "journey_milestone"
    __table_args__ = (
        sa.UniqueConstraint("journey_id", "code"),
        sa.CheckConstraint(one_of("code", MILESTONES), name="code"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"))
    code: Mapped[str] = mapped_column(sa.String(20))
    done_on: Mapped[date] = mapped_column(sa.Date)
    in_work: Mapped[bool | None] = mapped_column()


class JourneyWarning(Base):
    """What the rules said at entry (age, youth share, capacity …). It never blocks; some wait for an officer."""

    __tablename__ = "journey_warning"
    __table_args__ = (
        sa.UniqueConstraint("journey_id", "code"),
        sa.CheckConstraint("(accepted_at IS NULL) = (accepted_by_id IS NULL)", name="accepted"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    sentence: Mapped[str] = mapped_column(sa.String(500))
    to_accept: Mapped[bool] = mapped_column(default=False)
    raised_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    accepted_by: Mapped[User | None] = relationship()

    @property
    def waiting(self) -> bool:
        return self.to_accept and self.accepted_at is None


class IdentityLook(Base):
    """Somebody was shown somebody's identity: who, whose, when, on which page."""

    __tablename__ = "identity_look"
    __table_args__ = (
        sa.CheckConstraint(one_of("purpose", tuple(PURPOSES)), name="purpose"),
        sa.Index("ix_identity_look_person", "person_id", "at"),
        sa.Index("ix_identity_look_at", "at", "user_id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    journey_id: Mapped[int | None] = mapped_column(sa.ForeignKey("journey.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    purpose: Mapped[str] = mapped_column(sa.String(20))


def record_looks(session: Session, journeys: Iterable[Journey], *, user_id: int, at: datetime, purpose: str) -> None:
    """Keep a trace of the identities shown on one page, in one statement."""
    _write(session, _LOOKS, [one.id for one in journeys], user_id, at, purpose)


def record_person_looks(session: Session, people: Iterable[int], *, user_id: int, at: datetime, purpose: str) -> None:
    """The same, for people shown by themselves, by their numbers."""
    _write(session, _PERSON_LOOKS, list(people), user_id, at, purpose)


def _write(session: Session, looks: sa.Insert, keys: list[int], user_id: int, at: datetime, purpose: str) -> None:
    values = {"keys": keys, "user_id": user_id, "at": at, "purpose": purpose}
    session.connection().execute(looks, values)


def _looks_at(key: Any, person: Any, journey: Any) -> sa.Insert:
    """One look for each row that has one of these numbers: fifty rows sent one by one would take longer than a page."""
    keys: Any = sa.bindparam("keys", expanding=True, literal_execute=True)
    common = (
        sa.bindparam("user_id", type_=Key),
        sa.bindparam("at", type_=Instant),
        sa.bindparam("purpose", type_=sa.String),
    )
    columns = ["person_id", "journey_id", "user_id", "at", "purpose"]
    return sa.insert(IdentityLook).from_select(columns, sa.select(person, journey, *common).where(key.in_(keys)))


_LOOKS = _looks_at(Journey.id, Journey.person_id, Journey.id)
_PERSON_LOOKS = _looks_at(Person.id, Person.id, sa.null())


def journeys_evidenced_by(session: Session, document: Document) -> list[Journey]:
    """The journeys whose exit this file proves."""
    return list(session.scalars(sa.select(Journey).where(Journey.evidence_id == document.id).order_by(Journey.id)))


def guard_ddl(dialect: str) -> list[str]:
    """Triggers: a recorded look at an identity is never changed nor deleted."""
    verbs = ("UPDATE", "DELETE")
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER identity_look_refuses_{verb.lower()} BEFORE {verb} ON identity_look "
            "BEGIN SELECT RAISE(ABORT, 'looks at identities are kept'); END"
            for verb in verbs
        ]
    return [
        "CREATE FUNCTION identity_look_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'looks at identities are kept' USING ERRCODE = 'check_violation'; END $$",
        *(
            f"CREATE TRIGGER identity_look_refuses_{verb.lower()} BEFORE {verb} ON identity_look FOR EACH ROW "
            "EXECUTE FUNCTION identity_look_refuses()"
            for verb in verbs
        ),
    ]
