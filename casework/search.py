"""Search by words: a small inverted index, kept with each change, that both databases read by an ordinary key.

Words are folded (lower case, no accent) and matched by their beginning. Work is proportional to what matches.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application, Word

LONGEST = 40
MOST_WORDS = 6


def folded(text: str) -> str:
    """Lower case, without accents: « Hénin » → « henin »."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    return [word[:LONGEST] for word in re.findall(r"[a-z0-9.\-]*[a-z0-9]", folded(text))]


def index(session: Session, application: Application) -> None:
    """Rewrite the words of one application: reference, title, organisation, SIRET, town."""
    organisation = application.organisation
    text = " ".join(
        (
            application.reference,
            application.external_reference,
            application.title or "",
            organisation.name,
            organisation.siret,
            organisation.town or "",
        )
    )
    words = {part for word in words_of(text) for part in (word, *word.split("-")) if part}
    session.execute(sa.delete(Word).where(Word.application_id == application.id))
    if words:
        session.execute(sa.insert(Word), [{"word": word, "application_id": application.id} for word in sorted(words)])


def matching(query: sa.Select[Any], text: str) -> sa.Select[Any]:
    """The query over Application, narrowed to those having every word of the text (by its beginning)."""
    for word in words_of(text)[:MOST_WORDS]:
        found = sa.select(Word.application_id).where(Word.word >= word, Word.word < word + "\uffff")
        query = query.where(Application.id.in_(found))
    return query
