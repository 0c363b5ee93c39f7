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


def ids(text: str) -> sa.Select[Any] | sa.CompoundSelect[Any] | None:
    """The ids of the cases having every word of the text (by its beginning), perhaps twice; None without a word."""
    found = [
        sa.select(Word.application_id).where(Word.word >= word, Word.word < word + "\uffff")
        for word in words_of(text)[:MOST_WORDS]
    ]
    return (found[0] if len(found) == 1 else sa.intersect(*found)) if found else None


def count(session: Session, text: str, *, limit: int) -> int:
    """How many cases have every word of the text, reading none of them; never more than `limit`."""
    found = ids(text)
    if found is None:
        raise ValueError("nothing is searched")
    each = found.subquery("found")
    bounded = sa.select(each.c.application_id).distinct().limit(limit).subquery("bounded")
    return session.scalar(sa.select(sa.func.count()).select_from(bounded)) or 0


def matching(query: sa.Select[Any], text: str, *, in_order: bool = False) -> sa.Select[Any]:
    """The query over Application, narrowed to those having every word of the text (by its beginning).

    `in_order`: cases are read in the order of the query, each looked for among those found, until there are enough.
    Written as a truth value, the condition is no longer a way to reach the rows. Quicker when many match; when few
    do, they are better read first, then sorted.
    """
    found = ids(text)
    if found is None:
        return query
    matches: sa.ColumnElement[bool] = Application.id.in_(found)
    return query.where(matches.is_(sa.true()) if in_order else matches)
