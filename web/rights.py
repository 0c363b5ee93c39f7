"""Answering people about their data: finding somebody, showing what is held, giving it; who looked at whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import marshmallow as ma
from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from casework import looks
from casework.errors import InvalidInput, NotFound
from casework.french import long_date
from casework.identities import SEXES, Person, age_on
from casework.participants import record_person_looks
from casework.person_export import operations_of
from web.access import needs
from web.fields import drawn
from web.forms import FormSchema, FrenchDate, Number, Text, read
from web.render import back_to, page
from web.rights_tabs import tabs
from web.session import own_transaction, settings, writing
from workflows.engine import Act
from workflows.inputs import Input
from workflows.inputs import read as read_inputs
from workflows.rights.answering import FORMATS, export, find, person_of_journey

pages = Blueprint("rights", __name__)
WHO = (
    Input("family_name", "Nom de famille", limit=80),
    Input("given_name", "Prénom", limit=80),
    Input("birth_date", "Date de naissance", "birth_date"),
)
NUMBER = Input("journey", "Numéro de parcours", "integer")


class LooksForm(FormSchema):
    personne = Number(low=1, load_default=None)
    utilisateur = Text(limit=100)
    du = FrenchDate(load_default=None)
    au = FrenchDate(load_default=None)

    @ma.validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("du") and data.get("au") and data["au"] < data["du"]:
            raise ma.ValidationError("Cette date précède « Du ».", "au")

    avant = Number(low=1, load_default=None)


@pages.get("/personnes")
@needs("person.export")
def search() -> Any:
    return _search_page()


@pages.post("/personnes")
@needs("person.export")
@own_transaction
def found() -> Any:
    """Find by name and birth date, or by journey: what was typed stays out of every address."""
    typed = {name: request.form.get(name, "") for name in ("family_name", "given_name", "birth_date", "journey")}
    try:
        ids = _found(typed)
    except InvalidInput as error:
        return _search_page(422, typed=typed, errors=error.errors)
    _look(ids, "request")
    return _search_page(typed=typed, results=[_result(key) for key in ids])


@pages.get("/personnes/<int:person_id>")
@needs("person.export")
def show(person_id: int) -> Any:
    person = g.db.get(Person, person_id)
    if person is None:
        raise NotFound("Cette personne n’existe pas.")
    if person.merged_into_id is not None:
        return back_to("rights.show", person_id=person.merged_into_id)
    if person.erased_at is None:
        _look([person_id], "request")
    return page(
        "rights/person.html",
        person=person,
        identity=_identity(person),
        journeys=_journeys(person_id),
        tabs=tabs("rights.search"),
    )


@pages.post("/personnes/<int:person_id>/export.<format>")
@needs("person.export")
def give(person_id: int, format: str) -> Response:
    content = export(g.db, person_id, format, Act(g.actor, g.now, settings()))
    name = f"donnees-personne-{person_id}.{format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=FORMATS[format], headers=headers)


@pages.get("/consultations")
@needs("person.looks")
def consultations() -> Any:
    try:
        asked, errors = read(LooksForm(), request.args), {}
    except InvalidInput as error:
        asked, errors = read(LooksForm(), {}), error.errors
    wanted = looks.Wanted(asked["personne"], asked["utilisateur"], asked["du"], asked["au"])
    listed = looks.find_looks(g.db, wanted, before=asked["avant"])
    kept = {name: request.args.get(name) or None for name in ("personne", "utilisateur", "du", "au")}
    most = settings().looks_alert
    return page(
        "rights/looks.html",
        422 if errors else 200,
        tabs=tabs("rights.consultations"),
        looks=listed.rows,
        asked=kept,
        errors=errors,
        most=most,
        busy=looks.busy_days(g.db, most=most, now=g.now),
        newest=url_for("rights.consultations", **kept) if asked["avant"] else None,
        older=url_for("rights.consultations", **kept, avant=listed.before) if listed.before else None,
    )


def _search_page(status: int = 200, *, typed: Any = None, errors: Any = None, results: Any = None) -> Any:
    return page(
        "rights/search.html",
        status,
        tabs=tabs("rights.search"),
        who=[drawn(item, typed) for item in WHO],
        number=drawn(NUMBER, typed),
        labels={item.name: item.label for item in (*WHO, NUMBER)},
        errors=errors or {},
        results=results,
    )


def _found(typed: dict[str, str]) -> list[int]:
    if typed["journey"].strip():
        number = read_inputs((NUMBER,), typed)["journey"]
        key = person_of_journey(g.db, number)
        return [] if key is None else [key]
    return [person.id for person in find(g.db, **read_inputs(WHO, typed))]


def _result(person_id: int) -> tuple[int, str, list[str]]:
    person = g.db.get_one(Person, person_id)
    return person_id, person.name, [f"{one.reference} ({one.bearer})" for one in operations_of(g.db, person_id)]


def _look(person_ids: Iterable[int], purpose: str) -> None:
    """The trace of an identity shown without a journey, written before the page is sent."""
    with writing() as own:
        record_person_looks(own, person_ids, user_id=g.actor.user_id, at=g.now, purpose=purpose)


def _identity(person: Person) -> list[tuple[str, Any]]:
    if person.erased_at is not None:
        return []
    return [
        ("Nom", person.family_name),
        ("Prénom", person.given_name),
        ("Né(e) le", f"{long_date(person.birth_date)} ({age_on(person.birth_date, g.today)} ans)"),
        ("Sexe", SEXES[person.sex]),
        ("Commune", f"{person.postcode} {person.town}"),
        ("Téléphone", person.phone),
        ("Adresse électronique", person.email),
    ]


def _journeys(person_id: int) -> list[list[str]]:
    return [
        [f"Parcours n° {one.journey}", one.state, one.reference, one.scheme, one.bearer, one.territory]
        for one in operations_of(g.db, person_id)
    ]
