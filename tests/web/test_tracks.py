"""What the sheet follows for one participant, on its page: phases, hours a week, solutions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.journey_facts import JourneyFact
from casework.people import Actor
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.journeys import Roster, roster
from tests.support.pages import MOST_QUERIES, opened, queries_of
from tests.support.stories import Teller, cast_of
from workflows.application.figures import indicators_of

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]


class Followed:
    """One participant of one operation, and who follows her."""

    def __init__(self, session: Session, settings: Settings, clock: FixedClock, code: str) -> None:
        operation: Roster = roster(Teller(session, settings, cast_of(session)), code)
        journey = operation.entered(10)
        clock.move_to(operation.late)
        self.case, self.journey, self.day = operation.application.id, journey.id, operation.day
        self.actor, self.slai = operation.operator, operation.slai
        self.late = operation.late
        self.outsider = people.applicant(session, people.organisation(session))
        self.address = f"/participants/{journey.id}/suivi"


@pytest.fixture
def followed(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Callable[[str], Followed]:
    def make(code: str) -> Followed:
        with transaction(sessions) as session:
            return Followed(session, settings, clock, code)

    return make


def facts(sessions: sessionmaker[Session]) -> list[tuple[str, str, str, int | None]]:
    with sessions() as session:
        query = sa.select(JourneyFact).order_by(JourneyFact.since_on, JourneyFact.id)
        return [(one.track, one.choice, one.status, one.minutes) for one in session.scalars(query)]


def test_the_phases_and_hours_of_a_journey_are_noted_and_shown_where_it_is_followed(
    followed: Callable[[str], Followed], signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    world = followed("3.7")
    browser = signed_in(world.actor)
    note = f"{world.address}/phase"
    assert browser.post(note, {"choice": "discovery", "since_on": world.day(10)}).status_code == 303
    assert browser.post(note, {"choice": "growth", "since_on": world.day(60)}).status_code == 303
    hours = f"{world.address}/weekly_hours"
    assert browser.post(hours, {"since_on": world.day(10), "hours": "6"}).status_code == 303
    told = browser.post(hours, {"since_on": world.day(70), "hours": "22,5"}, follow_redirects=True).text
    assert "22 h 30 par semaine : la fiche prévoit de 4 h à 20 h par semaine" in told.replace("\xa0", " ")
    journey = opened(browser, f"/participants/{world.journey}")
    assert "Montée en charge individualisée, depuis le" in journey
    assert "Suivi noté" in journey
    listed = opened(browser, f"/dossiers/{world.case}/participants")
    assert "Montée en charge individualisée" in listed
    assert "À regarder" in listed
    assert len(facts(sessions)) == 4


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"choice": "", "day": 20}, "phase-choice", "obligatoire"),
        ({"choice": "rien", "day": 20}, "phase-choice", "Choisissez"),
        ({"choice": "growth", "day": -400}, "phase-since_on", "précède le début du parcours"),
        ({"choice": "growth", "day": 4000}, "phase-since_on", "dans le futur"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(
    followed: Callable[[str], Followed], signed_in: SignIn, sessions: sessionmaker[Session],
    typed: dict[str, object], field: str, sentence: str,
) -> None:  # fmt: skip
    world = followed("3.7")
    form = {"choice": typed["choice"], "since_on": world.day(int(str(typed["day"])))}
    answer = signed_in(world.actor).post(f"{world.address}/phase", form)
    assert answer.status_code == 422
    assert f'href="#champ-{field}"' in answer.text
    assert sentence in answer.text
    assert facts(sessions) == []


def test_hours_that_are_no_hours_and_a_day_already_noted_are_refused(
    followed: Callable[[str], Followed], signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    world = followed("3.7")
    browser, hours = signed_in(world.actor), f"{world.address}/weekly_hours"
    for wrong in ("", "dix", "0", "200"):
        refused = browser.post(hours, {"since_on": world.day(20), "hours": wrong})
        assert refused.status_code == 422
        assert 'href="#champ-weekly_hours-hours"' in refused.text
    assert browser.post(hours, {"since_on": world.day(20), "hours": "8"}).status_code == 303
    twice = browser.post(hours, {"since_on": world.day(20), "hours": "12"})
    assert twice.status_code == 422
    assert "déjà noté" in twice.text
    key = re.search(rf"{world.address}/(\d+)/retirer", twice.text)
    assert key is not None
    assert browser.post(f"{world.address}/{key[1]}/retirer").status_code == 303
    assert facts(sessions) == []


def test_nobody_is_placed_before_a_positive_evaluation_and_health_stays_out_of_the_journal(
    followed: Callable[[str], Followed], signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    world = followed("3.8")
    browser = signed_in(world.actor)

    def note(track: str, choice: str, day: int) -> int:
        return browser.post(f"{world.address}/{track}", {"choice": choice, "since_on": world.day(day)}).status_code

    assert note("phase", "reception", 12) == 303
    assert note("phase", "placement", 40) == 422
    assert note("evaluation", "positive", 30) == 303
    assert note("phase", "placement", 20) == 422
    assert note("phase", "placement", 40) == 303
    page = opened(browser, world.address)
    needed = re.findall(rf"{world.address}/(\d+)/retirer", page)[0]
    assert "Retirez d’abord" in browser.post(f"{world.address}/{needed}/retirer").text
    with sessions() as session:
        events = journal.timeline(session, "journey", world.journey)
        told = [event.payload.content for event in events if event.payload and "track" in event.payload.content]
    assert [one.get("fact") for one in told if "Évaluation" in one["track"]] == [None]


def test_the_requests_deposited_before_the_entry_are_noted_and_looked_at_until_one_is(
    followed: Callable[[str], Followed], signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    world = followed("3.8")
    browser, journey, note = signed_in(world.actor), f"/participants/{world.journey}", f"{world.address}/requests"
    none_noted = "Aucune demande (RQTH, orientation professionnelle, AAH) n’est notée"
    assert none_noted in opened(browser, world.address)
    assert none_noted in opened(browser, journey)
    assert "À regarder" in opened(browser, f"/dossiers/{world.case}/participants")

    def typed(choice: str, day: int) -> dict[str, str]:
        return {"choice": choice, "since_on": world.day(day)}

    assert browser.post(note, typed("rqth", -400)).status_code == 303
    assert browser.post(note, typed("aah", 20)).status_code == 303
    assert browser.post(note, typed("aah", 40)).status_code == 303, "asked again"
    for wrong, sentence in ((typed("rqth", -400), "déjà noté"), (typed("rqth", 4000), "dans le futur")):
        refused = browser.post(note, wrong)
        assert refused.status_code == 422
        assert 'href="#champ-requests-since_on"' in refused.text
        assert sentence in refused.text
    assert facts(sessions) == [("requests", code, "deposited", None) for code in ("rqth", "aah", "aah")]
    assert "Aucune demande" not in opened(browser, world.address)
    page = opened(browser, journey)
    assert "Aucune demande" not in page
    assert re.search(r"RQTH le \d\d/\d\d/\d{4} ; AAH le", page)
    listed = opened(browser, f"/dossiers/{world.case}/participants")
    assert "À regarder" not in listed
    assert "RQTH" not in listed
    with sessions() as session:
        events = journal.timeline(session, "journey", world.journey)
        told = [event.payload.content for event in events if event.payload and "track" in event.payload.content]
    assert [set(one) for one in told] == [{"track", "since_on"}] * 3, "which request stays out of the journal"


def test_solutions_are_proposed_then_obtained_and_make_the_indicators(
    followed: Callable[[str], Followed], signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    world = followed("3.5")
    browser = signed_in(world.actor)

    def propose(choice: str, marked: str, **more: str) -> None:
        form = {"choice": choice, "marked": marked, "since_on": world.day(20), **more}
        assert browser.post(f"{world.address}/mobility", form).status_code == 303

    propose("licence", "yes")
    propose("carpool", "no", settled_on=world.day(25))
    propose("shuttle", "no")
    page = opened(browser, world.address)
    first, third = sorted({int(key) for key in re.findall(rf"{world.address}/(\d+)/suite", page)})
    early = browser.post(f"{world.address}/{first}/suite", {"status": "obtained", "settled_on": world.day(19)})
    assert early.status_code == 422
    assert f'href="#champ-{first}-settled_on"' in early.text
    for key, status in ((first, "obtained"), (third, "dropped")):
        form = {"status": status, "settled_on": world.day(90)}
        assert browser.post(f"{world.address}/{key}/suite", form).status_code == 303
    again = browser.post(f"{world.address}/{first}/suite", {"status": "dropped", "settled_on": world.day(91)})
    assert again.status_code == 409
    with sessions() as session:
        application = session.get_one(Application, world.case)
        found = {
            one.figure.key: one.tally.value
            for one in indicators_of(session, application, (world.late + timedelta(days=1)).date())
        }
    assert (found["solutions"], found["solutions_in_path"]) == (2, 1)
    assert "2 obtenues" in opened(browser, f"/dossiers/{world.case}/participants")


def test_only_who_follows_writes_and_outsiders_find_nothing(
    followed: Callable[[str], Followed], signed_in: SignIn, sessions: sessionmaker[Session], engine: sa.Engine
) -> None:
    world = followed("3.7")
    form = {"choice": "growth", "since_on": world.day(20)}
    assert signed_in(world.outsider).get(world.address).status_code == 404
    assert signed_in(world.outsider).post(f"{world.address}/phase", form).status_code == 404
    slai = signed_in(world.slai)
    assert "Le porteur note le suivi" in opened(slai, world.address)
    assert slai.post(f"{world.address}/phase", form).status_code == 403
    assert signed_in(world.actor).post(f"{world.address}/nothing", form).status_code == 404
    assert facts(sessions) == []
    assert queries_of(engine, signed_in(world.actor), world.address) <= MOST_QUERIES
    for reader in (world.actor, world.slai):
        assert queries_of(engine, signed_in(reader), f"/dossiers/{world.case}/participants") <= MOST_QUERIES


def test_a_sheet_without_tracks_has_no_such_page(followed: Callable[[str], Followed], signed_in: SignIn) -> None:
    world = followed("3.12")
    assert signed_in(world.actor).get(world.address).status_code == 404
    assert "Suivi demandé par la fiche" not in opened(signed_in(world.actor), f"/participants/{world.journey}")
