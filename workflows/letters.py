"""Every letter that a move sends, in one place: to whom, in which words, with a link to the screen where to answer.

A sentence may use {reference} and {title} of the case, nothing else: no participant is ever named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework.applications import Application
from casework.deadlines import Deadline
from casework.french import long_date
from casework.mail import Day, Letter
from casework.settings import Settings

AUDIENCES = {
    "applicant": "le porteur et ses co-porteurs",
    "officer": "le chargé de mission du dossier, ou tous ceux du dispositif",
    "manager": "les responsables",
    "finance": "les gestionnaires financiers",
    "verifiers": "les gestionnaires financiers, sauf celui qui a ordonné",
    "opinions": "ceux dont l’avis est attendu",
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


def _notice(code: str, audience: str, category: str, subject: str, sentence: str, **rest: str) -> Notice:
    if audience not in AUDIENCES:
        raise ValueError(f"unknown audience {audience}")
    return Notice(code, audience, category, subject, sentence, **rest)


_ALL = (
    _notice(
        "deposited",
        "applicant",
        "request",
        "dossier déposé, à valider",
        "Votre dossier {reference} est déposé. Il reste à le valider avant la clôture de la session : les deux actes "
        "sont demandés.",
        action="validate",
        label="Valider le dossier",
    ),
    _notice(
        "validated",
        "applicant",
        "news",
        "dossier validé",
        "Votre dossier {reference} est déposé et validé. L’accusé de réception est disponible dans ses pièces.",
        page="/pieces",
        label="Voir les pièces du dossier",
    ),
    _notice(
        "received",
        "officer",
        "request",
        "nouveau dossier",
        "Un nouveau dossier attend l’examen de sa recevabilité : {title}.",
        action="admit",
        label="Examiner la recevabilité",
    ),
    _notice(
        "lapsed",
        "applicant",
        "decision",
        "session close",
        "La session de dépôt est close et votre dossier n’a pas été déposé et validé. "
        "Rien n’est perdu : il reste lisible et peut être repris pour une session suivante.",
        action="carry_over",
        label="Reprendre ce dossier pour une session suivante",
    ),
    _notice(
        "opinion_asked",
        "opinions",
        "request",
        "avis demandé",
        "Votre avis d’opportunité et de faisabilité est attendu sur ce dossier.",
        page="/avis",
        deadline="opinion",
        label="Donner votre avis",
    ),
    _notice(
        "opinion_asked_again",
        "opinions",
        "request",
        "avis redemandé",
        "Un nouvel avis vous est demandé sur ce dossier.",
        page="/avis",
        deadline="opinion",
        label="Donner votre avis",
    ),
    _notice(
        "opinion_given", "officer", "news", "avis rendu", "Un avis est rendu sur le dossier {reference}.", page="/avis"
    ),
    _notice(
        "correction_asked",
        "applicant",
        "request",
        "correction demandée",
        "Une correction est demandée sur votre dossier {reference}.",
        action="answer_correction",
        report_action="submit_report",
        deadline="correction",
        label="Répondre à la demande de correction",
    ),
    _notice(
        "correction_answered",
        "officer",
        "news",
        "correction apportée",
        "Le porteur a répondu à votre demande de correction.",
    ),
    _notice(
        "inadmissible",
        "applicant",
        "decision",
        "dossier irrecevable",
        "Votre dossier {reference} n’est pas recevable.",
    ),
    _notice(
        "assigned", "officer", "request", "dossier confié", "Le dossier {reference} vous est confié."
    ),
    _notice(
        "rejected_for_opinion",
        "applicant",
        "decision",
        "décision",
        "Votre dossier {reference} n’a pas été retenu.",
    ),
    _notice(
        "decision_awaited",
        "manager",
        "request",
        "décision attendue",
        "L’instruction du dossier {reference} est terminée : il attend une décision.",
        action="grant",
        label="Décider",
    ),
    _notice(
        "granted",
        "applicant",
        "decision",
        "subvention accordée",
        "Votre demande est acceptée. La convention est à signer.",
        action="sign_for_applicant",
        deadline="signature",
        label="Signer la convention",
    ),
    _notice("rejected", "applicant", "decision", "décision", "Votre dossier {reference} n’a pas été retenu."),
    _notice(
        "advance_to_order",
        "finance",
        "request",
        "avance à payer",
        "La convention du dossier {reference} est signée : l’avance est à ordonner.",
        action="order_advance",
        deadline="advance",
        label="Ordonner l’avance",
    ),
    _notice(
        "payment_to_verify",
        "verifiers",
        "request",
        "versement à vérifier",
        "Un versement est ordonné sur le dossier {reference} : une autre personne que celle qui l’a ordonné doit le "
        "vérifier avant qu’il soit payé.",
        action="verify_payment",
        label="Vérifier le versement",
    ),
    _notice("advance_paid", "applicant", "news", "avance payée", "L’avance de votre subvention a été payée."),
    _notice(
        "report_awaited",
        "applicant",
        "request",
        "bilan attendu",
        "L’opération est terminée : le bilan final est à remettre.",
        page="/bilan/preparer",
        deadline="final_report",
        label="Préparer le bilan final",
    ),
    _notice(
        "report_awaited_early",
        "applicant",
        "request",
        "bilan attendu",
        "L’opération s’arrête avant son terme : le bilan final est à remettre.",
        page="/bilan/preparer",
        deadline="final_report",
        label="Préparer le bilan final",
    ),
    _notice(
        "report_received",
        "officer",
        "request",
        "bilan reçu",
        "Le bilan final du dossier {reference} est à contrôler.",
        page="/bilan/controle",
        deadline="control",
        label="Contrôler le bilan",
    ),
    _notice(
        "intended_result",
        "applicant",
        "request",
        "résultat de contrôle envisagé",
        "Le contrôle du bilan final du dossier {reference} est fait : voici le résultat envisagé. Vous pouvez y "
        "répondre, ligne par ligne ou dans l’ensemble, avant qu’il soit définitif.",
        action="answer_control",
        deadline="control_answer",
        label="Lire le résultat et répondre",
    ),
    _notice(
        "control_answered",
        "officer",
        "request",
        "réponse au contrôle",
        "Le porteur a répondu au résultat envisagé du dossier {reference}.",
        page="/bilan/controle",
        deadline="control",
        label="Lire la réponse",
    ),
    _notice(
        "report_validated", "applicant", "news", "bilan validé", "Votre bilan final est validé.", page="/bilan"
    ),
    _notice(
        "balance_to_settle",
        "finance",
        "request",
        "solde à traiter",
        "Le bilan du dossier {reference} est validé : son solde est à traiter.",
        deadline="balance",
        page="/versements",
        label="Traiter le solde",
    ),
    _notice(
        "balance_paid",
        "applicant",
        "news",
        "solde payé",
        "Le solde de votre subvention a été payé ; le dossier est clos.",
    ),
    _notice(
        "recovery",
        "applicant",
        "decision",
        "reversement",
        "L’avance dépasse ce qui est dû : un reversement vous est demandé.",
    ),
    _notice("withdrawn", "officer", "news", "dossier retiré", "Le porteur retire le dossier {reference}."),
    _notice(
        "terminated", "applicant", "decision", "résiliation", "La convention du dossier {reference} est résiliée."
    ),
    _notice(
        "terminated_finance",
        "finance",
        "request",
        "résiliation",
        "Le dossier {reference} est résilié : vérifiez s’il y a lieu à reversement.",
        page="/versements",
        label="Voir les versements",
    ),
    _notice(
        "termination_recovery",
        "applicant",
        "decision",
        "reversement",
        "À la suite de la résiliation, un reversement vous est demandé.",
    ),
)  # fmt: skip
NOTICES = {notice.code: notice for notice in _ALL}


def address(settings: Settings, application_id: int, *, action: str = "", page: str = "") -> str:
    """The exact screen of a case: the form of an action, one of its pages, or its first page."""
    base = f"{settings.public_url}/dossiers/{application_id}{page}"
    return f"{base}?action={action}#action-{action}" if action else base


def deadline_address(settings: Settings, deadline: Deadline) -> str:
    """Where this very thing is done: the journey for one of its steps, else the case."""
    if deadline.journey_id is not None:
        return f"{settings.public_url}/participants/{deadline.journey_id}"
    return address(settings, deadline.application_id)


def facts_of(case: Application) -> tuple[tuple[str, str], ...]:
    """Which case it is, in three lines."""
    return (
        ("Dossier", f"{case.reference} – {case.called}"),
        ("Dispositif", f"{case.scheme_code} {case.scheme_version.title}"),
        ("Porteur", case.organisation.name),
    )


def letter_of(
    notice: Notice, case: Application, settings: Settings, *, answers: Mapping[str, Any], due_on: date | None = None
) -> Letter:
    """What this notice says about this case; `due_on` is the day before which an answer is awaited."""
    due = (("À faire au plus tard le", long_date(due_on, weekday=True)),) if due_on else ()
    reason = answers.get("reason")
    on_report = notice.report_action and case.state == "bilan"
    action = notice.report_action if on_report else notice.action
    return Letter(
        subject=f"{case.reference} – {notice.subject}",
        paragraphs=(
            notice.sentence.format(reference=case.reference, title=case.title),
            *((f"Motif : {reason}",) if reason else ()),
        ),
        facts=due + facts_of(case),
        link=(notice.label, address(settings, case.id, action=action, page=notice.page)),
    )


def day_of(case: Application, settings: Settings, deadline: Deadline) -> Day:
    """A deadline as a day for a calendar, under a key of its own: a new date moves the same entry."""
    title = f"{case.reference} – {deadline.label}"
    return Day(f"echeance-{deadline.id}", deadline.due_on, title, deadline_address(settings, deadline))
