"""What the printed documents of a case are made of: a title, a summary, and sections of facts, tables and texts.

`casework/templates/statement.typ` draws them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casework.applications import Application

STEP_HEAD = [("Étape", False), ("Calcul", False), ("Montant", True), ("Appel", False)]
"""The columns of a computation explained step by step."""


def document(
    application: Application, title: str, funder: str, summary: str, sections: list[dict[str, Any]]
) -> dict[str, Any]:
    """The data of a document; a section with nothing in it is left out."""
    return {
        "title": title,
        "funder": funder,
        "reference": application.reference,
        "footer": f"{title} – dossier {application.reference}",
        "summary": summary,
        "sections": [section for section in sections if section["rows"] or section["text"]],
    }


def facts(title: str, rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return table(title, [("Rubrique", False), ("Contenu", False)], [list(row) for row in rows])


def table(title: str, head: Sequence[tuple[str, bool]], rows: list[list[str]]) -> dict[str, Any]:
    """`head`: labels, and whether the column holds figures."""
    columns = [{"label": label, "num": figures} for label, figures in head]
    return {"title": title, "head": columns, "rows": rows, "text": ""}


def text(title: str, text: str) -> dict[str, Any]:
    return {"title": title, "head": [], "rows": [], "text": text}
