"""What an administrator does: accounts, grants with their scopes, organisations, territories. All is journalled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from casework import db, journal, search, signin
from casework.applications import Application
from casework.errors import InvalidInput, NotFound, Refused
from casework.people import PARTNERS, ROLES, Actor, Grant, Organisation, Territory, User
from casework.registration import by_email, create_user
from casework.schemes import SchemeVersion

GRANTED = journal.register("user.granted", "Accès donné")
REVOKED = journal.register("user.revoked", "Accès retiré")
CLOSED = journal.register("user.deactivated", "Compte fermé")
REOPENED = journal.register("user.reactivated", "Compte rouvert")
ORGANISATION_CHANGED = journal.register("organisation.changed", "Organisme modifié")
TERRITORY_ADDED = journal.register("service.territory_added", "Territoire ajouté")
TERRITORY_RENAMED = journal.register("service.territory_renamed", "Territoire renommé")

SERVICE = 1
"""The one subject of the events about the service itself."""
PAGE = 50
Row = TypeVar("Row", User, Organisation)


@dataclass(frozen=True)
class Page:
    """Rows of a list, in order, and the (name, id) from which the next page starts."""

    rows: list[Any]
    after: tuple[str, int] | None


@dataclass(frozen=True)
class Scope:
    """The scope asked with a role; only the one that the role needs is looked at."""

    siret: str = ""
    territory_id: int | None = None
    partner: str = ""
    scheme_code: str = ""


def find_users(session: Session, text: str, *, after: tuple[str, int] | None = None) -> Page:
    """Users by name, 50 a page, whose name or e-mail holds the text."""
    query = sa.select(User).options(selectinload(User.grants))
    if text:
        query = query.where(
            sa.or_(User.name.icontains(text, autoescape=True), User.email.icontains(text.lower(), autoescape=True))
        )
    return _page(session, query, User, after)


def find_organisations(session: Session, text: str, *, after: tuple[str, int] | None = None) -> Page:
    """Organisations by name, 50 a page, whose name holds the text or whose SIRET begins with it."""
    query = sa.select(Organisation)
    if text:
        number = re.sub(r"\s", "", text)
        query = query.where(
            sa.or_(
                Organisation.name.icontains(text, autoescape=True),
                Organisation.siret.startswith(number, autoescape=True),
            )
        )
    return _page(session, query, Organisation, after)


def _page(session: Session, query: sa.Select[Any], model: type[Row], after: tuple[str, int] | None) -> Page:
    if after is not None:
        query = query.where(sa.or_(model.name > after[0], sa.and_(model.name == after[0], model.id > after[1])))
    rows = list(session.scalars(query.order_by(model.name, model.id).limit(PAGE + 1)))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], (last.name, last.id) if last else None)


def user_of(session: Session, user_id: int) -> User:
    """The user with its grants. Raises NotFound."""
    found = session.scalars(sa.select(User).where(User.id == user_id).options(selectinload(User.grants))).one_or_none()
    if found is None:
        raise NotFound("Ce compte n’existe pas.")
    return found


def invite(session: Session, *, email: str, name: str, role: str, scope: Scope, actor: Actor, at: datetime) -> User:
    """A new account with its first grant, without a password yet. Raises InvalidInput."""
    if by_email(session, email) is not None:
        raise InvalidInput({"email": ["Cette adresse a déjà un compte : donnez-lui un accès depuis sa fiche."]})
    _columns(session, role, scope)
    user = create_user(session, email=email, name=name, actor=actor, at=at)
    grant(session, user.id, role=role, scope=scope, actor=actor, at=at)
    return user


def grant(session: Session, user_id: int, *, role: str, scope: Scope, actor: Actor, at: datetime) -> Grant:
    """Give a role with its scope. Raises InvalidInput when the scope is missing, unknown, or already given."""
    _locked(session, user_id)
    columns = _columns(session, role, scope)
    same = sa.select(Grant.id).where(
        Grant.user_id == user_id,
        Grant.role == role,
        *(_equals(getattr(Grant, key), value) for key, value in columns.items()),
    )
    if session.scalars(same).first() is not None:
        raise InvalidInput({"role": ["Cette personne a déjà cet accès."]})
    added = Grant(user_id=user_id, role=role, **columns)
    session.add(added)
    session.flush()
    journal.record(session, "user", user_id, GRANTED, actor=actor, at=at, role=role, **_named(columns))
    return added


def revoke(session: Session, user_id: int, grant_id: int, *, actor: Actor, at: datetime) -> None:
    """Take a role away. Raises Refused for one's own last grant of administrator."""
    _locked(session, user_id)
    found = session.get(Grant, grant_id)
    if found is None or found.user_id != user_id:
        raise NotFound("Cet accès n’existe plus.")
    if found.role == "admin" and user_id == actor.user_id:
        raise Refused(["Vous ne pouvez pas retirer votre propre accès d’administrateur : demandez-le à un collègue."])
    columns = {key: getattr(found, key) for key in ("organisation_id", "territory_id", "partner", "scheme_code")}
    session.delete(found)
    session.flush()
    journal.record(session, "user", user_id, REVOKED, actor=actor, at=at, role=found.role, **_named(columns))


