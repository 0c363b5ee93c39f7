"""How an exit is told: where the person works, what follows, why the sheet classes it as it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.errors import InvalidInput
from casework.french import short_date
from casework.participants import NEXT_STEPS, WORKING_TIMES, Journey
from workflows.engine import Context
from workflows.inputs import read
from workflows.journey.checks import contract_is_what_is_said
from workflows.journey.inputs import leaving
from workflows.rules.exits import exit_kind, exit_kinds, explanation
from workflows.versions import scheme_of

EXIT_TRIGGERS = ("record_exit", "correct_exit")


def employment(journey: Journey) -> str:
    """« Chez Untel, Arras ; du 01/03/2024 au 31/08/2024 ; temps partiel, 24 h par semaine »."""
    parts = [", ".join(part for part in (journey.employer_name, journey.employer_town) if part)]
    if journey.contract_starts_on is not None:
        end = f" au {short_date(journey.contract_ends_on)}" if journey.contract_ends_on else ", sans terme"
        parts.append(f"du {short_date(journey.contract_starts_on)}{end}")
    time = [WORKING_TIMES[journey.working_time].lower()] if journey.working_time else []
    if journey.weekly_minutes:
        hours = f"{journey.weekly_minutes / 60:.2f}".rstrip("0").rstrip(".").replace(".", ",")
        time.append(f"{hours} h par semaine")
    parts.append(", ".join(time))
    return "\u202f; ".join(part for part in parts if part)


def after_exit(journey: Journey) -> list[tuple[str, str]]:
    """Terms and answers for the page of a journey: the job, why it is classed so, what follows."""
    scheme = scheme_of(journey.application)
    kind = next((one for one in exit_kinds(scheme) if one.label == journey.exit_kind), None)
    dates = (journey.contract_starts_on, journey.contract_ends_on)
    rows = [
        ("Emploi", employment(journey)),
        ("Pourquoi ce classement", " ".join(explanation(scheme, kind, *dates)) if kind else ""),
        ("Suite du parcours", NEXT_STEPS.get(journey.next_step or "", "")),
    ]
    return [(label, text) for label, text in rows if text]


def classed(context: Context, typed: Mapping[str, Any]) -> list[str]:
    """How the sheet would class the exit being typed, one sentence each. Raises InvalidInput; nothing is written."""
    wanted = ("exit_kind", "contract_starts_on", "contract_ends_on")
    answers = read(tuple(item for item in leaving(context) if item.name in wanted), typed)
    faults = contract_is_what_is_said(Context(context.session, context.case, context.act, answers))
    if faults:
        raise InvalidInput({name: [sentence] for name, sentence in faults.items()})
    scheme = scheme_of(context.case.application)
    kind = exit_kind(scheme, answers["exit_kind"])
    return explanation(scheme, kind, answers["contract_starts_on"], answers["contract_ends_on"])
