"""Administration of people: accounts, their roles and scopes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from casework import administration, invitations, journal
from casework.administration import Scope
from casework.errors import InvalidInput, Refused
from casework.people import PARTNERS, ROLES, Grant, Organisation, User
from web.access import needs
from web.forms import Choice, Email, FormSchema, Number, Siret, Text, read
from web.links import link_address
from web.render import back_to, page
from web.session import settings

pages = Blueprint("admin", __name__, url_prefix="/admin")

SECTIONS = (
    ("Utilisateurs", "admin.users"),
    ("Organismes", "admin_places.organisations"),
    ("Territoires", "admin_places.territories"),
    ("Annuaire", "admin_directory.show"),
    ("Dispositifs", "campaigns.index"),
    ("Messages", "admin_messages.index"),
    ("Modèles de messages", "admin_letters.index"),
    ("Texte des conventions", "admin_conventions.index"),
    ("Exploitation", "admin_service.show"),
)


class GrantForm(FormSchema):
    role = Choice(ROLES, required=True)
    siret = Siret(load_default=None)
    territory_id = Number(low=1, load_default=None)
    partner = Text()
    scheme_code = Text(limit=8)


class InvitationForm(GrantForm):
    name = Text(required=True, limit=120)
    email = Email(required=True)


def sections(current: str) -> list[dict[str, Any]]:
    """The tabs of the administration."""
    return [{"label": label, "href": url_for(end), "current": end == current} for label, end in SECTIONS]


def place_of_page() -> tuple[str, int] | None:
    """From where a keyset page starts: `apres` (a name) and `id` of the address."""
    name, key = request.args.get("apres"), request.args.get("id", type=int)
    return (name, key) if name is not None and key is not None and 0 < key < 2**63 else None


def page_links(endpoint: str, text: str, found: administration.Page) -> dict[str, str | None]:
    """Addresses of the first and of the next page of a list."""
    after = found.after
    following = url_for(endpoint, q=text or None, apres=after[0], id=after[1]) if after else None
    return {"first": url_for(endpoint, q=text or None) if place_of_page() else None, "next": following}


@pages.get("")
@needs("admin")
def index() -> Response:
    return redirect(url_for("admin.users"), 302)


@pages.get("/utilisateurs")
@needs("admin")
def users() -> Any:
    text = request.args.get("q", "").strip()[:100]
    found = administration.find_users(g.db, text, after=place_of_page())
    return page(
        "admin/users.html",
        sections=sections("admin.users"),
        users=[(user, ", ".join(sorted({ROLES[grant.role] for grant in user.grants}))) for user in found.rows],
        q=text,
        links=page_links("admin.users", text, found),
    )


@pages.get("/utilisateurs/nouveau")
@needs("admin")
def new_user() -> Any:
    return _invitation_page({})


@pages.post("/utilisateurs/nouveau")
@needs("admin")
def invite() -> Any:
    try:
        answers = read(InvitationForm(), request.form)
        user = administration.invite(
            g.db,
            email=answers["email"],
            name=answers["name"],
            role=answers["role"],
            scope=_scope(answers),
            actor=g.actor,
            at=g.now,
        )
    except InvalidInput as error:
        g.db.rollback()
        return _invitation_page(request.form, error.errors, 422)
    _send_invitation(user)
    return back_to("admin.user", f"Une invitation est envoyée à {user.email}.", user_id=user.id)


@pages.get("/utilisateurs/<int:user_id>")
@needs("admin")
def user(user_id: int) -> Any:
    return _user_page(user_id)


@pages.post("/utilisateurs/<int:user_id>/acces")
@needs("admin")
def grant(user_id: int) -> Any:
    try:
        answers = read(GrantForm(), request.form)
        administration.grant(g.db, user_id, role=answers["role"], scope=_scope(answers), actor=g.actor, at=g.now)
    except InvalidInput as error:
        g.db.rollback()
        return _user_page(user_id, request.form, error.errors, 422)
    return back_to("admin.user", "Cet accès est donné.", user_id=user_id)


@pages.post("/utilisateurs/<int:user_id>/acces/<int:grant_id>/retrait")
@needs("admin")
def revoke(user_id: int, grant_id: int) -> Response:
    administration.revoke(g.db, user_id, grant_id, actor=g.actor, at=g.now)
    return back_to("admin.user", "Cet accès est retiré.", user_id=user_id)


@pages.post("/utilisateurs/<int:user_id>/fermeture")
@needs("admin")
def close_account(user_id: int) -> Response:
    administration.close_account(g.db, user_id, actor=g.actor, at=g.now, wall=g.wall_now)
    return back_to("admin.user", "Ce compte est fermé et ses navigateurs déconnectés.", user_id=user_id)


@pages.post("/utilisateurs/<int:user_id>/reouverture")
@needs("admin")
def reopen_account(user_id: int) -> Response:
    administration.reopen_account(g.db, user_id, actor=g.actor, at=g.now)
    return back_to("admin.user", "Ce compte est rouvert.", user_id=user_id)


@pages.post("/utilisateurs/<int:user_id>/invitation")
@needs("admin")
def invite_again(user_id: int) -> Response:
    found = administration.user_of(g.db, user_id)
    if found.password_hash is not None or not found.active:
        raise Refused(["Cette personne a déjà ouvert son compte, ou il est fermé."])
    _send_invitation(found)
    return back_to("admin.user", f"Une nouvelle invitation est envoyée à {found.email}.", user_id=user_id)


def _send_invitation(user: User) -> None:
    invitations.send_invitation(
        g.db,
        settings(),
        user,
        inviter=g.actor.name,
        place=settings().funder,
        at=g.now,
        wall=g.wall_now,
        address=link_address("auth.invitation"),
    )


def _scope(answers: dict[str, Any]) -> Scope:
    return Scope(
        siret=answers["siret"] or "",
        territory_id=answers["territory_id"],
        partner=answers["partner"],
        scheme_code=answers["scheme_code"],
    )


def _choices() -> dict[str, Any]:
    return {
        "roles": tuple(ROLES.items()),
        "territories": [(place.id, place.name) for place in administration.territories(g.db)],
        "partners": tuple(PARTNERS.items()),
        "schemes": [("", "Tous les dispositifs")]
        + [(code, f"{code} – {title}") for code, title in administration.scheme_codes(g.db)],
    }


def _invitation_page(form: Any, errors: Any = None, status: int = 200) -> Any:
    return page("admin/new_user.html", status, form=form, errors=errors or {}, **_choices())


def _user_page(user_id: int, form: Any = None, errors: Any = None, status: int = 200) -> Any:
    found = administration.user_of(g.db, user_id)
    choices = _choices()
    return page(
        "admin/user.html",
        status,
        person=found,
        grants=[(item.id, ROLES[item.role], _place(item, choices)) for item in found.grants],
        history=journal.timeline(g.db, "user", user_id, limit=50),
        own=user_id == g.actor.user_id,
        form=form or {},
        errors=errors or {},
        **choices,
    )


def _place(item: Grant, choices: dict[str, Any]) -> str:
    """Where a grant applies, in words."""
    if item.organisation_id is not None:
        organisation = g.db.get(Organisation, item.organisation_id)
        return f"{organisation.name} (SIRET {organisation.siret})"
    if item.territory_id is not None:
        return str(dict(choices["territories"])[item.territory_id])
    if item.partner is not None:
        return PARTNERS[item.partner]
    if item.role == "officer":
        return f"Dispositif {item.scheme_code}" if item.scheme_code else "Tous les dispositifs"
    return "Tout le service"
