"""What one letter of a move is made of, and to whom letters may be sent."""

from __future__ import annotations

from dataclasses import dataclass

AUDIENCES = {
    "applicant": "le porteur et ses co-porteurs",
    "officer": "le chargé de mission du dossier, ou tous ceux du dispositif",
    "manager": "les responsables",
    "finance": "les gestionnaires financiers",
    "verifiers": "les gestionnaires financiers, sauf celui qui a ordonné",
    "opinions": "ceux dont l’avis est attendu",
    "slai": "les SLAI des territoires du dossier",
    "dashboard": "le chargé de mission, et ceux que la fiche convoque au comité",
}


@dataclass(frozen=True)
class Notice:
    """One letter.

    `action`: the trigger of the form to open (`report_action` once the final report is the subject); `page`: a page of
    the case; `deadline`: the kind that the move has just planned, with its day in full and a calendar.
    """

    code: str
    audience: str
    category: str
    subject: str
    sentence: str
    action: str = ""
    report_action: str = ""
    page: str = ""
    deadline: str = ""
    label: str = "Voir le dossier"


def notice(code: str, audience: str, category: str, subject: str, sentence: str, **rest: str) -> Notice:
    if audience not in AUDIENCES:
        raise ValueError(f"unknown audience {audience}")
    return Notice(code, audience, category, subject, sentence, **rest)
