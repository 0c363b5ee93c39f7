"""What the service already knows, shown beside each section of the pedagogical part, so that nobody counts again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from casework.activities import KINDS, Activity
from casework.applications import Application
from casework.assessments import Assessment
from casework.committees import HELD_STATES, committees_of
from casework.durations import said_hours
from casework.expenses import ReportDraft
from casework.french import counted, short_date
from casework.participants import FAMILIES, Journey
from workflows.application.figures import indicators_of
from workflows.application.reporting import written_of
from workflows.journey.assessment_reading import Distance, distances
from workflows.journey.proofs import Proofs, proofs_of, valued
from workflows.progress.reading import computed_results
from workflows.rules.dashboard import ENDED, HIDDEN, discreet_groups
from workflows.rules.exits import exit_kinds
from workflows.rules.figures import FEWEST, UNFORESEEN
from workflows.rules.outside import discreet_figures
from workflows.versions import scheme_of

Fact = tuple[str, str, str]
"""A term, what is said of it inside the service, and what may leave it: a count of one to four people may not."""
FEW = f"moins de {FEWEST}"
_RESULTS = {"months_done": "Mois d’accompagnement", "hours_done": "Heures"}


@dataclass(frozen=True)
class _Known:
    session: Session
    application: Application
    today: date


def facts_of(
    session: Session, application: Application, today: date, *, sparing: Collection[str] = ()
) -> dict[str, list[Fact]]:
    """What is known, by section of the sheet; a kind of fact is read once, whatever the sections that show it.

    `sparing`: the kinds that the page shows otherwise.
    """
    known = _Known(session, application, today)
    sections = scheme_of(application).final_report.sections
    wanted = dict.fromkeys(kind for section in sections for kind in section.facts if kind not in sparing)
    found = {kind: _KINDS[kind](known) for kind in wanted}
    return {section.key: [fact for kind in section.facts for fact in found.get(kind, ())] for section in sections}


def _figures(known: _Known) -> list[Fact]:
    """Achieved against foreseen, as the operator said at its application (l.2194-2204)."""
    every = indicators_of(known.session, known.application, known.today)
    numbers = [one for one in every if one.figure.measure not in UNFORESEEN]
    told = discreet_figures([(one.figure, one.tally.value) for one in numbers])
    rows = []
    for one, outside in zip(numbers, told, strict=True):
        foreseen = "" if one.forecast is None else f" (prévu : {one.forecast})"
        said = "non saisi" if one.tally.value is None else _number(one.tally.value)
        rows.append((one.figure.label, said + foreseen, (outside if isinstance(outside, str) else said) + foreseen))
    return rows


def _number(value: float) -> str:
    return f"{value:.0f}" if value % 1 < 0.05 else f"{value:.1f}".replace(".", ",")


def _people(label: str, number: int) -> Fact:
    said = counted(number, "personne")
    return (label, said, f"{FEW} personnes" if 0 < number < FEWEST else said)


def _persons(value: float | str | None) -> str:
    """« 6 personnes », « moins de 5 personnes », « non communiqué »."""
    if isinstance(value, str):
        return f"{value} personnes" if value == HIDDEN else value
    return counted(int(value or 0), "personne")


def _plain(label: str, text: str) -> Fact:
    return (label, text, text)


def _exits(known: _Known) -> list[Fact]:
    """By family where the sheet has a list of them, else by way out."""
    scheme = scheme_of(known.application)
    column, labels = Journey.exit_family, FAMILIES
    if scheme.dynamic_exits is None:
        column, labels = Journey.exit_kind, {kind.label: kind.label for kind in exit_kinds(scheme)}
    query = sa.select(column, sa.func.count(Journey.person_id.distinct())).where(
        Journey.application_id == known.application.id, Journey.state == "exited"
    )
    found = {row[0]: row[1] for row in known.session.execute(query.group_by(column))}
    known_as = {label: found[code] for code, label in labels.items() if code in found}
    outside = discreet_groups(ENDED, sum(found.values()), known_as)
    rows = [(label, counted(number, "personne"), _persons(outside[label])) for label, number in known_as.items()]
    proofs = proofs_of(known.session, known.application)
    return [*rows, _evidence(proofs)] if proofs.followed else rows


def _evidence(proofs: Proofs) -> Fact:
    said = proofs.sentence or "aucun ne manque"
    few = 0 < len(proofs.unproven) < FEWEST
    return ("Justificatifs", said, f"{FEW} sorties sans justificatif" if few else said)


def _committees(known: _Known) -> list[Fact]:
    held = [one.day for one in committees_of(known.session, known.application.id) if one.state in HELD_STATES]
    said = ", ".join(short_date(day) for day in held)
    return [_plain("Comités tenus", f"{len(held)}{' : ' + said if said else ''}")]


def _activities(known: _Known) -> list[Fact]:
    columns = (Activity.kind, sa.func.count(), sa.func.sum(Activity.minutes))
    query = sa.select(*columns).join(Journey, Journey.id == Activity.journey_id)
    query = query.where(Journey.application_id == known.application.id).group_by(Activity.kind)
    found = {kind: (number, int(minutes)) for kind, number, minutes in known.session.execute(query)}
    kinds = [(label, *found[code]) for code, label in KINDS.items() if code in found]
    return [_plain(label, f"{number} ({said_hours(minutes)})") for label, number, minutes in kinds]


def _attendance(known: _Known) -> list[Fact]:
    shown = computed_results(known.session, known.application)
    return [
        _plain(label, str(shown[name])) for name, label in _RESULTS.items() if name in shown and name != "dynamic_exits"
    ]


def _grids(known: _Known) -> list[Fact]:
    grid = scheme_of(known.application).assessments
    if grid is None:
        return []
    query = sa.select(Assessment).join(Journey, Journey.id == Assessment.journey_id)
    by_journey: dict[int, dict[str, Assessment]] = {}
    for one in known.session.scalars(query.where(Journey.application_id == known.application.id)):
        by_journey.setdefault(one.journey_id, {})[one.stage] = one
    moved = distances(grid, by_journey.values())
    return [
        (one.label, f"{one.up} en progrès, {one.same} inchangés, {one.down} en recul", _outside(one))
        for one in moved
        if one.up or one.same or one.down
    ]


def _outside(one: Distance) -> str:
    """The same, each count of one to four people left unsaid."""
    words = ((one.up, "en progrès"), (one.same, "inchangés"), (one.down, "en recul"))
    return ", ".join(f"{FEW if 0 < number < FEWEST else number} {word}" for number, word in words)


def _next_steps(known: _Known) -> list[Fact]:
    query = sa.select(Journey).where(Journey.application_id == known.application.id, Journey.state == "exited")
    steps, lifted = valued(known.session.scalars(query.options(joinedload(Journey.details))))
    return [_people(label, number) for label, number in (*steps, *lifted)]


_KINDS: dict[str, Callable[[_Known], Sequence[Fact]]] = {
    "figures": _figures,
    "exits": _exits,
    "committees": _committees,
    "activities": _activities,
    "attendance": _attendance,
    "grids": _grids,
    "next_steps": _next_steps,
}


def frozen_sections(session: Session, application: Application, draft: ReportDraft | None, today: date) -> list[Any]:
    """The sections as they stand, to be kept with a report, each with its title and what stood beside it."""
    written, beside = written_of(draft), facts_of(session, application, today)
    return [
        {"key": one.key, "label": one.label, "text": written.get(one.key, ""), "facts": beside[one.key]}
        for one in scheme_of(application).final_report.sections
    ]
