"""The pages of participants: who is shown, to whom, with which trace, and what each button does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.documents import Document
from casework.identities import Person
from casework.participants import IdentityLook, Journey
from casework.people import Actor, Territory
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.journeys import identity, roster
from tests.support.queries import counted
from tests.support.stories import Teller, cast_of
from tests.support.told import told_once
from workflows.stories import PDF

SignIn = Callable[[Actor], Browser]
MOST_QUERIES = 8


@dataclass(frozen=True)
class World:
    """A 3.12 in execution in the Arrageois, with one person in each state, and people in and out of its scope."""

    application: int
    waiting: int
    entered: int
    exited: int
    name: str
    actors: dict[str, Actor]
    first_day: str
    territory: int


@pytest.fixture
@told_once
def world(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> World:
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        operation = roster(teller)
        waiting = operation.orient(family_name="Aubrietta", given_name="Solène", birth_date="1990-03-14")
        entered, exited = operation.entered(), operation.exited()
        here = operation.territory()
        elsewhere = session.scalars(sa.select(Territory).where(Territory.id != here.id)).first()
        assert elsewhere is not None
        clock.move_to(operation.late)
        actors = {
            "applicant": operation.operator,
            "slai": people.slai(session, here),
            "officer": people.officer(session),
            "manager": people.manager(session),
            "finance": people.finance(session),
            "auditor": people.auditor(session),
            "other_applicant": people.applicant(session, people.organisation(session)),
            "other_slai": people.slai(session, elsewhere),
            "other_officer": people.officer(session, ["3.1"]),
            "partner": people.partner(session, "caf"),
            "admin": people.admin(session),
        }
        return World(
            operation.application.id,
            waiting.id,
            entered.id,
            exited.id,
            "AUBRIETTA Solène",
            actors,
            operation.day(2),
            here.id,
        )


def _looks(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(IdentityLook)) or 0


@pytest.mark.parametrize("role", ["applicant", "slai", "officer"])
def test_who_follows_people_reads_their_names_and_leaves_a_trace(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session], role: str
) -> None:
    page = signed_in(world.actors[role]).get(f"/dossiers/{world.application}/participants")
    assert page.status_code == 200
    assert world.name in page.text
    assert _looks(sessions) == 3
    page = signed_in(world.actors[role]).get(f"/participants/{world.waiting}")
    assert world.name in page.text
    assert "14 mars 1990" in page.text
    with sessions() as session:
        look = session.scalars(sa.select(IdentityLook).order_by(IdentityLook.id.desc())).first()
        assert look is not None
        assert (look.user_id, look.journey_id, look.purpose) == (world.actors[role].user_id, world.waiting, "journey")


def test_the_evidence_of_an_exit_is_joined_read_and_leaves_a_trace(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    operator = signed_in(world.actors["applicant"])
    files, journey = f"/dossiers/{world.application}/pieces", f"/participants/{world.exited}"
    sent = {"slot": "exit_evidence", "file": (BytesIO(PDF), "contrat-aubrietta.pdf"), **_version(operator, files)}
    assert operator.post(f"{files}/joindre", sent).status_code == 303
    with sessions() as session:
        key = session.scalars(sa.select(Document.id).where(Document.slot == "exit_evidence")).one()
    linked = operator.post(f"{journey}/actions/link_evidence", {"evidence": key, **_version(operator, journey)})
    assert linked.status_code == 303
    before = _looks(sessions)
    officer, auditor = signed_in(world.actors["officer"]), signed_in(world.actors["auditor"])
    assert officer.get(f"{files}/{key}").status_code == 200
    assert _looks(sessions) == before + 1
    assert auditor.get(f"{files}/{key}").status_code == 404
    assert "contrat-aubrietta.pdf" in officer.get(files).text
    for address in (files, journey, f"/dossiers/{world.application}/historique"):
        assert "aubrietta" not in auditor.get(address).text.lower(), address
    assert "Un justificatif de sortie est joint" in auditor.get(files).text


def _version(browser: Browser, address: str) -> dict[str, str]:
    found = re.search(r'name="version" value="(\d+)"', browser.get(address).text)
    assert found is not None
    return {"version": found[1]}


@pytest.mark.parametrize("role", ["manager", "auditor", "finance"])
def test_who_controls_sees_numbers_and_never_names(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session], role: str
) -> None:
    browser = signed_in(world.actors[role])
    for address in (f"/dossiers/{world.application}/participants", f"/participants/{world.waiting}"):
        page = browser.get(address)
        assert page.status_code == 200
        assert f"Parcours n° {world.waiting}" in page.text
        assert "Aubrietta".upper() not in page.text.upper()
        assert "14 mars 1990" not in page.text
    assert _looks(sessions) == 0


@pytest.mark.parametrize("role", ["other_applicant", "other_slai", "other_officer"])
def test_nobody_out_of_scope_finds_an_operation_s_journey(world: World, signed_in: SignIn, role: str) -> None:
    browser = signed_in(world.actors[role])
    assert browser.get(f"/dossiers/{world.application}/participants").status_code == 404
    assert browser.get(f"/participants/{world.waiting}").status_code == 404
    assert browser.post(f"/participants/{world.waiting}/actions/admit", {"version": "1"}).status_code == 404


@pytest.mark.parametrize("role", ["partner", "admin"])
def test_roles_without_participants_are_refused(world: World, signed_in: SignIn, role: str) -> None:
    browser = signed_in(world.actors[role])
    assert browser.get(f"/dossiers/{world.application}/participants").status_code in (403, 404)
    assert browser.get(f"/participants/{world.waiting}").status_code == 403
    assert browser.get("/orientations").status_code == 403


def test_the_names_stand_in_no_title_nor_address(world: World, signed_in: SignIn) -> None:
    page = signed_in(world.actors["applicant"]).get(f"/participants/{world.waiting}").text
    title = page[page.index("<title>") : page.index("</title>")]
    assert "AUBRIETTA" not in title
    assert f"Parcours n° {world.waiting}" in title


def test_pages_cost_few_queries(world: World, signed_in: SignIn, engine: sa.Engine) -> None:
    for role in ("applicant", "slai", "officer", "manager"):
        browser = signed_in(world.actors[role])
        addresses = [f"/dossiers/{world.application}/participants", f"/participants/{world.exited}"]
        for address in [*addresses, "/orientations"] if role == "slai" else addresses:
            browser.get(address)
            with counted(engine) as statements:
                browser.get(address)
            assert len(statements) <= MOST_QUERIES, (role, address, len(statements), statements)


def test_somebody_is_oriented_then_proposed_when_known(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["applicant"])
    address = f"/dossiers/{world.application}/participants/orienter"
    form = identity(family_name="Clématite", territory=str(world.territory))
    wrong = browser.post(address, {**form, "postcode": "62"})
    assert wrong.status_code == 422
    assert errors_in(wrong) == ["Un code postal a cinq chiffres."]
    assert "Clématite" in wrong.text
    assert browser.post(address, form).status_code == 303
    with transaction(sessions) as session:
        journey = session.scalars(sa.select(Journey).order_by(Journey.id.desc())).first()
        assert journey is not None
        person, journey_id, version = journey.person_id, journey.id, journey.version
    again = browser.post(address, form)
    assert again.status_code == 409
    assert "déjà connue du service" in again.text
    assert "62000 Arras" in again.text
    twice = browser.post(address, {**form, "person": str(person)})
    assert twice.status_code == 409
    assert "déjà dans cette opération" in twice.text
    declined = {"version": str(version), "cause": "absent", "reason": "Pas venue."}
    assert browser.post(f"/participants/{journey_id}/actions/decline", declined).status_code == 303
    assert browser.post(address, {**form, "person": str(person)}).status_code == 303
    with sessions() as session:
        named = [person for person in session.scalars(sa.select(Person)) if person.family_name == "Clématite"]
        assert len(named) == 1


def test_a_person_known_elsewhere_is_proposed_without_her_address(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        other = roster(Teller(session, settings, cast_of(session)), "3.14")
        known = other.orient(**identity(family_name="Glycine", town="Étaples", postcode="62630"))
        session.get_one(Person, known.person_id).created_at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    form = identity(family_name="Glycine", territory=str(world.territory))
    page = signed_in(world.actors["applicant"]).post(f"/dossiers/{world.application}/participants/orienter", form)
    assert page.status_code == 409
    assert "depuis le 02/07/2026 par une autre opération" in page.text
    assert "Étaples" not in page.text
    with sessions() as session:
        look = session.scalars(sa.select(IdentityLook).order_by(IdentityLook.id.desc())).first()
        assert look is not None
        assert (look.person_id, look.journey_id, look.purpose) == (known.person_id, None, "match")
        assert look.user_id == world.actors["applicant"].user_id


def test_how_to_reach_somebody_is_said_at_the_orientation(world: World, signed_in: SignIn) -> None:
    browser, address = signed_in(world.actors["applicant"]), f"/dossiers/{world.application}/participants/orienter"
    reached = {"phone": "06 12 34 56 78", "email": "camille@exemple.invalid"}
    wrong = browser.post(address, identity(territory=str(world.territory), **reached | {"phone": "1900362498123"}))
    assert "sécurité sociale" in errors_in(wrong)[0]
    assert browser.post(address, identity(territory=str(world.territory), **reached)).status_code == 303
    newest = re.search(r"/participants/(\d+)\"", browser.get(f"/dossiers/{world.application}/participants").text)
    assert newest is not None
    page = browser.get(f"/participants/{newest[1]}").text
    assert all(said in page for said in reached.values())


def test_an_slai_validates_several_and_what_cannot_be_is_said(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["slai"])
    page = browser.get("/orientations")
    assert world.name in page.text
    assert re.search(r"\d\d ans, né\(e\) le \d\d/\d\d/\d{4} ; habite ", page.text)
    with sessions() as session:
        version = session.get_one(Journey, world.waiting).version
    chosen = [f"{world.waiting}:{version}", f"{world.entered}:1", "rien", "999999:1", f"{10**27}:1", "²:1"]
    done = browser.post("/orientations", {"parcours": chosen}, follow_redirects=True)
    assert "1 orientation validée." in done.text
    assert f"Parcours n° {world.entered} : cette orientation n’attend plus" in done.text
    assert world.name not in done.text
    with sessions() as session:
        assert session.get_one(Journey, world.waiting).validated_by_id == world.actors["slai"].user_id


def test_an_slai_of_another_territory_has_nothing_to_validate(
    world: World, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    browser = signed_in(world.actors["other_slai"])
    assert world.name not in browser.get("/orientations").text
    browser.post("/orientations", {"parcours": f"{world.waiting}:1"})
    with sessions() as session:
        assert session.get_one(Journey, world.waiting).validated_at is None


def test_a_refused_action_gives_everything_back(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.actors["applicant"])
    page = browser.get(f"/participants/{world.waiting}")
    assert "doit d’abord valider cette orientation" in page.text
    early = browser.post(
        f"/participants/{world.waiting}/actions/admit", {"version": "1", "entered_on": world.first_day}
    )
    assert early.status_code == 409
    wrong = browser.post(
        f"/participants/{world.entered}/actions/record_exit",
        {"version": "4", "exited_on": world.first_day, "exit_kind": "durable-1"},
    )
    assert wrong.status_code == 422
    assert "La sortie ne peut pas précéder l’entrée" in wrong.text
    stale = browser.post(f"/participants/{world.entered}/actions/suspend", {"version": "1", "reason": "Pause."})
    assert stale.status_code == 409
    assert "Quelqu’un est passé avant vous" in stale.text
    assert browser.post(f"/participants/{world.entered}/actions/rien", {}).status_code == 404


def test_the_roster_filters_by_state_and_goes_page_by_page(
    world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(world.actors["applicant"])
    address = f"/dossiers/{world.application}/participants"
    only = browser.get(f"{address}?etat=exited").text
    assert f"/participants/{world.exited}" in only
    assert f'/participants/{world.waiting}"' not in only
    monkeypatch.setattr("web.participants.PAGE", 2)
    first = browser.get(address).text
    assert f'/participants/{world.waiting}"' not in first
    assert f"avant={world.entered}" in first
    assert f'/participants/{world.waiting}"' in browser.get(f"{address}?avant={world.entered}").text
    assert browser.get(f"{address}?etat=rien").status_code == 422


def test_the_tab_stands_from_the_convention_on_and_never_in_3_13(
    sessions: sessionmaker[Session], settings: Settings, signed_in: SignIn
) -> None:
    with transaction(sessions) as session:
        teller = Teller(session, settings, cast_of(session))
        cases = [
            teller.tell("3.14", "instruction"),
            teller.tell("3.14", "convention"),
            teller.tell("3.13", "execution"),
        ]
        keys, officer = [case.id for case in cases], teller.cast.officer
    browser = signed_in(officer)
    shown = [f"/dossiers/{key}/participants" in browser.get(f"/dossiers/{key}").text for key in keys]
    assert shown == [False, True, False]
    assert [browser.get(f"/dossiers/{key}/participants").status_code for key in keys] == [404, 200, 404]


def test_a_look_is_never_changed_nor_deleted(world: World, signed_in: SignIn, sessions: sessionmaker[Session]) -> None:
    signed_in(world.actors["officer"]).get(f"/participants/{world.waiting}")
    for statement in ("UPDATE identity_look SET purpose = 'match'", "DELETE FROM identity_look"):
        with pytest.raises(sa.exc.DatabaseError), transaction(sessions) as session:
            session.execute(sa.text(statement))
    assert _looks(sessions) == 1
