"""Doing something to a case through its page: what happens, and what is kept when it does not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Actor
from casework.settings import Settings
from tests.support.browser import Browser, errors_in
from tests.support.stories import Teller, cast_of
from workflows.engine import Act, fire
from workflows.stories import Cast, Story

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]
REPORT = "Projet cohérent, budget sincère, moyens adaptés aux publics."


@pytest.fixture
def cast(sessions: sessionmaker[Session]) -> Cast:
    with transaction(sessions) as session:
        return cast_of(session)


@pytest.fixture
def tell(cast: Cast, sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Callable[..., int]:
    def told(code: str, state: str, **changes: object) -> int:
        with transaction(sessions) as session:
            case = Teller(session, settings, cast).tell(code, state, **changes)
            clock.move_to(case.updated_at)
            return case.id

    return told


def version_of(sessions: sessionmaker[Session], case: int) -> int:
    with sessions() as session:
        return session.get_one(Application, case).version


def state_of(sessions: sessionmaker[Session], case: int) -> str:
    with sessions() as session:
        return session.get_one(Application, case).state


def details(page: str, trigger: str) -> str:
    found = re.search(rf'<(details|form)[^>]*id="action-{trigger}".*?</\1>', page, re.DOTALL)
    assert found, f"no form for {trigger}"
    return found[0]


def test_a_case_goes_from_draft_to_closed_through_its_page(
    cast: Cast,
    signed_in: SignIn,
    sessions: sessionmaker[Session],
    settings: Settings,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The story fires nothing itself: each of its steps is a POST of the form that the page shows."""
    fired = []

    def through_http(story: Story, actor: Actor, trigger: str, **data: object) -> None:
        key = story.application.id
        story.session.commit()
        clock.move_to(story.at)
        if actor.is_job:
            with transaction(sessions) as own:
                fire(own, own.get_one(Application, key), trigger, Act(actor, story.at, settings))
        else:
            browser = signed_in(actor)
            page = browser.get(f"/dossiers/{key}").text
            form = details(page, trigger)
            seen = re.search(r'name="version" value="(\d+)"', form)
            assert seen
            sent = {**data, "version": seen[1]}
            answer = browser.post(f"/dossiers/{key}/actions/{trigger}", sent)
            assert answer.status_code == 303, (trigger, errors_in(answer))
            assert answer.location == f"/dossiers/{key}"
        fired.append(trigger)
        story.session.expire_all()

    monkeypatch.setattr(Story, "fire", through_http)
    with sessions() as session:
        case = Teller(session, settings, cast).tell("3.9", "closed", accepted_pct=92)
        assert case.state == "closed"
        key = case.id
    assert fired == [
        "deposit",
        "validate",
        "claim",
        "admit",
        "give_opinion",
        "finish_instruction",
        "grant",
        "sign_for_applicant",
        "sign_for_funder",
        "order_advance",
        "verify_payment",
        "record_advance",
        "end_operation",
        "submit_report",
        "send_intended_result",
        "answer_control",
        "validate_report",
        "order_balance",
        "verify_payment",
        "record_balance",
    ]
    assert "Le dossier est clos" in signed_in(cast.applicant).get(f"/dossiers/{key}").text


def test_what_happened_and_what_comes_next_are_said(tell: Callable[..., int], cast: Cast, signed_in: SignIn) -> None:
    case = tell("3.9", "submitted")
    browser = signed_in(cast.officer)
    version = re.search(r'name="version" value="(\d+)"', browser.get(f"/dossiers/{case}").text)
    answer = browser.post(f"/dossiers/{case}/actions/admit", {"version": version[1]}, follow_redirects=True)  # type: ignore[index]
    assert "Dossier recevable. Le dossier attend l’avis du SLAI Arrageois, attendu pour le" in answer.text


