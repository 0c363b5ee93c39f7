"""Telling the life of a case by firing its real transitions, one simulated instant after another.

The demonstration, the tests and the benchmarks all reach a state this way: a history is true because it happened.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import paris_day, paris_instant
from casework.committees import Committee
from casework.deadlines import Deadline, deadlines_of
from casework.documents import Document
from casework.people import Actor, Organisation, Territory, job
from casework.settings import Settings
from casework.storage import Storage
from workflows.application import MAIN_PATH
from workflows.application.budgeting import save_budget
from workflows.application.dashboard_sending import KINDS as DASHBOARD_KINDS
from workflows.application.editing import save_co_bearers, save_section, start_draft
from workflows.application.files import attach
from workflows.application.form import GOALS, goals_of, sections_of
from workflows.application.obligations import RECORDED_BY
from workflows.application.reading import grant_of
from workflows.committee.planning import KIND
from workflows.committee.stories import committee_of_rank, hold
from workflows.engine import Act, fire
from workflows.rules.calendar import add_months
from workflows.scheme import Scheme, Window
from workflows.story_bank import ensure_account
from workflows.story_instruction import Instructing
from workflows.story_plan import PDF as PDF
from workflows.story_plan import Plan as Plan
from workflows.story_plan import answer, budget_rows, typed
from workflows.story_report import Reporting
from workflows.versions import current_version, read_version, scheme_of


@dataclass(frozen=True)
class Cast:
    """Who plays: one actor for each part; `verifier` checks what `finance` orders.

    `slai` has every territory, `partner` every body.
    """

    applicant: Actor
    organisation_id: int
    officer: Actor
    manager: Actor
    finance: Actor
    verifier: Actor
    slai: Actor
    partner: Actor


class NotYet(Exception):
    """The next step of a story lies after the instant at which it stops."""


class Story:
    """One application, told until its target state or until `until`, whichever comes first."""

    def __init__(self, session: Session, storage: Storage, settings: Settings, cast: Cast, plan: Plan, until: datetime):
        self.session, self.storage, self.settings, self.cast, self.plan = session, storage, settings, cast, plan
        self.until = until
        version = current_version(session, plan.campaign, plan.code)
        if version is None:
            raise LookupError(f"scheme {plan.code} of {plan.campaign} is not imported")
        self.version = version
        self.at = until
        self.case: Application | None = None

    def tell(self) -> Application:
        """Open the draft, fill it, then fire each transition of the main path at its own instant."""
        case = self.open()
        beyond = self.plan.beyond
        for step in self._steps(case):
            if case.state == self.plan.target:
                beyond -= 1
            if beyond < 0:
                break
            try:
                step()
            except NotYet:
                break
        return case

    @property
    def scheme(self) -> Scheme:
        return scheme_of(self.application)

    @property
    def begins(self) -> datetime:
        """When the draft is opened: ten days after its window."""
        return paris_instant(self.window.opens + timedelta(days=10), time(10, 0))

    @property
    def window(self) -> Window:
        return read_version(self.version).application_windows[self.plan.window]

    @property
    def application(self) -> Application:
        if self.case is None:
            raise LookupError("the story has not begun")
        return self.case

    def open(self) -> Application:
        """A draft opened ten days after its window, and everything that the form of the scheme asks."""
        organisation = self.session.get_one(Organisation, self.cast.organisation_id)
        self.at = self.begins
        self.case = start_draft(self.session, self.version, organisation, actor=self.cast.applicant, at=self.at)
        self.fill()
        return self.case

    def fill(self) -> None:
        case = self.application
        for section in sections_of(self.scheme):
            if section == "budget":
                save_budget(self.session, case, budget_rows(self.scheme, self.plan), self.act(self.cast.applicant))
            elif section == "pieces":
                self._attach_documents()
            elif section == GOALS:
                if self.plan.goals:
                    save_section(self.session, case, section, self._goals(), self.act(self.cast.applicant))
            elif section != "porteur":
                save_section(self.session, case, section, self._answers(section), self.act(self.cast.applicant))
        if self.plan.co_bearers:
            save_co_bearers(self.session, case, self.plan.co_bearers, self.act(self.cast.applicant))

    def fire(self, actor: Actor, trigger: str, **data: Any) -> None:
        """One transition, now, by this actor, having seen the case as it is."""
        fire(self.session, self.application, trigger, self.act(actor, **data))

    def wait(self, days: int, at: time = time(10, 0)) -> None:
        self.at = paris_instant(paris_day(self.at) + timedelta(days=days), at)

    def wait_until(self, day: date, at: time = time(10, 0)) -> None:
        self.at = max(self.at, paris_instant(day, at))

    def act(self, actor: Actor, **data: Any) -> Act:
        if self.at > self.until:
            raise NotYet
        version = None if actor.is_job else self.application.version
        return Act(actor, self.at, self.settings, data, version)

    def _steps(self, case: Application) -> Iterator[Callable[[], None]]:
        yield self._deposit
        yield self._validate
        yield self._admit
        while case.state == "slai_opinion" and any(opinion.waiting for opinion in case.opinions):
            yield self._give_opinion
        yield self._fill_sheet
        yield self._instruct
        yield self._grant
        yield self._sign_first
        yield self._sign_second
        yield self._order_advance
        yield self._pay_advance
        yield self._end
        yield self._report
        yield self._control
        yield self._order_balance
        yield self._settle

    def conclude(self) -> None:
        """From an operation that is over to its last payment, each step at its own instant."""
        for step in (self._report, self._control, self._order_balance, self._settle):
            step()

    def _deposit(self) -> None:
        self.wait(8)
        self.fire(self.cast.applicant, "deposit")

    def _validate(self) -> None:
        self.wait(1, time(16, 30))
        self.fire(self.cast.applicant, "validate")

    def _admit(self) -> None:
        self.wait_until(self.application.closes_on + timedelta(days=5 + self.plan.delay))
        if self.at > self.until:
            self.at = self.until
        self.fire(self.cast.officer, "claim")
        self.fire(self.cast.officer, "admit")

    def _give_opinion(self) -> None:
        self.wait(6)
        opinion = next(opinion for opinion in self.application.opinions if opinion.waiting)
        actor = self.cast.slai if opinion.body == "slai" else self.cast.partner
        verdict = self.plan.opinion if not opinion.blocking else "favourable"
        text = "" if verdict == "favourable" else "Projet utile, mais un rapprochement avec l’existant reste à écrire."
        self.fire(actor, "give_opinion", opinion=str(opinion.id), verdict=verdict, text=text)

    def _fill_sheet(self) -> None:
        self.wait(15)
        Instructing(self).fill()

    def _instruct(self) -> None:
        self.wait(3)
        proposed = grant_of(self.session, self.application).maximum_cents
        report = "Projet cohérent avec la fiche. Budget sincère, moyens adaptés. Avis favorable à la subvention."
        self.fire(self.cast.officer, "finish_instruction", proposed=typed(proposed), report=report)

    def _grant(self) -> None:
        self.wait(20)
        decided_on, reference = (
            paris_day(self.at).isoformat(),
            f"CP-{paris_day(self.at):%Y-%m}-{self.application.id:03d}",
        )
        amount = typed(self.application.proposed_cents or 0)
        self.fire(self.cast.manager, "grant", granted=amount, decision_reference=reference, decided_on=decided_on)

    def _sign_first(self) -> None:
        self.wait(9)
        self.fire(self.cast.applicant, "sign_for_applicant", signed_on=paris_day(self.at).isoformat())

    def _sign_second(self) -> None:
        """The account given with the signature was confirmed meanwhile, unless the organisation had one already."""
        cast = self.cast
        ensure_account(
            self.session, self.storage, self.settings, cast.applicant, cast.officer, cast.organisation_id, self.at
        )
        self.wait(5)
        self.fire(self.cast.manager, "sign_for_funder", signed_on=paris_day(self.at).isoformat())

    def _order_advance(self) -> None:
        self.wait(6)
        offer = (self.application.granted_cents or 0) * 80 // 100
        self.fire(
            self.cast.finance, "order_advance", amount=typed(offer), order_reference=f"A-{self.application.id:04d}"
        )

    def _pay_advance(self) -> None:
        self.wait(3)
        self.fire(self.cast.verifier, "verify_payment")
        self.wait(5)
        self._pay("record_advance", "M")
        if self.plan.delivers:
            self._deliver()

    def _deliver(self) -> None:
        """Each obligation is recorded a day before it is due, or at once when that day has passed, before the end."""
        case, end = self.application, self.application.ends_on
        while True:
            ready = next((d for d in deadlines_of(self.session, case.id) if self._deliverable(d)), None)
            if ready is None or end is None:
                return
            day = max(paris_day(self.at), min(ready.due_on - timedelta(days=1), end))
            if day > min(paris_day(self.until), end) or ready.due_on > end + timedelta(days=31):
                return
            self.wait_until(day)
            self._meet(ready, day)

    def _deliverable(self, deadline: Deadline) -> bool:
        if deadline.kind == "annual_accounts" and self.scheme.annual_documents:
            return False
        known = deadline.kind in RECORDED_BY or deadline.kind in (*DASHBOARD_KINDS, KIND)
        return known and deadline.status == "open" and deadline.awaits_id is None

    def _meet(self, ready: Deadline, day: date) -> None:
        if ready.kind in DASHBOARD_KINDS:
            self.fire(self.cast.applicant, "transmit_dashboard", dashboard_for=str(ready.id))
            return
        if ready.kind == KIND:
            self._hold(committee_of_rank(self.session, self.application, ready.rank), day)
            return
        self.fire(self.cast.applicant, "record_deliverable", deliverables=[str(ready.id)], done_on=day.isoformat())

    def _hold(self, committee: Committee, day: date) -> None:
        hold(self.session, committee, self.act(self.cast.applicant), day)

    def _pay(self, trigger: str, series: str) -> None:
        self.fire(
            self.cast.finance,
            trigger,
            paid_on=paris_day(self.at).isoformat(),
            paid_reference=f"{series}-{self.application.id:04d}",
        )

    def _end(self) -> None:
        convention = self.application.convention
        if convention is None:
            raise LookupError("an operation in progress has a convention")
        self.wait_until(convention.ends_on + timedelta(days=1), time(6, 0))
        self.fire(job("Fin des opérations"), "end_operation")

    def _report(self) -> None:
        self.wait(self.plan.report_after)
        Reporting(self).report()

    def _control(self) -> None:
        self.wait(self.plan.control_after)
        Reporting(self).control()

    def _order_balance(self) -> None:
        self.wait(9)
        report = self.application.report
        due = report.due_cents if report is not None and report.due_cents is not None else 0
        advance = (self.application.granted_cents or 0) * 80 // 100
        known = deadlines_of(self.session, self.application.id)
        if due > advance and any(one.kind == "final_report" and one.met_late for one in known):
            self.fire(self.cast.manager, "accept_late_report", reason="Retard annoncé, sans effet sur le contrôle.")
        if due > advance:
            self.fire(self.cast.finance, "order_balance", order_reference=f"S-{self.application.id:04d}")
        elif due < advance:
            self.fire(self.cast.finance, "order_recovery", order_reference=f"R-{self.application.id:04d}")
        self._due, self._advance = due, advance

    def _settle(self) -> None:
        if self._due == self._advance:
            self.wait(7)
            self.fire(self.cast.finance, "close_settled")
            return
        self.wait(3)
        self.fire(self.cast.verifier, "verify_payment")
        self.wait(4)
        self._pay("record_balance" if self._due > self._advance else "record_recovery", "T")

    def _goals(self) -> dict[str, str]:
        """A forecast of every figure, in proportion to the people whom the project is for."""
        return {question.key: str(max(self.plan.posts // 2, 1)) for question in goals_of(self.scheme)}

    def _answers(self, section: str) -> dict[str, Any]:
        answers = {
            question.key: self.plan.answers.get(question.key, answer(question, self.plan))
            for question in self.scheme.form.questions
            if question.section == section
        }
        if section == "projet":
            starts, ends = operation_dates(self.scheme, self.plan.window)
            known = self.session.scalars(sa.select(Territory).where(Territory.name.in_(self.plan.territories)))
            answers |= {
                "title": self.plan.title,
                "starts_on": starts.isoformat(),
                "ends_on": ends.isoformat(),
                "territories": [str(territory.id) for territory in known],
            }
        return answers

    def _attach_documents(self) -> None:
        for document in self.scheme.form.documents:
            if document.required:
                self.join(document.key, f"{document.key}.pdf")

    def join(self, slot: str, name: str) -> Document:
        """A file of the applicant, now, in this slot."""
        content = io.BytesIO(PDF + b"% " + slot.encode())
        act = self.act(self.cast.applicant)
        return attach(self.session, self.storage, self.application, content, name=name, slot=slot, act=act).document


def operation_dates(scheme: Scheme, rank: int) -> tuple[date, date]:
    """The first start that the window allows, for the longest operation; the fixed year where the sheet has one."""
    terms, window = scheme.convention, scheme.application_windows[rank]
    if terms.fixed_from and terms.fixed_to:
        return terms.fixed_from, terms.fixed_to
    start = window.operations_from or add_months(window.closes.replace(day=1), 3)
    return start, add_months(start, terms.max_months) - timedelta(days=1)


def reached(case: Application) -> int:
    """How far along the main path a case is, -1 outside it."""
    return MAIN_PATH.index(case.state) if case.state in MAIN_PATH else -1
