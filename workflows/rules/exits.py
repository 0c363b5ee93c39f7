"""How a scheme classes the ways out of a journey: by its own list, in its own words (l.183, 320, 640, 2206, 2603 …).

The same contract may count in one sheet and not in another: a fixed-term contract of two months is an exit towards a
transition job in 3.9–3.12 and 3.14–3.16, whose lists say « moins de 6 mois », and is nothing in 3.1 and 3.3, whose
lists begin at three months. What a list does not name is no dynamic exit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from casework.french import counted, listed
from workflows.rules.calendar import add_months
from workflows.rules.explanation import line_source
from workflows.scheme import Scheme

FULL_TIME_HOURS, MOST_HOURS = 35, 48
"""Legal working time and its ceiling over a week (Code du travail, L3121-20 and L3121-27)."""
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


LISTS = {
    "durable": "emplois durables",
    "transition": "emplois de transition",
    "positive": "sorties positives",
}


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


def needs_evidence(scheme: Scheme, kind_label: str, family: str) -> bool:
    """Whether an exit of this kind is to be proven with the report (3.7, 3.9–3.12, 3.14–3.16): a job or a training.

    Where the sheet defines no list (3.7), any access to a job or to a training is.
    """
    if not scheme.final_report.evidence_required:
        return False
    return family != "none" or kind_label in {label for _, label in NEUTRAL}


def explanation(scheme: Scheme, kind: ExitKind, starts_on: date | None, ends_on: date | None) -> list[str]:
    """Why the sheet classes this exit as it does, one sentence each: its list, its length, what must prove it."""
    found = [_by_list(scheme, kind)]
    least, below = CONTRACT_MONTHS.get(kind.label.lower(), (0, None))
    asked = [f"{least} mois au moins"] if least else []
    asked += [f"moins de {below} mois"] if below is not None else []
    if asked:
        found.append(f"Cette ligne demande {listed(asked)}{_length(starts_on, ends_on)}.")
    elif kind.code == "short" and (shortest := _shortest(scheme)):
        found.append(f"Les emplois de transition de cette fiche commencent à {shortest} mois.")
    if needs_evidence(scheme, kind.label, kind.family):
        found.append("Un justificatif est exigé avec le bilan : contrat de travail, attestation de formation…")
    return found


def _by_list(scheme: Scheme, kind: ExitKind) -> str:
    exits = scheme.dynamic_exits
    if exits is None:
        return "La fiche ne donne pas de liste de sorties dynamiques : cette sortie est comptée telle quelle."
    source = f" ({line_source(exits.line)})" if exits.line else ""
    if kind.family == "none":
        return f"La fiche ne nomme pas cette situation{source} : ce n’est pas une sortie dynamique."
    return (
        f"« {kind.label} » est dans la liste des {LISTS[kind.family]} de la fiche{source} : c’est une sortie dynamique."
    )


def _length(starts_on: date | None, ends_on: date | None) -> str:
    if starts_on is None or ends_on is None:
        return ""
    months = 0
    while add_months(starts_on, months + 1) <= ends_on + timedelta(days=1):
        months += 1
    days = (ends_on + timedelta(days=1) - add_months(starts_on, months)).days
    said = [f"{months} mois"] if months else []
    said += [counted(days, "jour")] if days else []
    return f" ; ce contrat dure {listed(said)}"


def _shortest(scheme: Scheme) -> int:
    """The months from which a contract counts at all in this sheet; 0 where any does."""
    listed_kinds = [kind for kind in exit_kinds(scheme) if kind.family == "transition"]
    return min((CONTRACT_MONTHS.get(kind.label.lower(), (0, None))[0] for kind in listed_kinds), default=0)


def hours_fault(working_time: str | None, hours: float | None) -> str | None:
    """A French sentence when so many hours a week are not those of a full or a part time; None otherwise."""
    if hours is None:
        return None
    if not 1 <= hours <= MOST_HOURS:
        return f"Une semaine de travail compte entre 1 et {MOST_HOURS} heures."
    if working_time == "part" and hours >= FULL_TIME_HOURS:
        return f"Un temps partiel est en dessous de {FULL_TIME_HOURS} heures par semaine."
    return None
