"""Accounts: who may sign in, choosing a password, registering an organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from casework import db, journal, outbox, passwords, signin
from casework.accounts import Link
from casework.errors import InvalidInput, NotFound
from casework.french import counted
from casework.people import PARTNERS, ROLES, Actor, Grant, Organisation, Territory, User, actor_of
from casework.settings import Settings

REGISTERED = journal.register("organisation.registered", "Organisme inscrit")
CREATED = journal.register("user.created", "Compte créé")
JOINED = journal.register("user.joined", "Invitation acceptée")
PASSWORD_CHANGED = journal.register("user.password_changed", "Mot de passe changé")
RENAMED = journal.register("user.renamed", "Nom changé")

RESET_EVERY = timedelta(minutes=2)


def by_email(session: Session, email: str) -> User | None:
    return session.scalars(sa.select(User).where(User.email == email.strip().lower())).one_or_none()


def authenticated(session: Session, settings: Settings, email: str, password: str) -> User | None:
    """The person of this e-mail and password; None otherwise, after the same work whether the account exists or not."""
    user = by_email(session, email)
    usable = user if user is not None and user.active else None
    return usable if passwords.matches(settings, usable.password_hash if usable else None, password) else None


def fresher_hash(settings: Settings, user: User, password: str) -> str | None:
    """The hash to keep in place of this person's, when the costs have changed since; None when it will do.

    Slow on purpose, so made before anything is locked.
    """
    if user.password_hash is None or not passwords.outdated(settings, user.password_hash):
        return None
    return passwords.hashed(settings, password)


def signed(session: Session, user: User, fresher: str | None) -> User:
    """The person who has proved who they are, in this writing session; `fresher` replaces the hash they proved."""
    found = session.get_one(User, user.id)
    if fresher is not None and found.password_hash == user.password_hash:
        found.password_hash = fresher
    return found


@dataclass(frozen=True)
class DemonstrationPerson:
    """Somebody a visitor may become: the roles held, and where (the only organisation, territory or body)."""

    id: int
    name: str
    roles: str
    place: str


def demonstration_people(session: Session) -> list[DemonstrationPerson]:
    """The people of a demonstration, in the order of the roles."""
    query = (
        sa.select(User, Organisation.name, Territory.name, Grant.partner)
        .join(Grant, Grant.user_id == User.id)
        .outerjoin(Organisation, Organisation.id == Grant.organisation_id)
        .outerjoin(Territory, Territory.id == Grant.territory_id)
        .options(selectinload(User.grants))
        .where(User.active)
        .order_by(User.id)
        .limit(200)
    )
    places: dict[User, set[str]] = {}
    for user, organisation, territory, partner in session.execute(query):
        place = organisation or territory or PARTNERS.get(partner or "", "")
        places.setdefault(user, set()).update({place} - {""})
    people = [
        DemonstrationPerson(user.id, user.name, ", ".join(actor_of(user).role_labels), _where(where))
        for user, where in places.items()
    ]
    order = list(ROLES.values())
    return sorted(people, key=lambda person: order.index(person.roles.split(", ")[0]))


def _where(places: set[str]) -> str:
    return places.copy().pop() if len(places) == 1 else f"{len(places)} territoires" if places else ""


def ask_reset(session: Session, settings: Settings, email: str, *, at: datetime, wall: datetime, address: str) -> None:
    """Send a link to choose a new password, when the account exists. `address` holds {token}; says nothing back."""
    user = by_email(session, email)
    if user is None or not user.active:
        return
    recent = sa.select(Link.id).where(
        Link.user_id == user.id, Link.kind == "reset", Link.created_at > wall - RESET_EVERY
    )
    if session.scalars(recent.limit(1)).first() is not None:
        return
    lasts = timedelta(minutes=settings.reset_link_minutes)
    token = signin.make_link(session, user, "reset", at=wall, lasts=lasts)
    body = (
        f"Bonjour {user.name},\n\n"
        "Quelqu’un, sans doute vous, a demandé à choisir un nouveau mot de passe pour votre compte.\n\n"
        f"Pour le faire, ouvrez cette adresse dans les {counted(settings.reset_link_minutes, 'minute')} :\n"
        f"{address.format(token=token)}\n\n"
        "Elle ne sert qu’une fois. Si ce n’est pas vous, ne faites rien : votre mot de passe ne change pas.\n\n"
        f"{settings.funder}\n"
    )
    outbox.enqueue(session, [user], subject="Choisir un nouveau mot de passe", body=body, at=at, category="account")


def new_hash(settings: Settings, user: User, password: str) -> str:
    """The hash of a new password of this person: slow on purpose, so made before anything is locked.

    Raises InvalidInput("password") when it is refused.
    """
    faults = passwords.faults(settings, password, email=user.email, name=user.name)
    if faults:
        raise InvalidInput({"password": faults})
    return passwords.hashed(settings, password)


def choose_password(
    session: Session, user_id: int, password_hash: str, *, kind: str, at: datetime, wall: datetime
) -> None:
    """Set the password chosen from a link; every session of the account ends."""
    user = _locked(session, user_id)
    user.password_hash = password_hash
    signin.end_sessions(session, user.id, at=wall)
    event = JOINED if kind == "invitation" else PASSWORD_CHANGED
    journal.record(session, "user", user.id, event, actor=_self(user), at=at)


def changed_hash(settings: Settings, user: User, *, current: str, new: str) -> str:
    """The hash of a person's new password, once the current one is proved: slow, so made before anything is locked.

    Raises InvalidInput("current" or "password").
    """
    if not passwords.matches(settings, user.password_hash, current):
        raise _not_current()
    return new_hash(settings, user, new)


def change_password(session: Session, user_id: int, password_hash: str, *, proved: str | None, at: datetime) -> None:
    """Set one's own new password. `proved`: the stored hash that the current one was compared with.

    Raises InvalidInput("current") when the password was changed in the meantime.
    """
    user = _locked(session, user_id)
    if user.password_hash != proved:
        raise _not_current()
    user.password_hash = password_hash
    journal.record(session, "user", user.id, PASSWORD_CHANGED, actor=_self(user), at=at)


def _not_current() -> InvalidInput:
    return InvalidInput({"current": ["Ce n’est pas votre mot de passe actuel."]})


def rename(session: Session, user_id: int, name: str, *, at: datetime) -> None:
    """Change one's own name; the journal keeps the one that was used at each act."""
    user = _locked(session, user_id)
    if user.name != name:
        before, user.name = user.name, name
        journal.record(session, "user", user.id, RENAMED, actor=_self(user), at=at, previous=before)


