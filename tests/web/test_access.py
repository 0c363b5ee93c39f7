"""Every route × every role × own and foreign scope. A new route is covered without a line here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.routing import Rule

from casework import permissions
from casework.applications import Application, Partnership
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import ROLES, Actor
from casework.settings import Settings
from tests.support import people, rows
from tests.support.browser import Browser
from tests.support.template import NOW
from web import create_app
from web.access import Undeclared, check, public, safe_address

pytestmark = pytest.mark.database("sqlite")
ABSENT = 999_999


@dataclass(frozen=True)
class World:
    """One person of each role, a case in the scope of all of them, and one out of the scope of those who have one."""

    actors: dict[str, Actor]
    own: int
    foreign: int


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    with transaction(sessions) as session:
        here, elsewhere = rows.territories(session)[:2]
        bearer = people.organisation(session)
        seen = {"state": "execution", "submitted_at": NOW, "deposited_at": NOW, "created_at": NOW - timedelta(days=9)}
        own = rows.application(session, bearer, "3.1", territories=[here], **seen)
        foreign = rows.application(session, scheme="3.2", territories=[elsewhere])
        session.add(Partnership(application_id=own.id, partner="caf"))
        actors = {
            "applicant": people.applicant(session, bearer),
            "slai": people.slai(session, here),
            "partner": people.partner(session, "caf"),
            "officer": people.officer(session, ["3.1"]),
            "manager": people.manager(session),
            "finance": people.finance(session),
            "auditor": people.auditor(session),
            "admin": people.admin(session),
            "data_officer": people.data_officer(session),
        }
        assert set(actors) == set(ROLES)
        return World(actors, own.id, foreign.id)


def _requests(app: Flask, kind: str, application_id: int = ABSENT) -> Iterator[tuple[str, str, Any]]:
    """(method, address, access) of every route declared so; ids other than the case's name nothing."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            access = app.view_functions[rule.endpoint].access
            if access.kind != kind or rule.endpoint == "static":
                continue
            url = adapter.build(rule.endpoint, _values(rule, application_id))
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, url, access


def _values(rule: Rule, application_id: int) -> dict[str, Any]:
    numeric = {name for name, converter in rule._converters.items() if type(converter).__name__ == "KeyConverter"}
    values: dict[str, Any] = {name: ABSENT if name in numeric else "rien" for name in rule.arguments}
    if "application_id" in rule.arguments:
        values["application_id"] = application_id
    return values


def _ask(browser: Browser, method: str, url: str) -> int:
    answer = browser.get(url) if method == "GET" else browser.post(url)
    return answer.status_code


def test_every_route_declares_who_may_open_it(app: Flask) -> None:
    kinds = {app.view_functions[rule.endpoint].access.kind for rule in app.url_map.iter_rules()}
    assert kinds <= {"public", "signed_in", "needs", "on_application"}


def test_the_service_refuses_to_start_with_a_route_that_declares_nothing(settings: Settings) -> None:
    made = create_app(settings)
    made.add_url_rule("/oubliee", "forgotten_route", lambda: "")
    with pytest.raises(Undeclared, match="forgotten_route"):
        check(made)


