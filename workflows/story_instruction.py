"""How an invented application is instructed: each criterion, each document, each expense of its budget examined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.money import BudgetLine, budget_of
from workflows.application.form import documents_of
from workflows.application.instructing import retain_as_asked, save_lines, save_points
from workflows.application.sheet import KINDS, labels_of
from workflows.story_plan import typed

if TYPE_CHECKING:
    from workflows.stories import Story

REDUCED = "Coût au-dessus de celui des postes comparables du territoire."


class Instructing:
    """The sheet of one story, filled by its officer."""

    def __init__(self, story: Story) -> None:
        self.story, self.officer = story, story.cast.officer

    def fill(self) -> None:
        """Everything is satisfied, every expense retained as asked, but the first where the plan retains less."""
        story = self.story
        session, case = story.session, story.application
        documents = documents_of(session, case.id)
        for part, kind in KINDS.items():
            rows = {code: {"verdict": "met"} for code in labels_of(case, kind, documents)}
            save_points(session, case, part, rows, story.act(self.officer))
        if story.plan.retained_pct < 100:
            first = next(line for line in budget_of(session, case.id) if line.side == "expense")
            save_lines(session, case, {first.id: self._reduced(first)}, story.act(self.officer))
        retain_as_asked(session, case, story.act(self.officer))

    def _reduced(self, line: BudgetLine) -> dict[str, str]:
        return {"retained": typed(line.amount_cents * self.story.plan.retained_pct // 100), "reason": REDUCED}
