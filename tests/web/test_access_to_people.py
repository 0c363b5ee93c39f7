"""Every address that leads to a participant, asked by who must not know her: another operator, an SLAI of elsewhere.

A new route is covered without a line here, once its arguments have a value in `Somebody.values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from casework.activities import Activity
from casework.clock import FixedClock
from casework.committees import Committee
from casework.db import transaction
from casework.documents import Document
from casework.filekinds import XLSX
from casework.households import HouseholdChild
from casework.journey_facts import JourneyFact
from casework.participants import Journey
from casework.people import Actor, Territory
from casework.progress_records import ProgressRecord
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.journeys import Roster, roster
from tests.support.pdftext import text_of
from tests.support.stories import Teller, cast_of
from workflows.engine import Act
from workflows.journey.assessment_stories import tell_grids
from workflows.journey.months import months_of
from workflows.journey.track_stories import tell_tracks
from workflows.stories import PDF

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]
EXITS = {"3.6": "job", "3.7": "job", "3.10": "durable-1", "3.14": "durable-1"}
"""Sheets that together have every kind of page about people (3.1 has its own test), a way out into a job of each."""
MARKS = ("aubrietta", "quatrefeuille", "mission locale de zuydcoote")
"""Her name, her employer, who sent her."""
STRANGERS = ("other_operator", "beside", "far", "partner")
OUTSIDE = ("other_operator", "far")
"""Who finds nothing of this case, whatever the address: `test_access` holds it."""
FEWEST_PAGES = 9


@dataclass
class Somebody:
    """One participant, followed in one territory of an operation that covers two, and all that names her by number.

    `near`: the SLAI that follows her; `beside`: the one of the other territory, which follows somebody else there;
    `far`: one of a territory that the operation does not cover; `partner`: who sits in committees and follows nobody.
    """

    case: int
    journey: int
    actors: dict[str, Actor]
    values: dict[str, list[Any]] = field(default_factory=dict)

    def names_her(self, text: str) -> list[str]:
        told = text.casefold()
        found = [mark for mark in MARKS if mark in told]
        numbered = rf"/participants/{self.journey}\b|parcours n°\s*{self.journey}\b"
        return found + re.findall(numbered, told.replace("\xa0", " "))


@pytest.fixture(params=list(EXITS))
def somebody(
    request: pytest.FixtureRequest, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock,
    signed_in: SignIn,
) -> Somebody:  # fmt: skip
    code = request.param
    with transaction(sessions) as session:
        operation = roster(Teller(session, settings, cast_of(session)), code, territories=("Arrageois", "Ternois"))
        here, there = operation.application.territories
        her = _entered(operation, here, family_name="Aubrietta", given_name="Solène")
        _entered(operation, there, family_name="Bergenia", given_name="Jean-Noël")
        _follow(operation, her)
        clock.move_to(operation.late)
        far = session.scalars(sa.select(Territory).where(Territory.id.not_in((here.id, there.id)))).first()
        assert far is not None
        actors = {
            "operator": operation.operator,
            "near": people.slai(session, here),
            "other_operator": people.applicant(session, people.organisation(session)),
            "beside": people.slai(session, there),
            "far": people.slai(session, far),
            "partner": people.partner(session, "caf", "convergence"),
        }
        month = f"{months_of(operation.application, operation.late.date())[-3]:%Y-%m}"
        done_on, left_on = operation.day(70), operation.day(100)
        found = Somebody(operation.application.id, her.id, actors)
    _write(found, signed_in(actors["operator"]), month, done_on)
    _leave(found, sessions, signed_in(actors["operator"]), EXITS[code], left_on)
    found.values = _values(found, sessions, month)
    return found


def _entered(operation: Roster, place: Territory, **named: str) -> Journey:
    sent = {"prescriber": "mission_locale", "prescriber_body": "Mission locale de Zuydcoote"}
    own = sent if named["family_name"] == "Aubrietta" else {}
    return operation.entered(10, territory=str(place.id), **named, **own)


def _follow(operation: Roster, her: Journey) -> None:
    """What the sheet asks: her situation, grids, facts."""
    session, settings = operation.teller.session, operation.teller.settings
    entry = her.entered_on
    assert entry is not None

    def act(day: Any, data: dict[str, str]) -> Act:
        return Act(operation.operator, operation.late, settings, data)

    operation.fire(her, operation.operator, "describe", obstacles=["health"], education="upper")
    tell_grids(session, settings, operation.operator, her, {"entry": entry}, rank=1)
    tell_tracks(session, her, entry, 0, past=lambda day: (day - entry).days < 80, act=act)


def _write(her: Somebody, operator: Browser, month: str, done_on: str) -> None:
    """By the pages: a child where the sheet asks, an activity, a month and its record."""
    operator.post(f"/participants/{her.journey}/foyer/enfants", {"born": "05/2023"})
    activity = {"kind": "interview", "mode": "present", "done_on": done_on, "minutes": "60"}
    assert operator.post(f"/dossiers/{her.case}/activites", {**activity, "participants": str(her.journey)})
    typed = {"seen": "0.0", f"hours-{her.journey}": "9"}
    assert operator.post(f"/dossiers/{her.case}/mois/{month}", typed).status_code == 303


def _leave(her: Somebody, sessions: sessionmaker[Session], operator: Browser, kind: str, left_on: str) -> None:
    with sessions() as session:
        version = session.get_one(Journey, her.journey).version
        records = {"cre": [f"{one.id}:{one.version}" for one in session.scalars(sa.select(ProgressRecord))]}
        month = session.scalar(sa.select(ProgressRecord.month))
    if month is not None:
        assert operator.post(f"/dossiers/{her.case}/cre/{month:%Y-%m}", records).status_code == 303
    gone = {"version": str(version), "exited_on": left_on, "exit_kind": kind, "employer_name": "Quatrefeuille"}
    left = operator.post(f"/participants/{her.journey}/actions/record_exit", gone)
    assert left.status_code == 303, left.text
    proof = {"file": (BytesIO(PDF), "contrat-aubrietta.pdf")}
    assert operator.post(f"/dossiers/{her.case}/sorties/{her.journey}/justificatif", proof).status_code == 303


def _values(her: Somebody, sessions: sessionmaker[Session], month: str) -> dict[str, list[Any]]:
    """What each argument of an address may be, so that it leads to her."""
    with sessions() as session:

        def keys(column: Any, *conditions: Any) -> list[Any]:
            return list(session.scalars(sa.select(column).where(*conditions)))

        own = session.get_one(Journey, her.journey)
        return {
            "application_id": [her.case],
            "journey_id": [her.journey],
            "person_id": [own.person_id],
            "document_id": keys(Document.id, Document.slot == "exit_evidence"),
            "record_id": keys(ProgressRecord.id, ProgressRecord.journey_id == her.journey),
            "activity_id": keys(Activity.id),
            "child_id": keys(HouseholdChild.id),
            "fact_id": keys(JourneyFact.id),
            "committee_id": keys(Committee.id, Committee.application_id == her.case)[:1],
            "month": [month],
            "stage": ["entry"],
            "number": [1],
            "track": ["phase"],
            "trigger": ["describe"],
            "format": ["json"],
        }


HERS = {"journey_id", "person_id", "document_id", "record_id", "activity_id", "child_id", "fact_id"}
"""The arguments that name her, or something of hers alone."""
BESIDE_HER = ("?territoire=Arrageois", "?par=territoire", "?indicateur=accompanied&groupe=Arrageois")
NARROWED = re.compile(r"/dossiers/.*(tableau-de-bord|indicateurs|participants)")
"""What an address may ask besides, that would narrow it to her territory, and the addresses that understand it."""


EVERY_DEADLINE = tuple(f"/calendrier?qui=tout&vue=liste&etat={state}" for state in ("attendues", "retard", "faites"))


def _addresses(app: Flask, method: str, values: dict[str, list[Any]]) -> Iterator[tuple[str, set[str]]]:
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            known = set(rule.arguments) <= values.keys() and all(values[name] for name in rule.arguments)
            if method in (rule.methods or ()) and known and rule.endpoint != "static":
                yield adapter.build(rule.endpoint, {name: values[name][0] for name in rule.arguments}), rule.arguments


def _told(answer: TestResponse) -> str:
    """Everything that an answer says: a page, a workbook, a document, a calendar, and the name of a file."""
    named = answer.headers.get("Content-Disposition", "")
    if answer.mimetype == "application/pdf" and answer.data != PDF:
        return named + text_of(answer.data)
    if answer.mimetype == XLSX.media_type:
        book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
        return named + "\n".join(str(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
    return named + answer.get_data(as_text=True)


def test_nobody_else_reads_nor_moves_anything_of_hers_at_any_address(
    app: Flask, somebody: Somebody, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    asked = [*_addresses(app, "GET", somebody.values), *((address, set()) for address in EVERY_DEADLINE)]
    near = signed_in(somebody.actors["near"])
    naming = {address for address, _ in asked if somebody.names_her(_told(near.get(address)))}
    assert len(naming) >= FEWEST_PAGES, naming
    for role in STRANGERS:
        browser = signed_in(somebody.actors[role])
        for address, arguments in asked:
            if role in OUTSIDE and arguments and not arguments & HERS:
                continue
            answer = browser.get(address, follow_redirects=True)
            if arguments & HERS:
                assert answer.status_code in (403, 404), (role, address, answer.status_code)
            assert somebody.names_her(_told(answer)) == [], (role, address)
            for ending in BESIDE_HER if NARROWED.search(address) else ():
                assert somebody.names_her(_told(browser.get(address + ending))) == [], (role, address, ending)
        _moves_nothing(app, somebody, browser, sessions)


def _moves_nothing(app: Flask, her: Somebody, browser: Browser, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        version = session.get_one(Journey, her.journey).version
    asked = [address for address, arguments in _addresses(app, "POST", her.values) if arguments & HERS]
    assert len(asked) >= FEWEST_PAGES
    for address in asked:
        answer = browser.post(address, {"version": str(version), "reason": "Essai."})
        assert answer.status_code in (403, 404), (address, answer.status_code)
        assert her.names_her(_told(answer)) == [], address
    with sessions() as session:
        assert session.get_one(Journey, her.journey).version == version
