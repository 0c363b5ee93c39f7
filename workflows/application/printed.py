"""The documents of a case: a title, a summary, and sections of facts, tables and texts."""

from __future__ import annotations

from typing import Any

from casework.applications import Application
from casework.statement_pages import facts as facts
from casework.statement_pages import statement
from casework.statement_pages import table as table
from casework.statement_pages import text as text

STEP_HEAD = [("Étape", False), ("Calcul", False), ("Montant", True), ("Appel", False)]
"""The columns of a computation explained step by step."""


def document(
    application: Application, title: str, funder: str, summary: str, sections: list[dict[str, Any]]
) -> dict[str, Any]:
    """The data of a document; a section with nothing in it is left out."""
    return statement(title, application.reference, funder, summary, sections)
