"""One’s own account: name, password, browsers."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from casework import journal, passwords, registration
from casework.accounts import WebSession
from casework.db import transaction
from casework.errors import InvalidInput
from casework.people import Actor, Organisation, User
from casework.settings import Settings
from tests.support import people
from tests.support.accounts import FORM, SignedIn, last_link
from tests.support.browser import Browser, errors_in
from tests.support.template import NOW


def test_one_changes_one_s_own_name(
    bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(bearer[1])
    assert browser.post("/mon-compte/nom", {"name": "  Célia Belleroche "}).location == "/mon-compte"
    assert "Célia Belleroche" in browser.get("/mon-compte").text
    refused = browser.post("/mon-compte/nom", {"name": ""})
    assert refused.status_code == 422
    with sessions() as session:
        assert [event.label for event in journal.timeline(session, "user", bearer[1].id)] == ["Nom changé"]


def test_a_new_password_needs_the_current_one_and_signs_out_the_other_browsers(
    bearer: tuple[Organisation, User], signed_in: SignedIn
) -> None:
    browser, other = signed_in(bearer[1]), signed_in(bearer[1])
    new = {"password": "trois chats sur un mur", "again": "trois chats sur un mur"}
    refused = browser.post("/mon-compte/mot-de-passe", {"current": "faux", **new})
    assert (refused.status_code, errors_in(refused)) == (422, ["Ce n’est pas votre mot de passe actuel."])
    assert browser.post("/mon-compte/mot-de-passe", {"current": FORM["password"], **new}).status_code == 303
    assert browser.get("/mon-compte").status_code == 200
    assert other.get("/mon-compte").status_code == 303


def test_one_sees_one_s_browsers_and_signs_one_out(
    bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    browser, other = signed_in(bearer[1]), signed_in(bearer[1])
    assert browser.get("/mon-compte").text.count("Navigateur d’essai") == 2
    with sessions() as session:
        last = session.scalars(sa.select(sa.func.max(WebSession.id))).one()
    assert browser.post(f"/mon-compte/sessions/{last}/fin").status_code == 303
    assert other.get("/mon-compte").status_code == 303
    assert browser.post(f"/mon-compte/sessions/{last}/fin").status_code == 404


def test_nobody_signs_out_the_browser_of_another(
    bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    with transaction(sessions) as session:
        stranger = people.manager(session)
    theirs = signed_in(bearer[1])
    with sessions() as session:
        key = session.scalars(sa.select(sa.func.max(WebSession.id))).one()
    assert signed_in(stranger).post(f"/mon-compte/sessions/{key}/fin").status_code == 404
    assert theirs.get("/mon-compte").status_code == 200


def test_one_signs_out_all_the_other_browsers(bearer: tuple[Organisation, User], signed_in: SignedIn) -> None:
    browser, *others = (signed_in(bearer[1]) for _ in range(3))
    assert browser.post("/mon-compte/sessions/autres").status_code == 303
    assert browser.get("/mon-compte").status_code == 200
    assert [other.get("/mon-compte").status_code for other in others] == [303, 303]


@pytest.mark.database("sqlite")
def test_the_menu_follows_the_role(signed_in: SignedIn, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        actors: dict[str, Actor] = {
            "applicant": people.applicant(session, people.organisation(session)),
            "admin": people.admin(session),
        }
    menu = {role: signed_in(actor).get("/mon-compte").text for role, actor in actors.items()}
    assert "Mon organisme" in menu["applicant"]
    assert "/admin" not in menu["applicant"]
    assert "Administration" in menu["admin"]
    assert "Mon organisme" not in menu["admin"]


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("what", ["registration", "invitation", "own account", "sign-in"])
def test_nobody_waits_while_a_password_is_hashed(
    what: str,
    app: Flask,
    bearer: tuple[Organisation, User],
    sessions: sessionmaker[Session],
    engine: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a sign-in, when the costs asked have changed since the password was chosen."""
    hashed: list[str] = []
    slow = passwords.hashed

    def _hash(settings: Settings, password: str) -> str:
        with engine.connect() as other:
            other.exec_driver_sql("UPDATE organisation SET town = 'Béthune'")
            other.commit()
        hashed.append(password)
        return slow(settings, password)

    browser, form = Browser(app), FORM
    if what == "invitation":
        colleague = {"name": "Denis Houssaye", "email": "denis@exemple.fr"}
        Browser(app).sign_in(bearer[1]).post(f"/organisation/{bearer[0].id}/inviter", colleague)
    elif what == "own account":
        browser.sign_in(bearer[1])
        form = {"current": FORM["password"], "password": "trois chats sur un mur", "again": "trois chats sur un mur"}
    elif what == "sign-in":
        form = {"email": bearer[1].email, "password": FORM["password"]}
        monkeypatch.setattr(passwords, "outdated", lambda _settings, _stored: True)
    addresses = {"registration": "/inscription", "own account": "/mon-compte/mot-de-passe", "sign-in": "/connexion"}
    address = addresses.get(what) or last_link(sessions, "invitation")
    monkeypatch.setattr(passwords, "hashed", _hash)
    assert browser.post(address, form).status_code == 303
    assert hashed == [form["password"]]


@pytest.mark.database("sqlite")
def test_a_password_changed_meanwhile_is_not_overwritten(
    settings: Settings, bearer: tuple[Organisation, User], sessions: sessionmaker[Session]
) -> None:
    chosen = registration.changed_hash(settings, bearer[1], current=FORM["password"], new="trois chats sur un mur")
    with transaction(sessions) as session:
        registration.change_password(session, bearer[1].id, chosen, proved=bearer[1].password_hash, at=NOW)
    with sessions() as session, pytest.raises(InvalidInput, match="corriger"):
        registration.change_password(session, bearer[1].id, chosen, proved=bearer[1].password_hash, at=NOW)
