"""Who will be forgotten soon: told once a month to those who may still keep an identity, or answer for it.

A number of people and of cases, never a name: the mail leads to the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.french import counted, long_date
from casework.mail import Letter, as_html, as_text
from casework.outbox import Message, enqueue, keyed
from casework.people import Grant, User
from casework.settings import Settings
from workflows.rules.figures import FEWEST

READERS = ("data_officer", "manager")
"""The data officer answers for what is kept; a manager may ask that a case be kept."""
SHOWN = 30


def to_tell(session: Session, today: date) -> list[User]:
    """Who was not told yet this month."""
    holding = sa.exists().where(Grant.user_id == User.id, Grant.role.in_(READERS))
    readers = list(session.scalars(sa.select(User).where(User.active, holding).order_by(User.id)))
    known = set(session.scalars(sa.select(Message.message_id).where(Message.message_id.in_(_ids(readers, today)))))
    return [user for user, key in zip(readers, _ids(readers, today), strict=True) if key not in known]


def _key(today: date) -> str:
    return f"oubli-{today:%Y-%m}"


def _ids(readers: list[User], today: date) -> list[str]:
    return [keyed(_key(today), user.id) for user in readers]


def tell(
    session: Session,
    settings: Settings,
    readers: list[User],
    *,
    people: int,
    cases: Mapping[str, int],
    until: date,
    today: date,
    at: datetime,
) -> list[Message]:
    """Write the message of the month to these people, in the caller's transaction."""
    said = letter(settings, people=people, cases=cases, until=until)
    body, html = as_text(said, settings), as_html(said, settings)
    return enqueue(session, readers, subject=said.subject, body=body, html=html, at=at, key=_key(today))


def letter(settings: Settings, *, people: int, cases: Mapping[str, int], until: date) -> Letter:
    named = sorted(cases.items())
    facts = [(reference, _people(number)) for reference, number in named[:SHOWN]]
    if len(named) > SHOWN:
        facts.append(("Autres dossiers", str(len(named) - SHOWN)))
    who = _people(people)
    return Letter(
        subject=f"{who[0].upper()}{who[1:]} : identité effacée d’ici le {long_date(until)}",
        paragraphs=(
            f"Deux ans après leur dernier contact, l’identité de {who} sera effacée d’ici le {long_date(until)}, "
            "sans retour possible. Les chiffres restent.",
            "Si un contentieux ou une inspection demande de garder les identités d’un dossier, un responsable le "
            "demande depuis ses participants, onglet Conservation.",
        ),
        facts=tuple(facts),
        link=("Voir ce qui sera effacé", f"{settings.public_url}/conservation"),
    )


def _people(number: int) -> str:
    """A mail leaves the service: it does not count fewer than five people."""
    return counted(number, "personne") if number >= FEWEST else f"moins de {FEWEST} personnes"
