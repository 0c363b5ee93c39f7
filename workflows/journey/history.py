"""What a journal entry of a journey says to a person who may see its identity: French labels, dates in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from casework.activities import MODES
from casework.assessments import STAGES
from casework.documents import Document
from casework.french import listed, long_date
from casework.information import WAYS
from casework.journal import Event
from casework.participants import PUBLICS, WORKING_TIMES, JourneyWarning
from workflows.journey.identity import FIELDS
from workflows.journey.inputs import DECLINED
from workflows.rules.exits import exit_kinds
from workflows.scheme import Scheme

LABELS: Mapping[str, str] = {
    "public": "Public",
    "stage": "Évaluation",
    "areas": "Domaines modifiés",
    "handed_on": "Grille remise le",
    "entered_on": "Date d’entrée",
    "given_on": "Information donnée le",
    "informed": "Information sur ses données",
    "started_on": "À partir du",
    "resumed_on": "Reprise le",
    "hired_on": "Prise de poste le",
    "trial_ends_on": "Fin de la période d’essai",
    "done_on": "Réalisée le",
    "in_work": "Toujours en activité",
    "mode": "Entretien",
    "not_in_person": "Pourquoi pas en présence",
    "minutes": "Durée en minutes",
    "college_entered_on": "Entrée au collège le",
    "college_left_on": "Retour le",
    "exited_on": "Date de sortie",
    "exit_kind": "Type de sortie",
    "contract_starts_on": "Début du contrat",
    "contract_ends_on": "Fin du contrat",
    "working_time": "Temps de travail",
    "weekly_hours": "Heures par semaine",
    "cause": "Ce qui s’est passé",
    "evidence": "Justificatif",
    "warning": "Alerte",
    "track": "Suivi",
    "fact": "Ce qui est noté",
    "since_on": "Depuis le",
    "became": "Suite",
    "settled_on": "Le",
    "reason": "Motif",
}


def entered(
    event: Event, scheme: Scheme, warnings: list[JourneyWarning], evidence: Document | None
) -> list[tuple[str, str]]:
    """(label, text) of what was entered with this event, in a fixed order."""
    if event.payload is None:
        return []
    codes = {
        "public": PUBLICS,
        "cause": dict(DECLINED[0].choices),
        "exit_kind": {kind.code: kind.label for kind in exit_kinds(scheme)},
        "warning": {warning.code: warning.sentence for warning in warnings},
        "informed": WAYS,
        "stage": STAGES,
        "working_time": WORKING_TIMES,
        "mode": MODES,
        "in_work": {"yes": "oui", "no": "non"},
        "evidence": {str(evidence.id): evidence.name} if evidence else {},
    }
    content = event.payload.content
    changed = [FIELDS[name] for name in content.get("changed") or () if name in FIELDS]
    first = [("Ce qui a changé", listed(changed))] if changed else []
    return first + [
        (label, _said(name, content[name], codes.get(name, {})))
        for name, label in LABELS.items()
        if content.get(name) not in (None, "", [])
    ]


def _said(name: str, found: Any, codes: Mapping[str, str]) -> str:
    if isinstance(found, list):
        return listed([codes.get(str(one), str(one)) for one in found])
    value = str(found)
    return long_date(date.fromisoformat(value)) if name.endswith("_on") else codes.get(value, value)
