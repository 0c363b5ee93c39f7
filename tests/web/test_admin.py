"""Administration: accounts and their grants, organisations, territories, the directory, how the service runs."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.applications import Application
from casework.db import transaction
from casework.outbox import enqueue, fail
from casework.people import Contact, Grant, Organisation, Territory, User, job
from casework.runs import JobRun
from casework.search import index, matching
from tests.support import people, rows
from tests.support.browser import Browser, errors_in
from tests.support.template import NOW

SignedIn = Callable[[Any], Browser]
HEAD = "dispositif;territoire;intitule;nom;telephone;courriel\n"


@pytest.fixture
def boss(sessions: sessionmaker[Session], signed_in: SignedIn) -> Browser:
    """The browser of an administrator."""
    with transaction(sessions) as session:
        who = people.admin(session)
    return signed_in(who)


def _one(sessions: sessionmaker[Session], query: sa.Select[Any]) -> Any:
    with sessions() as session:
        return session.scalars(query).one()


def _kinds(sessions: sessionmaker[Session], subject: str, key: int) -> list[str]:
    with sessions() as session:
        return [event.kind for event in reversed(journal.timeline(session, subject, key))]


def test_an_agent_is_invited_with_a_role_and_its_scope(boss: Browser, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        place = rows.territories(session)[0]
    data = {"name": "Inès Fontgrise", "email": "Ines@exemple.fr", "role": "slai", "territory_id": str(place.id)}
    answer = boss.post("/admin/utilisateurs/nouveau", data)
    user = _one(sessions, sa.select(User).where(User.email == "ines@exemple.fr"))
    assert answer.location == f"/admin/utilisateurs/{user.id}"
    assert user.password_hash is None
    page = boss.get(answer.location).text
    assert "Une invitation est envoyée à ines@exemple.fr." in page
    assert place.name in page
    assert _kinds(sessions, "user", user.id) == ["user.created", "user.granted"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"role": "slai"}, "Choisissez le territoire de ce SLAI."),
        ({"role": "slai", "territory_id": "999"}, "Choisissez le territoire de ce SLAI."),
        ({"role": "partner"}, "Choisissez le partenaire."),
        ({"role": "partner", "partner": "inconnu"}, "Choisissez le partenaire."),
        ({"role": "applicant"}, "Indiquez le SIRET de son organisme."),
        ({"role": "applicant", "siret": people.siret(4242)}, "Aucun organisme n’est inscrit avec ce SIRET."),
        ({"role": "officer", "scheme_code": "9.99"}, "Ce dispositif n’existe pas."),
        ({"role": "roi"}, "Choisissez une des réponses proposées."),
        ({}, "Cette réponse est obligatoire."),
    ],
)
def test_a_role_without_its_scope_is_refused_and_nothing_is_created(
    boss: Browser, sessions: sessionmaker[Session], data: dict[str, str], sentence: str
) -> None:
    answer = boss.post("/admin/utilisateurs/nouveau", {"name": "Hugo", "email": "hugo@exemple.fr", **data})
    assert answer.status_code == 422
    assert errors_in(answer) == [sentence]
    assert 'value="hugo@exemple.fr"' in answer.text
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).where(User.email == "hugo@exemple.fr")) == 0


def test_grants_are_given_once_and_taken_away(boss: Browser, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        user = people.user(session)
    url = f"/admin/utilisateurs/{user.id}/acces"
    assert boss.post(url, {"role": "officer", "scheme_code": "3.10"}).status_code == 303
    again = boss.post(url, {"role": "officer", "scheme_code": "3.10"})
    assert errors_in(again) == ["Cette personne a déjà cet accès."]
    assert boss.post(url, {"role": "officer"}).status_code == 303
    with sessions() as session:
        grants = list(session.scalars(sa.select(Grant).where(Grant.user_id == user.id).order_by(Grant.id)))
    assert [grant.scheme_code for grant in grants] == ["3.10", None]
    assert boss.post(f"{url}/{grants[0].id}/retrait").status_code == 303
    assert boss.post(f"{url}/{grants[0].id}/retrait").status_code == 404
    assert _kinds(sessions, "user", user.id) == ["user.granted", "user.granted", "user.revoked"]


def test_an_administrator_keeps_their_own_grant_and_account(
    sessions: sessionmaker[Session], signed_in: SignedIn
) -> None:
    with transaction(sessions) as session:
        me = people.admin(session)
    grant = _one(sessions, sa.select(Grant.id).where(Grant.user_id == me.user_id))
    browser = signed_in(me)
    refused = browser.post(f"/admin/utilisateurs/{me.user_id}/acces/{grant}/retrait")
    assert refused.status_code == 409
    assert "votre propre accès" in refused.text
    assert browser.post(f"/admin/utilisateurs/{me.user_id}/fermeture").status_code == 409
    assert browser.get("/admin/utilisateurs").status_code == 200


def test_a_grant_is_not_taken_through_another_person(boss: Browser, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        one, other = people.manager(session), people.manager(session)
    grant = _one(sessions, sa.select(Grant.id).where(Grant.user_id == one.user_id))
    assert boss.post(f"/admin/utilisateurs/{other.user_id}/acces/{grant}/retrait").status_code == 404


def test_a_closed_account_is_signed_out_and_may_be_reopened(
    boss: Browser, sessions: sessionmaker[Session], signed_in: SignedIn
) -> None:
    with transaction(sessions) as session:
        agent = people.manager(session)
    theirs = signed_in(agent)
    assert boss.post(f"/admin/utilisateurs/{agent.user_id}/fermeture").status_code == 303
    assert theirs.get("/mon-compte").status_code == 303
    assert boss.post(f"/admin/utilisateurs/{agent.user_id}/reouverture").status_code == 303
    assert theirs.get("/mon-compte").status_code == 303
    assert signed_in(agent).get("/mon-compte").status_code == 200
    assert _kinds(sessions, "user", agent.user_id) == ["user.deactivated", "user.reactivated"]


def test_an_invitation_is_sent_again_only_while_it_waits(boss: Browser, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        waiting = people.user(session)
        settled = people.user(session, password_hash="x")
    assert boss.post(f"/admin/utilisateurs/{waiting.id}/invitation").status_code == 303
    assert boss.post(f"/admin/utilisateurs/{settled.id}/invitation").status_code == 409


def test_every_user_is_listed_once_over_the_pages(boss: Browser, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        for number in range(120):
            people.user(session, name=f"Jonas {'Clairval' if number % 2 else 'Aubépine'}")
    url, seen = "/admin/utilisateurs", []
    while url:
        page = boss.get(url).text
        seen += [part.split('"')[0] for part in page.split('href="/admin/utilisateurs/')[1:]]
        following = [part for part in page.split("<a ") if 'rel="next"' in part]
        url = following[0].split('href="')[1].split('"')[0].replace("&amp;", "&") if following else ""
    people_seen = [key for key in seen if key.isdigit()]
    assert len(people_seen) == len(set(people_seen)) == 121


@pytest.mark.parametrize(
    ("text", "found"), [("Étang", True), ("elise", True), ("ETANGNEUF", True), ("100%", False), ("_", False)]
)
def test_users_are_found_by_name_or_e_mail(
    boss: Browser, sessions: sessionmaker[Session], text: str, found: bool
) -> None:
    with transaction(sessions) as session:
        people.user(session, name="Élise Étangneuf")
    page = boss.get("/admin/utilisateurs", query_string={"q": text})
    assert ("elise.etangneuf." in page.text) is found


def test_an_organisation_is_corrected_and_its_cases_follow(boss: Browser, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        organisation = people.organisation(session, "Ancien Nom")
        case = rows.application(session, organisation)
        index(session, case)
    data = {"name": "Les Moulins de la Canche", "legal_form": "company", "town": "Montreuil", "email": ""}
    url = f"/admin/organismes/{organisation.id}"
    assert boss.post(url, data).location == url
    with sessions() as session:
        stored = session.get_one(Organisation, organisation.id)
        assert (stored.name, stored.siret, stored.email) == ("Les Moulins de la Canche", organisation.siret, "")
        assert session.scalars(matching(sa.select(Application.id), "moulins")).all() == [case.id]
        assert session.scalars(matching(sa.select(Application.id), "ancien")).all() == []
    assert _kinds(sessions, "organisation", organisation.id) == ["organisation.changed"]
    refused = boss.post(url, {**data, "name": "", "town": "Écrit avant l’erreur"})
    assert refused.status_code == 422
    assert "Écrit avant l’erreur" in refused.text
    assert boss.get("/admin/organismes", query_string={"q": organisation.siret[:9]}).text.count(organisation.siret) == 1
    assert boss.get("/admin/organismes/999999").status_code == 404


def test_territories_are_added_and_renamed_under_a_name_of_their_own(
    boss: Browser, sessions: sessionmaker[Session]
) -> None:
    first, second = _territories(sessions)[:2]
    assert boss.post("/admin/territoires", {"name": "Pays de l’Essai"}).status_code == 303
    assert "pays-de-l-essai" in {place.code for place in _territories(sessions)}
    assert boss.post("/admin/territoires", {"name": "Pays de l’Essai"}).status_code == 422
    assert boss.post(f"/admin/territoires/{first.id}", {"name": second.name}).status_code == 422
    assert boss.post(f"/admin/territoires/{first.id}", {"name": "Autre nom"}).status_code == 303
    assert _one(sessions, sa.select(Territory.name).where(Territory.id == first.id)) == "Autre nom"
    assert _kinds(sessions, "service", 1)[-2:] == ["service.territory_added", "service.territory_renamed"]


def _territories(sessions: sessionmaker[Session]) -> list[Territory]:
    with sessions() as session:
        return rows.territories(session)


def _send(boss: Browser, content: str | bytes) -> Any:
    octets = content if isinstance(content, bytes) else content.encode()
    return boss.post("/admin/annuaire", {"file": (io.BytesIO(octets), "annuaire.csv")})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_directory_is_replaced_by_a_file_of_a_spreadsheet(
    boss: Browser, sessions: sessionmaker[Session], encoding: str
) -> None:
    place = _territories(sessions)[0]
    lines = f"3.10;{place.name};Référent SLAI;Inès Grandpré;03 00 00 00 01;Ines@exemple.fr\n;;Standard;;;\n"
    assert _send(boss, (HEAD + lines).encode(encoding)).status_code == 303
    assert _send(boss, (HEAD + lines).encode(encoding)).status_code == 303
    with sessions() as session:
        stored = list(session.scalars(sa.select(Contact).order_by(Contact.id)))
    assert [(line.label, line.scheme_code, line.territory_id) for line in stored] == [
        ("Référent SLAI", "3.10", place.id),
        ("Standard", None, None),
    ]
    assert "Inès Grandpré" in boss.get("/admin/annuaire").text


def test_a_file_with_a_wrong_line_is_refused_whole_and_line_by_line(
    boss: Browser, sessions: sessionmaker[Session]
) -> None:
    assert _send(boss, HEAD + ";;Standard;;;\n").status_code == 303
    answer = _send(boss, HEAD + ";;Accueil;;;\n9.99;Nulle part;;;;pas une adresse\n;;" + "x" * 161 + ";;;\n")
    assert answer.status_code == 422
    for sentence in (
        "Ligne 3 : le dispositif « 9.99 » n’existe pas.",
        "Ligne 3 : le territoire « Nulle part » n’existe pas.",
        "Ligne 3 : l’intitulé est vide.",
        "Ligne 3 : l’adresse « pas une adresse » n’est pas valable.",
        "Ligne 4 : « intitule » dépasse 160 caractères.",
    ):
        assert sentence in answer.text
    assert _one(sessions, sa.select(Contact.label)) == "Standard"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Il manque en premi"),
        (b"nom;prenom\nA;B\n", "Il manque en premi"),
        (HEAD.encode(), "aucune ligne"),
        (b"\x00\xff\xfe" * 50, "Il manque en premi"),
    ],
)
def test_a_file_that_is_not_a_directory_is_refused_with_a_sentence(
    boss: Browser, content: bytes, sentence: str
) -> None:
    answer = _send(boss, content)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_no_file_is_refused_with_a_sentence(boss: Browser) -> None:
    answer = boss.post("/admin/annuaire")
    assert answer.status_code == 422
    assert "Choisissez un fichier CSV." in answer.text


def test_the_service_page_shows_jobs_and_messages(boss: Browser, sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        user = people.user(session)
        failed = enqueue(session, [user], subject="A", body="A", at=NOW)[0]
        fail(failed, "554", at=NOW)
        enqueue(session, [user], subject="B", body="B", at=NOW)
        session.add_all(
            JobRun(name="Relances", started_at=NOW, ended_at=NOW, done=done, failed=0) for done in (111, 222)
        )
    page = boss.get("/admin/exploitation").text
    last, _, earlier = page.partition("Les dernières exécutions")
    assert ("222" in last, "111" in last) == (True, False)
    assert "111" in earlier
    assert page.count('<span class="tile-value">1</span>') == 2


def test_the_history_is_checked_on_demand_and_a_forgery_is_named(
    app: Flask, boss: Browser, sessions: sessionmaker[Session]
) -> None:
    assert "L’historique est intact" in boss.post("/admin/exploitation/journal").text
    with transaction(sessions) as session:
        kind = journal.register("service.territory_renamed", "Territoire renommé")
        event = journal.record(session, "service", 7, kind, actor=job("Essai"), at=NOW)
        journal.record(session, "service", 7, kind, actor=job("Essai"), at=NOW)
        session.execute(sa.text(_without_triggers(session)))
        session.execute(sa.text("UPDATE event SET actor_name = 'Un autre' WHERE id = :id"), {"id": event.id})
    page = boss.post("/admin/exploitation/journal").text
    assert "L’historique a été altéré" in page
    assert f"n° {event.id} (service 7, rang 1) : son contenu a été modifié" in page


def _without_triggers(session: Session) -> str:
    if session.get_bind().dialect.name == "sqlite":
        return "DROP TRIGGER event_refuses_update"
    return "ALTER TABLE event DISABLE TRIGGER event_refuses_update"
