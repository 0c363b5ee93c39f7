"""The letters of the follow-up of operations: dashboards sent and asked for. See `letter_texts`."""

from __future__ import annotations

from workflows.notice import notice as _notice

FOLLOWUP = (
    _notice(
        "dashboard_sent",
        "dashboard",
        "news",
        "tableau de bord transmis",
        "Le porteur transmet le tableau de bord de l’opération {reference}. Il se lit dans le service, figé au jour de "
        "son envoi.",
        page="/tableau-de-bord",
        label="Lire le tableau de bord",
    ),
    _notice(
        "dashboard_asked",
        "applicant",
        "request",
        "tableau de bord demandé",
        "Le Département demande le tableau de bord de l’opération {reference}. Il est déjà rempli par ce qui est saisi "
        "au fil de l’eau : relisez-le et transmettez-le.",
        page="/tableau-de-bord/transmettre",
        deadline="dashboard_request",
        label="Relire et transmettre le tableau de bord",
    ),
)
