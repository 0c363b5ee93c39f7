"""The information notice of a scheme for its participants: plain words, what this very scheme records.

It says what articles 13 and 14 of the RGPD ask: who is responsible, why, on which basis, which data and where they come
from, who sees them, how long, which rights, whom to write to and whom to complain to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework import pdf
from casework.permissions import PERMISSIONS
from casework.published_register import LEGAL_BASIS
from casework.register import CATEGORIES, RETENTION_YEARS, Held
from casework.register_tables import LINKED, REGISTER
from casework.settings import Settings
from workflows.catalogue import without_lines
from workflows.rights.collected import facts_of, is_collected
from workflows.scheme import Scheme

TITLE = "Ce que nous notons sur vous, et vos droits"
ROLES_IN_PLAIN_WORDS = {
    "applicant": "l’organisme qui vous accompagne",
    "slai": "les agents du service local d’allocation et d’insertion (SLAI) de votre territoire",
    "officer": "le chargé de mission du Département qui suit ce dispositif",
    "manager": "le responsable du service au Département",
    "finance": "le service financier du Département",
    "auditor": "les contrôleurs du Département",
    "data_officer": "le délégué à la protection des données, pour répondre à vos demandes",
    "partner": "les partenaires de l’opération",
    "admin": "l’administrateur du service",
}
_FOR_PEOPLE = ("identity", "situation", "followup")
RIGHTS = (
    "Voir ce qui est noté sur vous et en recevoir une copie.",
    "Faire corriger ce qui est faux ou incomplet.",
    "Demander l’effacement, ou que certaines données ne soient plus utilisées le temps d’une vérification.",
    "Vous opposer, pour une raison qui tient à votre situation, à ce que vos données soient utilisées.",
)


@dataclass(frozen=True)
class Part:
    """A titled part of the notice: paragraphs, then a list."""

    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notice:
    title: str
    scheme: str
    lead: str
    parts: tuple[Part, ...]


def notice(scheme: Scheme, settings: Settings) -> Notice:
    """The whole notice of this scheme."""
    lead = (
        f"Vous participez, ou on vous propose de participer, à l’action « {scheme.title} », financée sur fonds publics "
        f"({settings.funder}). Pour vous accompagner et pour vérifier l’emploi de cet argent, des informations sur "
        "vous sont notées dans un service en ligne. Voici lesquelles, pourquoi, et ce que vous pouvez demander."
    )
    parts = (
        _responsible(settings),
        _why(scheme),
        *_data(scheme),
        _readers(),
        _how_long(),
        Part("Vos droits", ("Vous pouvez à tout moment :",), RIGHTS),
        _whom_to_ask(settings),
    )
    return Notice(TITLE, f"Dispositif {scheme.code} – {scheme.title}", lead, parts)


def _responsible(settings: Settings) -> Part:
    return Part("Qui est responsable", (f"{settings.funder}, {settings.funder_address}.",))


def _why(scheme: Scheme) -> Part:
    publics = tuple(without_lines(public) for public in scheme.target_public)
    return Part(
        "Pourquoi",
        (
            "Suivre votre accompagnement, savoir s’il vous a été utile, et justifier l’argent versé à l’organisme.",
            LEGAL_BASIS,
            "Sans ces informations, l’organisme ne peut pas faire financer votre place. "
            "Ce dispositif s’adresse aux personnes suivantes ; votre situation est donc notée :",
        ),
        publics,
    )


def _data(scheme: Scheme) -> list[Part]:
    parts = []
    for code in _FOR_PEOPLE:
        items = [_told(held, scheme) for held in (*REGISTER, *LINKED) if _concerns(held, code, scheme)]
        if items:
            parts.append(Part(f"Ce qui est noté : {_lower(CATEGORIES[code])}", (), tuple(items)))
    origin = (
        "Ces informations viennent de vous, de l’organisme qui vous accompagne, ou du service qui vous a orienté. "
        "Votre numéro de sécurité sociale n’est jamais demandé. Aucune décision n’est prise par un ordinateur seul."
    )
    return [*parts, Part("D’où viennent ces informations", (origin,))]


def _concerns(held: Held, category: str, scheme: Scheme) -> bool:
    return held.category == category and is_collected(held, scheme)


def _told(held: Held, scheme: Scheme) -> str:
    """Who somebody is and in which situation is told datum by datum; the rest, by what it is for."""
    by_datum = held.category in ("identity", "situation") and bool(held.erased or held.sensitive)
    labels = [_lower(label) for _, label in facts_of(held, scheme)] if by_datum else [_lower(held.purpose)]
    return f"{held.label} : {', '.join(labels)}."


def _readers() -> Part:
    named = _plain("journey.identity") + _plain("person.export")
    numbered = [words for words in _plain("journey.read") if words not in named]
    return Part(
        "Qui les voit",
        (
            "Avec votre nom : " + "; ".join(named).replace(";", " ;") + ". Chaque consultation de votre nom est "
            "enregistrée.",
            "Sans votre nom, par un numéro de parcours : " + " ; ".join(numbered) + ".",
            "Rien n’est vendu, ni transmis hors de l’Union européenne.",
        ),
    )


def _plain(permission: str) -> list[str]:
    return [words for role, words in ROLES_IN_PLAIN_WORDS.items() if role in PERMISSIONS[permission]]


def _how_long() -> Part:
    return Part(
        "Combien de temps",
        (
            f"Votre identité et ce qui a été écrit sur vous sont effacés {RETENTION_YEARS} ans après votre dernier "
            "contact avec l’action, ou plus tard si le dossier de l’organisme est encore en cours de contrôle. Seuls "
            "restent des chiffres, qui ne permettent plus de vous reconnaître.",
        ),
    )


def _whom_to_ask(settings: Settings) -> Part:
    return Part(
        "À qui vous adresser",
        (
            f"Au délégué à la protection des données : {settings.data_officer_email}, "
            f"ou {settings.data_officer_postal}. Il vous répond en un mois au plus. L’organisme qui vous accompagne "
            "peut vous aider à écrire votre demande.",
            "Si sa réponse ne vous convient pas, vous pouvez vous plaindre à la CNIL : www.cnil.fr/plaintes, ou "
            "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07.",
        ),
    )


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def notice_pdf(scheme: Scheme, settings: Settings, *, at: datetime) -> bytes:
    """The notice as a tagged PDF, with the place where it is said when it was given and by whom."""
    found = notice(scheme, settings)
    data: dict[str, Any] = {
        "title": found.title,
        "funder": settings.funder,
        "scheme": found.scheme,
        "lead": found.lead,
        "parts": [
            {"title": part.title, "paragraphs": list(part.paragraphs), "items": list(part.items)}
            for part in found.parts
        ],
    }
    return pdf.render("notice", data, at=at)
