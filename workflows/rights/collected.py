"""What a scheme asks about its participants: the part of the register that concerns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from casework.register import Held
from workflows.scheme import Scheme


def _milestone(*codes: str) -> Callable[[Scheme], bool]:
    return lambda scheme: any(milestone.code in codes for milestone in scheme.milestones)


CONDITIONS: Mapping[str, Callable[[Scheme], bool]] = {
    "milestones": lambda scheme: bool(scheme.milestones),
    "assessments": lambda scheme: scheme.assessments is not None,
    "household": lambda scheme: scheme.child_age_limit is not None,
    "tracks": lambda scheme: bool(scheme.tracks),
    "clauses": lambda scheme: scheme.followup.clauses_line is not None,
    "records": lambda scheme: scheme.followup.cre_per_participant,
    "evidence": lambda scheme: scheme.final_report.evidence_required,
}
"""The `when` of a table of the register, as a question to the sheet."""
ONLY_WITH: Mapping[str, Callable[[Scheme], bool]] = {
    "hired_on": _milestone("trial_end", "six_months"),
    "trial_ends_on": _milestone("trial_end", "six_months"),
    "college_entered_on": _milestone("college_limit"),
    "college_left_on": _milestone("college_limit"),
    "next_step": lambda scheme: scheme.next_steps_line is not None,
}
"""The columns of a journey that only some sheets fill in."""


def is_collected(held: Held, scheme: Scheme) -> bool:
    """True when the sheet asks for what this table holds; what no condition names is always asked."""
    return not held.when or CONDITIONS[held.when](scheme)


def facts_of(held: Held, scheme: Scheme) -> list[tuple[str, str]]:
    """(column, label) of what this table holds of a participant of the scheme."""
    asked = (item for item in held.facts.items())
    return [(name, label) for name, label in asked if name not in ONLY_WITH or ONLY_WITH[name](scheme)]
