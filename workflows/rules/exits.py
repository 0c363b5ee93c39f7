"""How a scheme classes the ways out of a journey: by its own list, in its own words (l.183, 320, 640, 2206, 2603 …).

The same contract may count in one sheet and not in another: a fixed-term contract of two months is an exit towards a
transition job in 3.9–3.12 and 3.14–3.16, whose lists say « moins de 6 mois », and is nothing in 3.1 and 3.3, whose
lists begin at three months. What a list does not name is no dynamic exit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from workflows.rules.calendar import add_months
from workflows.scheme import Scheme

LISTED = ("durable", "transition", "positive")
NEUTRAL = (("job", "Accès à un emploi"), ("training", "Entrée en formation"))
NO_DYNAMIC = (
    ("short", "Contrat ou solution que la fiche ne compte pas"),
    ("moved", "Autre situation (déménagement, santé, congé parental…)"),
    ("dropped", "Arrêt de l’accompagnement sans solution"),
)
_SIX_AND_MORE: tuple[int, int | None] = (6, None)
_THREE_AND_MORE: tuple[int, int | None] = (3, None)
_LESS_THAN_SIX: tuple[int, int | None] = (0, 6)
CONTRACT_MONTHS = {
    "cdd de 6 mois et plus (hors contrat aidé)": _SIX_AND_MORE,
    "contrat de mission de 6 mois et plus": _SIX_AND_MORE,
    "cdd de 3 mois et plus": _THREE_AND_MORE,
    "contrat de mission de 3 mois et plus": _THREE_AND_MORE,
    "contrat aidé en secteur marchand sous la forme d’un cdd de 3 mois et plus (cui-cie ou emploi franc)": (
        _THREE_AND_MORE
    ),
    "cdd de moins de 6 mois": _LESS_THAN_SIX,
    "contrat de mission de moins de 6 mois": _LESS_THAN_SIX,
}
"""The lengths of contract, in months, that the sheets' own words ask: at least, and less than."""


@dataclass(frozen=True)
class ExitKind:
    """One way out. `family`: durable | transition | positive | none."""

    code: str
    label: str
    family: str


def exit_kinds(scheme: Scheme) -> tuple[ExitKind, ...]:
    """The ways out that this scheme distinguishes (a small neutral list if none), then those that no sheet counts."""
    listed = scheme.dynamic_exits
    if listed is None:
        own = tuple(ExitKind(code, label, "none") for code, label in NEUTRAL)
    else:
        own = tuple(
            ExitKind(f"{family}-{rank}", label[0].upper() + label[1:], family)
            for family in LISTED
            for rank, label in enumerate(getattr(listed, family), start=1)
        )
    others = NO_DYNAMIC if listed is not None else NO_DYNAMIC[1:]
    return own + tuple(ExitKind(code, label, "none") for code, label in others)


def exit_kind(scheme: Scheme, code: str) -> ExitKind:
    """The way out of this code. Raises LookupError."""
    found = next((kind for kind in exit_kinds(scheme) if kind.code == code), None)
    if found is None:
        raise LookupError(f"{scheme.code} has no exit {code}")
    return found


def contract_contradicts(kind: ExitKind, starts_on: date | None, ends_on: date | None) -> str | None:
    """A French sentence when the contract's dates (both included) are not those of this kind; None otherwise."""
    least, below = CONTRACT_MONTHS.get(kind.label.lower(), (0, None))
    if starts_on is None or ends_on is None:
        return None
    after = ends_on + timedelta(days=1)
    if after < add_months(starts_on, least):
        return f"Ce contrat dure moins de {least} mois : il n’est pas « {kind.label} »."
    if below is not None and after >= add_months(starts_on, below):
        return f"Ce contrat dure {below} mois ou plus : il n’est pas « {kind.label} »."
    return None
