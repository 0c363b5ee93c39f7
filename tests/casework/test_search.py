"""Cases are found by the beginning of the words people know of them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application, Word
from casework.search import count, folded, index, matching, words_of
from tests.support import people, rows


@pytest.fixture
def case(session: Session) -> Application:
    organisation = people.organisation(session, "Les Jardins d’Hénin-Beaumont")
    case = rows.application(session, organisation, title="Œuvrer à la mobilité")
    case.reference = "2024-3.10-0042"
    organisation.town = "Hénin-Beaumont"
    session.flush()
    index(session, case)
    return case


def found(session: Session, text: str) -> list[int]:
    return list(session.scalars(matching(sa.select(Application.id), text)))


@pytest.mark.parametrize(
    "text",
    [
        "hénin",
        "HENIN",
        "henin-beaumont",
        "beaumont",
        "mobil",
        "oeuvrer",
        "œuvrer",
        "jardins mobilité",
        "2024-3.10-0042",
        "2024-3.10",
        "0042",
    ],
)
def test_a_case_is_found_by_its_words(session: Session, case: Application, text: str) -> None:
    assert found(session, text) == [case.id]


@pytest.mark.parametrize(("text", "number"), [("mobil", 1), ("jardins mobilité", 1), ("jardins lens", 0), ("he", 1)])
def test_the_order_of_reading_changes_nothing_found(
    session: Session, case: Application, text: str, number: int
) -> None:
    """« he » begins two words of this case, which is still counted once."""
    in_order = matching(sa.select(Application.id), text, in_order=True)
    assert list(session.scalars(in_order)) == found(session, text) == [case.id] * number
    assert count(session, text, limit=10) == number


def test_a_count_stops_at_its_limit(session: Session, case: Application) -> None:
    other = rows.application(session, case.organisation, title="Mobilité")
    index(session, other)
    assert [count(session, "mobilite", limit=limit) for limit in (1, 2, 3)] == [1, 2, 2]


def test_a_case_is_found_by_its_siret(session: Session, case: Application) -> None:
    assert found(session, case.organisation.siret) == [case.id]


@pytest.mark.parametrize("text", ["énin", "jardins lens", "2024-3.11", "aumont"])
def test_every_word_must_match_by_its_beginning(session: Session, case: Application, text: str) -> None:
    assert found(session, text) == []


def test_an_empty_search_narrows_nothing(session: Session, case: Application) -> None:
    assert case.id in found(session, "  !? ")


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "\\", "\x00", "a" * 5000])
def test_strange_text_is_only_text(session: Session, case: Application, text: str) -> None:
    assert found(session, f"zzz {text}") == []


def test_indexing_again_replaces_the_words(session: Session, case: Application) -> None:
    case.title = "Accueillir"
    session.flush()
    index(session, case)
    assert found(session, "mobilité") == []
    assert found(session, "accueillir") == [case.id]


def test_words_are_folded_and_cut() -> None:
    assert folded("Hénin ŒUVRE Ça") == "henin oeuvre ca"
    assert words_of("L’été, 3.10 : " + "x" * 60) == ["l", "ete", "3.10", "x" * 40]


def test_each_word_is_kept_once(session: Session, case: Application) -> None:
    words = session.scalars(sa.select(Word.word).where(Word.application_id == case.id)).all()
    assert len(words) == len(set(words))
