"""The moves on dashboards: the operator sends one, the services ask for one."""

from __future__ import annotations

from workflows.application import dashboard_sending as sending
from workflows.application.notices import tell
from workflows.application.powers import power
from workflows.engine import Move

DASHBOARD = (
    Move(
        "transmit_dashboard",
        ("advance", "execution", "bilan", "balance"),
        None,
        "Transmettre le tableau de bord",
        "application.dashboard_transmitted",
        "Tableau de bord transmis",
        power=power("dashboard.transmit"),
        inputs=sending.sending,
        effects=(sending.send, tell("dashboard_sent")),
        relevant=sending.worth_sending,
        style="secondary",
        consequence="Les chiffres du jour sont figés et transmis ; ils ne changeront plus. Relisez-les d’abord dans "
        "l’onglet « Tableau de bord ».",
    ),
    Move(
        "ask_dashboard",
        ("advance", "execution", "bilan"),
        None,
        "Demander un tableau de bord",
        "application.dashboard_asked",
        "Tableau de bord demandé",
        power=power("dashboard.ask"),
        inputs=sending.ASKING,
        checks=(sending.asked_for_a_coming_day,),
        effects=(sending.ask, tell("dashboard_asked")),
        relevant=sending.worth_asking,
        style="secondary",
    ),
)
