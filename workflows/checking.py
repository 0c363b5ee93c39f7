"""What must hold of a machine: its declaration leaves nobody stuck, and every stored state is one it knows."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.engine import Workflow, workflows

REOPENING = "reopen"
"""How the trigger of a move begins when it may leave a final state."""


@dataclass(frozen=True)
class UnknownState:
    """Cases stored in a state that their machine does not have."""

    workflow: str
    state: str
    cases: int


def unknown_states(session: Session) -> list[UnknownState]:
    """Every stored state that no machine knows, with how many cases are in it; empty when all is well."""
    return [found for workflow in workflows() for found in _unknown(session, workflow)]


def _unknown(session: Session, workflow: Workflow) -> list[UnknownState]:
    state = workflow.model.state
    query = sa.select(state, sa.func.count()).where(state.not_in(workflow.states)).group_by(state).order_by(state)
    return [UnknownState(workflow.name, name, cases) for name, cases in session.execute(query)]


def faults(workflow: Workflow) -> list[str]:
    """What is wrong in the declaration itself, one French sentence each; empty when it is sound."""
    return [*_unreachable(workflow), *_dead_ends(workflow), *_leaving(workflow), *_stuck_alone(workflow)]


def _unreachable(workflow: Workflow) -> list[str]:
    reached, waiting = {workflow.initial}, [workflow.initial]
    while waiting:
        state = waiting.pop()
        new = {m.to for m in workflow.moves.values() if m.to is not None and state in m.sources} - reached
        reached |= new
        waiting += new
    return [f"Aucune action ne mène à l’étape « {state} »." for state in workflow.states if state not in reached]


def _dead_ends(workflow: Workflow) -> list[str]:
    left = {s for m in workflow.moves.values() for s in m.sources if m.to is not None and m.to != s}
    return [f"On ne peut pas sortir de l’étape « {s} »." for s in workflow.states if s not in workflow.final | left]


def _leaving(workflow: Workflow) -> list[str]:
    """A final state is left by a reopening, or for another one where the case rests under its right name."""
    return [
        f"« {move.trigger} » sort de l’étape finale « {state} » sans être une réouverture."
        for move in workflow.moves.values()
        for state in move.sources
        if state in workflow.final and move.to not in (None, *workflow.final) and not move.trigger.startswith(REOPENING)
    ]


def _stuck_alone(workflow: Workflow) -> list[str]:
    """A move that the workflow makes by itself can be asked nothing and needs a condition, or it would always fire."""
    return [
        f"« {move.trigger} » est automatique : elle ne peut rien demander et doit avoir une condition."
        for move in workflow.moves.values()
        if move.automatic and (move.inputs != () or not move.guards)
    ]
