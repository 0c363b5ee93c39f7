"""The application form: opening a draft, recording one received elsewhere, saving section by section."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request

from casework.applications import Application
from casework.errors import InvalidInput, NotFound, Refused, Stale
from web import application_form as form
from web import application_opening as opening
from web import budget_form
from web.access import needs, on_application
from web.budget_compare import years_of
from web.fields import typed_answers
from web.forms import FormSchema, Number, read
from web.render import back_to, page
from web.section_page import section_page
from web.session import own_transaction, settings
from workflows.application.budgeting import save_budget
from workflows.application.editing import save_co_bearers, save_section, start_draft
from workflows.application.form import SECTIONS, sections_of
from workflows.engine import Act
from workflows.versions import scheme_of

pages = Blueprint("applications", __name__)


class VersionForm(FormSchema):
    version = Number(required=True)


@pages.get("/dossiers/nouveau")
@needs("application.create")
def new() -> Any:
    return _new_page({"dispositif": request.args.get("dispositif", "")})


@pages.post("/dossiers/nouveau")
@needs("application.create")
def create() -> Any:
    try:
        version, organisation = opening.chosen(request.form)
    except InvalidInput as error:
        return _new_page(request.form, error.errors, 422)
    draft = start_draft(g.db, version, organisation, actor=g.actor, at=g.now)
    sentence = "Votre brouillon est ouvert. Rien n’est transmis tant que vous ne l’avez pas déposé, puis validé."
    return back_to("applications.overview", sentence, application_id=draft.id)


def _new_page(typed: Any, errors: Any = None, status: int = 200) -> Any:
    return page("applications/new.html", status, form=typed, errors=errors or {}, **opening.choices())


@pages.get("/dossiers/enregistrer")
@needs("application.record")
def record_page() -> Any:
    return _record_page({"dispositif": request.args.get("dispositif", "")})


@pages.post("/dossiers/enregistrer")
@needs("application.record")
def record() -> Any:
    try:
        recorded = opening.record(request.form)
    except InvalidInput as error:
        return _record_page(request.form, error.errors, 422)
    sentence = f"Le dossier {recorded.reference} est ouvert : reportez-y ce que le porteur a transmis, puis déposez-le."
    return back_to("applications.overview", sentence, application_id=recorded.id)


def _record_page(typed: Any, errors: Any = None, status: int = 200) -> Any:
    return page("applications/record.html", status, form=typed, errors=errors or {}, **opening.record_choices())


@pages.get("/dossiers/<int:application_id>/demande")
@on_application("application.read")
def overview(application: Application) -> Any:
    filing = form.read_filing(application)
    return form.filing_page(
        filing, "overview", totals=budget_form.saved_totals(filing), remaining=form.remaining(application, g.today)
    )


@pages.get("/dossiers/<int:application_id>/demande/<section>")
@on_application("application.read")
def section(application: Application, section: str) -> Any:
    known = _known(application, section)
    return section_page(form.read_filing(application), known)


@pages.post("/dossiers/<int:application_id>/demande/<section>")
@on_application("application.edit")
def save(application: Application, section: str) -> Any:
    """Save one section. What is refused comes back as it was typed, with the sentence beside it."""
    section = _known(application, section)
    if section == "pieces":
        raise NotFound()
    if section == "budget" and "more" in request.form:
        return section_page(form.read_filing(application), section, typed=request.form)
    try:
        _write(application, section)
    except (InvalidInput, Stale, Refused) as error:
        return section_page(form.read_again(application), section, typed=request.form, error=error)
    flash(f"« {SECTIONS[section]} » : c’est enregistré.", "success")
    address = form.next_address if request.form.get("then") == "next" else form.section_address
    return redirect(address(application, section), 303)


@pages.post("/dossiers/<int:application_id>/demande/budget/apercu")
@on_application("application.edit")
@own_transaction
def preview(application: Application) -> str:
    """The totals of the budget as it is being typed; nothing is saved."""
    filing, rows = form.read_filing(application), budget_form.typed_rows(request.form)
    totals = budget_form.typed_totals(filing, rows)
    staff = budget_form.tables(filing, rows, blank=0)[0].rows
    years = years_of(filing.view, totals.by_category)
    return render_template("applications/_preview.html", totals=totals, staff=staff, years=years)


def _known(application: Application, section: str) -> str:
    if section not in sections_of(scheme_of(application)):
        raise NotFound("Cette rubrique n’existe pas dans ce dossier.")
    return section


def _write(application: Application, section: str) -> None:
    act = Act(g.actor, g.now, settings(), request.form, read(VersionForm(), request.form)["version"])
    if section == "budget":
        save_budget(g.db, application, budget_form.typed_rows(request.form), act)
    elif section == "porteur":
        save_co_bearers(g.db, application, request.form.getlist("co_bearers"), act)
    else:
        asked = form.inputs_of(application, section)
        save_section(g.db, application, section, typed_answers(asked, request.form), act)
