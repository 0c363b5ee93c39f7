"""What somebody who decides or controls must have under the eyes, just above the actions of the case."""

from __future__ import annotations

from typing import Any

from casework.amounts import euros
from casework.applications import VERDICTS, Opinion
from casework.french import counted
from web import case_money
from web.case_layout import CaseView
from workflows.application.reading import grant_from
from workflows.application.sheet import SHEET, lacking

OPPOSED = ("reserved", "unfavourable")
OPINIONS_MATTER = ("slai_opinion", "instruction", "instructed")


def essentials_of(view: CaseView) -> dict[str, Any]:
    """For officers and managers only: `opposed` opinions, `sheet` to fill, `decision` to take, `control` to make."""
    case = view.application
    if not view.may("application.instruct"):
        return {}
    found: dict[str, Any] = {}
    if case.state in OPINIONS_MATTER:
        found["opposed"] = [_said(opinion) for opinion in case.opinions if opinion.verdict in OPPOSED]
    if case.state == "instruction":
        found["sheet"] = _sheet(view)
    if case.state == "instructed":
        found["decision"] = _decision(view)
    if case.state == "bilan" and case.report is not None and case.report.validated_at is None:
        found["control"] = case_money.report(view)
    return found


def _said(opinion: Opinion) -> dict[str, str]:
    verdict = VERDICTS[opinion.verdict or ""].lower()
    return {"title": f"Avis {verdict} : {opinion.title}", "text": opinion.text}


def _sheet(view: CaseView) -> dict[str, Any]:
    """How far the sheet of the instruction is: points examined of all, by part."""
    case, loaded = view.application, view.loaded
    lacks = lacking(case, lines=loaded.budget, documents=loaded.documents, points=loaded.points, reviews=loaded.reviews)
    return {
        "facts": [
            (SHEET[part], counted(len(left), "à examiner", "à examiner") if left else "complet")
            for part, left in lacks.items()
        ],
        "complete": not any(lacks.values()),
    }


def _decision(view: CaseView) -> dict[str, Any]:
    case = view.application
    maximum = grant_from(case, view.loaded.retained).maximum_cents
    over = case.proposed_cents is not None and case.proposed_cents > maximum
    return {
        "facts": [
            ("Maximum selon les règles", euros(maximum)),
            ("Montant proposé", None if case.proposed_cents is None else euros(case.proposed_cents)),
            ("Montant demandé", euros(case.requested_cents)),
            *((opinion.title, _verdict(opinion)) for opinion in case.opinions),
        ],
        "over": over,
        "report": case.instruction_report or "",
    }


def _verdict(opinion: Opinion) -> str:
    if opinion.skipped_at is not None:
        return "passé outre"
    return VERDICTS[opinion.verdict] if opinion.verdict else "attendu"