def test_every_route_of_a_case_declares_it_on_the_case(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if "application_id" in rule.arguments:
            assert app.view_functions[rule.endpoint].access.kind == "on_application", rule.rule


@pytest.mark.parametrize("kind", ["signed_in", "needs", "on_application"])
def test_somebody_who_is_not_signed_in_is_led_to_the_sign_in_page(app: Flask, world: World, kind: str) -> None:
    for method, url, _ in _requests(app, kind, world.own):
        answer = Browser(app).get(url) if method == "GET" else Browser(app).post(url)
        if url.startswith("/api/"):
            assert answer.status_code == 401, f"{method} {url}"
            continue
        assert answer.status_code == 303, f"{method} {url}"
        assert answer.location.startswith("/connexion"), f"{method} {url}"


@pytest.mark.parametrize("role", ROLES)
def test_a_route_is_open_to_the_roles_that_hold_its_permission_and_to_no_other(
    app: Flask, world: World, role: str
) -> None:
    actor = world.actors[role]
    for method, url, access in _requests(app, "needs"):
        allowed = any(permissions.holds(actor, permission) for permission in access.permissions)
        status = _ask(Browser(app).sign_in(actor), method, url)
        assert (status != 403) is allowed, f"{role} {method} {url}: {status}"


@pytest.mark.parametrize("role", ROLES)
def test_a_case_out_of_scope_is_not_found_whatever_the_route(app: Flask, world: World, role: str) -> None:
    actor = world.actors[role]
    unseen = [ABSENT] if role in ("manager", "auditor") else [ABSENT, world.foreign]
    for application_id in unseen:
        for method, url, _ in _requests(app, "on_application", application_id):
            assert _ask(Browser(app).sign_in(actor), method, url) == 404, f"{role} {method} {url}"


@pytest.mark.parametrize("role", ROLES)
def test_a_case_in_scope_opens_only_what_the_role_may_do(
    app: Flask, world: World, role: str, sessions: sessionmaker[Session]
) -> None:
    actor = world.actors[role]
    for method, url, access in _requests(app, "on_application", world.own):
        with sessions() as session:
            query = permissions.visible(sa.select(Application).where(Application.id == world.own), actor)
            case = session.scalars(query).one_or_none()
            allowed = case is not None and any(permissions.may(actor, one, case) for one in access.permissions)
        status = _ask(Browser(app).sign_in(actor), method, url)
        if case is None:
            assert status == 404, f"{role} {method} {url}: {status}"
        elif not allowed:
            assert status == 403, f"{role} {method} {url}: {status}"
        else:
            assert status != 403, f"{role} {method} {url}: {status}"


def test_somebody_without_any_grant_sees_no_case(app: Flask, world: World, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        nobody = people.user(session)
    for method, url, _ in _requests(app, "on_application", world.own):
        assert _ask(Browser(app).sign_in(nobody), method, url) == 404, f"{method} {url}"


def test_the_doors_of_the_demonstration_do_not_exist_outside_it(browser: Browser) -> None:
    assert browser.post("/demo/connexion", {"user_id": 1}).status_code == 404
    assert browser.post("/demo/horloge", {"days": 1}).status_code == 404


def test_the_demonstration_shows_its_date_and_lets_anyone_in(
    settings: Settings, clock: FixedClock, sessions: sessionmaker[Session]
) -> None:
    from dataclasses import replace

    moved: list[Any] = []
    demo = create_app(
        replace(settings, demo=True),
        clock=clock,
        sessions=sessions,
        move_demo_clock=lambda *asked: moved.append(asked[2]) or 1,
    )
    with transaction(sessions) as session:
        someone = people.manager(session)
    browser = Browser(demo)
    page = browser.get("/connexion").text
    assert "15 janvier 2024" in page
    assert someone.name in page
    assert browser.post("/demo/connexion", {"user_id": someone.user_id}).status_code == 303
    assert someone.name in browser.get("/accessibilite").text
    assert browser.post("/demo/horloge", {"days": "7", "retour": "/accessibilite"}).location == "/accessibilite"
    assert moved == [NOW + timedelta(days=7)]
    assert browser.post("/demo/horloge", {}).status_code == 422


def test_the_demonstration_says_what_is_real_and_leads_where_one_was_going(
    settings: Settings, clock: FixedClock, sessions: sessionmaker[Session]
) -> None:
    from dataclasses import replace

    demo = create_app(replace(settings, demo=True), clock=clock, sessions=sessions)
    with transaction(sessions) as session:
        someone = people.applicant(session, people.organisation(session))
    browser = Browser(demo)
    typed = browser.post("/mon-compte/nom", {"name": "Ada"})
    assert typed.status_code == 401
    assert 'name="suite" value="/mon-compte' not in typed.text
    signed = browser.post("/demo/connexion", {"user_id": someone.user_id, "suite": "/organisation"})
    assert signed.location == "/organisation"
    assert "compte de démonstration" in browser.get("/organisation").text
    assert "heure réelle" in browser.get("/mon-compte").text


@pytest.mark.parametrize(
    "address", ["//ailleurs.fr", "https://ailleurs.fr", "/\\ailleurs.fr", "ailleurs", "", None, "/a\nb", "/\tb"]
)
def test_an_address_of_elsewhere_is_never_followed(address: str | None) -> None:
    assert safe_address(address) is None


def test_an_address_of_the_service_is_followed() -> None:
    assert safe_address("/dossiers?etat=draft&q=a%20b") == "/dossiers?etat=draft&q=a%20b"


def test_a_public_view_is_marked() -> None:
    assert public(lambda: "").access.kind == "public"
