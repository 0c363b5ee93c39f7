"""Copying the budget of an earlier year into the new one: shown in the form, stored by its button."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request
from werkzeug.datastructures import MultiDict

from casework.applications import Application
from casework.errors import NotFound, Refused
from casework.former_budgets import former_budgets
from casework.money import budget_of
from web import application_form as form
from web import budget_form
from web.access import on_application
from web.section_page import section_page
from web.session import own_transaction

pages = Blueprint("budget_years", __name__)


@pages.post("/dossiers/<int:application_id>/demande/budget/reprendre")
@on_application("application.edit")
@own_transaction
def copy(application: Application) -> Any:
    """The lines of an earlier budget as if they were typed here. Nothing is stored: the form is to be saved."""
    filing = form.read_filing(application)
    if filing.reason is not None:
        return section_page(filing, "budget", error=Refused([filing.reason]))
    wanted = request.form.get("former", "")
    former = next((one for one in former_budgets(g.db, application, g.actor) if str(one.id) == wanted), None)
    if former is None:
        raise NotFound("Ce budget n’est pas celui d’une demande précédente.")
    rows = budget_form.stored_rows(budget_of(g.db, former.id))
    typed = MultiDict({"version": str(application.version), "copied": former.reference, "more": "1"})
    for number, row in enumerate(rows):
        typed.update({f"{name}-{number}": row[name] for name in budget_form.ROW if name != "id"})
    return section_page(filing, "budget", typed=typed)
