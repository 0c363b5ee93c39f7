"""An applicant's organisation: registering it by its SIRET, its members, inviting and removing colleagues."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from casework import administration, bank, invitations, registration
from casework.errors import InvalidInput, NotFound
from casework.people import LEGAL_FORMS, Organisation
from web import identity
from web.access import needs, public, safe_address
from web.forms import Choice, DayOfYear, Email, FormSchema, Number, Phone, Postcode, Secret, Siret, Text, read
from web.links import link_address
from web.render import back_to, page
from web.session import own_transaction, settings, writing
from web.throttle import count_attempt
from workflows.application.obligations import replan_accounts

pages = Blueprint("organisation", __name__)
CALENDAR_YEAR = "12-31"


class RegistrationForm(FormSchema):
    siret = Siret(required=True)
    organisation_name = Text(required=True, limit=140)
    legal_form = Choice(LEGAL_FORMS, required=True)
    address = Text(limit=300)
    postcode = Postcode(load_default="")
    town = Text(limit=120)
    phone = Phone(load_default="")
    name = Text(required=True, limit=120)
    email = Email(required=True)
    password = Secret()
    again = Secret()
    suite = Text(limit=2000)


class ColleagueForm(FormSchema):
    name = Text(required=True, limit=120)
    email = Email(required=True)


class MemberForm(FormSchema):
    user_id = Number(low=1, required=True)


class InvitationForm(FormSchema):
    link_id = Number(low=1, required=True)


class ContactForm(FormSchema):
    address = Text(limit=300)
    postcode = Postcode(load_default=None)
    town = Text(limit=120)
    phone = Phone(load_default=None)
    contact_email = Email(load_default=None)
    fiscal_year_end = DayOfYear(load_default=None)


@pages.get("/inscription")
@public
def register() -> Any:
    return _registration_page({"suite": request.args.get("suite")})


@pages.post("/inscription")
@public
@own_transaction
def save_registration() -> Any:
    """Anybody may try: each attempt is counted, and what is slow is done before anything is locked."""
    try:
        answers = read(RegistrationForm(), request.form)
        if answers["password"] != answers["again"]:
            raise InvalidInput({"again": ["Les deux mots de passe ne sont pas les mêmes."]})
        with writing() as database:
            count_attempt(database, "registration")
        _register(answers)
    except InvalidInput as error:
        return _registration_page(request.form, error.errors, 422)
    flash("Votre organisme est inscrit et votre compte est ouvert.", "success")
    return redirect(safe_address(answers["suite"]) or url_for("organisation.index"), 303)


def _register(answers: dict[str, Any]) -> None:
    person = {"email": answers["email"], "name": answers["name"]}
    stored = registration.hash_for_registration(
        g.db, settings(), siret=answers["siret"], password=answers["password"], **person
    )
    organisation = {key: answers[key] or "" for key in ("siret", "legal_form", "address", "postcode", "town", "phone")}
    organisation["name"] = answers["organisation_name"]
    with writing() as database:
        user = registration.register_organisation(
            database, organisation=organisation, password_hash=stored, at=g.now, **person
        )
        identity.sign_in(database, user)


@pages.get("/organisation")
@needs("organisation.manage")
def index() -> Any:
    return organisation_page()


@pages.post("/organisation/<int:organisation_id>/inviter")
@needs("organisation.manage")
def invite(organisation_id: int) -> Any:
    _own(organisation_id)
    try:
        answers = read(ColleagueForm(), request.form)
        invitations.invite_colleague(
            g.db,
            settings(),
            organisation_id,
            **answers,
            actor=g.actor,
            at=g.now,
            wall=g.wall_now,
            address=link_address("auth.invitation"),
        )
    except InvalidInput as error:
        g.db.rollback()
        return organisation_page(organisation_id, request.form, error.errors, 422)
    return back_to("organisation.index", f"Une invitation est envoyée à {answers['email']}.")


@pages.post("/organisation/<int:organisation_id>/invitations/annuler")
@needs("organisation.manage")
def withdraw(organisation_id: int) -> Response:
    _own(organisation_id)
    link_id = read(InvitationForm(), request.form)["link_id"]
    invitations.withdraw(g.db, organisation_id, link_id, actor=g.actor, at=g.now, wall=g.wall_now)
    return back_to("organisation.index", "Cette invitation est annulée.")


@pages.post("/organisation/<int:organisation_id>/coordonnees")
@needs("organisation.manage")
def save_contact(organisation_id: int) -> Any:
    """Where to reach the organisation is its own affair; its name and legal form are checked by the Département."""
    _own(organisation_id)
    try:
        answers = read(ContactForm(), request.form)
    except InvalidInput as error:
        return organisation_page(organisation_id, request.form, error.errors, 422)
    values = {name: value or "" for name, value in answers.items()}
    values["email"] = values.pop("contact_email")
    values["fiscal_year_end"] = values["fiscal_year_end"] or CALENDAR_YEAR
    administration.change_organisation(g.db, organisation_id, values, actor=g.actor, at=g.now)
    replan_accounts(g.db, organisation_id, at=g.now)
    return back_to("organisation.index", "Les coordonnées de votre organisme sont enregistrées.")


@pages.post("/organisation/<int:organisation_id>/retirer")
@needs("organisation.manage")
def remove(organisation_id: int) -> Response:
    _own(organisation_id)
    user_id = read(MemberForm(), request.form)["user_id"]
    invitations.remove_colleague(g.db, organisation_id, user_id, actor=g.actor, at=g.now, wall=g.wall_now)
    if user_id == g.actor.user_id:
        return back_to("auth.sign_in", "Vous ne faites plus partie de cet organisme.")
    return back_to("organisation.index", "Cette personne n’a plus accès aux dossiers de votre organisme.")


def _own(organisation_id: int) -> None:
    if organisation_id not in g.actor.organisations:
        raise NotFound()


def own_account(organisation_id: int, details_id: int) -> bank.BankDetails:
    """One account of an organisation of this person. Raises NotFound."""
    _own(organisation_id)
    found = g.db.get(bank.BankDetails, details_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound()
    return found


def _accounts(organisation: Organisation) -> dict[str, Any]:
    """Its own account, whole: it is the one that gave it."""
    known = bank.details_of(g.db, organisation.id)
    return {"confirmed": bank.confirmed(known), "pending": bank.pending(known), "history": known}


def _registration_page(form: Any, errors: Any = None, status: int = 200) -> Any:
    return page(
        "organisation/register.html",
        status,
        form=form,
        errors=errors or {},
        suite=safe_address(form.get("suite")),
        legal_forms=tuple(LEGAL_FORMS.items()),
        shortest=settings().password_min_length,
    )


def organisation_page(wrong_in: int = 0, form: Any = None, errors: Any = None, status: int = 200) -> Any:
    """`wrong_in`: the organisation whose form was refused; what was typed and why are shown there."""
    mine = sorted((g.db.get(Organisation, key) for key in g.actor.organisations), key=lambda found: found.name)
    return page(
        "organisation/index.html",
        status,
        organisations=[
            (found, invitations.members_of(g.db, found.id), invitations.pending(g.db, found.id, wall=g.wall_now))
            for found in mine
        ],
        accounts={found.id: _accounts(found) for found in mine},
        upload_mb=settings().upload_max_mb,
        legal_forms=LEGAL_FORMS,
        wrong_in=wrong_in,
        form=form or {},
        errors=errors or {},
        own_id=g.actor.user_id,
    )
