"""One's own account: name, password, the browsers that are signed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from casework import preferences, registration, signin
from casework.errors import InvalidInput, NotFound
from casework.people import User
from casework.permissions import holds
from web.access import signed_in
from web.forms import FormSchema, Secret, Text, read
from web.render import back_to, page
from web.session import own_transaction, settings, writing

pages = Blueprint("account", __name__, url_prefix="/mon-compte")


class NameForm(FormSchema):
    name = Text(required=True, limit=120)


class PasswordForm(FormSchema):
    current = Secret()
    password = Secret()
    again = Secret()


@pages.get("")
@signed_in
def show() -> Any:
    return _account_page()


@pages.post("/nom")
@signed_in
def rename() -> Any:
    try:
        answers = read(NameForm(), request.form)
    except InvalidInput as error:
        return _account_page(request.form, error.errors, 422)
    registration.rename(g.db, g.actor.user_id, answers["name"], at=g.now)
    return back_to("account.show", "Votre nom est changé.")


@pages.post("/messages")
@signed_in
def choose_mail() -> Any:
    """Only what is offered may be chosen: what the call requires is always sent."""
    preferences.choose(g.db.get(User, g.actor.user_id), request.form)
    return back_to("account.show", "Vos préférences de messages sont enregistrées.")


@pages.post("/mot-de-passe")
@signed_in
@own_transaction
def change_password() -> Any:
    """Both passwords are worked on before the database is written to: a slow hash holds nobody up."""
    user = g.db.get_one(User, g.actor.user_id)
    try:
        answers = read(PasswordForm(), request.form)
        if answers["password"] != answers["again"]:
            raise InvalidInput({"again": ["Les deux mots de passe ne sont pas les mêmes."]})
        chosen = registration.changed_hash(settings(), user, current=answers["current"], new=answers["password"])
        with writing() as database:
            registration.change_password(database, user.id, chosen, proved=user.password_hash, at=g.now)
            signin.end_sessions(database, user.id, at=g.wall_now, keep=g.session_id)
    except InvalidInput as error:
        return _account_page(None, error.errors, 422)
    return back_to("account.show", "Votre mot de passe est changé ; vos autres navigateurs sont déconnectés.")


@pages.post("/sessions/<int:session_id>/fin")
@signed_in
def end_session(session_id: int) -> Response:
    if not signin.end_session(g.db, session_id, user_id=g.actor.user_id, at=g.wall_now):
        raise NotFound("Cette session est déjà terminée.")
    return back_to("account.show", "Ce navigateur est déconnecté.")


@pages.post("/sessions/autres")
@signed_in
def end_other_sessions() -> Response:
    signin.end_sessions(g.db, g.actor.user_id, at=g.wall_now, keep=g.session_id)
    return back_to("account.show", "Tous les autres navigateurs sont déconnectés.")


def _account_page(form: Any = None, errors: Any = None, status: int = 200) -> Any:
    user = g.db.get(User, g.actor.user_id)
    return page(
        "account/show.html",
        status,
        person=user,
        name=(form or {}).get("name", user.name),
        errors=errors or {},
        sessions=signin.sessions_of(g.db, user.id, at=g.wall_now, settings=settings()),
        current_session=g.session_id,
        shortest=settings().password_min_length,
        follows=holds(g.actor, "application.read"),
        mail=[
            (category, preferences.manner(user, category.code))
            for category in preferences.CATEGORIES.values()
            if category.code not in ("account", "digest")
        ],
        offered={
            category.code: [(manner, preferences.MANNERS[manner]) for manner in category.manners]
            for category in preferences.CATEGORIES.values()
        },
    )
