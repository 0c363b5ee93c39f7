"""Who participants are: an identity kept once for the whole service, sealed, and found again by marks.

Without the keys of the settings the database names nobody: a journey says a public, an age, dates; the person it is
about is a number. No social security number is ever asked, and one that is typed is refused (`no_social_number`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.clock import paris_day
from casework.db import Base, Instant, Json, Key, one_of
from casework.french import long_date
from casework.phonetics import sounds
from casework.sealed import Sealed, Vault, vault_in
from casework.search import folded

SEXES = {"F": "Femme", "M": "Homme"}
MARKS = ("exact", "near")
IDENTITY = ("family_name", "given_name", "birth_date", "postcode", "town", "phone", "email")


class Person(Base):
    """Somebody. `identity` holds the fields of `IDENTITY` as texts, the birth date as "YYYY-MM-DD"; None once erased.

    `sex` is apart: alone it names nobody, and figures are split by it. `merged_into_id`: the person that this one
    turned out to be. `erased_at`: since when nothing here tells who it was (`casework.retention`).
    """

    __tablename__ = "person"
    __table_args__ = (
        sa.CheckConstraint(one_of("sex", tuple(SEXES)), name="sex"),
        sa.CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="merged"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    identity: Mapped[dict[str, str] | None] = mapped_column(Sealed("person.identity"))
    sex: Mapped[str] = mapped_column(sa.String(1))
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant, index=True)

    @property
    def name(self) -> str:
        if self.erased_at is not None:
            return erased_name(self.erased_at)
        return f"{self.family_name.upper()} {self.given_name}"

    @property
    def family_name(self) -> str:
        return self._said("family_name")

    @property
    def given_name(self) -> str:
        return self._said("given_name")

    @property
    def birth_date(self) -> date:
        """Raises LookupError once the identity is erased."""
        if not self.identity:
            raise LookupError("an erased identity has no birth date")
        return date.fromisoformat(self.identity["birth_date"])

    @property
    def postcode(self) -> str:
        return self._said("postcode")

    @property
    def town(self) -> str:
        return self._said("town")

    @property
    def phone(self) -> str:
        return self._said("phone")

    @property
    def email(self) -> str:
        return self._said("email")

    def _said(self, name: str) -> str:
        return (self.identity or {}).get(name, "")


class PersonMark(Base):
    """What finds a person again without reading anybody: keyed digests of the name and the birth date."""

    __tablename__ = "person_mark"
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", MARKS), name="kind"),
        sa.Index("ix_person_mark_mark", "kind", "mark"),
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(32))


class PersonMerge(Base):
    """Two people who were one: `gone` became `kept`, with these journeys; undone when it was a mistake."""

    __tablename__ = "person_merge"
    __table_args__ = (sa.CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kept_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    gone_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    journeys: Mapped[list[int]] = mapped_column(Json)
    merged_at: Mapped[datetime] = mapped_column(Instant)
    merged_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))


def identified(values: dict[str, Any]) -> dict[str, str]:
    """The identity in the answers of a form: texts, and the birth date as it is kept."""
    return {name: str(values.get(name) or "") for name in IDENTITY}


def new_person(session: Session, values: dict[str, Any], *, at: datetime) -> Person:
    """Keep somebody, with the marks that find her again."""
    person = Person(identity=identified(values), sex=values["sex"], created_at=at)
    session.add(person)
    session.flush()
    session.add_all(marks_for(vault_in(session), person))
    session.flush()
    return person


def rename(session: Session, person: Person, values: dict[str, Any]) -> list[str]:
    """Write a corrected identity and its marks; answers which fields changed."""
    before = {**(person.identity or {}), "sex": person.sex}
    person.identity, person.sex = identified(values), values["sex"]
    write_marks(session, person)
    after = {**person.identity, "sex": person.sex}
    return [name for name in after if after[name] != before.get(name, "")]


def write_marks(session: Session, person: Person) -> None:
    """The marks of a person as she is now named: none once her identity is erased or she turned out to be another."""
    session.flush()
    session.execute(sa.delete(PersonMark).where(PersonMark.person_id == person.id))
    if person.identity and person.merged_into_id is None and person.erased_at is None:
        session.add_all(marks_for(vault_in(session), person))
    session.flush()


def marks_for(vault: Vault, person: Person) -> list[PersonMark]:
    marks = marks_of(vault, person.family_name, person.given_name, person.birth_date)
    return [PersonMark(person_id=person.id, kind=kind, mark=mark) for kind, mark in marks.items()]


def marks_of(vault: Vault, family_name: str, given_name: str, birth_date: date) -> dict[str, str]:
    """The marks of this name and birth date, by kind."""
    return {kind: vault.mark(text) for kind, text in _texts(family_name, given_name, birth_date).items()}


@dataclass(frozen=True)
class Found:
    """Somebody who may be the person that is typed. `exact`: by the very name and birth date."""

    person: Person
    exact: bool


def people_like(session: Session, *, family_name: str, given_name: str, birth_date: date) -> list[Found]:
    """The people known under this name and birth date, then those whose name sounds the same.

    For the second, the day and the month, or the two names, may have been exchanged.
    """
    vault = vault_in(session)
    texts = _texts(family_name, given_name, birth_date)
    wanted = [sa.and_(PersonMark.kind == kind, PersonMark.mark.in_(vault.marks(text))) for kind, text in texts.items()]
    query = sa.select(Person, PersonMark.kind).join(PersonMark, PersonMark.person_id == Person.id)
    query = query.where(Person.erased_at.is_(None))
    found: dict[int, Found] = {}
    for person, kind in session.execute(query.where(sa.or_(*wanted)).order_by(Person.id)):
        exact = kind == "exact" or (person.id in found and found[person.id].exact)
        found[person.id] = Found(person, exact)
    return sorted(found.values(), key=lambda one: not one.exact)


def _texts(family_name: str, given_name: str, birth_date: date) -> dict[str, str]:
    """What each mark is the digest of."""
    heard = sorted((sounds(family_name), sounds(given_name)))
    day = f"{birth_date.year} {'-'.join(map(str, sorted((birth_date.day, birth_date.month))))}"
    return {"exact": f"{match_key(family_name, given_name)} {birth_date.isoformat()}", "near": " ".join((*heard, day))}


def match_key(family_name: str, given_name: str) -> str:
    """« Lemaire », « Jean-Noël » → "lemairejeannoel": accents, case, spaces and hyphens do not make another person."""
    return re.sub(r"[^a-z0-9]", "", folded(family_name + given_name))


def erased_name(at: datetime) -> str:
    """What is said in place of a name that is no longer held."""
    return f"Identité effacée le {long_date(paris_day(at))}"


def no_social_number(texts: Iterable[str]) -> bool:
    """False when one of these texts holds what looks like a social security number: 13 or 15 digits, spaces apart."""
    pattern = r"(?<!\d)[12]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d[\dAB])\d{6}(?:\d{2})?(?!\d)"
    return not any(re.search(pattern, re.sub(r"[\s.\-]", "", text).upper()) for text in texts)


def age_on(birth_date: date, day: date) -> int:
    """Full years on this day; whoever is born on 29 February turns a year older on 1 March of a common year."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
