"""Every letter that a move sends: to whom, in which words, with the screen where to answer.

A sentence may use {reference} and {title} of the case, nothing else: no participant is ever named.
"""

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
        "convention_dropped",
        "applicant",
        "decision",
        "convention abandonnée",
        "Le Département renonce à la convention du dossier {reference}, qui n’était pas signée.",
    ),
    _notice(
        "terminated",
        "applicant",
        "decision",
        "résiliation",
        "La convention du dossier {reference} est résiliée. Enregistrez la sortie de chaque participant, puis remettez "
        "le bilan final de ce qui a été fait jusqu’à la date d’effet : l’avance qui dépasserait les dépenses acceptées "
        "sera à reverser.",
        page="/bilan/preparer",
        deadline="final_report",
        label="Préparer le bilan final",
    ),
    _notice(
        "terminated_unstarted",
        "applicant",
        "decision",
        "résiliation",
        "La convention du dossier {reference} est résiliée avant le début de l’opération : rien n’a été versé et aucun "
        "bilan n’est dû.",
    ),
    _notice(
        "terminated_finance",
        "finance",
        "news",
        "résiliation",
        "La convention du dossier {reference} est résiliée : aucune avance ne se verse plus. Le contrôle du bilan dira "
        "s’il y a un solde ou un reversement.",
        page="/versements",
        label="Voir les versements",
    ),
    _notice(
        "terminated_slai",
        "slai",
        "news",
        "résiliation",
        "La convention du dossier {reference} est résiliée : plus personne n’y est orienté, et ceux qui y sont "
        "accompagnés auront besoin d’une autre orientation.",
        page="/participants",
        label="Voir les participants",
    ),
    _notice(
        "termination_cancelled",
        "applicant",
        "decision",
        "résiliation annulée",
        "La résiliation annoncée du dossier {reference} est annulée : l’opération se poursuit jusqu’à son terme.",
    ),
    _notice(
        "report_awaited_terminated",
        "applicant",
        "request",
        "bilan attendu",
        "Le bilan final de l’opération résiliée est à remettre.",
        page="/bilan/preparer",
        deadline="final_report",
        label="Préparer le bilan final",
    ),
    _notice(
        "report_missing",
        "applicant",
        "decision",
        "absence de bilan",
        "Aucun bilan final n’a été remis pour le dossier {reference} : aucune dépense n’est retenue, et l’avance "
        "versée serait à reverser. Vous pouvez répondre avant que ce résultat soit définitif.",
        action="answer_control",
        deadline="control_answer",
        label="Répondre",
    ),
    _notice(
        "amendment_requested",
        "officer",
        "request",
        "avenant demandé",
        "Le porteur demande un avenant à la convention du dossier {reference}.",
        action="accept_amendment",
        label="Examiner la demande d’avenant",
    ),
    _notice(
        "amendment_to_decide",
        "manager",
        "request",
        "avenant à décider",
        "Un avenant qui change le montant de la convention du dossier {reference} attend une décision.",
        action="grant_amendment",
        label="Décider de l’avenant",
    ),
    _notice(
        "amendment_refused",
        "applicant",
        "decision",
        "avenant refusé",
        "L’avenant demandé pour le dossier {reference} est refusé : la convention reste telle qu’elle est.",
        page="/convention",
        label="Voir la convention",
    ),
    _notice(
        "amendment_abandoned",
        "applicant",
        "news",
        "avenant abandonné",
        "Le Département abandonne l’avenant en cours du dossier {reference} : la convention reste telle qu’elle est.",
        page="/convention",
        label="Voir la convention",
    ),
    _notice(
        "amendment_to_sign",
        "applicant",
        "request",
        "avenant à signer",
        "L’avenant à la convention du dossier {reference} est établi : il est à signer.",
        action="sign_amendment_for_applicant",
        deadline="signature",
        label="Signer l’avenant",
    ),
    _notice(
        "amendment_in_force",
        "applicant",
        "news",
        "avenant en vigueur",
        "L’avenant du dossier {reference} est signé par les deux parties : la convention et ses échéances sont à jour.",
        page="/convention",
        label="Voir la convention",
    ),
)  # fmt: skip
NOTICES = {notice.code: notice for notice in _ALL}
