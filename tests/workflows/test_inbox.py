"""What waits for each person: right for the state, only in scope, and leading to an action that is really offered."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from casework.applications import FINAL_STATES, Application
from casework.clock import paris_day, paris_instant
from casework.people import Actor, Organisation
from casework.settings import Settings
from tests.support import people
from tests.support.queries import counted
from tests.support.stories import Teller
from workflows import bank
from workflows.application import APPLICATION, MAIN_PATH
from workflows.committee import COMMITTEE
from workflows.engine import Act, offered
from workflows.inbox import KINDS, SHOWN, Task, inbox_of
from workflows.story_bank import give_account

LONG_AFTER = date(2027, 1, 1)


def _tasks(session: Session, actor: Actor, case: Application, today: date) -> list[Task]:
    session.flush()
    groups = inbox_of(session, actor, today=today)
    return [task for group in groups for task in group.tasks if task.case_id == case.id]


def _verbs(session: Session, actor: Actor, case: Application, *, group: str = "mine", days: int = 0) -> list[str]:
    today = paris_day(case.updated_at) + timedelta(days=days)
    return [task.verb for task in _tasks(session, actor, case, today) if task.kind.group == group]


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("state", MAIN_PATH)
def test_every_action_named_is_offered_to_that_person(
    session: Session, settings: Settings, teller: Teller, state: str
) -> None:
    case = teller.tell("3.7", state)
    for actor in vars(teller.cast).values():
        if not isinstance(actor, Actor):
            continue
        for today in (paris_day(case.updated_at), LONG_AFTER):
            for task in _tasks(session, actor, case, today):
                if task.trigger is not None:
                    at = max(case.updated_at, paris_instant(today, time(9, 0)))
                    offers = offered(session, case, actor, at=at, settings=settings)
                    assert task.trigger in {offer.move.trigger for offer in offers}, (actor.roles, task.verb)


@pytest.mark.parametrize("state", [state for state in MAIN_PATH if state not in ("execution", *FINAL_STATES)])
def test_a_case_in_progress_always_waits_for_somebody(session: Session, teller: Teller, state: str) -> None:
    case = teller.tell("3.14", state)
    actors = [actor for actor in vars(teller.cast).values() if isinstance(actor, Actor)]
    assert any(_verbs(session, actor, case, group=group) for actor in actors for group in ("mine", "service"))


def test_the_applicant_finishes_validates_signs_and_reports(session: Session, teller: Teller) -> None:
    applicant = teller.cast.applicant
    draft = teller.tell("3.10", "draft")
    assert _verbs(session, applicant, draft) == ["Compléter et déposer"]
    assert _tasks(session, applicant, draft, date(2024, 1, 1))[0].due_on == draft.closes_on
    assert _verbs(session, applicant, teller.tell("3.10", "deposited")) == ["Valider le dossier"]
    granted = _verbs(session, applicant, teller.tell("3.10", "convention"))
    assert sorted(granted) == ["Donner vos coordonnées bancaires", "Signer la convention"]
    over = _verbs(session, applicant, teller.tell("3.10", "bilan"))
    assert over == ["Enregistrer la tenue d’un comité", "Remettre le bilan final"], "nobody said its committees held"
    submitted = teller.tell("3.10", "submitted")
    assert _verbs(session, applicant, submitted) == []
    assert _verbs(session, applicant, submitted, group="others") == ["Suivre le dossier"]


def test_an_account_is_asked_once_for_an_organisation_then_checked_once_by_the_service(
    session: Session, teller: Teller
) -> None:
    cast, settings = teller.cast, teller.settings
    first, last = teller.tell("3.10", "convention"), teller.tell("3.12", "convention")
    asked, checked = "Donner vos coordonnées bancaires", "Vérifier des coordonnées bancaires"
    assert [asked in _verbs(session, cast.applicant, case) for case in (first, last)] == [False, True]
    co_bearer = people.applicant(session, people.organisation(session))
    last.co_bearers.append(session.get_one(Organisation, next(iter(co_bearer.organisations))))
    session.flush()
    assert asked not in _verbs(session, co_bearer, last)
    given = give_account(session, teller.storage, settings, cast.applicant, cast.organisation_id, last.updated_at)
    assert asked not in _verbs(session, cast.applicant, last)
    assert checked in _verbs(session, cast.officer, last, group="service")
    assert checked not in _verbs(session, cast.officer, first, group="service")
    of_first_scheme = people.officer(session, ["3.10"])
    assert checked in _verbs(session, of_first_scheme, first, group="service")
    assert checked not in _verbs(session, people.officer(session, ["3.1"]), first, group="service")
    bank.confirm(session, cast.organisation_id, given.id, Act(cast.officer, last.updated_at, settings))
    assert checked not in _verbs(session, cast.officer, last, group="service")


def test_a_correction_passes_from_the_officer_to_the_applicant_and_back(session: Session, teller: Teller) -> None:
    applicant, officer = teller.cast.applicant, teller.cast.officer
    case = teller.tell("3.10", "instruction")
    assert _verbs(session, officer, case) == ["Instruire la demande"]
    due_on = paris_day(case.updated_at) + timedelta(days=10)
    teller.fire(case, officer, "request_correction", reason="Précisez le budget.", due_on=due_on.isoformat())
    assert _verbs(session, applicant, case) == ["Répondre à la demande de correction"]
    assert _verbs(session, officer, case) == []
    assert _verbs(session, officer, case, group="others") == ["Suivre le dossier"]
    assert _verbs(session, officer, case, days=10) == []
    assert _verbs(session, officer, case, days=11) == ["Relancer le porteur ou lever la correction"]
    teller.fire(case, applicant, "answer_correction", answer="C’est corrigé.")
    assert _verbs(session, applicant, case) == []
    assert _verbs(session, officer, case) == ["Instruire la demande"]


def test_an_opinion_waits_for_its_own_territory_only_and_then_for_the_officer(session: Session, teller: Teller) -> None:
    case = teller.tell("3.14", "slai_opinion")
    here, elsewhere = case.territories[0], people.slai(session)
    slai = people.slai(session, here)
    today = paris_day(case.updated_at)
    (task,) = _tasks(session, slai, case, today)
    assert (task.verb, task.page, task.why) == ("Rendre l’avis", "opinion", f"Avis demandé ({here.name})")
    assert task.due_on == case.opinions[0].due_on
    assert _tasks(session, elsewhere, case, today) == []
    assert _verbs(session, teller.cast.officer, case) == []
    assert _verbs(session, teller.cast.officer, case, days=60) == ["Relancer l’avis"]


def test_a_case_nobody_took_waits_for_the_whole_service(session: Session, teller: Teller) -> None:
    case = teller.tell("3.10", "submitted")
    specialist, stranger = people.officer(session, ["3.10"]), people.officer(session, ["3.7"])
    assert _verbs(session, specialist, case, group="service") == ["Examiner la recevabilité"]
    assert _verbs(session, stranger, case, group="service") == []
    teller.fire(case, specialist, "claim")
    assert _verbs(session, specialist, case) == ["Examiner la recevabilité"]
    assert _verbs(session, teller.cast.officer, case, group="service") == []


def test_the_manager_decides_signs_and_sees_what_is_late(session: Session, teller: Teller) -> None:
    manager = teller.cast.manager
    assert _verbs(session, manager, teller.tell("3.10", "instructed")) == ["Décider"]
    assert _verbs(session, manager, teller.tell("3.10", "convention")) == ["Enregistrer la signature du Département"]
    advance = teller.tell("3.10", "advance")
    assert _verbs(session, manager, advance, group="service") == []
    assert _verbs(session, manager, advance, group="service", days=90) == ["Suivre un retard"]


@pytest.mark.parametrize(("late", "told"), [(14, []), (15, ["Suivre un retard"])])
def test_a_manager_follows_what_is_late_from_the_day_the_ladder_tells_them(
    session: Session, teller: Teller, late: int, told: list[str]
) -> None:
    advance = teller.tell("3.10", "advance")
    assert advance.due_on is not None
    days = (advance.due_on - paris_day(advance.updated_at)).days + late
    assert _verbs(session, teller.cast.manager, advance, group="service", days=days) == told


def test_finance_orders_has_it_verified_pays_and_settles_each_way(session: Session, teller: Teller) -> None:
    finance, other = teller.cast.finance, teller.cast.verifier
    advance = teller.tell("3.10", "advance")
    assert _verbs(session, finance, advance) == ["Ordonner l’avance"]
    teller.fire(advance, finance, "order_advance", amount="1000")
    assert (_verbs(session, finance, advance), _verbs(session, other, advance)) == ([], ["Vérifier le versement"])
    teller.fire(advance, other, "verify_payment")
    assert _verbs(session, finance, advance) == ["Enregistrer le paiement de l’avance"]
    balance = teller.tell("3.10", "balance")
    assert _verbs(session, finance, balance) == ["Ordonner le solde"]
    teller.fire(balance, finance, "order_balance")
    assert (_verbs(session, finance, balance), _verbs(session, other, balance)) == ([], ["Vérifier le versement"])
    teller.fire(balance, other, "verify_payment")
    assert _verbs(session, finance, balance) == ["Enregistrer le paiement du solde"]
    recovery = teller.tell("3.1", "balance", accepted_pct=30, results_pct=30)
    assert _verbs(session, finance, recovery) == ["Demander le reversement"]
    teller.fire(recovery, finance, "order_recovery")
    assert (_verbs(session, finance, recovery), _verbs(session, other, recovery)) == ([], ["Vérifier le versement"])
    teller.fire(recovery, other, "verify_payment")
    assert _verbs(session, finance, recovery) == ["Enregistrer le reversement reçu"]


def test_overdue_comes_first_then_the_nearest_date(session: Session, teller: Teller) -> None:
    cases = [teller.tell("3.10", state) for state in ("bilan", "convention", "draft", "submitted")]
    own = {case.id for case in cases}
    group = inbox_of(session, teller.cast.applicant, today=date(2024, 6, 1))[0]
    dates = [task.due_on for task in group.tasks if task.case_id in own]
    assert dates == sorted(dates, key=lambda day: day or date.max)
    assert group.late == sum(day is not None and day < date(2024, 6, 1) for day in dates)


def test_nothing_waits_for_those_who_only_read_or_administer(session: Session, teller: Teller) -> None:
    teller.tell("3.10", "submitted")
    for actor in (people.auditor(session), people.admin(session)):
        assert inbox_of(session, actor, today=LONG_AFTER) == []


def test_two_queries_at_most_and_a_bounded_group_whatever_the_volume(session: Session, teller: Teller) -> None:
    for _ in range(3):
        _copy(session, teller.tell("3.10", "submitted"), times=20)
    connection: Any = session.get_bind()
    officer = people.officer(session)
    with counted(connection.engine) as statements:
        groups = inbox_of(session, officer, today=LONG_AFTER)
    service = next(group for group in groups if group.code == "service")
    assert len(service.tasks) == SHOWN
    assert service.count >= 60
    assert [overflow.kind.states for overflow in service.overflows] == [("submitted",)]
    assert len(statements) <= 2


def _copy(session: Session, case: Application, *, times: int) -> None:
    """The same row again, under other references: volume is what matters here, not history."""
    columns = [c.key for c in Application.__table__.columns if c.key not in ("id", "reference")]
    for rank in range(times):
        session.add(Application(reference=f"{case.id}-{rank}", **{name: getattr(case, name) for name in columns}))
    session.flush()


def test_the_kinds_name_triggers_and_states_of_the_machine() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    for kind in KINDS:
        assert set(kind.states) <= set(APPLICATION.states)
        triggers = {trigger for _, trigger in kind.acts.values() if trigger is not None}
        assert triggers <= set(APPLICATION.moves)
        opened = kind.one.partition("?action=")[2].partition("#")[0]
        assert not opened or opened in COMMITTEE.moves
