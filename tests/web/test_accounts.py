"""Registering an organisation, and who belongs to it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Grant, Organisation, User
from casework.settings import Settings
from tests.support import people
from tests.support.accounts import FORM, SIRET, SignedIn, count, register
from tests.support.browser import Browser, errors_in


def test_an_organisation_registers_with_its_siret_and_its_first_account(
    browser: Browser, sessions: sessionmaker[Session]
) -> None:
    spaced = f"{SIRET[:3]} {SIRET[3:6]} {SIRET[6:9]} {SIRET[9:]}"
    assert register(browser, siret=spaced).location == "/organisation"
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
    answer = register(browser, **changes)
    assert answer.status_code == 422
    assert any(sentence in found for found in errors_in(answer)), errors_in(answer)
    assert 'value="Lens"' in answer.text
    assert FORM["password"] not in answer.text
    assert count(sessions, User) == 0


def test_a_registered_organisation_is_not_registered_twice_and_nobody_is_named(
    browser: Browser, bearer: tuple[Organisation, User], sessions: sessionmaker[Session]
) -> None:
    organisation, member = bearer
    answer = register(browser, siret=organisation.siret)
    assert answer.status_code == 422
    assert "demandez à un collègue qui a un compte de vous inviter" in errors_in(answer)[0]
    assert member.name not in answer.text
    assert member.email not in answer.text
    assert count(sessions, Organisation) == 1


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
    assert register(browser, suite=wanted).location == wanted
    assert 'href="/dossiers/nouveau"' in browser.get("/a-faire").text


def test_registering_leads_nowhere_else(browser: Browser) -> None:
    assert register(browser, suite="//ailleurs.exemple").location == "/organisation"


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


def test_nobody_tries_sirets_one_after_the_other(browser: Browser, settings: Settings, clock: FixedClock) -> None:
    known = [register(browser, again="x").status_code for _ in range(2)]
    tried = [register(browser, password="court", again="court") for _ in range(settings.login_failures_per_address)]
    assert {*known, *(answer.status_code for answer in tried)} == {422}
    refused = register(Browser(browser.app))
    assert refused.status_code == 429
    assert "vous pourrez réessayer dans 15 minutes" in refused.text
    assert Browser(browser.app).post("/mot-de-passe/oubli", {"email": FORM["email"]}).status_code == 303
    clock.advance(timedelta(minutes=settings.login_window_minutes))
    assert register(Browser(browser.app)).status_code == 303
