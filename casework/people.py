"""Who acts: users, what each may do and where (grants), organisations, territories, and the directory of contacts.

A person may hold several grants; each is a role with one scope: an organisation for an applicant, a territory for an
SLAI agent, a body for a partner, a scheme (or all of them) for an officer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.db import Base, Instant, Key, one_of

ROLES = {
    "applicant": "Porteur de projet",
    "slai": "Agent SLAI",
    "partner": "Partenaire",
    "officer": "Chargé de mission",
    "manager": "Responsable",
    "finance": "Gestionnaire financier",
    "auditor": "Contrôleur",
    "admin": "Administrateur",
    "data_officer": "Délégué à la protection des données",
}
PARTNERS = {"convergence": "Convergence", "caf": "CAF du Pas-de-Calais", "mamobilite62": "Mamobilité62"}
TERRITORIES = {
    "arrageois": "Arrageois",
    "artois": "Artois",
    "audomarois": "Audomarois",
    "boulonnais": "Boulonnais",
    "calaisis": "Calaisis",
    "henin-carvin": "Hénin-Carvin",
    "lens-lievin": "Lens-Liévin",
    "montreuillois": "Montreuillois",
    "ternois": "Ternois",
}
"""The nine territories of the call (l.337); a database is given them when it is prepared."""
LEGAL_FORMS = {
    "association": "Association loi 1901",
    "company": "Société commerciale ou coopérative",
    "local_authority": "Collectivité ou intercommunalité",
    "public_body": "Établissement public, CCAS",
    "other": "Autre organisme",
}


class Territory(Base):
    """One of the nine territories, each with its SLAI."""

    __tablename__ = "territory"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)


class Organisation(Base):
    """An association or a public body, by its SIRET. `fiscal_year_end`: the day its accounts close, "MM-DD"."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint(one_of("legal_form", tuple(LEGAL_FORMS)), name="legal_form"),
        sa.CheckConstraint("length(siret) = 14", name="siret"),
        sa.CheckConstraint("length(fiscal_year_end) = 5", name="fiscal_year_end"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    siret: Mapped[str] = mapped_column(sa.String(14), unique=True)
    name: Mapped[str] = mapped_column(sa.String(140), index=True)
    legal_form: Mapped[str] = mapped_column(sa.String(20))
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    postcode: Mapped[str] = mapped_column(sa.String(5), default="")
    town: Mapped[str] = mapped_column(sa.String(120), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    fiscal_year_end: Mapped[str] = mapped_column(sa.String(5), default="12-31", server_default="12-31")
    created_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def accounts_close(self) -> tuple[int, int]:
        """The month and the day on which its financial year ends."""
        month, _, day = self.fiscal_year_end.partition("-")
        return int(month), int(day)


class User(Base):
    """A person with an account. `email` is lower case; no password yet while an invitation is pending.

    `mail_refused_at`: since when a mail server has refused this address for good, and in which words.
    `mail_deadline`, `mail_news`, `mail_tasks`: how to be told of these (`casework.preferences`); empty: by default.
    `digest_on`: the last day whose morning summary is settled, sent or not.
    """

    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_login_at: Mapped[datetime | None] = mapped_column(Instant)
    mail_refused_at: Mapped[datetime | None] = mapped_column(Instant)
    mail_refused_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    mail_deadline: Mapped[str] = mapped_column(sa.String(10), default="")
    mail_news: Mapped[str] = mapped_column(sa.String(10), default="")
    mail_tasks: Mapped[str] = mapped_column(sa.String(10), default="")
    digest_on: Mapped[date | None] = mapped_column(sa.Date)
    grants: Mapped[list[Grant]] = relationship(back_populates="user", cascade="all, delete-orphan", lazy="raise_on_sql")


class Grant(Base):
    """One role of one user, with its scope."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.CheckConstraint(one_of("role", tuple(ROLES)), name="role"),
        sa.CheckConstraint("(role = 'applicant') = (organisation_id IS NOT NULL)", name="applicant_scope"),
        sa.CheckConstraint("(role = 'slai') = (territory_id IS NOT NULL)", name="slai_scope"),
        sa.CheckConstraint("(role = 'partner') = (partner IS NOT NULL)", name="partner_scope"),
        sa.CheckConstraint("scheme_code IS NULL OR role = 'officer'", name="scheme_scope"),
        sa.Index("ix_role_grant_role", "role", "organisation_id", "territory_id", "partner"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territory.id"))
    partner: Mapped[str | None] = mapped_column(sa.String(20))
    scheme_code: Mapped[str | None] = mapped_column(sa.String(8))
    user: Mapped[User] = relationship(back_populates="grants")


class Contact(Base):
    """A line of the directory, imported from CSV: who to ask, by scheme and territory (either may be empty)."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    scheme_code: Mapped[str | None] = mapped_column(sa.String(8), index=True)
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territory.id"))
    label: Mapped[str] = mapped_column(sa.String(160))
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")


@dataclass(frozen=True)
class Actor:
    """Who does something: a person with the scopes of its grants, or a named job (`user_id` None).

    `schemes` is None when an officer has all of them.
    """

    name: str
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    organisations: frozenset[int] = frozenset()
    territories: frozenset[int] = frozenset()
    partners: frozenset[str] = frozenset()
    schemes: frozenset[str] | None = frozenset()

    @property
    def is_job(self) -> bool:
        return self.user_id is None

    @property
    def role_labels(self) -> tuple[str, ...]:
        return tuple(label for code, label in ROLES.items() if code in self.roles)


def job(name: str) -> Actor:
    """The actor of a scheduled job or of the workflow itself, named in the journal."""
    return Actor(name=name)


def actor_of(user: User) -> Actor:
    """The actor a user is, from its grants (which must be loaded)."""
    grants = user.grants
    officer = [grant for grant in grants if grant.role == "officer"]
    every_scheme = any(grant.scheme_code is None for grant in officer)
    return Actor(
        name=user.name,
        user_id=user.id,
        roles=frozenset(grant.role for grant in grants),
        organisations=frozenset(g.organisation_id for g in grants if g.organisation_id is not None),
        territories=frozenset(g.territory_id for g in grants if g.territory_id is not None),
        partners=frozenset(g.partner for g in grants if g.partner is not None),
        schemes=None if every_scheme else frozenset(g.scheme_code for g in officer if g.scheme_code is not None),
    )


def members(
    session: Session,
    role: str,
    *,
    organisation_ids: frozenset[int] | None = None,
    territory_id: int | None = None,
    partner: str | None = None,
    scheme_code: str | None = None,
) -> list[User]:
    """The active users who hold this role in this scope, by name."""
    query = sa.select(User).join(Grant).where(Grant.role == role, User.active).order_by(User.name).distinct()
    if organisation_ids is not None:
        query = query.where(Grant.organisation_id.in_(organisation_ids))
    if territory_id is not None:
        query = query.where(Grant.territory_id == territory_id)
    if partner is not None:
        query = query.where(Grant.partner == partner)
    if scheme_code is not None:
        query = query.where(sa.or_(Grant.scheme_code.is_(None), Grant.scheme_code == scheme_code))
    return list(session.scalars(query))
