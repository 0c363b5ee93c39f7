"""What a stolen database must not tell: sealed values, their keys, and the marks that find a person again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import key_renewal, sealed
from casework.db import Base, make_engine, make_sessions, transaction
from casework.identities import Person, new_person, no_social_number, people_like
from casework.key_renewal import remaining, renew
from casework.phonetics import sounds
from casework.sealed import BadKey, Unreadable, Vault, new_key
from tests.support.template import KEYS, NOW

SOMEBODY = {
    "family_name": "Lefèvre",
    "given_name": "Anaïs",
    "birth_date": date(1990, 3, 4),
    "sex": "F",
    "postcode": "62170",
    "town": "Montreuil",
    "phone": "06 12 34 56 78",
}


def test_a_value_opens_in_its_own_place_with_its_own_key_only() -> None:
    vault, other = Vault(new_key()), Vault(new_key())
    kept = vault.seal("Anaïs", "person.identity")
    assert vault.open(kept, "person.identity") == "Anaïs"
    for opening in (lambda: vault.open(kept, "another.place"), lambda: other.open(kept, "person.identity")):
        with pytest.raises(Unreadable):
            opening()


@pytest.mark.parametrize("place", [0, 3, 9, 20, -1])
def test_a_value_that_was_changed_does_not_open(place: int) -> None:
    vault = Vault(new_key())
    kept = bytearray(vault.seal("Anaïs", "person.identity"))
    kept[place] ^= 1
    with pytest.raises(Unreadable):
        vault.open(bytes(kept), "person.identity")


def test_the_same_text_is_never_sealed_twice_alike() -> None:
    vault = Vault(new_key())
    assert vault.seal("Anaïs", "here") != vault.seal("Anaïs", "here")


def test_a_new_key_seals_and_the_former_one_still_opens() -> None:
    former, newer = new_key(), new_key()
    kept, marked = Vault(former).seal("Anaïs", "here"), Vault(former).mark("anais")
    both = Vault(f"{newer} {former}")
    assert both.open(kept, "here") == "Anaïs"
    assert not both.is_current(kept)
    assert both.is_current(both.seal("Anaïs", "here"))
    assert marked in both.marks("anais")
    assert both.mark("anais") != marked


def test_nothing_is_sealed_nor_found_without_a_key() -> None:
    for trying in (lambda: Vault().seal("Anaïs", "here"), lambda: Vault().marks("anais")):
        with pytest.raises(Unreadable):
            trying()


def test_a_key_that_is_not_one_is_refused_without_being_repeated() -> None:
    with pytest.raises(BadKey) as refused:
        Vault("secret-de-polichinelle")
    assert "polichinelle" not in str(refused.value)


def test_the_rows_of_a_person_tell_nothing_of_her(session: Session) -> None:
    person = new_person(session, SOMEBODY, at=NOW)
    raw: list[Any] = []
    for name in ("person", "person_mark"):
        table = sa.table(name, *(sa.column(column.name) for column in Base.metadata.tables[name].columns))
        raw += session.execute(sa.select(table)).all()
    kept = b" ".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for row in raw for cell in row
    )
    for said in ("Lefèvre", "Anaïs", "1990-03-04", "62170", "Montreuil", "34 56"):
        assert said.encode() not in kept
    session.expire_all()
    assert session.get_one(Person, person.id).name == "LEFÈVRE Anaïs"


def test_a_database_without_the_right_key_says_so(engine: sa.Engine, session: Session) -> None:
    key = new_person(session, SOMEBODY, at=NOW).id
    session.expire_all()
    sealed.give(session.get_bind(), new_key())  # type: ignore[arg-type]
    try:
        with pytest.raises(Unreadable, match="clé de chiffrement"):
            session.get_one(Person, key)
    finally:
        sealed.give(session.get_bind(), KEYS)  # type: ignore[arg-type]
    bare = make_engine("sqlite://")
    with pytest.raises(Unreadable):
        sealed.vault_of(bare.dialect).mark("anais")


def test_everything_is_sealed_again_under_a_new_key_and_the_former_one_is_no_longer_needed(
    engine: sa.Engine,
) -> None:
    sessions = make_sessions(engine)
    with transaction(sessions) as session:
        keys = [new_person(session, SOMEBODY | {"given_name": name}, at=NOW).id for name in ("Anaïs", "Zoé", "Inès")]
    newer = new_key()
    sealed.give(engine, f"{newer} {KEYS}")
    with sessions() as session:
        assert remaining(session) == 3
    assert renew(sessions) == 3
    assert renew(sessions) == 0
    sealed.give(engine, newer)
    with sessions() as session:
        assert remaining(session) == 0
        assert [session.get_one(Person, key).given_name for key in keys] == ["Anaïs", "Zoé", "Inès"]
        asked = {name: SOMEBODY[name] for name in ("family_name", "given_name", "birth_date")}
        assert [one.person.id for one in people_like(session, **asked)] == keys[:1]


def test_a_renewal_that_is_interrupted_goes_on_where_it_was(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = make_sessions(engine)
    with transaction(sessions) as session:
        for rank in range(5):
            new_person(session, SOMEBODY | {"given_name": f"Anaïs{'bfkm'[:rank]}"}, at=NOW)
    sealed.give(engine, f"{new_key()} {KEYS}")
    monkeypatch.setattr(key_renewal, "BATCH", 2)
    again, seen = key_renewal._seal_again, []

    def until_the_fourth(session: Session, table: sa.Table, row: Any) -> None:
        seen.append(row)
        if len(seen) == 4:
            raise ConnectionError("the process died")
        again(session, table, row)

    monkeypatch.setattr(key_renewal, "_seal_again", until_the_fourth)
    with pytest.raises(ConnectionError):
        renew(sessions)
    monkeypatch.setattr(key_renewal, "_seal_again", again)
    with sessions() as session:
        assert remaining(session) == 3
    assert renew(sessions) == 3


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({}, "exact"),
        ({"family_name": "LEFEVRE", "given_name": "anais"}, "exact"),
        ({"family_name": "Lefebvre", "given_name": "Anaïs"}, "near"),
        ({"family_name": "Le Fevre", "given_name": "Annaïs"}, "near"),
        ({"family_name": "Anaïs", "given_name": "Lefèvre"}, "near"),
        ({"birth_date": date(1990, 4, 3)}, "near"),
        ({"birth_date": date(1991, 3, 4)}, None),
        ({"given_name": "Zoé"}, None),
        ({"family_name": "Lemaire"}, None),
    ],
)
def test_somebody_is_found_by_name_and_birth_date_as_they_are_heard(
    session: Session, typed: dict[str, Any], found: str | None
) -> None:
    new_person(session, SOMEBODY, at=NOW)
    asked = {name: SOMEBODY[name] for name in ("family_name", "given_name", "birth_date")} | typed
    likely = people_like(session, **asked)
    assert ["exact" if one.exact else "near" for one in likely] == ([found] if found else [])


@pytest.mark.parametrize(
    "alike",
    [
        "Lefèvre Le-Febvre Lefebvre", "Dupont Dupond", "Martin Martain", "Gauthier Gautier Gotier", "Moreau Moreaux",
        "Renault Renaud Reno", "Mathieu Matthieu", "Quentin Kentin", "Christelle Cristel", "Cécile Sécile", "Jean Jan",
        "Philippe Filipe", "Leroy Leroi", "Legrand Legrant", "Rousseau Rousseaux", "Boulanger Boulangé",
    ],
)  # fmt: skip
def test_names_that_sound_alike_have_one_key(alike: str) -> None:
    assert len({sounds(name) for name in alike.split()}) == 1


def test_names_that_do_not_sound_alike_stay_apart() -> None:
    names = (
        "Martin Bernard Dubois Thomas Robert Petit Durand Leroy Moreau Simon Laurent Michel Garcia David Roux Vincent"
    )
    assert len({sounds(name) for name in names.split()}) == len(names.split())


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ("2 90 03 62 498 123 45", True),
        ("1900362498123", True),
        ("n° 2 85 05 78 006 084 36 merci", True),
        ("1 85 05 2A 006 084 36", True),
        ("06 12 34 56 78", False),
        ("62170", False),
        ("12 rue des Écoles", False),
        ("20240315-001", False),
    ],
)
def test_a_social_security_number_is_recognised(typed: str, refused: bool) -> None:
    assert no_social_number([typed]) is not refused
