"""Two people act on the same case at the same instant: one wins, the other is told, nothing is done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal, payment_batches
from casework.applications import Application
from casework.clock import paris_instant
from casework.db import transaction
from casework.errors import CaseworkError, Refused, Stale
from casework.export_batches import ExportBatch
from casework.money import Payment
from casework.people import Actor
from casework.settings import Settings
from tests.support.stories import Teller, cast_of
from workflows.engine import Act, fire
from workflows.stories import Plan

AT = paris_instant(date(2024, 6, 3))


def told(sessions: sessionmaker[Session], settings: Settings, state: str) -> tuple[int, int, dict[str, Actor]]:
    with transaction(sessions) as session:
        cast = cast_of(session)
        case = Teller(session, settings, cast).story(Plan("3.12", state)).tell()
        return case.id, case.version, {"manager": cast.manager, "finance": cast.finance}


def attempt(sessions: sessionmaker[Session], case_id: int, trigger: str, act: Act, barrier: Barrier) -> str:
    barrier.wait()
    try:
        with transaction(sessions) as session:
            fire(session, session.get_one(Application, case_id), trigger, act)
    except Stale as stale:
        return stale.sentence
    except CaseworkError as refusal:
        return f"refused: {refusal.sentence}"
    return "done"


def test_two_managers_decide_at_once_and_one_is_told_what_the_other_did(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    case_id, version, actors = told(sessions, settings, "instructed")
    decision = {"decision_reference": "CP-1", "decided_on": "2024-06-03"}
    grant = Act(actors["manager"], AT, settings, {"granted": "1000", **decision}, version)
    reject = Act(actors["manager"], AT, settings, {"reason": "Déjà couvert.", **decision}, version)
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        results = list(
            pool.map(
                lambda job: attempt(sessions, case_id, job[0], job[1], barrier), [("grant", grant), ("reject", reject)]
            )
        )
    assert sorted(result == "done" for result in results) == [False, True]
    loser = next(result for result in results if result != "done")
    assert actors["manager"].name in loser
    with sessions() as session:
        case = session.get_one(Application, case_id)
        assert case.state in ("convention", "rejected")
        assert (case.convention is not None) == (case.state == "convention")
        assert journal.verify(session)[1] is None


def test_of_fifty_simultaneous_orders_of_the_same_advance_exactly_one_stands(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    case_id, version, actors = told(sessions, settings, "advance")
    act = Act(actors["finance"], AT, settings, {"amount": "500"}, version)
    barrier = Barrier(50)
    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(lambda _: attempt(sessions, case_id, "order_advance", act, barrier), range(50)))
    assert results.count("done") == 1
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1


def test_of_ten_simultaneous_exports_each_payment_leaves_in_exactly_one(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with transaction(sessions) as session:
        cast = cast_of(session)
        teller = Teller(session, settings, cast)
        for _ in range(3):
            case = teller.tell("3.12", "advance")
            teller.fire(case, cast.finance, "order_advance", amount="500")
            teller.fire(case, cast.verifier, "verify_payment")
    barrier = Barrier(10)

    def export(_: int) -> int:
        barrier.wait()
        try:
            with transaction(sessions) as session:
                return payment_batches.export(session, None, actor=cast.finance, at=AT)[0].payments
        except Refused:
            return 0

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(export, range(10)))
    assert sorted(results) == [0] * 9 + [3]
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ExportBatch)) == 1
        assert session.scalars(sa.select(Payment.export_batch_id).distinct()).all() == [1]
        assert journal.verify(session)[1] is None
