"""Builders of organisations and of people of each role. Every name is invented; every SIRET is valid and unique."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from sqlalchemy.orm import Session

from casework.people import Actor, Grant, Organisation, Territory, User, actor_of
from casework.search import folded
from tests.support.template import NOW

_NUMBERS = count(1)
_FIRST_NAMES = ("Ada", "Basile", "Célia", "Denis", "Élise", "Farid", "Gaëlle", "Hugo", "Inès", "Jonas")
_SURNAMES = ("Aubépine", "Belleroche", "Clairval", "Doucevigne", "Étangneuf", "Fontgrise", "Grandpré", "Houssaye")


def start_again(after: int = 0) -> None:
    """The next person comes after this number: in a database where those before, and nobody else, already are."""
    global _NUMBERS
    _NUMBERS = count(after + 1)


def last_number() -> int:
    """No person has a greater one yet."""
    return next(_NUMBERS)


def siret(number: int) -> str:
    """A valid SIRET (Luhn key over the SIREN and over the whole), a different one for each number."""
    return with_luhn_key(with_luhn_key(f"{81000000 + number:08}") + "0001")


def with_luhn_key(digits: str) -> str:
    """The digits and the one that makes their Luhn sum a multiple of ten."""
    doubled = [int(digit) * 2 if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(digits))]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return f"{digits}{-total % 10}"


def organisation(session: Session, name: str | None = None, *, legal_form: str = "association") -> Organisation:
    number = next(_NUMBERS)
    made = Organisation(
        siret=siret(number),
        name=name or f"Les Ateliers de la Lisse {number}",
        legal_form=legal_form,
        address="1, rue du Moulin",
        postcode="62000",
        town="Arras",
        email=f"contact{number}@exemple.invalid",
        created_at=NOW,
    )
    session.add(made)
    session.flush()
    return made


def user(session: Session, *grants: Grant, name: str | None = None, password_hash: str | None = None) -> User:
    """A person with these grants; the name is invented unless given."""
    number = next(_NUMBERS)
    chosen = name or f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]} {_SURNAMES[number % len(_SURNAMES)]}"
    email = f"{folded(chosen).replace(' ', '.')}.{number}@exemple.invalid"
    made = User(email=email, name=chosen, password_hash=password_hash, created_at=NOW, grants=list(grants))
    session.add(made)
    session.flush()
    return made


def applicant(session: Session, *organisations: Organisation) -> Actor:
    return actor_of(user(session, *(Grant(role="applicant", organisation_id=item.id) for item in organisations)))


def slai(session: Session, *territories: Territory) -> Actor:
    return actor_of(user(session, *(Grant(role="slai", territory_id=item.id) for item in territories)))


def partner(session: Session, *bodies: str) -> Actor:
    return actor_of(user(session, *(Grant(role="partner", partner=body) for body in bodies)))


def officer(session: Session, schemes: Iterable[str] | None = None) -> Actor:
    """An officer of these schemes; of all of them by default."""
    codes = [None] if schemes is None else list(schemes)
    return actor_of(user(session, *(Grant(role="officer", scheme_code=code) for code in codes)))


def manager(session: Session) -> Actor:
    return actor_of(user(session, Grant(role="manager")))


def finance(session: Session) -> Actor:
    return actor_of(user(session, Grant(role="finance")))


def auditor(session: Session) -> Actor:
    return actor_of(user(session, Grant(role="auditor")))


def data_officer(session: Session) -> Actor:
    return actor_of(user(session, Grant(role="data_officer")))


def admin(session: Session) -> Actor:
    return actor_of(user(session, Grant(role="admin")))
