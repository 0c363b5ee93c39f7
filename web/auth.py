"""Signing in and out, the forgotten password, and the links that let a person choose one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, request, session, url_for
from flask_login import logout_user
from werkzeug.wrappers import Response

from casework import invitations, registration, signin
from casework.errors import Forbidden, InvalidInput
from casework.people import Organisation, User
from web import identity
from web.access import public, safe_address, signed_in
from web.errors import Gone
from web.forms import Email, FormSchema, Secret, Text, read
from web.links import link_address
from web.render import back_to, page
from web.session import own_transaction, settings, writing
from web.throttle import address_key, count_attempt, wait_for

pages = Blueprint("auth", __name__)

WRONG = "L’adresse électronique ou le mot de passe n’est pas le bon."
SENT = (
    "Si un compte existe à cette adresse, un message vient de lui être envoyé. "
    "Il contient un lien pour choisir un nouveau mot de passe."
)


class SignInForm(FormSchema):
    email = Text(required=True, limit=254)
    password = Secret()
    suite = Text(limit=2000)


class ForgottenForm(FormSchema):
    email = Email(required=True)


class PasswordForm(FormSchema):
    password = Secret()
    again = Secret()


@pages.get("/connexion")
@public
def sign_in() -> Any:
    if g.actor is not None:
        return redirect(_next(request.args.get("suite")), 303)
    return _sign_in_page({"suite": request.args.get("suite")})


@pages.post("/connexion")
@public
@own_transaction
def check_sign_in() -> Any:
    """The attempt is counted before the password is looked at: many at once do not slip through."""
    try:
        answers = read(SignInForm(), request.form)
    except InvalidInput as error:
        return _sign_in_page(request.form, error.errors, 422)
    keys = _keys(answers["email"])
    with writing() as database:
        wait = signin.retry_at(database, **keys, at=g.wall_now, settings=settings())
        if wait is None:
            signin.record_failure(database, **keys, at=g.wall_now)
    if wait is not None:
        return _throttled(request.form, wait - g.wall_now)
    user = registration.authenticated(g.db, settings(), answers["email"], answers["password"])
    if user is None:
        return _sign_in_page(request.form, {"_schema": (WRONG,)}, 422)
    fresher = registration.fresher_hash(settings(), user, answers["password"])
    with writing() as database:
        signin.forgive(database, account=keys["account"])
        identity.sign_in(database, registration.signed(database, user, fresher))
    return redirect(_next(answers["suite"]), 303)


@pages.post("/deconnexion")
@signed_in
def sign_out() -> Response:
    signin.end_session(g.db, g.session_id, user_id=g.actor.user_id, at=g.wall_now)
    logout_user()
    session.clear()
    return back_to("auth.sign_in", "Vous êtes déconnecté.")


@pages.get("/mot-de-passe/oubli")
@public
def forgotten() -> Any:
    return page("auth/forgotten.html", form={}, errors={})


@pages.post("/mot-de-passe/oubli")
@public
def send_reset() -> Any:
    try:
        answers = read(ForgottenForm(), request.form)
    except InvalidInput as error:
        return page("auth/forgotten.html", 422, form=request.form, errors=error.errors)
    count_attempt(g.db, "reset")
    registration.ask_reset(
        g.db, settings(), answers["email"], at=g.now, wall=g.wall_now, address=link_address("auth.choose")
    )
    return back_to("auth.forgotten", SENT, kind="info")


@pages.get("/mot-de-passe/<token>")
@public
def choose(token: str) -> Any:
    return _choice_page(_link(token, "reset"))


@pages.post("/mot-de-passe/<token>")
@public
@own_transaction
def save_choice(token: str) -> Any:
    link = _link(token, "reset")
    refused = _chosen(link)
    if refused is not None:
        return refused
    return back_to("auth.sign_in", "Votre mot de passe est changé. Connectez-vous avec le nouveau.")


@pages.get("/invitation/<token>")
@public
def invitation(token: str) -> Any:
    link = _link(token, "invitation")
    if not _joins(link):
        return _choice_page(link)
    if g.actor is None:
        flash("Connectez-vous avec le compte qui a reçu cette invitation pour l’accepter.", "info")
        return redirect(url_for("auth.sign_in", suite=request.path), 303)
    _refuse_others(link)
    return page("organisation/join.html", organisation=g.db.get(Organisation, link.organisation_id))


@pages.post("/invitation/<token>")
@public
@own_transaction
def accept_invitation(token: str) -> Any:
    link = _link(token, "invitation")
    if _joins(link):
        return _joined(link)
    refused = _chosen(link)
    if refused is not None:
        return refused
    with writing() as database:
        identity.sign_in(database, database.get_one(User, link.user_id))
    flash("Bienvenue : votre compte est ouvert.", "success")
    return redirect(_next(None), 303)


def _joins(link: Any) -> bool:
    """True for an account already open: it accepts by signing in, and its password never changes by an invitation."""
    mine = g.actor is not None and g.actor.user_id == link.user_id
    return link.organisation_id is not None and (mine or link.user.password_hash is not None)


def _refuse_others(link: Any) -> None:
    if g.actor is None or g.actor.user_id != link.user_id:
        raise Forbidden(
            "Cette invitation est adressée à un autre compte : déconnectez-vous, puis ouvrez-la de nouveau avec le "
            "compte qui l’a reçue."
        )


def _joined(link: Any) -> Response:
    _refuse_others(link)
    with writing() as database:
        if not signin.use_link(database, link, at=g.wall_now):
            raise _gone(link.kind)
        invitations.join(database, link, at=g.now)
    return back_to("organisation.index", "Vous faites maintenant partie de cet organisme.")


def _chosen(link: Any) -> Any:
    """None once the new password is set; otherwise the page again, with why not."""
    try:
        answers = read(PasswordForm(), request.form)
        if answers["password"] != answers["again"]:
            raise InvalidInput({"again": ["Les deux mots de passe ne sont pas les mêmes."]})
        stored = registration.new_hash(settings(), link.user, answers["password"])
    except InvalidInput as error:
        return _choice_page(link, error.errors, 422)
    with writing() as database:
        if not signin.use_link(database, link, at=g.wall_now):
            raise _gone(link.kind)
        registration.choose_password(database, link.user_id, stored, kind=link.kind, at=g.now, wall=g.wall_now)
        invitations.join(database, link, at=g.now)
    return None


def _choice_page(link: Any, errors: Any = None, status: int = 200) -> Any:
    return page(
        "auth/choose.html",
        status,
        kind=link.kind,
        person=link.user,
        errors=errors or {},
        shortest=settings().password_min_length,
    )


def _link(token: str, kind: str) -> Any:
    link = signin.find_link(g.db, token, kind, at=g.wall_now)
    if link is None:
        raise _gone(kind)
    return link


def _gone(kind: str) -> Gone:
    if kind == "reset":
        return Gone(
            "Ce lien a déjà servi, a été remplacé par un plus récent, ou a expiré. "
            "Demandez-en un autre depuis « Mot de passe oublié »."
        )
    return Gone("Cette invitation a déjà servi ou a expiré. Demandez à la personne qui vous a invité d’en refaire une.")


def _sign_in_page(form: Any, errors: Any = None, status: int = 200) -> Any:
    return page(
        "auth/sign_in.html",
        status,
        form=form,
        errors=errors or {},
        suite=safe_address(form.get("suite")),
        demo_people=registration.demonstration_people(g.db) if settings().demo else [],
    )


def _throttled(form: Any, wait: timedelta) -> Any:
    sentence, seconds = wait_for(wait)
    html, status = _sign_in_page(form, {"_schema": (sentence,)}, 429)
    response = current_app.make_response((html, status))
    response.headers["Retry-After"] = str(seconds)
    return response


def _keys(email: str) -> dict[str, str]:
    return {
        "account": signin.keyed_digest(settings(), "account:" + email),
        "address": address_key("address"),
    }


def _next(suite: str | None) -> str:
    home = url_for("inbox.index") if "inbox.index" in current_app.view_functions else "/"
    return safe_address(suite) or home
