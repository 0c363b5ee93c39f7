"""The messages as the administration lists them, and what it may do: correct an address, send again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.errors import InvalidInput, NotFound, Refused
from casework.outbox import Message, retry
from casework.people import Actor, User

ADDRESS_CORRECTED = journal.register("user.address_corrected", "Adresse électronique corrigée")
RESENT = journal.register("user.message_resent", "Message renvoyé")
PAGE = 50
FILTERS: Mapping[str, str] = {
    "waiting": "En attente",
    "failed": "En échec",
    "suppressed": "Non envoyés",
    "held": "Pour le récapitulatif",
    "sent": "Envoyés",
}


@dataclass(frozen=True)
class MessagePage:
    """Messages, the newest first, with the name of their person, and the id before which the next page starts."""

    rows: list[tuple[Message, str | None]]
    before: int | None


def counts(session: Session) -> dict[str, int]:
    """How many messages of each kind but the sent ones."""
    columns = [sa.func.count(sa.case((_condition(code), 1))).label(code) for code in FILTERS if code != "sent"]
    row = session.execute(sa.select(*columns).where(Message.sent_at.is_(None))).one()
    return dict(row._mapping)


def find_messages(session: Session, kind: str, text: str, *, before: int | None = None) -> MessagePage:
    """Messages of a kind whose recipient or subject holds the text, 50 a page."""
    query = sa.select(Message, User.name).outerjoin(User, User.id == Message.user_id).where(_condition(kind))
    if text:
        held = (column.icontains(text, autoescape=True) for column in (Message.recipient, Message.subject))
        query = query.where(sa.or_(*held))
    if before is not None:
        query = query.where(Message.id < before)
    rows: list[tuple[Message, str | None]] = [
        (message, name) for message, name in session.execute(query.order_by(Message.id.desc()).limit(PAGE + 1))
    ]
    return MessagePage(rows[:PAGE], rows[PAGE - 1][0].id if len(rows) > PAGE else None)


def _condition(kind: str) -> sa.ColumnElement[bool]:
    return {
        "waiting": Message.next_try_at.is_not(None),
        "failed": Message.failed_at.is_not(None),
        "suppressed": Message.suppressed_at.is_not(None),
        "held": sa.or_(Message.held, Message.in_digest_id.is_not(None)),
        "sent": Message.sent_at.is_not(None),
    }[kind]


def message_of(session: Session, key: int) -> Message:
    """The message, locked. Raises NotFound."""
    found = db.lock(session, Message, key)
    if found is None:
        raise NotFound("Ce message n’existe pas.")
    return found  # type: ignore[no-any-return]


def resend(session: Session, key: int, *, actor: Actor, at: datetime) -> Message:
    """Send a failed or suppressed message again, as it is, to the address that the person has now."""
    message = message_of(session, key)
    if message.status not in ("failed", "suppressed"):
        raise Refused(["Ce message n’est ni en échec ni retenu : il n’y a rien à renvoyer."])
    user = session.get(User, message.user_id) if message.user_id is not None else None
    if user is not None:
        message.recipient = user.email
        journal.record(session, "user", user.id, RESENT, actor=actor, at=at, message=message.id)
    retry(message, at=at)
    return message


def correct_address(session: Session, key: int, email: str, *, actor: Actor, at: datetime) -> int:
    """Give the person of this message another address, which is also the one to sign in with, and send again what
    could not reach the former one about cases. How many messages leave again.

    Raises InvalidInput("email") when somebody else has this address.
    """
    message = message_of(session, key)
    user = db.lock(session, User, message.user_id) if message.user_id is not None else None
    if user is None:
        raise Refused(["Ce message n’est pas adressé à quelqu’un qui a un compte."])
    taken = session.scalars(sa.select(User.id).where(User.email == email, User.id != user.id)).first()
    if taken is not None:
        raise InvalidInput({"email": ["Une autre personne a déjà cette adresse."]})
    if user.email != email:
        before, user.email = user.email, email
        journal.record(session, "user", user.id, ADDRESS_CORRECTED, actor=actor, at=at, previous=before, new=email)
    user.mail_refused_at, user.mail_refused_reason = None, ""
    unsent = sa.or_(Message.failed_at.is_not(None), Message.suppressed_at.is_not(None))
    own = sa.select(Message).where(Message.user_id == user.id, unsent, Message.category.not_in(("digest", "account")))
    again = {message.id: message} | {other.id: other for other in session.scalars(own)}
    for one in again.values():
        one.recipient = email
        retry(one, at=at)
    return len(again)
