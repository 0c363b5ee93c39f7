"""What each person wants to be told by mail, and how: at once, in the daily summary, or not at all.

What the call or the law requires (decisions, requests, deadlines) is always sent: only the manner may be chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casework.people import User

NOW, SUMMARY, NEVER = "now", "summary", "never"
MANNERS = {NOW: "Tout de suite", SUMMARY: "Dans le récapitulatif du matin", NEVER: "Pas par courrier électronique"}


@dataclass(frozen=True)
class Category:
    """A kind of message. `manners`: what may be chosen, the first one being what is done unless said otherwise."""

    code: str
    label: str
    help: str
    manners: tuple[str, ...]

    @property
    def choosable(self) -> bool:
        return len(self.manners) > 1


CATEGORIES = {
    category.code: category
    for category in (
        Category("account", "Votre compte", "Mot de passe, invitations.", (NOW,)),
        Category("decision", "Décisions", "Recevabilité, subvention, refus, résiliation, reversement.", (NOW,)),
        Category("request", "Ce qui vous est demandé", "Corrections, avis, signature, paiement, contrôle.", (NOW,)),
        Category("deadline", "Échéances", "Rappels avant, le jour même et après : toujours envoyés.", (SUMMARY, NOW)),
        Category("news", "Ce qui avance", "Dossier reçu, avis rendu, avance payée…", (NOW, SUMMARY, NEVER)),
        Category("tasks", "Nouvelles tâches", "Ce qui vient d’arriver dans « À faire ».", (SUMMARY, NEVER)),
        Category("digest", "Récapitulatif", "Un par jour ouvré, seulement s’il y a quelque chose à dire.", (NOW,)),
    )
}


def manner(user: User, category: str) -> str:
    """How this person is told of this category; the default where nothing valid was chosen."""
    found = CATEGORIES[category]
    chosen = getattr(user, f"mail_{category}") if found.choosable else ""
    return chosen if chosen in found.manners else found.manners[0]


def choose(user: User, choices: Mapping[str, str]) -> None:
    """Keep the choices that are offered; whatever else was sent changes nothing."""
    for code, category in CATEGORIES.items():
        if category.choosable and choices.get(code) in category.manners:
            setattr(user, f"mail_{code}", choices[code])
