"""How an invented operation reports: its expenses with their proof, the control line by line, the answer to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from casework.clock import paris_day
from casework.expenses import ExpenseLine, draft_of, expenses_of, spent
from workflows.application.control import accept_passing, save_control
from workflows.application.reading import retained_of
from workflows.application.report_sections import as_seen, save_sections, section_inputs
from workflows.application.reporting import planned_lines, save_draft
from workflows.journey.record_deadlines import has_records
from workflows.progress.reading import computed_results
from workflows.story_plan import typed

if TYPE_CHECKING:
    from workflows.stories import Story

NARRATIVE = "Les ateliers et entretiens prévus ont été tenus ; les partenaires du territoire ont été réunis."
SECTION = (
    "Pour {} : l’action s’est tenue comme prévu, avec deux ateliers par semaine ; le démarrage a pris trois semaines "
    "de plus, rattrapées au printemps."
)
LATE_INVOICE = "Fournitures commandées après la fin de l’opération"


class Reporting:
    """The final report of one story: sent, controlled, answered, validated, each at its own instant."""

    def __init__(self, story: Story) -> None:
        self.story, self.plan = story, story.plan

    def report(self) -> None:
        story = self.story
        story.join("final_report", "bilan-final.pdf")
        evidence = story.join("evidence", "factures-et-bulletins.pdf")
        if story.scheme.final_report.evidence_required:
            story.join("exit_evidence", "contrats-et-attestations.pdf")
        rows = self._rows(str(evidence.id))
        said = {"narrative": NARRATIVE, **self.results()}
        save_draft(story.session, story.application, rows, said, story.act(story.cast.applicant))
        self._write_sections()
        story.fire(story.cast.applicant, "submit_report", strange="verified")

    def _write_sections(self) -> None:
        story = self.story
        inputs = section_inputs(story.scheme, draft_of(story.session, story.application.id))
        said = {item.name: SECTION.format(item.label.lower()) for item in inputs}
        seen = {item.name: as_seen(item.value) for item in inputs}
        save_sections(story.session, story.application, seen, story.act(story.cast.applicant, **said))

    def control(self) -> None:
        """Accept what passes; where something is reduced, announce it, hear the answer, then validate."""
        story, officer = self.story, self.story.cast.officer
        session, case = story.session, story.application
        lowered = self._lowered(spent(expenses_of(session, case.id)))
        if lowered:
            save_control(session, case, lowered, story.act(officer))
        accept_passing(session, case, story.act(officer))
        kept = {**self.results(), "other_funding": "0", "quality_pct": str(self.plan.results_pct)}
        kept["reason"] = "Pièces contrôlées une à une."
        if lowered or self._quality_is_lowered():
            story.fire(officer, "send_intended_result", **kept)
            story.wait(6)
            story.fire(story.cast.applicant, "answer_control", stance="agrees")
            story.wait(4)
        story.fire(officer, "validate_report", **kept)

    def results(self) -> dict[str, str]:
        """What the plan says; the exits of the people followed, and what the records show where some are kept."""
        posts, percent, case = self.plan.posts, self.plan.results_pct, self.story.application
        planned = {
            "months_done": posts * 12 * percent // 100,
            "hours_done": posts * 12 * 10 * percent // 100,
            "dynamic_exits": posts * 6 * percent // 1000,
        }
        shown = computed_results(self.story.session, case)
        if not has_records(case):
            shown = {name: number for name, number in shown.items() if name == "dynamic_exits"}
        return {name: str(number) for name, number in (planned | shown).items()}

    def _rows(self, evidence: str) -> list[dict[str, str]]:
        story, end = self.story, self._end()
        paid = min(end + timedelta(days=5), paris_day(story.at))
        planned = planned_lines(story.scheme, retained_of(story.session, story.application.id))
        rows = [
            {
                **self._row(rank, line.category, line.label, line.planned_cents, end, paid, evidence),
                "budget_line": str(line.budget_line_id),
            }
            for rank, line in enumerate(planned, start=1)
        ]
        if self.plan.disputed:
            late, first = end + timedelta(days=3), planned[0]
            rows.append(self._row(len(rows) + 1, first.category, LATE_INVOICE, 48_000, late, paid, evidence))
        return rows

    def _row(
        self, rank: int, category: str, label: str, cents: int, invoiced: date, paid: date, evidence: str
    ) -> dict[str, str]:
        proof = {
            "invoice_reference": f"F-{invoiced.year}-{rank:03d}",
            "invoice_on": invoiced.isoformat(),
            "paid_on": paid.isoformat(),
            "document": evidence,
        }
        return {"category": category, "label": label, "spent": typed(cents), **proof}

    def _lowered(self, lines: list[ExpenseLine]) -> dict[int, dict[str, str]]:
        percent = self.plan.accepted_pct
        if percent < 100:
            return {line.id: _at(line, percent) for line in lines}
        if not self.plan.disputed:
            return {}
        refused = {"decision": "refused", "reason": "out_of_period", "comment": "Facture postérieure à la convention."}
        late = next(line for line in lines if line.label == LATE_INVOICE)
        return {lines[0].id: _at(lines[0], 95), late.id: refused}

    def _quality_is_lowered(self) -> bool:
        split = self.story.scheme.funding.conditional_split
        return self.plan.results_pct < 100 and any(part.measure == "quality" for part in split)

    def _end(self) -> date:
        convention = self.story.application.convention
        if convention is None:
            raise LookupError("an operation that reports has a convention")
        return convention.last_on


def _at(line: ExpenseLine, percent: int) -> dict[str, str]:
    """Accept so many per cent of a line."""
    cents = line.spent_cents * percent // 100
    if not cents:
        return {"decision": "refused", "reason": "no_evidence", "comment": "Pièces non probantes."}
    return {"decision": "reduced", "accepted": typed(cents), "reason": "above_evidence", "comment": ""}
