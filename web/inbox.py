"""What I must do: the first page of everyone who is signed in, in order of date, one click from each action."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, url_for

from casework import permissions
from casework.french import counted
from casework.people import Actor
from web.access import signed_in
from web.render import page
from workflows.inbox import COUNT_LIMIT, Group, Overflow, Task, inbox_of

pages = Blueprint("inbox", __name__)

SOON = timedelta(days=7)
EMPTY = {
    "applicant": ("Vos dossiers à compléter, à valider, à signer, et vos bilans à remettre apparaîtront ici."),
    "slai": "Les avis, les orientations et les comptes rendus qui attendent votre territoire apparaîtront ici.",
    "partner": "Les avis qui vous sont demandés apparaîtront ici dès qu’un dossier sera déclaré recevable.",
    "officer": "Les dossiers à examiner, à instruire et les bilans à contrôler apparaîtront ici.",
    "manager": "Les décisions à prendre, les conventions à signer et les retards apparaîtront ici.",
    "finance": "Les avances et les soldes à ordonner, puis à enregistrer, apparaîtront ici.",
}
SHORTCUTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "auditor": (
        ("/dossiers", "Les dossiers", "Tout lire : pièces, avis, montants, historique de chaque dossier."),
        ("/versements", "Les versements", "Avances, soldes et reversements, ordonnés et payés."),
        ("/dossiers?retard=1&tri=echeance", "Les retards", "Les dossiers dont une échéance est passée."),
    ),
    "data_officer": (
        ("/personnes", "Répondre à une personne", "Ce qui est gardé d’elle, à lui donner."),
        ("/consultations", "Consultations", "Qui a vu l’identité de qui, quand et sur quelle page."),
        ("/conservation", "Conservation", "Ce qui est effacé et quand, ce qui est retenu par un contrôle."),
        ("/rapprochements", "Rapprochements", "Les personnes qui ont peut-être deux identités."),
        ("/registre-des-traitements", "Registre", "Ce qui est gardé des participants, pourquoi et combien de temps."),
    ),
    "admin": (
        ("/admin/utilisateurs", "Les utilisateurs", "Inviter une personne, lui donner ou lui retirer un rôle."),
        ("/admin/dispositifs", "Les dispositifs", "Les versions des fiches de chaque campagne."),
    ),
}


@pages.get("/a-faire")
@signed_in
def index() -> Any:
    groups = inbox_of(g.db, g.actor, today=g.today)
    return page(
        "inbox/index.html",
        groups=[_drawn(group) for group in groups],
        empty=_empty(g.actor),
        may_apply=permissions.holds(g.actor, "application.create"),
        nothing_mine=not any(group.code == "mine" for group in groups),
        shortcuts=[shortcut for role in sorted(g.actor.roles) for shortcut in SHORTCUTS.get(role, ())],
        lead=_lead(groups),
    )


def _drawn(group: Group) -> dict[str, Any]:
    return {
        "code": group.code,
        "label": group.label,
        "count": f"plus de {group.count}" if group.partial else str(group.count),
        "late": group.late,
        "tasks": [_line(task) for task in group.tasks],
        "hidden": group.count > len(group.tasks),
        "overflows": [_overflow(overflow) for overflow in group.overflows],
    }


def _line(task: Task) -> dict[str, Any]:
    return {
        "href": task.address,
        "verb": task.verb,
        "reference": task.reference,
        "title": task.title,
        "organisation": task.organisation,
        "why": task.why,
        "since": task.since,
        "last": task.kind.grows,
        "due_on": task.due_on,
        "late": f"en retard de {counted(task.late_days, 'jour')}" if task.late_days else None,
        "soon": task.due_on is not None and not task.late_days and task.due_on <= g.today + SOON,
        "officer": task.officer if task.kind.group != "mine" else None,
        "untaken": task.officer is None and task.kind.group == "service" and task.kind.role in ("officer", "manager"),
    }


def _overflow(overflow: Overflow) -> dict[str, str]:
    kind = overflow.kind
    charge = {"mine": "moi", "none": "personne"}.get(kind.officer or "")
    number = f"plus de {COUNT_LIMIT}" if overflow.count >= COUNT_LIMIT else str(overflow.count)
    address = url_for("cases_list.index", etat=list(kind.states), charge=charge, tri="echeance")
    return {"href": address, "label": f"{kind.act('')[0]} : voir les dossiers à cette étape ({number})"}


def _lead(groups: list[Group]) -> str | None:
    late = sum(group.late for group in groups if group.code != "others")
    return f"{counted(late, 'tâche')} en retard." if late else None


def _empty(actor: Actor) -> str | None:
    return next((text for role, text in EMPTY.items() if role in actor.roles), None)