def hash_for_registration(
    session: Session, settings: Settings, *, siret: str, email: str, name: str, password: str
) -> str:
    """The hash of the password, made before anything is locked: it is slow on purpose.

    Raises InvalidInput when the SIRET or the e-mail is already known, or when the password is refused: all at once.
    """
    errors = _known_already(session, siret, email)
    faults = passwords.faults(settings, password, email=email, name=name)
    if faults:
        errors["password"] = faults
    if errors:
        raise InvalidInput(errors)
    return passwords.hashed(settings, password)


def _known_already(session: Session, siret: str, email: str) -> dict[str, list[str]]:
    """What prevents this organisation and this person from being new, without naming anybody."""
    errors: dict[str, list[str]] = {}
    if session.scalars(sa.select(Organisation.id).where(Organisation.siret == siret)).first():
        errors["siret"] = [
            "Cet organisme est déjà inscrit : demandez à un collègue qui a un compte de vous inviter "
            "depuis la page « Mon organisme »."
        ]
    if by_email(session, email) is not None:
        errors["email"] = ["Cette adresse a déjà un compte : connectez-vous, ou utilisez « Mot de passe oublié »."]
    return errors


def register_organisation(
    session: Session, *, organisation: dict[str, str], email: str, name: str, password_hash: str, at: datetime
) -> User:
    """A new organisation and the account of the person who registers it.

    `organisation` holds siret, name, legal_form, address, postcode, town, phone. Raises InvalidInput when the SIRET
    or the e-mail is already known.
    """
    errors = _known_already(session, organisation["siret"], email)
    if errors:
        raise InvalidInput(errors)
    user = User(email=email, name=name, password_hash=password_hash, active=True, created_at=at)
    bearer = Organisation(**organisation, email=email, created_at=at)
    session.add_all([user, bearer])
    session.flush()
    session.add(Grant(user_id=user.id, role="applicant", organisation_id=bearer.id))
    journal.record(session, "user", user.id, CREATED, actor=_self(user), at=at)
    journal.record(session, "organisation", bearer.id, REGISTERED, actor=_self(user), at=at)
    return user


def create_user(session: Session, *, email: str, name: str, actor: Actor, at: datetime) -> User:
    """A new account without a password. Raises InvalidInput("email") when the address is taken."""
    if by_email(session, email) is not None:
        raise InvalidInput({"email": ["Cette adresse a déjà un compte."]})
    user = User(email=email, name=name, password_hash=None, active=True, created_at=at)
    session.add(user)
    session.flush()
    journal.record(session, "user", user.id, CREATED, actor=actor, at=at)
    return user


def _locked(session: Session, user_id: int) -> User:
    user = db.lock(session, User, user_id)
    if user is None:
        raise NotFound()
    return user  # type: ignore[no-any-return]


def _self(user: User) -> Actor:
    return Actor(name=user.name, user_id=user.id)
