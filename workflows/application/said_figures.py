"""What the operator says of the figures that no fact gives: asked, kept one by one, never written over unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.indicators import IndicatorEntry, entries_of
from casework.permissions import may
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.rules import figures as rules
from workflows.scheme import Figure, Scheme
from workflows.versions import scheme_of

RECORDED = journal.register("application.indicators_recorded", "Indicateurs saisis")
OPEN_STATES = ("advance", "execution", "bilan")


def entry_inputs(scheme: Scheme, said: Mapping[str, IndicatorEntry]) -> tuple[Input, ...]:
    """What the operator is asked: the figures that no fact gives, with what was last said."""
    return tuple(
        Input(
            figure.key,
            figure.label,
            "integer" if figure.measure == "entered" else "long_text",
            required=False,
            value=_value(said.get(figure.key), figure),
        )
        for figure in scheme.figures
        if figure.measure in rules.ENTERED
    )


def _value(entry: IndicatorEntry | None, figure: Figure) -> Any:
    if entry is None:
        return None
    return entry.number if figure.measure == "entered" else entry.text or None


def why_not_entered(application: Application) -> str | None:
    """None while the operator may say its figures, else the sentence that says why not."""
    if application.state in OPEN_STATES:
        return None
    if application.state in ("balance", "closed", "terminated"):
        return "L’opération est terminée et son bilan contrôlé : les indicateurs ne changent plus."
    return "Les indicateurs se saisissent une fois la convention signée."


def record_figures(session: Session, application: Application, shown: Mapping[str, str], act: Act) -> int:
    """Keep what the operator says in `act.data`, and answer how many figures changed.

    `shown`: each figure as the page had it (`was` of the form). What somebody else changed meanwhile is refused at its
    own place. Raises Forbidden, Refused or InvalidInput; nothing is written then.
    """
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    if not may(act.actor, "journey.follow", locked):
        raise Forbidden()
    reason = why_not_entered(locked)
    if reason is not None:
        raise Refused([reason])
    said = entries_of(session, locked.id)
    inputs = entry_inputs(scheme_of(locked), said)
    answers = read(inputs, act.data)
    changed = {
        item.name: answers[item.name] for item in inputs if item.name in act.data and answers[item.name] != item.value
    }
    _refuse_overwriting(inputs, shown, changed)
    for key, value in changed.items():
        _keep(session, locked, said.get(key), key, value, act)
    if changed:
        session.flush()
        journal.record(
            session,
            "application",
            locked.id,
            RECORDED,
            actor=act.actor,
            at=act.at,
            version=locked.version,
            changes={item.name: [item.value, changed[item.name]] for item in inputs if item.name in changed},
        )
    return len(changed)


def _refuse_overwriting(inputs: Sequence[Input], shown: Mapping[str, str], changed: Mapping[str, Any]) -> None:
    errors = {
        item.name: [
            "Quelqu’un l’a changé entre-temps : ce qui est enregistré est rappelé ici, votre saisie est gardée."
        ]
        for item in inputs
        if item.name in changed and shown.get(item.name, "") != as_shown(item.value)
    }
    if errors:
        raise InvalidInput(errors)


def as_shown(value: Any) -> str:
    """A value as the form repeats it, to know later whether it moved."""
    return "" if value is None else " ".join(str(value).split())


def _keep(
    session: Session, application: Application, entry: IndicatorEntry | None, key: str, value: Any, act: Act
) -> None:
    kept = entry or IndicatorEntry(application_id=application.id, key=key)
    kept.number = value if isinstance(value, int) else None
    kept.text = value if isinstance(value, str) else ""
    kept.entered_at = act.at
    kept.entered_by_id = act.actor.user_id  # type: ignore[assignment]
    session.add(kept)
