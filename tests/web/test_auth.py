"""Signing in and out, throttling, sessions that end, and the forgotten password."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from casework import passwords, signin
from casework.accounts import Link, LoginFailure, WebSession
from casework.clock import FixedClock
from casework.db import transaction
from casework.outbox import Message
from casework.people import Actor, Grant, User
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from web import create_app

PASSWORD = "quatre saisons sous la pluie"
WRONG = "L’adresse électronique ou le mot de passe n’est pas le bon."


@pytest.fixture
def ada(sessions: sessionmaker[Session], settings: Settings) -> User:
    with transaction(sessions) as session:
        stored = passwords.hashed(settings, PASSWORD)
        return people.user(session, Grant(role="manager"), name="Ada Clairval", password_hash=stored)


def _sign_in(browser: Browser, email: str, password: str = PASSWORD, **more: str) -> object:
    return browser.post("/connexion", {"email": email, "password": password, **more})


def _knows(browser: Browser) -> bool:
    return browser.get("/mon-compte").status_code == 200


def test_the_right_password_opens_a_session(browser: Browser, ada: User, sessions: sessionmaker[Session]) -> None:
    answer = _sign_in(browser, ada.email.upper(), suite="/accessibilite?x=1")
    assert (answer.status_code, answer.location) == (303, "/accessibilite?x=1")
    assert _knows(browser)
    with sessions() as session:
        stored = session.scalars(sa.select(WebSession)).one()
    with browser.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert stored.token_digest == signin.digest(token)
    assert token not in stored.token_digest


def test_nobody_is_led_elsewhere_after_signing_in(browser: Browser, ada: User) -> None:
    assert _sign_in(browser, ada.email, suite="//ailleurs.fr/piege").location.startswith("/")
    assert not _sign_in(Browser(browser.app), ada.email, suite="//ailleurs.fr").location.startswith("//")


def test_the_session_is_a_new_one_after_signing_in(browser: Browser, ada: User) -> None:
    browser.get("/connexion")
    with browser.client.session_transaction() as cookie:
        before = cookie["csrf_token"]
        cookie["planted"] = "by somebody else"
    _sign_in(browser, ada.email)
    with browser.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie.get("csrf_token") != before


@pytest.mark.parametrize("case", ["wrong", "unknown", "closed", "invited"])
def test_every_refusal_says_the_same(browser: Browser, ada: User, sessions: sessionmaker[Session], case: str) -> None:
    with transaction(sessions) as session:
        user = session.get_one(User, ada.id)
        user.active = case != "closed"
        user.password_hash = None if case == "invited" else user.password_hash
    email = "personne@exemple.invalid" if case == "unknown" else ada.email
    answer = _sign_in(browser, email, "un autre mot de passe" if case == "wrong" else PASSWORD)
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert f'value="{email}"' in answer.text
    assert not _knows(browser)


def test_an_unknown_account_costs_as_much_work_as_a_known_one(
    browser: Browser, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    hasher = type(passwords._hasher(Settings(secret_key="x")))
    for name in ("hash", "verify"):
        original = getattr(hasher, name)
        monkeypatch.setattr(
            hasher, name, lambda *a, _name=name, _original=original, **k: done.append(_name) or _original(*a, **k)
        )
    _sign_in(browser, ada.email, "faux")
    _sign_in(browser, "personne@exemple.invalid", "faux")
    assert done == ["verify", "hash"]


def test_too_many_refusals_on_an_account_close_it_for_a_while(
    browser: Browser, ada: User, settings: Settings, clock: FixedClock
) -> None:
    for _ in range(settings.login_failures_per_account):
        assert _sign_in(browser, ada.email, "faux").status_code == 422
    refused = _sign_in(Browser(browser.app), ada.email)
    assert refused.status_code == 429
    assert "vous pourrez réessayer dans 15 minutes" in refused.text
    assert refused.headers["Retry-After"] == "901"
    clock.advance(timedelta(minutes=16))
    assert _sign_in(browser, ada.email).status_code == 303


def test_an_unknown_account_is_throttled_like_a_known_one(browser: Browser, settings: Settings) -> None:
    statuses = [_sign_in(browser, "personne@exemple.invalid").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_too_many_refusals_from_an_address_close_it_for_every_account(
    settings: Settings, clock: FixedClock, sessions: sessionmaker[Session], ada: User
) -> None:
    strict = dataclasses.replace(settings, login_failures_per_address=3)
    browser = Browser(create_app(strict, clock=clock, sessions=sessions))
    for number in range(3):
        _sign_in(browser, f"personne{number}@exemple.invalid")
    assert _sign_in(browser, ada.email).status_code == 429
    elsewhere = browser.post(
        "/connexion", {"email": ada.email, "password": PASSWORD}, environ_overrides={"REMOTE_ADDR": "203.0.113.7"}
    )
    assert elsewhere.status_code == 303


def test_a_sign_in_forgives_the_earlier_slips_of_its_account_alone(
    browser: Browser, ada: User, sessions: sessionmaker[Session]
) -> None:
    _sign_in(browser, ada.email, "faux")
    _sign_in(browser, "personne@exemple.invalid", "faux")
    _sign_in(browser, ada.email)
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LoginFailure)) == 1


def test_refusals_are_stored_without_the_address_or_the_account(
    browser: Browser, ada: User, sessions: sessionmaker[Session]
) -> None:
    _sign_in(browser, ada.email, "faux")
    with sessions() as session:
        failure = session.scalars(sa.select(LoginFailure)).one()
    assert re.fullmatch(r"[0-9a-f]{64}", failure.account_digest)
    assert failure.address_digest != failure.account_digest != signin.digest(ada.email)


def test_many_attempts_at_once_do_not_slip_through(
    app: Flask, ada: User, settings: Settings, sessions: sessionmaker[Session]
) -> None:
    statuses: list[int] = []

    def attempt() -> None:
        statuses.append(_sign_in(Browser(app), ada.email, "faux").status_code)

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 8
    assert _sign_in(Browser(app), ada.email).status_code == 429


def test_a_session_ends_when_idle(browser: Browser, ada: User, settings: Settings, clock: FixedClock) -> None:
    _sign_in(browser, ada.email)
    for _ in range(3):
        clock.advance(timedelta(minutes=settings.session_idle_minutes - 1))
        assert _knows(browser)
    clock.advance(timedelta(minutes=settings.session_idle_minutes, seconds=1))
    ended = browser.get("/mon-compte")
    assert ended.location == "/connexion?suite=/mon-compte"
    assert "Votre session a pris fin" in browser.get(ended.location).text


def test_a_session_ends_when_too_old_even_if_used(
    browser: Browser, ada: User, settings: Settings, clock: FixedClock
) -> None:
    _sign_in(browser, ada.email)
    for _ in range(settings.session_max_hours * 2 - 1):
        clock.advance(timedelta(minutes=30))
        assert _knows(browser)
    clock.advance(timedelta(minutes=30))
    assert not _knows(browser)


def test_being_seen_is_written_once_a_minute_at_most(
    browser: Browser, ada: User, clock: FixedClock, sessions: sessionmaker[Session]
) -> None:
    _sign_in(browser, ada.email)
    opened = clock.now()
    for step, expected in ((59, opened), (2, opened + timedelta(seconds=61))):
        clock.advance(timedelta(seconds=step))
        browser.get("/mon-compte")
        with sessions() as session:
            assert session.scalars(sa.select(WebSession.seen_at)).one() == expected


def test_signing_out_ends_the_session_on_the_server(browser: Browser, ada: User) -> None:
    _sign_in(browser, ada.email)
    with browser.client.session_transaction() as cookie:
        stolen = cookie["_user_id"]
    assert browser.post("/deconnexion").location == "/connexion"
    with browser.client.session_transaction() as cookie:
        cookie["_user_id"] = stolen
    assert not _knows(browser)


def test_signing_out_is_not_a_link(browser: Browser, ada: User) -> None:
    _sign_in(browser, ada.email)
    assert browser.get("/deconnexion").status_code == 405
    assert _knows(browser)


def test_a_closed_account_is_out_at_once(browser: Browser, ada: User, sessions: sessionmaker[Session]) -> None:
    _sign_in(browser, ada.email)
    with transaction(sessions) as session:
        session.get_one(User, ada.id).active = False
    assert not _knows(browser)


def test_a_form_sent_after_the_session_ended_gives_back_what_was_typed(
    browser: Browser, ada: User, settings: Settings, clock: FixedClock
) -> None:
    _sign_in(browser, ada.email)
    clock.advance(timedelta(hours=settings.session_max_hours))
    typed = {"name": "Ada </textarea><b>Clairval", "current": "secret de polichinelle"}
    answer = browser.post("/mon-compte/nom", typed, headers={"Referer": "http://localhost/mon-compte?a=1"})
    assert answer.status_code == 401
    assert "n’a pas été enregistré" in answer.text
    assert "Ce que vous aviez saisi" in answer.text
    assert "Ada &lt;/textarea&gt;&lt;b&gt;Clairval" in answer.text
    assert "polichinelle" not in answer.text
    assert 'name="suite" value="/mon-compte?a=1"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_button_pressed_after_the_session_ended_leads_to_the_sign_in_page(browser: Browser) -> None:
    elsewhere = browser.post("/mon-compte/sessions/autres", headers={"Referer": "https://ailleurs.exemple/x"})
    assert (elsewhere.status_code, elsewhere.location) == (303, "/connexion")
    assert "n’a pas été enregistré" in browser.get("/connexion").text


def test_a_part_of_a_page_asked_after_the_session_ended_leads_to_the_sign_in_page(browser: Browser) -> None:
    answer = browser.get("/mon-compte", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/connexion")


def test_the_hash_is_made_again_when_the_costs_change(
    browser: Browser, ada: User, settings: Settings, clock: FixedClock, sessions: sessionmaker[Session]
) -> None:
    costlier = dataclasses.replace(settings, password_time_cost=2)
    assert _sign_in(Browser(create_app(costlier, clock=clock, sessions=sessions)), ada.email).status_code == 303
    with sessions() as session:
        stored = session.get_one(User, ada.id).password_hash
    assert stored != ada.password_hash
    assert "t=2" in stored
    assert _sign_in(browser, ada.email).status_code == 303


def _ask_link(browser: Browser, email: str, sessions: sessionmaker[Session]) -> str | None:
    answer = browser.post("/mot-de-passe/oubli", {"email": email})
    assert answer.status_code == 303
    assert "Si un compte existe à cette adresse" in browser.get(answer.location).text
    with sessions() as session:
        body = session.scalars(sa.select(Message.body).order_by(Message.id.desc()).limit(1)).one_or_none()
    found = re.search(r"(/mot-de-passe/\S+)", body or "")
    return found[1] if found else None


def test_a_forgotten_password_is_replaced_by_a_link_that_serves_once(
    browser: Browser, ada: User, sessions: sessionmaker[Session], signed_in: Callable[[Actor], Browser]
) -> None:
    other = signed_in(ada)
    link = _ask_link(browser, ada.email, sessions)
    assert link
    with sessions() as session:
        assert link.rpartition("/")[2] not in session.scalars(sa.select(Link.token_digest)).one()
    new = "trois chats sur un mur"
    assert browser.get(link).status_code == 200
    assert browser.post(link, {"password": new, "again": new}).location == "/connexion"
    assert not _knows(other)
    assert _sign_in(browser, ada.email).status_code == 422
    assert _sign_in(browser, ada.email, new).status_code == 303
    for answer in (browser.get(link), browser.post(link, {"password": new, "again": new})):
        assert answer.status_code == 410
        assert "Ce lien a déjà servi" in answer.text


def test_nothing_tells_whether_an_account_exists(browser: Browser, ada: User, sessions: sessionmaker[Session]) -> None:
    assert _ask_link(browser, "personne@exemple.invalid", sessions) is None
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0


def test_a_link_expires(
    browser: Browser, ada: User, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    link = _ask_link(browser, ada.email, sessions)
    clock.advance(timedelta(minutes=settings.reset_link_minutes))
    assert browser.get(link).status_code == 410


def test_only_the_last_link_works_and_asking_without_end_sends_one_message(
    browser: Browser, ada: User, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    first = _ask_link(browser, ada.email, sessions)
    assert _ask_link(browser, ada.email, sessions) == first
    clock.advance(timedelta(minutes=3))
    second = _ask_link(browser, ada.email, sessions)
    assert second != first
    assert browser.get(first).status_code == 410
    assert browser.get(second).status_code == 200


def test_a_link_of_another_kind_or_invented_is_refused(
    browser: Browser, ada: User, sessions: sessionmaker[Session]
) -> None:
    link = _ask_link(browser, ada.email, sessions)
    assert browser.get(link.replace("mot-de-passe", "invitation")).status_code == 410
    assert browser.get("/mot-de-passe/nimportequoi").status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("trop court", "trop court", "Choisissez au moins 12 caractères"),
        ("motdepasse2024", "motdepasse2024", "trop courant"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "trop courant"),
        ("Clairval-62!", "Clairval-62!", "Sans votre nom"),
        ("a" * 201, "a" * 201, "200 caractères au plus"),
        ("trois chats sur un mur", "trois chats sur un toit", "ne sont pas les mêmes"),
        ("", "", "obligatoire"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_still_serves(
    browser: Browser, ada: User, sessions: sessionmaker[Session], password: str, again: str, sentence: str
) -> None:
    link = _ask_link(browser, ada.email, sessions)
    answer = browser.post(link, {"password": password, "again": again})
    assert answer.status_code == 422
    assert any(sentence in found for found in errors_in(answer)), errors_in(answer)
    assert browser.get(link).status_code == 200


def test_a_name_inside_a_long_password_is_not_a_fault(settings: Settings) -> None:
    chosen = "trois petits chats sur un mur"
    assert passwords.faults(settings, chosen, email="anne@exemple.fr", name="Anne Petit") == []
