"""What may be done to a case, ready to be drawn: one form per possible move, every reason for the others.

When an action did not succeed, `Reopened` carries back what was typed: its form opens again with everything kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import g

from casework.errors import CaseworkError, InvalidInput, Refused
from web.fields import drawn as drawn_field
from workflows.application.history import LABELS
from workflows.engine import Move, Offer, last_act
from workflows.inputs import Input

STYLES = ("primary", "secondary", "danger")
_UNTYPED = frozenset({"csrf_token", "version"})


@dataclass(frozen=True)
class Reopened:
    """An action that was not done: what was typed, and why (field by field, reasons of a rule, or somebody's change).

    `done_already`: the change that came first is this very action, by the same person.
    """

    move: Move
    typed: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reasons: Sequence[str] = ()
    stale: str = ""
    done_already: bool = False

    def kept(self, inputs: Sequence[Input]) -> list[tuple[str, str]]:
        """What was typed, with its labels, to be copied when the form cannot be opened again."""
        labels = LABELS | {item.name: item.label for item in inputs}
        pairs = ((name, value) for name, value in self.typed.items() if name not in _UNTYPED)
        texts = ((name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in pairs)
        return [(labels.get(name, name), text) for name, text in texts if text.strip()]


def not_done(subject: str, key: int, move: Move, typed: Mapping[str, Any], error: CaseworkError) -> Reopened:
    """The move that was refused on this subject of the journal ("application", "journey"), to be drawn again."""
    if isinstance(error, InvalidInput):
        return Reopened(move, typed, errors=error.errors)
    if isinstance(error, Refused):
        return Reopened(move, typed, reasons=error.reasons)
    last = last_act(g.db, subject, key)
    mine = last is not None and last.actor_id == g.actor.user_id and last.kind == move.event
    return Reopened(move, typed, stale=error.sentence, done_already=mine)


def drawn(
    offers: Sequence[Offer], address: Callable[[str], str], *, opened: str | None, reopened: Reopened | None
) -> dict[str, Any]:
    """What the page shows: `possible` and `blocked` moves, the main ones first, what was `reopened`, what is `kept`.

    `address` gives where a trigger is sent; `opened` is the trigger whose form is open.
    """
    ranked = sorted(offers, key=lambda offer: STYLES.index(offer.move.style))
    possible = [_form(offer, address(offer.move.trigger), opened, reopened) for offer in ranked if offer.possible]
    blocked = [{"trigger": o.move.trigger, "label": o.move.label, "reasons": o.reasons} for o in offers if o.reasons]
    return {"possible": possible, "blocked": blocked, "reopened": reopened, "kept": _kept(offers, reopened)}


def _kept(offers: Sequence[Offer], reopened: Reopened | None) -> list[tuple[str, str]]:
    """What was typed in a form that cannot be opened again."""
    if reopened is None:
        return []
    offer = next((offer for offer in offers if offer.move is reopened.move), None)
    return [] if offer is not None and offer.possible else reopened.kept(offer.inputs if offer else ())


def _form(offer: Offer, url: str, opened: str | None, reopened: Reopened | None) -> dict[str, Any]:
    move = offer.move
    back = reopened if reopened is not None and reopened.move.trigger == move.trigger else None
    return {
        "trigger": move.trigger,
        "label": move.label,
        "style": move.style,
        "consequence": move.consequence,
        "url": url,
        "open": back is not None or opened == move.trigger,
        "errors": back.errors if back else {},
        "labels": {item.name: item.label for item in offer.inputs},
        "fields": [drawn_field(item, back.typed if back else None) for item in offer.inputs],
    }