def close_account(session: Session, user_id: int, *, actor: Actor, at: datetime, wall: datetime) -> None:
    """Close an account: its sessions end at once (`wall` is the real time). Raises Refused for one's own."""
    user = _locked(session, user_id)
    if user_id == actor.user_id:
        raise Refused(["Vous ne pouvez pas fermer votre propre compte."])
    if user.active:
        user.active = False
        signin.end_sessions(session, user_id, at=wall)
        journal.record(session, "user", user_id, CLOSED, actor=actor, at=at)


def reopen_account(session: Session, user_id: int, *, actor: Actor, at: datetime) -> None:
    user = _locked(session, user_id)
    if not user.active:
        user.active = True
        journal.record(session, "user", user_id, REOPENED, actor=actor, at=at)


def change_organisation(
    session: Session, organisation_id: int, values: dict[str, str], *, actor: Actor, at: datetime
) -> None:
    """Change name, legal form, address or contact; its cases are found by the new name. The SIRET never changes."""
    organisation = db.lock(session, Organisation, organisation_id)
    if organisation is None:
        raise NotFound("Cet organisme n’existe pas.")
    before = {key: getattr(organisation, key) for key in values}
    changed = {key: value for key, value in values.items() if before[key] != value}
    if not changed:
        return
    for key, value in changed.items():
        setattr(organisation, key, value)
    session.flush()
    for application in session.scalars(sa.select(Application).where(Application.organisation_id == organisation_id)):
        search.index(session, application)
    previous = {key: before[key] for key in changed}
    journal.record(
        session,
        "organisation",
        organisation_id,
        ORGANISATION_CHANGED,
        actor=actor,
        at=at,
        previous=previous,
        new=changed,
    )


def territories(session: Session) -> list[Territory]:
    return list(session.scalars(sa.select(Territory).order_by(Territory.name)))


def add_territory(session: Session, name: str, *, actor: Actor, at: datetime) -> Territory:
    """A new territory; its code is made from its name. Raises InvalidInput("name")."""
    code = re.sub(r"[^a-z0-9]+", "-", search.folded(name)).strip("-")[:40]
    if not code:
        raise InvalidInput({"name": ["Écrivez un nom avec des lettres."]})
    if session.scalars(sa.select(Territory.id).where(sa.or_(Territory.code == code, Territory.name == name))).first():
        raise InvalidInput({"name": ["Un territoire porte déjà ce nom."]})
    added = Territory(code=code, name=name)
    session.add(added)
    session.flush()
    journal.record(session, "service", SERVICE, TERRITORY_ADDED, actor=actor, at=at, territory=name)
    return added


def rename_territory(session: Session, territory_id: int, name: str, *, actor: Actor, at: datetime) -> None:
    """Raises InvalidInput("name") when another territory has this name."""
    territory = db.lock(session, Territory, territory_id)
    if territory is None:
        raise NotFound("Ce territoire n’existe pas.")
    if session.scalars(sa.select(Territory.id).where(Territory.name == name, Territory.id != territory_id)).first():
        raise InvalidInput({"name": ["Un territoire porte déjà ce nom."]})
    if territory.name != name:
        before, territory.name = territory.name, name
        journal.record(
            session, "service", SERVICE, TERRITORY_RENAMED, actor=actor, at=at, previous=before, territory=name
        )


def scheme_codes(session: Session) -> list[tuple[str, str]]:
    """(code, title) of the schemes known, in the order of the call."""
    query = sa.select(SchemeVersion.code, SchemeVersion.title, SchemeVersion.position).order_by(
        SchemeVersion.position, SchemeVersion.id
    )
    return list({code: (code, title) for code, title, _ in session.execute(query)}.values())


def _columns(session: Session, role: str, scope: Scope) -> dict[str, Any]:
    """The columns of a grant of this role; the other scopes stay empty."""
    if role not in ROLES:
        raise InvalidInput({"role": ["Choisissez un rôle de la liste."]})
    columns: dict[str, Any] = dict.fromkeys(("organisation_id", "territory_id", "partner", "scheme_code"))
    if role == "applicant":
        columns["organisation_id"] = _organisation_id(session, scope.siret)
    elif role == "slai":
        if scope.territory_id is None or session.get(Territory, scope.territory_id) is None:
            raise InvalidInput({"territory_id": ["Choisissez le territoire de ce SLAI."]})
        columns["territory_id"] = scope.territory_id
    elif role == "partner":
        if scope.partner not in PARTNERS:
            raise InvalidInput({"partner": ["Choisissez le partenaire."]})
        columns["partner"] = scope.partner
    elif role == "officer" and scope.scheme_code:
        if scope.scheme_code not in dict(scheme_codes(session)):
            raise InvalidInput({"scheme_code": ["Ce dispositif n’existe pas."]})
        columns["scheme_code"] = scope.scheme_code
    return columns


def _organisation_id(session: Session, siret: str) -> int:
    if not siret:
        raise InvalidInput({"siret": ["Indiquez le SIRET de son organisme."]})
    found = session.scalars(sa.select(Organisation.id).where(Organisation.siret == siret)).one_or_none()
    if found is None:
        raise InvalidInput({"siret": ["Aucun organisme n’est inscrit avec ce SIRET."]})
    return found


def _equals(column: InstrumentedAttribute[Any], value: Any) -> sa.ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _named(columns: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in columns.items() if value is not None}


def _locked(session: Session, user_id: int) -> User:
    user = db.lock(session, User, user_id)
    if user is None:
        raise NotFound("Ce compte n’existe pas.")
    return user  # type: ignore[no-any-return]
