"""The register of what is held on participants, as it is published: page, JSON, notice and document say the same."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from casework.people import ROLES
from casework.permissions import PERMISSIONS
from casework.register import CATEGORIES, RETENTION_YEARS, Held
from casework.register_tables import LINKED, REGISTER
from casework.settings import Settings

PURPOSE = (
    "Suivre l’accompagnement vers l’emploi des personnes orientées vers une opération subventionnée, rendre compte de "
    "cette opération et en contrôler le financement."
)
LEGAL_BASIS = (
    "Mission d’intérêt public (article 6, paragraphe 1, e du RGPD) : l’action sociale et l’insertion, que le code de "
    "l’action sociale et des familles confie au Département. Les données sensibles (santé, handicap) ne sont traitées "
    "que pour la protection sociale et l’insertion (article 9, paragraphe 2, b)."
)
PEOPLE = "Les personnes orientées vers une opération, qu’elles y soient entrées ou non."
RETENTION = (
    f"L’identité et les textes libres sont effacés {RETENTION_YEARS} ans après le dernier contact, jamais tant qu’un "
    "parcours est ouvert ou qu’un dossier est en cours de contrôle. Les chiffres qui restent ne mènent à personne. Les "
    "pièces financières des dossiers, qui ne nomment pas les participants, sont gardées dix ans."
)
PROTECTION = (
    "Chaque affichage d’une identité est enregistré et visible du délégué à la protection des données. Aucun numéro de "
    "sécurité sociale n’est demandé. Rien n’est transmis hors de l’Union européenne."
)


def seen_by(held: Held) -> list[str]:
    """The roles that may read it, each within its scope."""
    return [label for role, label in ROLES.items() if role in PERMISSIONS[held.seen_by]]


def published(settings: Settings, register: Sequence[Held] = (*REGISTER, *LINKED)) -> dict[str, Any]:
    """The whole register, ready to be shown or written as JSON."""
    return {
        "controller": settings.funder,
        "address": settings.funder_address,
        "data_officer": {"email": settings.data_officer_email, "address": settings.data_officer_postal},
        "purpose": PURPOSE,
        "legal_basis": LEGAL_BASIS,
        "people": PEOPLE,
        "retention": RETENTION,
        "protection": PROTECTION,
        "categories": [
            {"label": label, "tables": [_described(held) for held in register if held.category == code]}
            for code, label in CATEGORIES.items()
        ],
    }


def _described(held: Held) -> dict[str, Any]:
    return {
        "table": held.table,
        "label": held.label,
        "purpose": held.purpose,
        "seen_by": seen_by(held),
        "fate": held.fate,
        "data": [
            {
                "column": name,
                "label": label,
                "sensitive": name in held.sensitive,
                "fate": "erased" if name in held.erased else "kept",
            }
            for name, label in held.facts.items()
        ],
    }


def as_text(found: dict[str, Any]) -> str:
    """The register for a terminal: what is held, by table, and what becomes of it."""
    lines = [f"Registre des traitements : {found['controller']}", "", found["purpose"], found["legal_basis"]]
    for category in found["categories"]:
        lines += ["", category["label"]]
        for table in category["tables"]:
            data = ", ".join(one["label"] for one in table["data"])
            lines.append(f"  {table['label']} ({table['table']}) : {data}. {table['fate']}.")
    return "\n".join(lines)


def write(arguments: argparse.Namespace, settings: Settings) -> None:
    found = published(settings)
    print(json.dumps(found, ensure_ascii=False, indent=2) if arguments.json else as_text(found))
