"""The pages of the `statement` template: a title, a summary, then tables and texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def statement(title: str, reference: str, funder: str, summary: str, sections: list[dict[str, Any]]) -> dict[str, Any]:
    """The data of a whole document, ready to print; a section with nothing in it is left out."""
    return {
        "title": title,
        "funder": funder,
        "reference": reference,
        "footer": f"{title} – dossier {reference}",
        "summary": summary,
        "sections": [section for section in sections if section["rows"] or section["text"]],
    }


def facts(title: str, rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return table(title, [("Rubrique", False), ("Contenu", False)], [list(row) for row in rows])


def table(title: str, head: Sequence[tuple[str, bool]], rows: list[list[str]]) -> dict[str, Any]:
    """`head`: labels, and whether the column holds figures."""
    columns = [{"label": label, "num": figures} for label, figures in head]
    return {"title": title, "head": columns, "rows": rows, "text": ""}


def text(title: str, words: str) -> dict[str, Any]:
    return {"title": title, "head": [], "rows": [], "text": words}
