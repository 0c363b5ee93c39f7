"""What an operator owes of its participants and of its follow-up, one task for each operation, saying how many."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.deadlines import Deadline
from casework.people import Actor
from workflows.inbox.kind import PREPARED_BY, Condition, Kind, cases
from workflows.inbox.records import first_day, open_of
from workflows.journey.reading import OPEN_STATES
from workflows.rules.owed import PREPARED_DAYS

STEPS = ("milestone", "college_limit")
DASHBOARDS = ("dashboard", "dashboard_request")


def followed() -> tuple[Kind, ...]:
    def kind(code: str, kinds: tuple[str, ...], detail: Any, act: str, why: str, page: str) -> Kind:
        def waiting(actor: Actor, today: date) -> Condition:
            return sa.exists().where(*_soon(*kinds))

        planned = sa.select(sa.func.min(Deadline.planned_at)).where(*_soon(*kinds)).scalar_subquery()
        found = cases("applicant", OPEN_STATES, waiting, due=first_day(*kinds), since=planned, detail=detail)
        acts: dict[str, tuple[str, str | None]] = {"": (act, None)}
        whys, ahead = {"": why}, PREPARED_DAYS
        return Kind(
            f"applicant.{code}", "applicant", "mine", found, acts, whys, page=page, states=OPEN_STATES, ahead=ahead
        )

    grids, steps = _number("grids"), _number(*STEPS)
    missing = "Des grilles ou des freins manquent, échéances : {detail}"
    return (
        kind("grids", ("grids",), grids, "Compléter grilles et freins", missing, "unfinished"),
        kind("childcare", ("childcare",), _named("childcare"), "Préparer les trois ans", "{detail}", "unfinished"),
        kind("steps", STEPS, steps, "Tenir les étapes des parcours", "Étapes attendues : {detail}", "participants"),
        kind(
            "dashboards",
            DASHBOARDS,
            _number(*DASHBOARDS),
            "Transmettre le tableau de bord",
            "Tableaux de bord attendus : {detail}",
            "dashboard",
        ),
        kind(
            "annual",
            ("annual_accounts",),
            _number("annual_accounts"),
            "Joindre les documents annuels",
            "Exercices attendus : {detail}",
            "annual",
        ),
    )


def _soon(*kinds: str) -> tuple[Condition, ...]:
    return (*open_of(*kinds), Deadline.due_on <= PREPARED_BY)


def _named(kind: str) -> Any:
    """« 3 ans d’un enfant en juin 2025 : suite à préparer, 2 familles », for each month of the two to come."""
    return sa.select(sa.func.aggregate_strings(Deadline.title, " ; ")).where(*_soon(kind)).scalar_subquery()


def _number(*kinds: str) -> Any:
    return sa.cast(sa.select(sa.func.count()).select_from(Deadline).where(*_soon(*kinds)).scalar_subquery(), sa.String)
