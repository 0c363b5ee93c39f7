"""Telling an operation with its participants: they come and go, their months are said, their records go their way."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from casework.applications import Application
from casework.clock import paris_instant
from casework.committees import Committee, committees_of
from casework.deadlines import RECORD_KINDS, Deadline
from casework.participants import Journey
from casework.people import Actor
from casework.progress_records import ProgressRecord
from casework.workdays import working_day_on_or_before
from workflows.clauses.stories import tell_clauses
from workflows.committee.acting import act_on
from workflows.committee.stories import convene, hold, minute
from workflows.engine import Act, fire
from workflows.journey.activities import record_activity
from workflows.journey.months import Grid, Row, grid_of, months_of, save_months
from workflows.journey.proofs import proofs_of
from workflows.journey.reading import OPEN_STATES
from workflows.journey.record_deadlines import has_records, month_of_rank
from workflows.journey.stories import tell_journeys
from workflows.network.stories import tell_network
from workflows.rules.results import end_of_month
from workflows.stories import Story

INTERVIEW_DAY = 14
DECISION_DAYS, UNREAD_DAYS = 45, 80
FULL_HOURS, PART_HOURS = 11, 4
COMMENTS = (
    "Deux mises à disposition chez des particuliers ; le permis est relancé avec la plateforme mobilité.",
    "CV revu, deux candidatures envoyées ; une solution de garde est trouvée pour les matinées.",
    "Atelier numérique suivi ; l’espace personnel en ligne est ouvert et compris.",
)
THEMES = (["project", "mobility"], ["project", "soft_skills"], ["digital"])
RETURNED = "Le total des heures ne suit pas le planning joint : vérifiez la dernière semaine."


class PeopledStory(Story):
    """The story of an application whose operation has participants.

    With `plan.delivers`, each month is said once it has ended, and its records are sent then validated before they
    are due.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._peopled = False
        self._said: set[date] = set()

    def tell(self) -> Application:
        case = super().tell()
        self._people()
        self._tell_besides(self.until)
        return case

    def _end(self) -> None:
        self._people()
        self._tell_besides(paris_instant(self.application.ends_on or self.at.date(), time(12, 0)))
        super()._end()

    def _report(self) -> None:
        """The records of the last month come after the end of the operation, and before its report."""
        if self.plan.delivers and has_records(self.application):
            self.wait(3)
            self._say_months()
            for month in months_of(self.application, self.at.date())[::-1]:
                self._submit(month)
                self._validate_records(month)
        self._prove_exits()
        super()._report()

    def _prove_exits(self) -> None:
        """One file of contracts and certificates proves every exit that must be, where the sheet wants it."""
        unproven = proofs_of(self.session, self.application).unproven
        if not unproven:
            return
        proof = self.join("exit_evidence", "contrats-et-attestations.pdf")
        for key in unproven:
            journey, act = self.session.get_one(Journey, key), self._said_by(evidence=str(proof.id))
            fire(
                self.session, journey, "link_evidence", Act(act.actor, act.at, act.settings, act.data, journey.version)
            )

    def _deliver(self) -> None:
        self._people()
        self._convene_next()
        super()._deliver()

    def _people(self) -> None:
        if not self._peopled and self.application.state in OPEN_STATES:
            self._peopled = True
            tell_journeys(self.session, self.settings, self.cast, self.application, self.until)

    def _tell_besides(self, at: datetime) -> None:
        """What the operation did until then beside its participants' months."""
        told = (self.session, self.settings, self.application, self.cast.applicant, at)
        tell_network(*told)
        tell_clauses(*told)

    def _deliverable(self, deadline: Deadline) -> bool:
        if deadline.kind in RECORD_KINDS:
            return deadline.status == "open" and deadline.awaits_id is None and not self._ends_with_it(deadline)
        return super()._deliverable(deadline)

    def _meet(self, ready: Deadline, day: date) -> None:
        self._say_months()
        if ready.kind not in RECORD_KINDS:
            super()._meet(ready, day)
            return
        month = month_of_rank(self.application, ready.rank)
        if ready.kind == "cre":
            self._submit(month)
        else:
            self._validate_records(month)

    def _hold(self, committee: Committee, day: date) -> None:
        """Convened when the one before was held, held, minuted; then the next one is convened."""
        applicant = self.cast.applicant
        if committee.state == "planned":
            convene(self.session, committee, self.act(applicant), day)
        hold(self.session, committee, self.act(applicant), committee.day, presences=self._missing_once(committee))
        due_on = committee.day + timedelta(days=DECISION_DAYS) if committee.rank != 3 else None
        minute(self.session, committee, self.act(applicant), due_on=due_on)
        self._follow_up(committee)
        self._convene_next()

    def _missing_once(self, committee: Committee) -> dict[str, str]:
        """The mandatory bodies of the second committee are excused in one operation out of three."""
        if committee.rank != 2 or self.application.id % 3:
            return {}
        return {seat.key: "excused" for seat in committee.seats if seat.mandatory}

    def _follow_up(self, committee: Committee) -> None:
        """The SLAI accepts the minutes but the latest ones; the first decision is done."""
        if committee.day < self.until.date() - timedelta(days=UNREAD_DAYS):
            act_on(self.session, committee, "acknowledge_minutes", self._seen(committee, self.cast.slai))
        for decision in committee.decisions if committee.rank == 1 else ():
            done = {"decision": str(decision.id), "status": "done"}
            act_on(self.session, committee, "settle_decision", self._seen(committee, self.cast.applicant, **done))

    def _seen(self, committee: Committee, actor: Actor, **data: str) -> Act:
        return Act(actor, self.act(actor).at, self.settings, data, committee.version)

    def _convene_next(self) -> None:
        """The one that comes, the day before it is due; of those still to come at the end, half wait."""
        planned = (one for one in committees_of(self.session, self.application.id) if one.state == "planned")
        following = next(planned, None)
        if following is None or following.day - timedelta(days=1) <= self.at.date():
            return
        if following.day <= self.until.date() or self.application.id % 2:
            day = working_day_on_or_before(following.day - timedelta(days=1))
            convene(self.session, following, self.act(self.cast.applicant), max(day, self.at.date()))

    def _ends_with_it(self, deadline: Deadline) -> bool:
        """True for the last month, whose records wait for the end of the operation."""
        ends_on = self.application.ends_on
        return ends_on is not None and end_of_month(month_of_rank(self.application, deadline.rank)) >= ends_on

    def _say_months(self) -> None:
        """Every month that has ended and is not said yet, in order."""
        today = self.at.date()
        for month in months_of(self.application, today)[::-1]:
            if end_of_month(month) < today and month not in self._said:
                self._said.add(month)
                self._say(grid_of(self.session, self.application, month))

    def _say(self, grid: Grid) -> None:
        present = [line for line in grid.lines if line.days]
        if not grid.lines:
            return
        day = grid.month + timedelta(days=INTERVIEW_DAY)
        met = [line.journey.id for line in present if day in line.days]
        if met:
            said = {"kind": "interview", "mode": "present", "done_on": day.isoformat(), "minutes": "60"}
            record_activity(self.session, self.application, met, self._said_by(**said))
        rows = [
            Row(str(line.journey.id), line.journey.id, "oui" if line.days else "non", self._hours(len(line.days), rank))
            for rank, line in enumerate(grid.lines)
        ]
        save_months(self.session, self.application, grid.month, rows, seen=grid.seen, act=self._said_by())

    def _hours(self, days: int, rank: int) -> str:
        if not days or not has_records(self.application):
            return ""
        return str(FULL_HOURS + rank % 3 if days > PART_HOURS * 4 else PART_HOURS)

    def _said_by(self, **data: Any) -> Act:
        return self.act(self.cast.applicant, **data)

    def _records(self, month: date, state: str) -> list[ProgressRecord]:
        query = sa.select(ProgressRecord).where(
            ProgressRecord.application_id == self.application.id,
            ProgressRecord.month == month,
            ProgressRecord.state == state,
        )
        return list(self.session.scalars(query.order_by(ProgressRecord.id)))

    def _submit(self, month: date) -> None:
        for rank, record in enumerate(self._records(month, "to_write")):
            content = {"themes": THEMES[rank % len(THEMES)], "comment": COMMENTS[rank % len(COMMENTS)]}
            self._fire_record(record, "submit_record", content)

    def _validate_records(self, month: date) -> None:
        """One record of the second month comes back once, and is sent again."""
        waiting = self._records(month, "submitted")
        if waiting and month.month % 12 == self._second_month():
            self._fire_record(waiting[0], "return_record", {"reason": RETURNED})
            self._fire_record(waiting[0], "submit_record", {"themes": THEMES[0], "comment": COMMENTS[0]})
        for record in waiting:
            self._fire_record(record, "validate_record", {})

    def _second_month(self) -> int:
        return month_of_rank(self.application, 2).month % 12

    def _fire_record(self, record: ProgressRecord, trigger: str, data: dict[str, Any]) -> None:
        actor = self.cast.applicant if trigger == "submit_record" else self.cast.slai
        at = self.act(actor).at
        fire(self.session, record, trigger, Act(actor, at, self.settings, data, record.version))
