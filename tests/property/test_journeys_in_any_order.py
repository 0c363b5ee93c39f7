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
from casework.activities import LOCKING_STATES, MINUTES_A_DAY, Activity, JourneyMonth
from casework.errors import CaseworkError
from casework.journey_facts import JourneyFact
from casework.participants import ENTERED_STATES, LIVE_STATES, Journey
from casework.people import Actor, job
from casework.permissions import may_journey
from casework.progress_records import ProgressRecord
from casework.settings import Settings
from tests.support import people
from tests.support.journeys import Roster, identity, roster
from tests.support.stories import Teller, cast_of
from workflows.engine import Act, fire, offered
from workflows.journey import JOURNEY
from workflows.journey.activities import record_activity
from workflows.journey.activity_rows import ActivityRow, record_activities
from workflows.journey.months import Row, grid_of, save_months
from workflows.journey.orienting import orient
from workflows.journey.tracks import first_day, record_fact
from workflows.progress import PROGRESS
from workflows.rules.calendar import add_months
from workflows.rules.exits import exit_kinds
from workflows.rules.results import end_of_month
from workflows.versions import scheme_of

CODES = ("3.1", "3.5", "3.7", "3.8", "3.10")
PEOPLE = 3
DOERS = (0, 0, 0, 1, 4)
"""Mostly the operator, sometimes the SLAI, sometimes a stranger: see `actors`."""
HOURS = ("", "0", "12,5", "9999", "dix")


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
        self.operation.entered(10)

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

    @rule(data=st.data(), who=st.sampled_from(DOERS), rank=st.integers(0, 11), hours=st.sampled_from(HOURS))
    def somebody_says_a_month(self, data: st.DataObject, who: int, rank: int, hours: str) -> None:
        journey, case = self._somebody(data), self.operation.application
        if journey is None:
            return
        month = add_months(self.operation.starts_on.replace(day=1), rank)
        rows = [Row("1", journey.id, data.draw(st.sampled_from(("", "oui", "non"))), hours)]
        seen = grid_of(self.session, case, month).seen
        self._try(lambda: save_months(self.session, case, month, rows, seen=seen, act=self._act(who, {})))

    @rule(
        data=st.data(),
        who=st.sampled_from(DOERS),
        day=st.integers(-20, 360),
        minutes=st.sampled_from(("30", "800", "1500")),
    )
    def somebody_does_something_with_people(self, data: st.DataObject, who: int, day: int, minutes: str) -> None:
        journey, case = self._somebody(data), self.operation.application
        if journey is None:
            return
        said = {"kind": "interview", "mode": "present", "done_on": self.operation.day(day), "minutes": minutes}
        row = ActivityRow("1", journey.id, "Atelier", self.operation.day(day), minutes)
        several = data.draw(st.booleans())
        act = self._act(who, said)
        if several:
            self._try(lambda: record_activities(self.session, case, [row, row], act))
        else:
            self._try(lambda: record_activity(self.session, case, [journey.id], act))

    @rule(data=st.data(), who=st.sampled_from(DOERS), day=st.integers(-20, 360))
    def somebody_notes_what_the_sheet_follows(self, data: st.DataObject, who: int, day: int) -> None:
        journey, tracks = self._somebody(data), scheme_of(self.operation.application).tracks
        if journey is None or not tracks:
            return
        track = data.draw(st.sampled_from(tracks))
        codes = [choice.code for choice in track.choices] or [""]
        said = {"choice": data.draw(st.sampled_from(codes)), "since_on": self.operation.day(day), "marked": "no"}
        act = self._act(who, {**said, "hours": "12"})
        self._try(lambda: record_fact(self.session, journey, track.code, act))

    @rule(data=st.data(), trigger=st.sampled_from(sorted(PROGRESS.moves)), who=st.sampled_from(DOERS))
    def somebody_moves_a_record(self, data: st.DataObject, trigger: str, who: int) -> None:
        records = list(self.session.scalars(sa.select(ProgressRecord).order_by(ProgressRecord.id)))
        if not records:
            return
        record = data.draw(st.sampled_from(records))
        before = record.state
        said = {"themes": ["mobility"], "comment": "", "reason": data.draw(st.sampled_from(("Motif.", "")))}
        act = Act(self.actors[who], self.at, self.settings, said, record.version)
        if not self._try(lambda: fire(self.session, record, trigger, act)):
            self.session.refresh(record)
            assert record.state == before, "a refusal changes nothing"

    def _somebody(self, data: st.DataObject) -> Journey | None:
        journeys = list(self.session.scalars(sa.select(Journey).order_by(Journey.id)))
        return data.draw(st.sampled_from(journeys)) if journeys else None

    def _act(self, who: int, said: dict[str, Any]) -> Act:
        return Act(self.actors[who], self.at, self.settings, said)

    def _answers(self, data: st.DataObject, day: int) -> dict[str, Any]:
        kinds = [kind.code for kind in exit_kinds(scheme_of(self.operation.application))]
        dates = ("entered_on", "started_on", "resumed_on", "exited_on")
        return {
            **{name: self.operation.day(day + shift) for shift, name in enumerate(dates)},
            "exit_kind": data.draw(st.sampled_from([*kinds, "rien"])),
            "cause": "absent",
            "confirmed": "verified",
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
    def nothing_is_said_of_anybody_outside_of_her_journey(self) -> None:
        query = sa.select(Journey, Activity.done_on).join(Activity, Activity.journey_id == Journey.id)
        days = [(journey, day) for journey, day in self.session.execute(query)]
        present = sa.select(Journey, JourneyMonth.month).join(JourneyMonth, JourneyMonth.journey_id == Journey.id)
        for journey, month in self.session.execute(present.where(JourneyMonth.present)):
            assert journey.entered_on is not None
            assert journey.entered_on <= end_of_month(month)
            assert journey.exited_on is None or journey.exited_on >= month
        for journey, day in days:
            assert journey.entered_on is not None
            assert journey.entered_on <= day <= (journey.exited_on or day)
        full = sa.select(sa.func.sum(Activity.minutes)).group_by(Activity.journey_id, Activity.done_on)
        assert all(minutes <= MINUTES_A_DAY for minutes in self.session.scalars(full))
        for fact, journey in self.session.execute(sa.select(JourneyFact, Journey).join(JourneyFact.journey)):
            assert journey.entered_on is not None
            assert fact.status == "deposited" or fact.since_on >= first_day(journey)
            assert max(fact.since_on, fact.settled_on or fact.since_on) <= (journey.exited_on or fact.since_on.max)

    @invariant()
    def what_was_sent_no_longer_moves(self) -> None:
        held = sa.and_(ProgressRecord.journey_id == JourneyMonth.journey_id, ProgressRecord.month == JourneyMonth.month)
        query = sa.select(ProgressRecord.id, ProgressRecord.state, JourneyMonth.present, JourneyMonth.minutes)
        now = {}
        for key, state, present, minutes in self.session.execute(query.join(JourneyMonth, held)):
            if state in LOCKING_STATES:
                now[key] = (present, minutes)
        before: dict[int, tuple[bool, int]] = getattr(self, "sent", {})
        assert all(now[key] == said for key, said in before.items() if key in now)
        self.sent = now

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
