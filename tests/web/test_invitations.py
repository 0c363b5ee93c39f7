"""Inviting colleagues into an organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from casework.accounts import Link
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Grant, Organisation, User
from casework.settings import Settings
from tests.support import people
from tests.support.accounts import FORM, SignedIn, count, last_link
from tests.support.browser import Browser, errors_in
from web import create_app


def test_a_colleague_is_invited_chooses_a_password_and_is_in(
    app: Flask, bearer: tuple[Organisation, User], signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    invited = signed_in(member).post(
        f"/organisation/{organisation.id}/inviter", {"name": "Denis Houssaye", "email": "denis@exemple.fr"}
    )
    assert invited.location == "/organisation"
    link = last_link(sessions, "invitation")
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
    first = last_link(sessions, "invitation")
    clock.advance(timedelta(days=settings.invitation_days))
    assert Browser(app).get(first).status_code == 410
    assert signed_in(member).post(url, data).status_code == 303
    assert Browser(app).get(last_link(sessions, "invitation")).status_code == 200
    assert count(sessions, User) == 2


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
    link = last_link(sessions, "invitation")
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
    assert Browser(app).post(last_link(sessions, "invitation"), chosen).status_code == 403
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
    assert signed_in(stranger).get(last_link(sessions, "invitation")).status_code == 410
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
        links.append(last_link(sessions, "invitation"))
    newcomer = Browser(app)
    chosen = {"password": FORM["password"], "again": FORM["again"]}
    assert newcomer.post(links[0], chosen).status_code == 303
    assert newcomer.post(links[1]).status_code == 303
    with sessions() as session:
        own_grants = sa.select(sa.func.count(Grant.id)).join(User).where(User.email == "denis@exemple.fr")
        assert session.scalar(own_grants) == 2


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
