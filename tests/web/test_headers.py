"""What every answer tells the browser, and how the errors of the web look."""

from __future__ import annotations

import dataclasses
import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from casework.clock import FixedClock
from casework.db import transaction
from casework.errors import Forbidden, InvalidInput, NotFound, Refused, Stale, TooLarge
from casework.people import Territory
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from web import create_app
from web.access import public
from web.errors import Gone, TooMany

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
def breaking(settings: Settings, clock: FixedClock, sessions: sessionmaker[Session]) -> Flask:
    """The service as in production: an unexpected error is a page, not a trace."""
    return create_app(settings, clock=clock, sessions=sessions)


def _view(app: Flask, behaviour: object, methods: tuple[str, ...] = ("GET", "POST")) -> Browser:
    app.add_url_rule("/essai", "essai", public(behaviour), methods=list(methods))
    return Browser(app)


def test_every_page_forbids_what_comes_from_elsewhere(browser: Browser) -> None:
    headers = browser.get("/connexion").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    for rule in ("frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "object-src 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_the_browser_is_held_to_https_only_when_cookies_are_secure(
    settings: Settings, clock: FixedClock, sessions: sessionmaker[Session], browser: Browser
) -> None:
    assert "Strict-Transport-Security" not in browser.get("/connexion").headers
    secure = Browser(create_app(dataclasses.replace(settings, secure_cookies=True), clock=clock, sessions=sessions))
    answer = secure.get("/connexion", base_url="https://localhost")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-casework=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_page_of_somebody_signed_in_is_never_kept(
    app: Flask, browser: Browser, sessions: sessionmaker[Session]
) -> None:
    with transaction(sessions) as session:
        who = people.manager(session)
    assert browser.get("/accessibilite").headers["Cache-Control"] == "no-cache"
    assert browser.sign_in(who).get("/accessibilite").headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_under_the_address_that_names_its_content(browser: Browser) -> None:
    page = browser.get("/connexion").text
    address = next(part.split('"')[0] for part in page.split('href="') if part.startswith("/static/app.css"))
    assert "?v=" in address
    assert "immutable" in browser.get(address).headers["Cache-Control"]
    assert "immutable" not in browser.get("/static/app.css").headers["Cache-Control"]


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (NotFound(), 404, "Cette page n’existe pas"),
        (Forbidden(), 403, "Votre rôle ne permet pas cette action."),
        (Refused(["Il manque le budget.", "Il manque les statuts."]), 409, "Il manque les statuts."),
        (Stale("Ce dossier a changé."), 409, "Ce dossier a changé."),
        (InvalidInput({"title": ["Écrivez un titre."]}), 422, "Écrivez un titre."),
        (TooLarge("Ce fichier dépasse 20 Mo."), 413, "Ce fichier dépasse 20 Mo."),
        (Gone("Ce lien a déjà servi."), 410, "Ce lien a déjà servi."),
        (TooMany("Réessayez dans 3 minutes.", 180), 429, "Réessayez dans 3 minutes."),
        (StaleDataError(), 409, "Quelqu’un a enregistré autre chose"),
        (IntegrityError("INSERT", {"name": "Ada"}, ValueError()), 409, "Quelqu’un a enregistré autre chose"),
        (OperationalError("SELECT", {}, ValueError("locked")), 503, "Réessayez dans une minute"),
    ],
)
def test_each_error_has_its_status_and_its_sentence(
    breaking: Flask, error: Exception, status: int, sentence: str
) -> None:
    def fail() -> str:
        raise error

    answer = _view(breaking, fail).get("/essai")
    assert answer.status_code == status
    assert sentence in answer.text
    assert "Traceback" not in answer.text


def test_a_refusal_after_too_many_attempts_says_when_to_come_back(breaking: Flask) -> None:
    def fail() -> str:
        raise TooMany("Plus tard.", 180)

    assert _view(breaking, fail).get("/essai").headers["Retry-After"] == "180"


