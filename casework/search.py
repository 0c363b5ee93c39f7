"""Search by words: a small inverted index, kept with each change, that both databases read by an ordinary key.

Words are folded (lower case, no accent) and matched by their beginning. Work is proportional to what matches.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
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


def _ranges(text: str) -> list[tuple[str, str]]:
    """Where the words that begin like each word of the text are in the index."""
    return [(word, word + "\uffff") for word in words_of(text)[:MOST_WORDS]]


def _ids(ranges: Sequence[tuple[Any, Any]]) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The ids of the cases that have a word in every range, perhaps twice."""
    found = [sa.select(Word.application_id).where(Word.word >= low, Word.word < high) for low, high in ranges]
    return found[0] if len(found) == 1 else sa.intersect(*found)


def count(session: Session, text: str, *, limit: int) -> int | None:
    """How many cases have every word of the text, reading none of them, at most `limit`; None without a word."""
    ranges = _ranges(text)
    if not ranges:
        return None
    values = {f"{end}_{rank}": word for rank, pair in enumerate(ranges) for end, word in zip(_ENDS, pair, strict=True)}
    return session.scalar(_counting(len(ranges)), {"most": limit, **values}) or 0


_ENDS = ("low", "high")


@cache
def _counting(words: int) -> sa.Select[int]:
    """Asked by every search, so built once for each number of words."""
    low, high = ([sa.bindparam(f"{end}_{rank}", type_=sa.String()) for rank in range(words)] for end in _ENDS)
    each = _ids(list(zip(low, high, strict=True))).subquery("found")
    most = sa.bindparam("most", type_=sa.Integer())
    bounded = sa.select(each.c.application_id).distinct().limit(most).subquery("bounded")
    return sa.select(sa.func.count()).select_from(bounded)


def matching(query: sa.Select[Any], text: str, *, in_order: bool = False) -> sa.Select[Any]:
    """The query over Application, narrowed to those having every word of the text (by its beginning).

    `in_order`: cases are read in the order of the query, each looked for among those found, until there are enough.
    Written as a truth value, the condition is no longer a way to reach the rows. Quicker when many match; when few
    do, they are better read first, then sorted.
    """
    ranges = _ranges(text)
    if not ranges:
        return query
    matches: sa.ColumnElement[bool] = Application.id.in_(_ids(ranges))
    return query.where(matches.is_(sa.true()) if in_order else matches)
