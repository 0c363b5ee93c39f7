"""Random people move random journeys with random answers: whatever they do, the invariants of a journey hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from casework import journal
from casework.errors import CaseworkError
from casework.participants import ENTERED_STATES, LIVE_STATES, Journey
from casework.people import Actor, job
from casework.permissions import may_journey
from casework.settings import Settings
from tests.support import people
from tests.support.journeys import Roster, identity, roster
from tests.support.stories import Teller, cast_of
from workflows.engine import Act, fire, offered
from workflows.journey import JOURNEY
from workflows.journey.orienting import orient
from workflows.rules.exits import exit_kinds
from workflows.versions import scheme_of

CODES = ("3.1", "3.5", "3.7", "3.10")
PEOPLE = 3


def test_whatever_people_do_the_invariants_of_journeys_hold(engine: sa.Engine, settings: Settings) -> None:
    AnyJourney.engine, AnyJourney.settings = engine, settings
    run_state_machine_as_test(
        AnyJourney,
        settings=hypothesis_settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


class AnyJourney(RuleBasedStateMachine):
    engine: ClassVar[sa.Engine]
    settings: ClassVar[Settings]

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.session = Session(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")

    def teardown(self) -> None:
        self.session.close()
        self.outer.rollback()
        self.connection.close()

    @initialize(code=st.sampled_from(CODES))
    def an_operation_runs(self, code: str) -> None:
        cast = cast_of(self.session)
        self.operation: Roster = roster(Teller(self.session, self.settings, cast), code)
        stranger = people.applicant(self.session, people.organisation(self.session))
        self.actors: list[Actor] = [cast.applicant, cast.slai, cast.officer, cast.manager, stranger, job("Tâche")]
        self.forms = [identity(territory=str(self.operation.territory().id)) for _ in range(PEOPLE)]
        self.at = self.operation.late

    @rule(who=st.integers(0, 5), person=st.integers(0, PEOPLE - 1), said=st.sampled_from(("", "new", "known")))
    def somebody_orients(self, who: int, person: int, said: str) -> None:
        known = self.session.scalars(sa.select(Journey.person_id).order_by(Journey.id)).first()
        answer = str(known) if said == "known" else said
        act = Act(self.actors[who], self.at, self.settings, {**self.forms[person], "person": answer})
        self._try(lambda: orient(self.session, self.operation.application, act))

    @rule(
        data=st.data(),
        trigger=st.sampled_from(sorted(JOURNEY.moves)),
        who=st.integers(0, 5),
        day=st.integers(-20, 360),
    )
    def somebody_moves_a_journey(self, data: st.DataObject, trigger: str, who: int, day: int) -> None:
        journeys = list(self.session.scalars(sa.select(Journey).order_by(Journey.id)))
        if not journeys:
            return
        journey = data.draw(st.sampled_from(journeys))
        actor, before = self.actors[who], journey.state
        answers = self._answers(data, day)
        offers = offered(self.session, journey, actor, at=self.at, settings=self.settings)
        possible = {offer.move.trigger for offer in offers if offer.possible}
        version = None if actor.is_job else journey.version
        act = Act(actor, self.at, self.settings, answers, version)
        if self._try(lambda: fire(self.session, journey, trigger, act)):
            assert trigger in possible or actor.is_job, "only what is offered can be done"
        else:
            self.session.refresh(journey)
            assert journey.state == before, "a refusal changes nothing"

    def _answers(self, data: st.DataObject, day: int) -> dict[str, Any]:
        kinds = [kind.code for kind in exit_kinds(scheme_of(self.operation.application))]
        dates = ("entered_on", "started_on", "resumed_on", "exited_on")
        return {
            **{name: self.operation.day(day + shift) for shift, name in enumerate(dates)},
            "exit_kind": data.draw(st.sampled_from([*kinds, "rien"])),
            "cause": "absent",
            "reason": data.draw(st.sampled_from(("Motif.", "", "é" * 300))),
            "warning": "youth_over",
        }

    def _try(self, action: Any) -> bool:
        try:
            with self.session.begin_nested():
                action()
        except CaseworkError:
            return False
        self.at += timedelta(minutes=1)
        return True

    @invariant()
    def states_and_dates_agree(self) -> None:
        for journey in self.session.scalars(sa.select(Journey).execution_options(populate_existing=True)):
            assert (journey.entered_on is not None) == (journey.state in ENTERED_STATES)
            assert (journey.exited_on is not None) == (journey.state == "exited")
            assert (journey.exit_kind is not None) == (journey.state == "exited")
            assert journey.exited_on is None or (journey.entered_on or journey.exited_on) <= journey.exited_on
            assert journey.entered_on is None or not journey.to_validate or journey.validated_at is not None
            self._suspensions_follow(journey)

    def _suspensions_follow(self, journey: Journey) -> None:
        self.session.refresh(journey, ["suspensions"])
        open_ones = [s for s in journey.suspensions if s.ended_on is None]
        assert len(open_ones) == (journey.state == "suspended")
        last = journey.entered_on
        for suspension in journey.suspensions:
            assert last is not None
            assert suspension.started_on >= last
            if suspension.ended_on is not None:
                last = suspension.ended_on + timedelta(days=1)
                assert journey.exited_on is None or suspension.ended_on <= journey.exited_on

    @invariant()
    def one_live_journey_for_each_person(self) -> None:
        query = sa.select(Journey.person_id).where(Journey.state.in_(LIVE_STATES))
        live = list(self.session.scalars(query))
        assert len(live) == len(set(live))

    @invariant()
    def the_journal_holds_and_nobody_acted_out_of_scope(self) -> None:
        assert journal.verify(self.session)[1] is None
        stranger = self.actors[4]
        for journey in self.session.scalars(sa.select(Journey)):
            assert not may_journey(stranger, "journey.read", journey)
            events = journal.timeline(self.session, "journey", journey.id)
            assert all(event.actor_id != stranger.user_id for event in events)
