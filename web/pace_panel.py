"""The interviews that 3.2 wants with a person who was hired, on the page of a journey and in the list of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g

from casework.applications import Application
from casework.french import counted, long_date, short_date
from casework.participants import Journey
from workflows.journey.interviews import paces_of
from workflows.rules.explanation import line_source
from workflows.versions import scheme_of


def pace_panel(journey: Journey) -> dict[str, Any] | None:
    """What the page of a journey says of its interviews; None where the sheet says no pace, or nobody waits."""
    asked = scheme_of(journey.application).interview_pace
    pace = paces_of(g.db, journey.application, [journey]).get(journey.id)
    if asked is None or pace is None:
        return None
    facts = [("Avant la prise de poste", counted(pace.before, "entretien"))]
    if journey.hired_on is not None:
        facts.append(("Pendant la période d’essai", counted(pace.during, "entretien")))
        facts.append(("Ensuite", counted(pace.later, "entretien")))
    facts.append(("Dernier entretien", long_date(pace.last_on) if pace.last_on else "aucun"))
    awaited, late = pace.awaited(g.today), pace.is_late(g.today)
    if awaited is not None:
        facts.append(("Prochain", f"{'attendu depuis' if late else 'au plus tard'} le {long_date(awaited)}"))
    hint = (
        f"La fiche veut des entretiens pendant les {asked.months} premiers mois de contrat, plus rapprochés pendant la "
        f"période d’essai ({line_source(asked.line)}). Repère du service : {asked.trial_days} jours au plus entre deux "
        f"entretiens pendant l’essai, {asked.later_days} jours ensuite."
    )
    return {"facts": facts, "late": late, "hired": journey.hired_on is not None, "hint": hint}


def awaited_on_roster(application: Application, journeys: Sequence[Journey]) -> dict[int, dict[str, Any]]:
    """What the list of people says of each one for whom an interview is awaited."""
    return {
        key: {"said": [f"Entretien avant le {short_date(awaited)}"], "warned": pace.is_late(g.today)}
        for key, pace in paces_of(g.db, application, journeys).items()
        if (awaited := pace.awaited(g.today)) is not None
    }
