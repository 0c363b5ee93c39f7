"""Administration of organisations and territories."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from casework import administration, journal
from casework.errors import InvalidInput, NotFound
from casework.people import LEGAL_FORMS, Organisation
from web.access import needs
from web.admin import page_links, place_of_page, sections
from web.forms import Choice, Email, FormSchema, Phone, Postcode, Text, read
from web.render import back_to, page

pages = Blueprint("admin_places", __name__, url_prefix="/admin")


class OrganisationForm(FormSchema):
    name = Text(required=True, limit=140)
    legal_form = Choice(LEGAL_FORMS, required=True)
    address = Text(limit=300)
    postcode = Postcode(load_default=None)
    town = Text(limit=120)
    phone = Phone(load_default=None)
    email = Email(load_default=None)


class TerritoryForm(FormSchema):
    name = Text(required=True, limit=120)


@pages.get("/organismes")
@needs("admin")
def organisations() -> Any:
    text = request.args.get("q", "").strip()[:100]
    found = administration.find_organisations(g.db, text, after=place_of_page())
    return page(
        "admin/organisations.html",
        sections=sections("admin_places.organisations"),
        organisations=found.rows,
        legal_forms=LEGAL_FORMS,
        q=text,
        links=page_links("admin_places.organisations", text, found),
    )


@pages.get("/organismes/<int:organisation_id>")
@needs("admin")
def organisation(organisation_id: int) -> Any:
    return _organisation_page(organisation_id)


@pages.post("/organismes/<int:organisation_id>")
@needs("admin")
def save_organisation(organisation_id: int) -> Any:
    try:
        answers = read(OrganisationForm(), request.form)
    except InvalidInput as error:
        return _organisation_page(organisation_id, request.form, error.errors, 422)
    values = {name: value or "" for name, value in answers.items()}
    administration.change_organisation(g.db, organisation_id, values, actor=g.actor, at=g.now)
    return back_to("admin_places.organisation", "Cet organisme est enregistré.", organisation_id=organisation_id)


@pages.get("/territoires")
@needs("admin")
def territories() -> Any:
    return _territories_page()


@pages.post("/territoires")
@needs("admin")
def add_territory() -> Any:
    try:
        name = read(TerritoryForm(), request.form)["name"]
        administration.add_territory(g.db, name, actor=g.actor, at=g.now)
    except InvalidInput as error:
        return _territories_page(0, request.form, error.errors, 422)
    return back_to("admin_places.territories", f"Le territoire {name} est ajouté.")


@pages.post("/territoires/<int:territory_id>")
@needs("admin")
def rename_territory(territory_id: int) -> Any:
    try:
        name = read(TerritoryForm(), request.form)["name"]
        administration.rename_territory(g.db, territory_id, name, actor=g.actor, at=g.now)
    except InvalidInput as error:
        return _territories_page(territory_id, request.form, error.errors, 422)
    return back_to("admin_places.territories", f"Ce territoire s’appelle maintenant {name}.")


def _organisation_page(organisation_id: int, form: Any = None, errors: Any = None, status: int = 200) -> Any:
    found = g.db.get(Organisation, organisation_id)
    if found is None:
        raise NotFound("Cet organisme n’existe pas.")
    values = form or {name: getattr(found, name) for name in OrganisationForm().fields}
    return page(
        "admin/organisation.html",
        status,
        organisation=found,
        form=values,
        errors=errors or {},
        legal_forms=tuple(LEGAL_FORMS.items()),
        history=journal.timeline(g.db, "organisation", organisation_id, limit=50),
    )


def _territories_page(wrong: int = 0, form: Any = None, errors: Any = None, status: int = 200) -> Any:
    """`wrong`: the territory whose new name was refused, 0 for a new one."""
    return page(
        "admin/territories.html",
        status,
        sections=sections("admin_places.territories"),
        territories=administration.territories(g.db),
        wrong=wrong,
        form=form or {},
        errors=errors or {},
    )
