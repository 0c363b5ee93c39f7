"""Who may open what: denied unless declared. Every view carries one declaration, right below its route.

    @pages.get("/dossiers/<int:application_id>")
    @on_application("application.read")
    def show(application: Application) -> str: ...

A case out of the person's scope is not found (404); one in scope that the role may not act upon is forbidden (403).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import sqlalchemy as sa
from flask import Flask, flash, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from casework import permissions
from casework.applications import Application
from casework.errors import Forbidden, NotFound
from casework.people import Actor

View = Callable[..., Any]


class Undeclared(Exception):
    """A view does not say who may open it: the application refuses to start."""


@dataclass(frozen=True)
class Access:
    """A declaration. `kind`: public, signed_in, needs or on_application; one of `permissions` is enough."""

    kind: str
    permissions: tuple[str, ...] = ()


def public(view: View) -> View:
    """Anyone, signed in or not."""
    view.access = Access("public")  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anyone with an account."""
    return _guarded(view, Access("signed_in"), lambda actor: None)


def needs(*wanted: str) -> Callable[[View], View]:
    """Whoever holds one of these permissions somewhere."""

    def check(actor: Actor) -> None:
        if not any(permissions.holds(actor, permission) for permission in wanted):
            raise Forbidden("Cette page n’est pas ouverte à votre rôle.")

    return lambda view: _guarded(view, Access("needs", _known(wanted)), check)


def on_application(*wanted: str) -> Callable[[View], View]:
    """Whoever sees the case `application_id` of the address and holds one of these permissions on it.

    The view receives the Application as its first argument, in place of the id.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def load(application_id: int, **rest: Any) -> Any:
            application = application_in_scope(application_id)
            if not any(permissions.may(g.actor, permission, application) for permission in wanted):
                raise Forbidden()
            return view(application, **rest)

        return _guarded(load, Access("on_application", _known(wanted)), lambda actor: None)

    return declare


def application_in_scope(application_id: int) -> Application:
    """The case, when the person of this request may see it. Raises NotFound otherwise: nobody learns which."""
    query = permissions.visible(sa.select(Application).where(Application.id == application_id), g.actor)
    application: Application | None = g.db.scalars(query).one_or_none()
    if application is None:
        raise NotFound("Ce dossier n’existe pas, ou il ne vous est pas ouvert.")
    return application


def check(app: Flask) -> None:
    """Refuse to start with a view that declares nothing."""
    public(app.view_functions["static"])
    bare = sorted(name for name, view in app.view_functions.items() if not hasattr(view, "access"))
    if bare:
        raise Undeclared(f"no declaration of access on: {', '.join(bare)}")


def safe_address(address: str | None) -> str | None:
    """An address of this very service, or None: a path that begins with one slash, without a trick."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    return None if any(ord(letter) < 33 or letter == "\\" for letter in address) else address


def _known(wanted: tuple[str, ...]) -> tuple[str, ...]:
    for permission in wanted:
        if permission not in permissions.PERMISSIONS:
            raise LookupError(f"unknown permission {permission}")
    if not wanted:
        raise LookupError("name at least one permission")
    return wanted


def _guarded(view: View, access: Access, check_actor: Callable[[Actor], None]) -> View:
    @wraps(view)
    def guard(**arguments: Any) -> Any:
        if g.actor is None:
            return _to_sign_in()
        check_actor(g.actor)
        return view(**arguments)

    guard.access = access  # type: ignore[attr-defined]
    return guard


class SignedOut(Exception):
    """Nobody is signed in, and the answer is more than the way to the sign-in page: `web.errors` draws it."""


def _to_sign_in() -> Response:
    ended = session.pop("_user_id", None) is not None
    if request.path.startswith("/api/"):
        raise SignedOut()
    if ended:
        flash("Votre session a pris fin : reconnectez-vous pour continuer.", "info")
    if request.method not in ("GET", "HEAD"):
        raise SignedOut()
    wanted = request.full_path.rstrip("?")
    target = url_for("auth.sign_in", suite=wanted if wanted != "/" else None)
    if request.headers.get("HX-Request"):
        return Response("", 204, {"HX-Redirect": target})
    return redirect(target, 303)
