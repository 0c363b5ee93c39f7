"""What an invented application asks and answers: its plan, its budget, its form. `workflows.stories` tells the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from casework.money import STAFF
from workflows.rules.funded import HEADINGS, funded_categories
from workflows.scheme import Question, Scheme

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
"""What stands for a file that somebody joins."""


@dataclass(frozen=True)
class Plan:
    """How one application is to go. `window` is the rank of its deposit window, `requested` the grant in cents.

    `delay`: days that the services take, beyond the usual five, before they examine the file. `beyond`: steps that
    are still told once the target is reached (the sheet of the instruction filled, a report submitted, an advance
    ordered). `retained_pct`: what the instruction retains of the first expense. `report_after` and
    `control_after`: days from the end to the report, and from the report to its control. `disputed`: the
    report has one expense out of its period, which is refused, and one reduced. `delivers`: committees,
    dashboards, CRE and accounts are recorded on time while the operation runs. `goals`: the indicators are forecast.
    """

    code: str
    target: str = "closed"
    campaign: str = "2024"
    window: int = 0
    title: str = "Un pas vers l’emploi"
    territories: tuple[str, ...] = ("Arrageois",)
    requested: int = 4_000_000
    posts: int = 10
    retained_pct: int = 100
    accepted_pct: int = 100
    disputed: bool = False
    results_pct: int = 100
    opinion: str = "favourable"
    delay: int = 0
    beyond: int = 0
    report_after: int = 22
    control_after: int = 20
    delivers: bool = False
    goals: bool = False
    co_bearers: tuple[str, ...] = ()
    answers: dict[str, Any] = field(default_factory=dict)


def budget_rows(scheme: Scheme, plan: Plan) -> list[dict[str, str]]:
    """A balanced budget whose maximum grant is at least what is requested, in the categories the sheet accepts."""
    accepted = [code for code in funded_categories(scheme) if code != "indirect" and _is_told(scheme, code)]
    requested = requested_cents(scheme, plan)
    own = requested // 10
    indirect = (requested + own) // 10 if "personnel" in accepted else 0
    rest = requested + own - indirect
    main = "personnel" if "personnel" in accepted else accepted[0]
    others = [name for name in accepted if name != main]
    part = rest // 10 if others else 0
    lines = [("expense", main, rest - part * len(others)), *(("expense", name, part) for name in others)]
    lines += [("expense", "indirect", indirect)] if indirect else []
    lines += [("income", "requested", requested), ("income", "own", own)]
    return [_row(side, category, cents) for side, category, cents in lines]


def _is_told(scheme: Scheme, category: str) -> bool:
    """Travel and rent are told apart only where the sheet names them: elsewhere they are among operating costs."""
    return category not in HEADINGS or category in scheme.funding.operating_only


def _row(side: str, category: str, cents: int) -> dict[str, str]:
    row = {"side": side, "category": category, "label": _LINE_LABELS[category]}
    if category == STAFF:
        return {**row, "fte": "1", "gross": typed(cents), "share": "100"}
    return {**row, "amount": typed(cents)}


def requested_cents(scheme: Scheme, plan: Plan) -> int:
    """The grant asked for, within the ceilings of the sheet."""
    funding = scheme.funding
    wanted = plan.requested
    if funding.cap_per_project_eur is not None:
        wanted = min(wanted, funding.cap_per_project_eur * 100)
    if funding.cap_per_participant_month_eur is not None:
        wanted = min(wanted, funding.cap_per_participant_month_eur * 100 * plan.posts * 12)
    return wanted


def typed(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


def answer(question: Question, plan: Plan) -> Any:
    match question.kind:
        case "number":
            return str(plan.posts // 10 if question.key.startswith("young") else plan.posts)
        case "decimal":
            return "1,5"
        case "yes_no":
            return "non" if question.key.startswith("avip") else "oui"
        case "choice":
            return question.choices[0]
        case "choices":
            return list(question.choices[:2])
    return (
        "Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux."
    )


_LINE_LABELS = {
    "personnel": "Salaires et charges de l’équipe",
    "operating": "Fournitures et déplacements",
    "travel": "Trajets des accompagnants entre les lieux d’accueil",
    "rent": "Location d’une salle d’atelier",
    "external_services": "Intervenants extérieurs",
    "other_direct": "Dépenses rattachées à l’opération",
    "indirect": "Frais de structure",
    "requested": "Subvention demandée au Département",
    "own": "Fonds propres de la structure",
}