def test_an_unexpected_error_gives_a_reference_and_nothing_else(
    breaking: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> str:
        raise RuntimeError("le numéro de Madame Aubépine")

    answer = _view(breaking, fail).get("/essai")
    assert answer.status_code == 500
    reference = answer.text.split("<code>")[1].split("</code>")[0]
    logged = capsys.readouterr()
    assert reference in logged.out + logged.err
    assert "Aubépine" not in answer.text + logged.out + logged.err


def test_what_a_failing_view_wrote_is_undone(breaking: Flask, sessions: sessionmaker[Session]) -> None:
    from flask import g

    def fail() -> str:
        g.db.add(Territory(code="ailleurs", name="Ailleurs"))
        g.db.flush()
        raise Refused(["Non."])

    assert _view(breaking, fail).post("/essai").status_code == 409
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Territory.code == "ailleurs")) == 0


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (303, 1), (409, 0), (422, 0)])
def test_a_change_is_committed_only_with_a_good_answer(
    breaking: Flask, sessions: sessionmaker[Session], status: int, kept: int
) -> None:
    from flask import g

    def change() -> tuple[str, int]:
        g.db.add(Territory(code="ailleurs", name="Ailleurs"))
        return "", status

    assert _view(breaking, change).post("/essai").status_code == status
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Territory.code == "ailleurs")) == kept


def test_a_commit_that_fails_is_not_shown_as_a_success(breaking: Flask) -> None:
    from flask import g

    def change() -> tuple[str, int]:
        g.db.add_all([Territory(code="a", name="Deux fois"), Territory(code="b", name="Deux fois")])
        return "C’est fait", 200

    answer = _view(breaking, change).post("/essai")
    assert answer.status_code == 409
    assert "C’est fait" not in answer.text


def test_a_form_without_its_token_is_refused_with_a_sentence(browser: Browser) -> None:
    answer = browser.client.post("/connexion", data={"email": "a@exemple.fr", "password": "x"})
    assert answer.status_code == 400
    assert "Ce formulaire n’est plus valable" in answer.text


def test_a_form_out_of_date_gives_back_what_was_typed_and_leads_to_the_form(browser: Browser) -> None:
    typed = {"siret": "123", "town": "Béthune", "password": "secret de polichinelle"}
    answer = browser.client.post("/inscription", data=typed)
    assert answer.status_code == 400
    assert "Béthune" in answer.text
    assert "polichinelle" not in answer.text
    assert re.search(r'href="/inscription">\s*Rouvrir le formulaire', answer.text)


@pytest.mark.parametrize("size", [3_000_000, 10_000_000, 40_000_000])
def test_a_text_without_end_is_refused_with_a_sentence(browser: Browser, size: int) -> None:
    answer = browser.client.post("/connexion", data={"email": "a" * size})
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text


def test_a_file_without_end_is_refused_with_a_sentence(browser: Browser) -> None:
    data = {"file": (io.BytesIO(b"x" * 30_000_000), "enorme.pdf")}
    came_from = {"Referer": "http://localhost/admin/annuaire?a=1"}
    answer = browser.client.post("/admin/annuaire", data=data, headers=came_from)
    assert answer.status_code == 413
    assert "20 Mo" in answer.text
    assert 'href="/admin/annuaire?a=1"' in answer.text


@pytest.mark.parametrize("url", ["/nulle-part", "/admin/utilisateurs/99999999999999999999", "/connexion?suite=%00"])
def test_a_wrong_address_has_a_page(browser: Browser, url: str) -> None:
    answer = browser.get(url)
    assert answer.status_code in (400, 404)
    assert "Revenir à l’accueil" in answer.text


def test_a_method_that_is_not_open_says_which_are(browser: Browser) -> None:
    answer = browser.post("/accessibilite")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("sent", "form"),
    [
        ("/dossiers/5/mois/2025-05/coller", "/dossiers/5/mois/2025-05"),
        ("/participants/177/actions/record_exit/classement", "/participants/177/actions/record_exit"),
        ("/dossiers/5/activites/31/retirer", "/dossiers/5/activites"),
    ],
)
def test_an_address_that_only_a_form_uses_leads_back_to_it(browser: Browser, sent: str, form: str) -> None:
    answer = browser.get(sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, form)


def test_the_service_says_that_it_lives_and_that_it_is_ready(browser: Browser) -> None:
    assert browser.get("/healthz").json == {"status": "ok"}
    ready = browser.get("/readyz")
    assert ready.status_code == 200
    assert ready.json["migrations"] is True
    assert ready.json["last_job_seconds"] is None


def test_a_database_that_does_not_answer_is_not_ready_but_alive(settings: Settings, clock: FixedClock) -> None:
    lost = dataclasses.replace(settings, database_url="sqlite:////nulle/part/casework.db")
    browser = Browser(create_app(lost, clock=clock))
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/readyz").status_code == 503
    page = browser.get("/connexion")
    assert page.status_code == 503
    assert "momentanément" in page.text
