"""What a sheet says of an entry: situation, age, residence, child, orientation. Nothing here blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from casework.french import long_date
from workflows.rules.explanation import RuleWarning
from workflows.scheme import Scheme

RESIDENCE = "62"
YOUNG = ("young", "aseyouth")
ACTS = {"selection": ("sélectionner", "sélection"), "validation": ("valider", "validation")}


@dataclass(frozen=True)
class Entrant:
    """What is known of who enters. `age`: full years that day; `born`: the months in which the children were born, by
    their first day; `oriented_on`: when somebody oriented her; `validated_on`: when the SLAI accepted the orientation,
    where the sheet asks it."""

    publics: Sequence[str]
    age: int
    postcode: str
    entered_on: date
    born: tuple[date, ...] = ()
    validated_on: date | None = None
    oriented_on: date | None = None


def entry_findings(scheme: Scheme, who: Entrant) -> list[RuleWarning]:
    """Each thing that departs from the sheet, with its line; `code` is one of public, age, residence, child,
    before_orientation, before_validation."""
    rules = (_public, _age, _residence, _child, _orientation, _act)
    return [warning for rule in rules if (warning := rule(scheme, who)) is not None]


def act_of(scheme: Scheme) -> tuple[str, str]:
    """What the SLAI does with an orientation, in the words of the sheet: (« sélectionner », « sélection ») or else."""
    return ACTS[scheme.orientation_act or "validation"]


def child_is_young(limit: int, born: date, day: date) -> bool:
    """Whether a child born in this month may be under `limit` years on this day: in her month of birth, she may."""
    return (day.year - born.year) * 12 + day.month - born.month <= limit * 12


def _public(scheme: Scheme, who: Entrant) -> RuleWarning | None:
    if not scheme.publics or set(who.publics) & set(scheme.publics):
        return None
    return RuleWarning("public", "La fiche ne nomme pas cette situation : vérifiez que la personne en relève.")


def _age(scheme: Scheme, who: Entrant) -> RuleWarning | None:
    if not set(who.publics) & set(YOUNG) or who.age < scheme.youth_age:
        return None
    sentence = f"Public jeune, mais {who.age} ans : la fiche s’arrête à {scheme.youth_age} ans."
    return RuleWarning("age", sentence)


def _residence(scheme: Scheme, who: Entrant) -> RuleWarning | None:
    if scheme.residence_line is None or who.postcode.startswith(RESIDENCE):
        return None
    sentence = "Le code postal n’est pas du Pas-de-Calais, où la fiche demande de résider."
    return RuleWarning("residence", sentence, scheme.residence_line)


def _child(scheme: Scheme, who: Entrant) -> RuleWarning | None:
    limit = scheme.child_age_limit
    if limit is None or any(child_is_young(limit, born, who.entered_on) for born in who.born):
        return None
    if not who.born:
        sentence = f"Aucun enfant n’est déclaré : la fiche demande un enfant de moins de {limit} ans."
    else:
        sentence = f"Aucun enfant n’avait moins de {limit} ans à l’entrée, comme la fiche le demande."
    return RuleWarning("child", sentence, scheme.child_line)


def _orientation(_scheme: Scheme, who: Entrant) -> RuleWarning | None:
    if who.oriented_on is None or who.entered_on >= who.oriented_on:
        return None
    return RuleWarning("before_orientation", f"Entrée avant l’orientation, du {long_date(who.oriented_on)}.")


def _act(scheme: Scheme, who: Entrant) -> RuleWarning | None:
    if who.validated_on is None or who.entered_on >= who.validated_on:
        return None
    act = act_of(scheme)[1]
    sentence = f"Entrée avant la {act} de l’orientation par le SLAI, le {long_date(who.validated_on)}."
    return RuleWarning("before_validation", sentence, scheme.orientation_line)
