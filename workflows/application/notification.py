"""The letter that notifies a decision: what was granted or refused, by which decision, and what follows from it.

It is made of what the journal kept of the decision and never of a new computation: later amendments leave it as it was.
How a refusal may be contested, and within which time: code de justice administrative, art. R. 421-1 and R. 421-5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import pdf
from casework.amounts import euros
from casework.applications import Application
from casework.clock import paris_day
from casework.errors import Refused
from casework.french import euros_in_words, long_date
from casework.journal import Event
from casework.settings import Settings

GRANTED, REJECTED = "application.granted", "application.rejected"


def letters_pdf(session: Session, applications: Sequence[Application], settings: Settings) -> bytes:
    """The letters of these cases one after the other, as one tagged PDF. Raises Refused when one was not decided."""
    events = _decisions(session, [application.id for application in applications])
    if not applications or any(one.id not in events or one.decided_on is None for one in applications):
        raise Refused(["La lettre existe une fois la décision prise."])
    letters = [letter_data(one, events[one.id], settings) for one in applications]
    title = "Notification de décision" if len(letters) == 1 else "Notifications de décision"
    data = {"title": title, "author": settings.funder, "letters": letters}
    return pdf.render("letter", data, at=max(events[one.id].at for one in applications))


def letter_data(application: Application, event: Event, settings: Settings) -> dict[str, Any]:
    """One letter, in French, ready to print: sender, addressee, object, paragraphs, signature.

    Raises Refused when what the journal kept of the decision was erased.
    """
    if event.payload is None:
        raise Refused(
            ["Le détail de cette décision a été effacé de l’historique : sa lettre ne peut plus être refaite."]
        )
    organisation, known = application.organisation, event.payload.content
    said = _granted if event.kind == GRANTED else _rejected
    return {
        "funder": settings.funder,
        "funder_address": settings.funder_address,
        "to": [
            organisation.name,
            organisation.address,
            " ".join(part for part in (organisation.postcode, organisation.town) if part),
        ],
        "reference": application.reference,
        "day": f"Le {long_date(paris_day(event.at))}",
        "object": f"Votre demande de subvention « {application.called} »",
        "paragraphs": ["Madame, Monsieur,", *said(application, known, settings), _CLOSING],
        "signatory": settings.funder_signatory,
    }


_CLOSING = "Nous vous prions d’agréer, Madame, Monsieur, l’expression de notre considération distinguée."


def _granted(application: Application, known: dict[str, Any], settings: Settings) -> list[str]:
    cents, asked = int(known["granted"]), application.requested_cents
    period = ""
    if application.starts_on and application.ends_on:
        period = f" L’opération va du {long_date(application.starts_on)} au {long_date(application.ends_on)}."
    paragraphs = [
        f"Par décision {known['decision_reference']} du {_day(known)}, nous accordons à votre organisme une "
        f"subvention de {euros(cents)} ({euros_in_words(cents)}) pour ce projet, présenté au titre du dispositif "
        f"{application.scheme_code} « {application.scheme_version.title} » de l’appel à projets "
        f"{application.campaign}.{period}"
    ]
    if cents < asked:
        paragraphs.append(f"Vous aviez demandé {euros(asked)}. {_contested(settings)}")
    paragraphs.append(
        "Une convention fixe vos engagements et ceux du Département. Elle est prête : vous la trouverez dans votre "
        f"espace, au dossier {application.reference}. La subvention est versée dans les conditions qu’elle prévoit, "
        "une fois signée par les deux parties."
    )
    return paragraphs


def _rejected(application: Application, known: dict[str, Any], settings: Settings) -> list[str]:
    return [
        f"Par décision {known['decision_reference']} du {_day(known)}, nous n’avons pas retenu ce projet, "
        f"présenté au titre du dispositif {application.scheme_code} « {application.scheme_version.title} » de l’appel "
        f"à projets {application.campaign}, pour lequel vous demandiez {euros(application.requested_cents)}.",
        f"Motif de cette décision : {known['reason']}",
        _contested(settings),
    ]


def _contested(settings: Settings) -> str:
    return (
        "Si vous contestez cette décision, vous disposez de deux mois à compter de la réception de ce courrier pour "
        f"demander qu’elle soit revue, en écrivant à l’adresse ci-dessus, ou pour saisir le {settings.appeal_court}."
    )


def _day(known: dict[str, Any]) -> str:
    return long_date(date.fromisoformat(known["decided_on"]))


def _decisions(session: Session, application_ids: Sequence[int]) -> dict[int, Event]:
    """The last decision of each case, by the journal."""
    query = sa.select(Event).where(
        Event.subject == "application",
        Event.subject_id.in_(application_ids),
        Event.kind.in_((GRANTED, REJECTED)),
    )
    return {event.subject_id: event for event in session.scalars(query.order_by(Event.subject_id, Event.sequence))}
