"""Random people fire random triggers with random answers: whatever they do, the invariants hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from casework import journal
from casework.amendments import amendments_of, terms_brought, terms_in_force
from casework.amounts import decimal_string
from casework.applications import STATES
from casework.deadlines import FOLLOW_UP, Deadline, deadlines_of
from casework.errors import CaseworkError
from casework.money import BudgetLine, Payment, budget_of, payments_of
from casework.outbox import Message
from casework.people import Actor, job
from casework.reviews import reviews_of, standing_reviews
from casework.settings import Settings
from tests.support import people
from tests.support.stories import Teller, cast_of
from workflows.application import APPLICATION, MAIN_PATH
from workflows.application.form import documents_of
from workflows.application.instructing import retain_as_asked, save_lines, save_points
from workflows.application.reading import grant_of
from workflows.application.sheet import KINDS, labels_of
from workflows.engine import Act, fire, offered
from workflows.inputs import Input
from workflows.stories import Plan

CODES = ("3.1", "3.5", "3.7", "3.8", "3.10", "3.13", "3.14")
TEXTS = ("", "Motif sérieux.", "<script>alert(1)</script>", "é" * 300)
AMOUNTS = ("0", "-1", "1 000,00", "12 345,67", "999999999", "beaucoup")
AFTER_GRANT = ("convention", "advance", "execution", "bilan", "balance", "closed")


def test_whatever_people_do_the_invariants_hold(engine: sa.Engine, settings: Settings) -> None:
    AnyOrder.engine, AnyOrder.settings = engine, settings
    run_state_machine_as_test(
        AnyOrder,
        settings=hypothesis_settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


class AnyOrder(RuleBasedStateMachine):
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

    @initialize(code=st.sampled_from(CODES), reached=st.sampled_from(MAIN_PATH))
    def somewhere_on_the_path(self, code: str, reached: str) -> None:
        cast = cast_of(self.session)
        stranger = people.applicant(self.session, people.organisation(self.session))
        self.case = Teller(self.session, self.settings, cast).story(Plan(code, reached)).tell()
        self.actors: list[Actor] = [
            cast.applicant,
            cast.officer,
            cast.manager,
            cast.finance,
            cast.verifier,
            cast.slai,
            cast.partner,
            stranger,
            job("Tâche"),
        ]
        self.at = self.case.updated_at

    @rule(
        data=st.data(),
        trigger=st.sampled_from(sorted(APPLICATION.moves)),
        who=st.integers(0, 8),
        days=st.integers(0, 40),
    )
    def somebody_tries_something(self, data: st.DataObject, trigger: str, who: int, days: int) -> None:
        actor = self.actors[who]
        self.at += timedelta(days=days)
        self._try(actor, trigger, self._answers(data, actor, trigger))

    @rule(data=st.data(), who=st.integers(0, 7), days=st.integers(0, 40))
    def somebody_does_what_is_offered(self, data: st.DataObject, who: int, days: int) -> None:
        actor = self.actors[who]
        self.at += timedelta(days=days)
        offers = offered(self.session, self.case, actor, at=self.at, settings=self.settings)
        possible = [offer for offer in offers if offer.possible]
        if possible:
            offer = data.draw(st.sampled_from(possible))
            answers = {item.name: self._answer(data, item) for item in offer.inputs}
            self._try(actor, offer.move.trigger, answers)

    @rule(retained=st.sampled_from(("", "0", "1", "999999999", "x")), reason=st.sampled_from(("", "Trop cher.")))
    def an_officer_examines_the_budget(self, retained: str, reason: str) -> None:
        officer = self.actors[1]
        rows = {line.id: {"retained": retained, "reason": reason} for line in self._expenses()[:1]}
        self._write(lambda act: save_lines(self.session, self.case, rows, act), officer)
        self._write(lambda act: retain_as_asked(self.session, self.case, act), officer)

    @rule(verdict=st.sampled_from(("", "met", "not_met", "?")), remark=st.sampled_from(("", "À revoir.")))
    def an_officer_examines_the_rest_of_the_sheet(self, verdict: str, remark: str) -> None:
        documents = documents_of(self.session, self.case.id)
        for part, kind in KINDS.items():
            codes = labels_of(self.case, kind, documents)
            rows = {code: {"verdict": verdict, "remark": remark} for code in codes}
            self._write(lambda act, p=part, r=rows: save_points(self.session, self.case, p, r, act), self.actors[1])

    def _write(self, save: Callable[[Act], object], actor: Actor) -> None:
        before = self._snapshot()
        try:
            with self.session.begin_nested():
                save(Act(actor, self.at, self.settings, {}, self.case.version))
        except CaseworkError:
            self.session.expire_all()
            assert self._snapshot() == before, "a refusal left something behind"

    def _expenses(self) -> list[BudgetLine]:
        return [line for line in budget_of(self.session, self.case.id) if line.side == "expense"]

    def _try(self, actor: Actor, trigger: str, answers: dict[str, Any]) -> None:
        before = self._snapshot()
        state = self.case.state
        act = Act(actor, self.at, self.settings, answers, None if actor.is_job else self.case.version)
        try:
            with self.session.begin_nested():
                fire(self.session, self.case, trigger, act)
        except CaseworkError:
            self.session.expire_all()
            assert self._snapshot() == before, "a refusal left something behind"
            return
        move = APPLICATION.moves[trigger]
        assert state in move.sources
        assert self._snapshot()[1] > before[1], "the version did not move"

    def _answers(self, data: st.DataObject, actor: Actor, trigger: str) -> dict[str, Any]:
        offers = offered(self.session, self.case, actor, at=self.at, settings=self.settings)
        offer = next((offer for offer in offers if offer.move.trigger == trigger), None)
        return {item.name: self._answer(data, item) for item in offer.inputs} if offer else {}

    def _answer(self, data: st.DataObject, item: Input) -> Any:
        day = self.at.date()
        proposed = decimal_string(item.value) if item.kind == "money" and item.value else "0"
        sensible: dict[str, list[Any]] = {
            "money": [proposed, *AMOUNTS],
            "date": [
                day.isoformat(),
                (day - timedelta(days=3)).isoformat(),
                (day + timedelta(days=9)).isoformat(),
                "x",
            ],
            "integer": ["0", "12", "-4", "x"],
            "percent": ["100", "0", "101"],
            "choice": [code for code, _ in item.choices] or ["none"],
            "choices": [[code for code, _ in item.choices], []],
        }
        return data.draw(st.sampled_from(sensible.get(item.kind, list(TEXTS))))

    def _snapshot(self) -> tuple[Any, ...]:
        self.session.flush()
        counts = [
            self.session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (journal.Event, Message, Deadline)
        ]
        return self.case.state, self.case.version, *counts

    @invariant()
    def the_state_is_a_declared_one(self) -> None:
        if hasattr(self, "case"):
            assert self.case.state in STATES

    @invariant()
    def advance_and_balance_never_exceed_the_grant(self) -> None:
        if not hasattr(self, "case"):
            return
        standing = [payment for payment in payments_of(self.session, self.case.id) if payment.live]
        out = sum(payment.amount_cents for payment in standing if payment.kind in ("advance", "balance"))
        assert out <= (self.case.granted_cents or 0)
        assert len({payment.kind for payment in standing}) == len(standing)

    @invariant()
    def a_granted_case_has_its_convention_and_a_settled_one_its_report(self) -> None:
        if not hasattr(self, "case"):
            return
        if self.case.state in AFTER_GRANT:
            assert self.case.convention is not None
            assert self.case.decision_reference
        if self.case.state in ("balance", "closed"):
            assert self.case.report is not None
            assert self.case.report.due_cents is not None
        if self.case.state == "terminated" and any(payment.live for payment in self._payments()):
            assert self.case.report is not None, "what was paid is accounted for"

    def _payments(self) -> list[Payment]:
        return payments_of(self.session, self.case.id)

    @invariant()
    def one_amendment_at_most_is_open_and_the_last_in_force_says_the_terms(self) -> None:
        if not hasattr(self, "case") or self.case.convention is None:
            return
        known = amendments_of(self.session, self.case.id)
        assert sum(amendment.is_open for amendment in known) <= 1
        assert self.case.granted_cents == self.case.convention.grant_cents
        last = next((one for one in reversed(known) if one.status == "in_force"), None)
        if last is not None:
            assert terms_in_force(self.case) == terms_brought(self.session, last)
        if self.case.state in ("balance", "closed", "terminated"):
            assert not any(amendment.is_open for amendment in known)

    @invariant()
    def what_is_decided_was_examined_and_is_within_the_budget_retained(self) -> None:
        if not hasattr(self, "case") or self.case.state != "instructed":
            return
        reviews = reviews_of(self.session, self.case.id)
        assert len(standing_reviews(self._expenses(), reviews)) == len(self._expenses())
        assert (self.case.proposed_cents or 0) <= grant_of(self.session, self.case).maximum_cents

    @invariant()
    def the_journal_is_whole_and_tells_the_present_state(self) -> None:
        if not hasattr(self, "case"):
            return
        _, broken = journal.verify(self.session)
        assert broken is None
        last = self.session.scalars(
            sa.select(journal.Event.after)
            .where(journal.Event.subject == "application", journal.Event.subject_id == self.case.id)
            .where(journal.Event.after.is_not(None))
            .order_by(journal.Event.sequence.desc())
            .limit(1)
        ).one()
        assert last == self.case.state

    @invariant()
    def the_next_deadline_is_the_earliest_open_one(self) -> None:
        if not hasattr(self, "case"):
            return
        owed = [d for d in deadlines_of(self.session, self.case.id) if d.status == "open" and d.awaits_id is None]
        if self.case.state != "execution":
            owed = [deadline for deadline in owed if deadline.kind not in FOLLOW_UP]
        assert self.case.due_on == min((deadline.due_on for deadline in owed), default=None)
