"""What a case is waiting for, and from whom, in one plain sentence for anyone who looks at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from casework.amendments import Amendment
from casework.amounts import euros
from casework.applications import Application, Correction, Opinion
from casework.casefile import CaseFile
from casework.french import listed, long_date
from casework.money import Payment, live
from workflows.application.amending import changes_of
from workflows.application.guards import balance_due

_BODIES = {"convergence": "de Convergence", "caf": "de la CAF du Pas-de-Calais"}


def waiting_for(application: Application, loaded: CaseFile) -> str:
    """One or two French sentences: who must do what, and until when where a date is known."""
    correction = open_correction_of(application)
    if correction is not None:
        who = application.organisation.name
        return f"Le dossier attend la réponse de {who} à la demande de correction, {_until(correction.due_on)}."
    amendment = next((one for one in loaded.amendments if one.is_open), None)
    said = _SENTENCES[application.state](application, loaded)
    return said if amendment is None else f"{said} {_amendment(application, amendment)}"


def _amendment(application: Application, amendment: Amendment) -> str:
    """What the applicant asks is said; what the services propose is their own work until it is decided."""
    if amendment.status == "asked" and amendment.asked_by == "funder":
        return "Un avenant est proposé : il attend la décision d’un responsable."
    if amendment.status == "asked":
        changed = changes_of(application, amendment)
        asked = [f"{label.lower()} : {after} au lieu de {before}" for label, before, after in changed]
        return f"Le porteur demande un avenant ({' ; '.join(asked)}) : il attend une décision du Département."
    missing = ["la signature du porteur"] if amendment.applicant_signed_on is None else []
    if amendment.funder_signed_on is None:
        missing.append("celle du Département" if missing else "la signature du Département")
    return f"{amendment.label} : il attend {listed(missing)}."


def open_correction_of(application: Application) -> Correction | None:
    return next((correction for correction in application.corrections if correction.waiting), None)


def opinion_of(opinion: Opinion) -> str:
    """« l’avis du SLAI Ternois », « l’avis de Convergence »."""
    return f"l’avis du {opinion.title}" if opinion.territory else f"l’avis {_BODIES[opinion.body]}"


def _until(day: date) -> str:
    return f"attendue pour le {long_date(day)}"


_VERIFICATION = "qu’une autre personne que celle qui l’a écrit vérifie cet ordre"


def _officer(application: Application) -> str:
    return application.officer.name if application.officer else "un chargé de mission"


def _draft(application: Application, loaded: CaseFile) -> str:
    if application.channel != "casework":
        return "Le dossier est arrivé par un autre canal : il est à compléter, à déposer puis à valider."
    closing = f"{long_date(application.closes_on)} à 23 h 59"
    return f"Le brouillon attend d’être complété, déposé puis validé par le porteur, au plus tard le {closing}."


def _deposited(application: Application, loaded: CaseFile) -> str:
    closing = f"{long_date(application.closes_on)} à 23 h 59"
    return f"Le dossier est déposé, mais pas encore validé : le porteur doit le valider au plus tard le {closing}."


def _submitted(application: Application, loaded: CaseFile) -> str:
    return f"Le dossier attend l’examen de sa recevabilité par {_officer(application)}."


def _opinions(application: Application, loaded: CaseFile) -> str:
    waiting = [opinion for opinion in application.opinions if opinion.waiting]
    if not waiting:
        return "Un avis défavorable empêche le financement : le dossier attend une décision, ou un nouvel avis."
    names = listed([opinion_of(opinion) for opinion in waiting])
    due = min(opinion.due_on for opinion in waiting)
    return f"Le dossier attend {names}, {'attendu' if len(waiting) == 1 else 'attendus'} pour le {long_date(due)}."


def _instruction(application: Application, loaded: CaseFile) -> str:
    return f"Le dossier attend la fin de son instruction par {_officer(application)}."


def _instructed(application: Application, loaded: CaseFile) -> str:
    return "Le dossier est instruit : il attend la décision du Département."


def _convention(application: Application, loaded: CaseFile) -> str:
    convention = application.convention
    missing = []
    if convention is None or convention.applicant_signed_on is None:
        missing.append("la signature du porteur")
    if convention is None or convention.funder_signed_on is None:
        missing.append("celle du Département" if missing else "la signature du Département")
    return f"La convention attend {listed(missing)}."


def _advance(application: Application, loaded: CaseFile) -> str:
    convention = application.convention
    if convention is not None and convention.terminated_on is not None:
        return f"La convention est résiliée au {long_date(convention.terminated_on)} : aucune avance ne se verse plus."
    advance = live(loaded.payments, "advance")
    if advance is None:
        return "La convention est signée : le dossier attend que l’avance soit ordonnée."
    if advance.awaits_verification:
        return f"L’avance est ordonnée : le dossier attend {_VERIFICATION}."
    return "L’avance est ordonnée et vérifiée : le dossier attend son paiement."


def _execution(application: Application, loaded: CaseFile) -> str:
    convention = application.convention
    if convention is not None and convention.terminated_on is not None:
        day = long_date(convention.terminated_on)
        return f"La convention est résiliée au {day} ; le porteur remettra ensuite le bilan de ce qui a été fait."
    end = f" jusqu’au {long_date(convention.ends_on)}" if convention else ""
    return f"L’opération se déroule{end} ; le porteur remettra ensuite son bilan final."


def _bilan(application: Application, loaded: CaseFile) -> str:
    report = application.report
    if report is not None and report.awaits_answer and report.answer_due_on is not None:
        return (
            "Le résultat de contrôle envisagé est connu : le dossier attend la réponse du porteur, "
            f"{_until(report.answer_due_on)}."
        )
    if report is not None and report.answered_at is not None:
        return f"Le porteur a répondu au contrôle : le dossier attend sa validation par {_officer(application)}."
    if report is not None:
        return f"Le bilan final est remis : il attend son contrôle par {_officer(application)}."
    due = next((d.due_on for d in loaded.deadlines if d.kind == "final_report" and d.status == "open"), None)
    until = f", attendu pour le {long_date(due)}" if due else ""
    convention = application.convention
    ended = "La convention est résiliée" if convention and convention.terminated_on else "L’opération est terminée"
    return f"{ended} : le dossier attend le bilan final du porteur{until}."


def _balance(application: Application, loaded: CaseFile) -> str:
    balance, recovery = live(loaded.payments, "balance"), live(loaded.payments, "recovery")
    if balance is not None:
        return _standing(balance, "Le solde", "payé", "le paiement du solde", "")
    if recovery is not None:
        return _standing(recovery, "Le reversement", "reçu", "le reversement", " par le porteur")
    difference = balance_due(application, loaded.payments)
    if difference == 0:
        return "L’avance versée est exactement ce qui est dû : le dossier attend d’être clos."
    if difference > 0:
        return f"Le dossier attend que le solde, de {euros(difference)}, soit ordonné."
    return f"Le dossier attend que le reversement, de {euros(-difference)}, soit demandé au porteur."


def _standing(payment: Payment, name: str, done: str, act: str, by_whom: str) -> str:
    """A balance already paid stands here when the control was reopened: nobody waits for it to be paid."""
    amount = euros(payment.amount_cents)
    if payment.awaits_verification:
        return f"{name} de {amount} est ordonné : le dossier attend {_VERIFICATION}."
    if payment.paid_on is None:
        return f"Le dossier attend {act}{by_whom} : {amount}."
    day = long_date(payment.paid_on)
    return f"{name} de {amount} a été {done} le {day} : il reste à l’annuler, ou à clore de nouveau le dossier."


def _says(sentence: str) -> Callable[[Application, CaseFile], str]:
    return lambda application, loaded: sentence


_SENTENCES: dict[str, Callable[[Application, CaseFile], str]] = {
    "draft": _draft,
    "deposited": _deposited,
    "submitted": _submitted,
    "slai_opinion": _opinions,
    "instruction": _instruction,
    "instructed": _instructed,
    "convention": _convention,
    "advance": _advance,
    "execution": _execution,
    "bilan": _bilan,
    "balance": _balance,
    "closed": _says("Le dossier est clos : plus rien n’est attendu de personne."),
    "lapsed": _says(
        "La session de dépôt s’est terminée avant que le dossier soit déposé et validé. "
        "Rien n’est perdu : il reste lisible et peut être repris pour une session suivante."
    ),
    "inadmissible": _says("Le dossier a été déclaré irrecevable : plus rien n’est attendu."),
    "rejected": _says("La demande a été refusée : plus rien n’est attendu."),
    "withdrawn": _says("Le porteur a retiré ce dossier : plus rien n’est attendu."),
    "terminated": _says("La convention est résiliée : plus rien n’est attendu de personne."),
}
