"""The criteria that the sheet of a scheme gives to examine an application by, each with its words and its lines."""

from __future__ import annotations

from dataclasses import dataclass

from casework.french import listed
from workflows.rules.explanation import line_source
from workflows.scheme import Scheme


@dataclass(frozen=True)
class Criterion:
    """`code` is stable from one version of a sheet to the next; `details`: what the sheet says, with "(l.33)"."""

    code: str
    label: str
    details: tuple[str, ...]


def criteria_of(scheme: Scheme) -> tuple[Criterion, ...]:
    """What an officer examines, in the order of the sheets; what a sheet does not say is not asked."""
    known = (
        Criterion("applicant", "Porteur éligible", scheme.eligible_applicants),
        Criterion("accreditation", "Agrément exigé", _accreditation(scheme)),
        Criterion("means", "Moyens du porteur", scheme.applicant_means_required),
        Criterion("public", "Public visé", scheme.target_public),
        Criterion("territory", "Territoire d’intervention", (_territory(scheme),)),
        Criterion("period", "Durée de l’opération", (_period(scheme),)),
        Criterion("phases", "Étapes de l’action", scheme.phases),
        Criterion("rules", "Règles propres au dispositif", scheme.special_rules),
    )
    return tuple(criterion for criterion in known if criterion.details)


def _accreditation(scheme: Scheme) -> tuple[str, ...]:
    return (scheme.required_accreditation,) if scheme.required_accreditation else ()


def _territory(scheme: Scheme) -> str:
    territories = scheme.territories
    said = {
        "nine": "Un ou plusieurs des neuf territoires",
        "priority": f"Territoires prioritaires : {listed(list(territories.priority))}",
        "whole_department": "Tout le département",
    }[territories.scope]
    return f"{said} ({line_source(territories.line)})"


def _period(scheme: Scheme) -> str:
    terms = scheme.convention
    return f"{terms.max_months} mois au plus ({line_source(terms.line)})"
