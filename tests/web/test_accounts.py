"""Registering an organisation, inviting colleagues, and one's own account."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from casework import journal, passwords, registration
from casework.accounts import Link, WebSession
from casework.clock import FixedClock
from casework.db import transaction
from casework.errors import InvalidInput
from casework.outbox import Message
from casework.people import Actor, Grant, Organisation, User
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.template import NOW
from web import create_app

SIRET = people.siret(77)
FORM = {
    "siret": SIRET,
    "organisation_name": "Les Jardins de la Gohelle",
    "legal_form": "association",
    "postcode": "62300",
    "town": "Lens",
    "name": "Basile Fontgrise",
    "email": "Basile@exemple.fr",
    "password": "quatre saisons sous la pluie",
    "again": "quatre saisons sous la pluie",
}
SignedIn = Callable[[Any], Browser]


def _register(browser: Browser, **changes: str) -> Any:
    return browser.post("/inscription", {**FORM, **changes})


def _count(sessions: sessionmaker[Session], model: Any) -> int:
    with sessions() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def _last_link(sessions: sessionmaker[Session], path: str) -> str:
    with sessions() as session:
        body = session.scalars(sa.select(Message.body).order_by(Message.id.desc()).limit(1)).one()
    found = re.search(rf"(/{path}/\S+)", body)
    assert found, body
    return found[1]


@pytest.fixture
def bearer(sessions: sessionmaker[Session], settings: Settings) -> tuple[Organisation, User]:
    """An organisation with one member, whose password is known."""
    with transaction(sessions) as session:
        organisation = people.organisation(session)
        stored = passwords.hashed(settings, FORM["password"])
        grant = Grant(role="applicant", organisation_id=organisation.id)
        return organisation, people.user(session, grant, name="Célia Grandpré", password_hash=stored)


def test_an_organisation_registers_with_its_siret_and_its_first_account(
    browser: Browser, sessions: sessionmaker[Session]
) -> None:
    spaced = f"{SIRET[:3]} {SIRET[3:6]} {SIRET[6:9]} {SIRET[9:]}"
    assert _register(browser, siret=spaced).location == "/organisation"
    page = browser.get("/organisation")
    assert "Les Jardins de la Gohelle" in page.text
    assert "Basile Fontgrise (vous)" in page.text
    with sessions() as session:
        organisation = session.scalars(sa.select(Organisation)).one()
        user = session.scalars(sa.select(User)).one()
        assert (organisation.siret, user.email) == (SIRET, "basile@exemple.fr")
        assert [event.actor_name for event in journal.timeline(session, "organisation", organisation.id)] == [user.name]
        assert journal.verify(session)[1] is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"siret": "12345678901234"}, "Ce numéro SIRET n’existe pas"),
        ({"siret": "0" * 14}, "Ce numéro SIRET n’existe pas"),
        ({"siret": ""}, "obligatoire"),
        ({"legal_form": "secte"}, "Choisissez une des réponses proposées."),
        ({"email": "pas une adresse"}, "écrivez-la comme nom@exemple.fr"),
        ({"postcode": "6230"}, "cinq chiffres"),
        ({"organisation_name": "x" * 141}, "140 caractères au plus"),
        ({"again": "autre chose"}, "ne sont pas les mêmes"),
        ({"password": "court", "again": "court"}, "au moins 12 caractères"),
        ({"name": "\x00"}, "obligatoire"),
    ],
)
def test_a_wrong_answer_is_explained_and_the_rest_is_kept(
    browser: Browser, sessions: sessionmaker[Session], changes: dict[str, str], sentence: str
) -> None:
    answer = _register(browser, **changes)
    assert answer.status_code == 422
    assert any(sentence in found for found in errors_in(answer)), errors_in(answer)
    assert 'value="Lens"' in answer.text
    assert FORM["password"] not in answer.text
    assert _count(sessions, User) == 0


def test_a_registered_organisation_is_not_registered_twice_and_nobody_is_named(
    browser: Browser, bearer: tuple[Organisation, User], sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    answer = _register(browser, siret=organisation.siret)
    assert answer.status_code == 422
    assert "demandez à un collègue qui a un compte de vous inviter" in errors_in(answer)[0]
    assert member.name not in answer.text
    assert member.email not in answer.text
    assert _count(sessions, Organisation) == 1


def test_a_colleague_is_invited_chooses_a_password_and_is_in(
    app: Flask, bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    invited = signed_in(member).post(
        f"/organisation/{organisation.id}/inviter", {"name": "Denis Houssaye", "email": "denis@exemple.fr"}
    )
    assert invited.location == "/organisation"
    link = _last_link(sessions, "invitation")
    newcomer = Browser(app)
    assert "denis@exemple.fr" in newcomer.get(link).text
    password = "trois chats sur un mur"
    assert newcomer.post(link, {"password": password, "again": password}).status_code == 303
    assert "Denis Houssaye (vous)" in newcomer.get("/organisation").text
    assert Browser(app).get(link).status_code == 410


def test_an_invitation_expires_and_can_be_sent_again(
    app: Flask,
    bearer: tuple[Organisation, User],
    signed_in: SignedIn,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    settings: Settings,
) -> None:
    organisation, member = bearer
    data = {"name": "Denis Houssaye", "email": "denis@exemple.fr"}
    url = f"/organisation/{organisation.id}/inviter"
    signed_in(member).post(url, data)
    first = _last_link(sessions, "invitation")
    clock.advance(timedelta(days=settings.invitation_days))
    assert Browser(app).get(first).status_code == 410
    assert signed_in(member).post(url, data).status_code == 303
    assert Browser(app).get(_last_link(sessions, "invitation")).status_code == 200
    assert _count(sessions, User) == 2


@pytest.mark.parametrize(
    ("limit", "said"),
    [("invitations_per_address", "Cette adresse"), ("invitations_per_organisation", "Votre organisme")],
)
def test_nobody_is_pestered_with_invitations(
    bearer: tuple[Organisation, User],
    sessions: sessionmaker[Session],
    settings: Settings,
    clock: FixedClock,
    limit: str,
    said: str,
) -> None:
    """Each new one closes the last: only their number of the day counts."""
    organisation, member = bearer
    browser = Browser(create_app(replace(settings, **{limit: 2}), clock=clock, sessions=sessions)).sign_in(member)
    data = {"name": "Denis Houssaye", "email": "denis@exemple.fr"}
    url = f"/organisation/{organisation.id}/inviter"
    assert [browser.post(url, data).status_code for _ in range(2)] == [303, 303]
    refused = browser.post(url, data)
    assert refused.status_code == 422
    assert said in errors_in(refused)[0]
    assert "Denis Houssaye" in refused.text
    clock.advance(timedelta(days=1, minutes=1))
    assert browser.sign_in(member).post(url, data).status_code == 303


@pytest.fixture
def stranger(sessions: sessionmaker[Session], settings: Settings) -> User:
    """Somebody of another organisation, with a password."""
    with transaction(sessions) as session:
        grant = Grant(role="applicant", organisation_id=people.organisation(session).id)
        return people.user(session, grant, name="Odile Vermandois", password_hash=passwords.hashed(settings, "x" * 20))


def test_who_has_an_account_elsewhere_joins_only_by_accepting(
    app: Flask,
    bearer: tuple[Organisation, User],
    stranger: User,
    signed_in: SignedIn,
    sessions: sessionmaker[Session],
) -> None:
    organisation, member = bearer
    data = {"name": "Peu importe", "email": stranger.email}
    inviter, invited = signed_in(member), signed_in(stranger)
    assert inviter.post(f"/organisation/{organisation.id}/inviter", data).status_code == 303
    seen = inviter.get("/organisation").text
    assert stranger.email in seen
    assert "invitation en attente" in seen
    assert stranger.name not in seen
    assert organisation.name not in invited.get("/organisation").text
    link = _last_link(sessions, "invitation")
    assert Browser(app).get(link).location == f"/connexion?suite={link}"
    assert inviter.post(link).status_code == 403
    assert f"Rejoindre {organisation.name}" in invited.get(link).text
    assert invited.post(link).location == "/organisation"
    assert organisation.name in invited.get("/organisation").text
    assert stranger.name in inviter.get("/organisation").text
    assert invited.get(link).status_code == 410
    again = inviter.post(f"/organisation/{organisation.id}/inviter", data)
    assert errors_in(again) == ["Cette personne fait déjà partie de votre organisme."]


def test_an_invitation_never_changes_the_password_of_an_account(
    app: Flask,
    bearer: tuple[Organisation, User],
    stranger: User,
    signed_in: SignedIn,
    sessions: sessionmaker[Session],
) -> None:
    organisation, member = bearer
    data = {"name": "Peu importe", "email": stranger.email}
    signed_in(member).post(f"/organisation/{organisation.id}/inviter", data)
    chosen = {"password": FORM["password"], "again": FORM["again"]}
    assert Browser(app).post(_last_link(sessions, "invitation"), chosen).status_code == 403
    with sessions() as session:
        assert session.get_one(User, stranger.id).password_hash == stranger.password_hash


def test_an_invitation_can_be_taken_back(
    bearer: tuple[Organisation, User], stranger: User, signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    inviter = signed_in(member)
    inviter.post(f"/organisation/{organisation.id}/inviter", {"name": "Odile", "email": stranger.email})
    with sessions() as session:
        link_id = session.scalars(sa.select(Link.id)).one()
    url = f"/organisation/{organisation.id}/invitations/annuler"
    assert stranger.email in inviter.get("/organisation").text
    assert inviter.post(url, {"link_id": link_id}).status_code == 303
    assert stranger.email not in inviter.get("/organisation").text
    assert signed_in(stranger).get(_last_link(sessions, "invitation")).status_code == 410
    assert inviter.post(url, {"link_id": link_id}).status_code == 404


def test_two_organisations_may_invite_the_same_newcomer(
    app: Flask,
    bearer: tuple[Organisation, User],
    stranger: User,
    signed_in: SignedIn,
    sessions: sessionmaker[Session],
) -> None:
    links = []
    for member in (bearer[1], stranger):
        with sessions() as session:
            own = session.scalars(sa.select(Grant.organisation_id).where(Grant.user_id == member.id)).one()
        data = {"name": "Denis Houssaye", "email": "denis@exemple.fr"}
        assert signed_in(member).post(f"/organisation/{own}/inviter", data).status_code == 303
        links.append(_last_link(sessions, "invitation"))
    newcomer = Browser(app)
    chosen = {"password": FORM["password"], "again": FORM["again"]}
    assert newcomer.post(links[0], chosen).status_code == 303
    assert newcomer.post(links[1]).status_code == 303
    with sessions() as session:
        own_grants = sa.select(sa.func.count(Grant.id)).join(User).where(User.email == "denis@exemple.fr")
        assert session.scalar(own_grants) == 2


def test_members_correct_where_their_organisation_is_reached(
    bearer: tuple[Organisation, User], stranger: User, signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    url = f"/organisation/{organisation.id}/coordonnees"
    typed = {"address": "3 rue des Saules", "postcode": "62000", "town": "Arras", "phone": "03 00 00 00 01"}
    wrong = signed_in(member).post(url, {**typed, "contact_email": "pas une adresse", "postcode": "62"})
    assert wrong.status_code == 422
    assert "3 rue des Saules" in wrong.text
    assert signed_in(stranger).post(url, typed).status_code == 404
    for day in ("31/13", "30/02", "demain"):
        refused = signed_in(member).post(url, {**typed, "contact_email": "", "fiscal_year_end": day})
        assert (refused.status_code, day in refused.text) == (422, True)
    right = {**typed, "contact_email": "Accueil@exemple.fr", "fiscal_year_end": "30/06"}
    assert signed_in(member).post(url, right).status_code == 303
    assert "30/06" in signed_in(member).get("/organisation").text
    with sessions() as session:
        found = session.get_one(Organisation, organisation.id)
        assert (found.address, found.town, found.email) == ("3 rue des Saules", "Arras", "accueil@exemple.fr")
        assert found.accounts_close == (6, 30)
        last = journal.timeline(session, "organisation", organisation.id)[0]
        assert (last.label, last.actor_name) == ("Organisme modifié", member.name)


def test_registering_leads_back_to_the_request_it_was_for(browser: Browser) -> None:
    wanted = "/dossiers/nouveau?dispositif=2024/3.2"
    page = browser.get("/connexion", query_string={"suite": wanted}).text
    address = re.search(r'href="(/inscription[^"]*)"', page)
    assert address is not None
    assert f'name="suite" value="{wanted}"' in browser.get(address[1].replace("&amp;", "&")).text
    assert _register(browser, suite=wanted).location == wanted
    assert 'href="/dossiers/nouveau"' in browser.get("/a-faire").text


def test_registering_leads_nowhere_else(browser: Browser) -> None:
    assert _register(browser, suite="//ailleurs.exemple").location == "/organisation"


def test_an_agent_never_enters_an_organisation_by_an_invitation(
    bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    with transaction(sessions) as session:
        officer = people.user(session, Grant(role="officer"))
    data = {"name": officer.name, "email": officer.email}
    answer = signed_in(member).post(f"/organisation/{organisation.id}/inviter", data)
    assert answer.status_code == 422
    assert f'value="{officer.email}"' in answer.text


def test_a_removed_colleague_loses_the_organisation_and_its_sessions(
    bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    with transaction(sessions) as session:
        colleague = people.user(session, Grant(role="applicant", organisation_id=organisation.id))
    gone = signed_in(colleague)
    url = f"/organisation/{organisation.id}/retirer"
    assert signed_in(member).post(url, {"user_id": colleague.id}).location == "/organisation"
    assert gone.get("/organisation").location.startswith("/connexion")
    assert signed_in(colleague).get("/organisation").status_code == 403


def test_the_last_person_who_can_sign_in_stays(
    bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    with transaction(sessions) as session:
        people.user(session, Grant(role="applicant", organisation_id=organisation.id), name="Sans mot de passe")
    answer = signed_in(member).post(f"/organisation/{organisation.id}/retirer", {"user_id": member.id})
    assert answer.status_code == 409
    assert "Il doit rester au moins une personne" in answer.text
    assert signed_in(member).get("/organisation").status_code == 200


def test_another_organisation_is_out_of_reach(
    bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    with transaction(sessions) as session:
        stranger = people.applicant(session, people.organisation(session))
    browser = signed_in(stranger)
    data = {"name": "Denis", "email": "denis@exemple.fr"}
    assert browser.post(f"/organisation/{organisation.id}/inviter", data).status_code == 404
    assert browser.post(f"/organisation/{organisation.id}/retirer", {"user_id": member.id}).status_code == 404
    assert organisation.name not in browser.get("/organisation").text


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
    address = addresses.get(what) or _last_link(sessions, "invitation")
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


def test_nobody_tries_sirets_one_after_the_other(browser: Browser, settings: Settings, clock: FixedClock) -> None:
    known = [_register(browser, again="x").status_code for _ in range(2)]
    tried = [_register(browser, password="court", again="court") for _ in range(settings.login_failures_per_address)]
    assert {*known, *(answer.status_code for answer in tried)} == {422}
    refused = _register(Browser(browser.app))
    assert refused.status_code == 429
    assert "vous pourrez réessayer dans 15 minutes" in refused.text
    assert Browser(browser.app).post("/mot-de-passe/oubli", {"email": FORM["email"]}).status_code == 303
    clock.advance(timedelta(minutes=settings.login_window_minutes))
    assert _register(Browser(browser.app)).status_code == 303
