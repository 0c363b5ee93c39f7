"""What an operator owes of its participants, one task for each operation, saying how many: grids, steps, childcare."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.deadlines import Deadline
from casework.people import Actor
from workflows.inbox.kind import PREPARED_BY, Condition, Kind, cases
from workflows.inbox.records import first_day, open_of
from workflows.journey.reading import OPEN_STATES

STEPS = ("milestone", "college_limit")


def followed() -> tuple[Kind, ...]:
    def kind(code: str, kinds: tuple[str, ...], detail: Any, act: str, why: str, page: str) -> Kind:
        def waiting(actor: Actor, today: date) -> Condition:
            return sa.exists().where(*_soon(*kinds))

        found = cases("applicant", OPEN_STATES, waiting, due=first_day(*kinds), detail=detail)
        acts: dict[str, tuple[str, str | None]] = {"": (act, None)}
        return Kind(f"applicant.{code}", "applicant", "mine", found, acts, {"": why}, page=page, states=OPEN_STATES)

    steps = _number(*STEPS)
    return (
        kind("grids", ("grids",), _named("grids"), "Compléter grilles et freins", "{detail}", "unfinished"),
        kind("childcare", ("childcare",), _named("childcare"), "Préparer les trois ans", "{detail}", "unfinished"),
        kind("steps", STEPS, steps, "Tenir les étapes des parcours", "Étapes attendues : {detail}", "participants"),
    )


def _soon(*kinds: str) -> tuple[Condition, ...]:
    return (*open_of(*kinds), Deadline.due_on <= PREPARED_BY)


def _named(kind: str) -> Any:
    """« 4 grilles d’entrée à remplir (05/2024) ; 1 grille de sortie à remplir (06/2024) »"""
    return sa.select(sa.func.aggregate_strings(Deadline.title, " ; ")).where(*_soon(kind)).scalar_subquery()


def _number(*kinds: str) -> Any:
    return sa.cast(sa.select(sa.func.count()).select_from(Deadline).where(*_soon(*kinds)).scalar_subquery(), sa.String)