def test_a_wrong_answer_opens_the_form_again_with_everything_kept(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "instruction", beyond=1)
    sent = {"version": version_of(sessions, case), "proposed": "beaucoup", "report": REPORT}
    answer = signed_in(cast.officer).post(f"/dossiers/{case}/actions/finish_instruction", sent)
    assert answer.status_code == 422
    form = details(answer.text, "finish_instruction")
    assert re.match(r"<details[^>]* open", form)
    assert 'value="beaucoup"' in form
    assert REPORT in form
    assert "Ce montant n’est pas compris" in errors_in(answer)[0]
    assert 'href="#champ-finish_instruction-proposed"' in form
    assert state_of(sessions, case) == "instruction"


@pytest.mark.parametrize("amount", ["-1", "99999999999", "1,234", "NaN", ""])
def test_no_wrong_amount_passes(
    amount: str, tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "instruction", beyond=1)
    sent = {"version": version_of(sessions, case), "proposed": amount, "report": REPORT}
    answer = signed_in(cast.officer).post(f"/dossiers/{case}/actions/finish_instruction", sent)
    assert answer.status_code == 422
    assert len(errors_in(answer)) == 1
    assert REPORT in answer.text


def test_a_refused_action_says_every_reason_and_keeps_what_was_typed(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "bilan")
    sent = {"version": version_of(sessions, case), "narrative": "Cinquante ateliers ont été tenus."}
    answer = signed_in(cast.applicant).post(f"/dossiers/{case}/actions/submit_report", sent)
    assert answer.status_code == 409
    assert "« Remettre le bilan final » n’est pas possible pour l’instant" in answer.text
    assert "Joignez d’abord le bilan final signé" in answer.text
    assert "Cinquante ateliers ont été tenus." in answer.text


