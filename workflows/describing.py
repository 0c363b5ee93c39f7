"""A machine described from its declaration: its main path, and the tables of its states and moves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import getclosurevars
from typing import Any

from casework.people import ROLES
from casework.permissions import PERMISSIONS
from workflows.engine import Move, Workflow


def ways(workflow: Workflow, start: str, end: str) -> list[Move]:
    """The moves that lead from one state to another, in the order of declaration."""
    return [move for move in workflow.moves.values() if start in move.sources and move.to == end]


def main_path(workflow: Workflow) -> tuple[str, ...]:
    """The longest way from the initial state to a final one, only forward in the order of declaration."""
    order = list(workflow.states)

    @cache
    def longest(state: str) -> tuple[str, ...]:
        following = {
            move.to
            for move in workflow.moves.values()
            if state not in workflow.final
            and move.to is not None
            and state in move.sources
            and order.index(move.to) > order.index(state)
        }
        return (
            state,
            *max((longest(next_one) for next_one in sorted(following, key=order.index)), key=len, default=()),
        )

    return longest(workflow.initial)


def draw_markdown(workflow: Workflow) -> str:
    """The states and the moves as Markdown tables, in French, for the documentation."""
    lines = ["| Étape | Code | On en sort vers |", "|---|---|---|"]
    lines += [_state_row(workflow, state) for state in workflow.states]
    lines += ["", "| Action | Qui | De | Vers | Ce qui est demandé | Conditions |", "|---|---|---|---|---|---|"]
    lines += [_move_row(workflow, move) for move in workflow.moves.values()]
    return "\n".join(lines) + "\n"


def _state_row(workflow: Workflow, state: str) -> str:
    following = [label for end, label in workflow.states.items() if end != state and ways(workflow, state, end)]
    return _row(workflow.states[state], f"`{state}`", " ; ".join(following) or "–")


def _move_row(workflow: Workflow, move: Move) -> str:
    return _row(
        f"{move.label} (`{move.trigger}`)",
        _who(move),
        " ; ".join(workflow.states[state] for state in move.sources),
        workflow.states[move.to] if move.to is not None else "même étape",
        _asked(move),
        "<br>".join(_words(guard) for guard in move.guards) or "–",
    )


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _who(move: Move) -> str:
    if move.power is None:
        return "Le service lui-même, dès que possible" if move.automatic else "Une tâche planifiée"
    permission = getclosurevars(move.power).nonlocals.get("permission")
    if permission not in PERMISSIONS:
        return _words(move.power)
    roles = ", ".join(label for role, label in ROLES.items() if role in PERMISSIONS[permission])
    return f"{roles} (`{permission}`)"


def _asked(move: Move) -> str:
    if callable(move.inputs):
        return f"selon le dossier : {_words(move.inputs)}"
    return ", ".join(asked.label for asked in move.inputs) or "–"


def _words(function: Callable[..., Any]) -> str:
    """The first sentence of a function's docstring, else its name in words."""
    sentence = (function.__doc__ or "").strip().partition("\n")[0]
    return sentence or f"*{function.__name__.replace('_', ' ')}*"
