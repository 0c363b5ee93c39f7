"""Many activities at once, from a spreadsheet: each line at fault is said, nothing is written unless all can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.activities import KINDS, MODES, Activity
from casework.applications import Application
from casework.errors import InvalidInput
from casework.participants import Journey
from casework.search import folded
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.journey.activities import (
    RECORDED,
    entered_journeys,
    fault_of,
    filled_on,
    journal_activities,
    opened_for_activities,
    sent_months,
    wrong_of,
)

MOST = 1000
_ASKED = (Input("done_on", "Date", "date"), Input("minutes", "Minutes", "integer"))


@dataclass(frozen=True)
class ActivityRow:
    """What one line says: `key` names it in errors, the rest is as typed. `mode` empty: in person."""

    key: str
    journey_id: int | None
    kind: str
    done_on: str
    minutes: str
    mode: str = ""


def record_activities(session: Session, application: Application, rows: Sequence[ActivityRow], act: Act) -> int:
    """Record every line and answer how many. Raises Forbidden, Refused, or InvalidInput naming `line-<key>`."""
    locked = opened_for_activities(session, application, act)
    known = {journey.id: journey for journey in session.scalars(entered_journeys(locked))}
    sent = sent_months(session, locked)
    filled = filled_on(session, list(known))
    errors: dict[str, list[str]] = {}
    found: list[dict[str, Any]] = []
    for row in rows:
        said = _read(locked, row, known, act.day)
        if isinstance(said, list):
            errors[f"line-{row.key}"] = said
            continue
        journey, day = known[said["journey_id"]], said["done_on"]
        filled[journey.id, day] = filled.get((journey.id, day), 0) + said["minutes"]
        is_sent = (journey.id, day.replace(day=1)) in sent
        fault = fault_of(journey, day, filled[journey.id, day], sent=is_sent)
        if fault:
            errors[f"line-{row.key}"] = [fault[0].upper() + fault[1:]]
        found.append(said)
    if errors:
        raise InvalidInput(errors)
    common = {"entered_at": act.at, "entered_by_id": act.actor.user_id}
    session.execute(sa.insert(Activity), [{**one, **common} for one in found])
    people = sorted({one["journey_id"] for one in found})
    told = {"minutes": sum(one["minutes"] for one in found), "lines": len(found)}
    journal_activities(session, locked, RECORDED, act, **told, participants=len(people), activities=people)
    return len(found)


def _read(
    application: Application, row: ActivityRow, known: Mapping[int, Journey], today: date
) -> dict[str, Any] | list[str]:
    """What a line says, else every sentence of what is wrong in it."""
    faults = []
    if row.journey_id not in known:
        faults.append("Cette personne n’est pas entrée dans cette opération.")
    kind, mode = _code(row.kind, KINDS), _code(row.mode, MODES) if row.mode.strip() else "present"
    if kind is None:
        faults.append(f"Activité inconnue : {', '.join(KINDS.values())}.")
    if mode is None:
        faults.append(f"Mode inconnu : {', '.join(MODES.values())}.")
    try:
        answers = read(_ASKED, {"done_on": row.done_on, "minutes": row.minutes})
        faults += wrong_of(application, answers, today).values()
    except InvalidInput as error:
        labels = {item.name: item.label for item in _ASKED}
        faults += [f"{labels[name]} : {said}" for name, sentences in error.errors.items() for said in sentences]
    if faults:
        return faults
    return {"journey_id": row.journey_id, "kind": kind, "mode": mode, **answers}


def _code(text: str, labels: Mapping[str, str]) -> str | None:
    said = folded(text.strip())
    return next((code for code, label in labels.items() if said in (code, folded(label))), None)