def test_a_late_deposit_is_refused_and_nothing_is_lost(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    case = tell("3.9", "draft")
    with sessions() as session:
        closes = session.get_one(Application, case).closes_on
    clock.move_to(clock.now().replace(year=closes.year + 1))
    answer = signed_in(cast.applicant).post(
        f"/dossiers/{case}/actions/deposit", {"version": version_of(sessions, case)}
    )
    assert answer.status_code == 409
    assert "Rien n’est perdu" in answer.text
    assert state_of(sessions, case) == "draft"


def test_of_two_people_at_once_the_second_learns_who_did_what_and_loses_nothing(
    tell: Callable[..., int],
    cast: Cast,
    signed_in: SignIn,
    sessions: sessionmaker[Session],
) -> None:
    case = tell("3.9", "instruction", beyond=1)
    seen = version_of(sessions, case)
    first, second = signed_in(cast.manager), signed_in(cast.officer)
    asked = {"version": seen, "reason": "Précisez le calendrier.", "due_on": "2024-08-01"}
    assert first.post(f"/dossiers/{case}/actions/request_correction", asked).status_code == 303
    other = {"version": seen, "reason": "Le projet est abandonné par la structure."}
    answer = second.post(f"/dossiers/{case}/actions/lift_correction", other)
    assert answer.status_code == 409
    assert f"« Correction demandée », par {cast.manager.name}, le " in answer.text
    form = details(answer.text, "lift_correction")
    assert "Le projet est abandonné par la structure." in form
    assert re.match(r"<details[^>]* open", form)
    assert f'name="version" value="{version_of(sessions, case)}"' in form


def test_when_the_action_is_gone_what_was_typed_can_be_copied(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "instruction", beyond=1)
    seen = version_of(sessions, case)
    done = {"version": seen, "proposed": "1000", "report": "Fait."}
    assert signed_in(cast.manager).post(f"/dossiers/{case}/actions/finish_instruction", done).status_code == 303
    late = {"version": seen, "proposed": "1000", "report": REPORT}
    answer = signed_in(cast.officer).post(f"/dossiers/{case}/actions/finish_instruction", late)
    assert answer.status_code == 409
    assert f"« Instruction terminée », par {cast.manager.name}" in answer.text
    assert "Ce que vous aviez saisi" in answer.text
    assert REPORT in answer.text
    assert "Rapport d’instruction" in answer.text


def test_a_double_click_does_it_once_and_says_so(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "draft")
    browser, sent = signed_in(cast.applicant), {"version": version_of(sessions, case)}
    assert browser.post(f"/dossiers/{case}/actions/deposit", sent).status_code == 303
    again = browser.post(f"/dossiers/{case}/actions/deposit", sent)
    assert again.status_code == 409
    assert "C’est déjà enregistré" in again.text
    assert state_of(sessions, case) == "deposited"


@pytest.mark.parametrize("version", ["", "abc", "-1", "999999999999999999999", "1.0", "٣"])
def test_without_the_version_it_saw_a_page_is_stale(
    version: str, tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "draft")
    answer = signed_in(cast.applicant).post(f"/dossiers/{case}/actions/deposit", {"version": version})
    assert answer.status_code == 409
    assert "Ce dossier a changé depuis que vous l’avez ouvert" in answer.text
    assert state_of(sessions, case) == "draft"


def test_a_forged_trigger_does_not_exist_and_a_foreign_power_is_forbidden(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "submitted")
    seen = {"version": version_of(sessions, case)}
    applicant = signed_in(cast.applicant)
    assert applicant.post(f"/dossiers/{case}/actions/close_everything", seen).status_code == 404
    assert applicant.post(f"/dossiers/{case}/actions/__init__", seen).status_code == 404
    assert applicant.post(f"/dossiers/{case}/actions/admit", seen).status_code == 403
    assert applicant.post(f"/dossiers/{case}/actions/open_instruction", seen).status_code == 403
    assert applicant.post(f"/dossiers/{case + 999}/actions/admit", seen).status_code == 404
    assert signed_in(cast.finance).post(f"/dossiers/{case}/actions/admit", seen).status_code == 404
    assert state_of(sessions, case) == "submitted"


def test_the_address_of_an_action_leads_to_its_form(tell: Callable[..., int], cast: Cast, signed_in: SignIn) -> None:
    case = tell("3.9", "submitted")
    browser = signed_in(cast.officer)
    answer = browser.get(f"/dossiers/{case}/actions/admit")
    assert answer.status_code == 303
    assert answer.location == f"/dossiers/{case}?action=admit#action-admit"
    form = details(browser.get(f"/dossiers/{case}?action=admit").text, "admit")
    assert re.match(r"<details[^>]* open", form)


def test_ten_megabytes_in_a_field_get_a_page_in_french(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "instruction", beyond=1)
    sent = {"version": version_of(sessions, case), "proposed": "1000", "report": "x" * 10_000_000}
    answer = signed_in(cast.officer).post(f"/dossiers/{case}/actions/finish_instruction", sent)
    assert answer.status_code == 413
    assert "C’est trop volumineux" in answer.text


def test_a_text_that_is_too_long_is_kept_whole(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "instruction", beyond=1)
    long = "Très long. " * 2000
    sent = {"version": version_of(sessions, case), "proposed": "1000", "report": long}
    answer = signed_in(cast.officer).post(f"/dossiers/{case}/actions/finish_instruction", sent)
    assert answer.status_code == 422
    assert long.strip() in answer.text


def test_a_field_sent_twice_is_not_understood(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "instruction", beyond=1)
    sent = {"version": version_of(sessions, case), "proposed": ["1", "2"], "report": REPORT}
    assert signed_in(cast.officer).post(f"/dossiers/{case}/actions/finish_instruction", sent).status_code == 422


def test_what_was_typed_comes_back_as_text(
    tell: Callable[..., int], cast: Cast, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = tell("3.9", "instruction", beyond=1)
    hostile = "</textarea><script>alert(1)</script>"
    sent = {"version": version_of(sessions, case), "proposed": '"><script>alert(2)</script>', "report": hostile}
    answer = signed_in(cast.officer).post(f"/dossiers/{case}/actions/finish_instruction", sent)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
