"""The journal: append-only, hash-chained per subject, read as a timeline.

Each event's digest covers the previous digest and a salted digest of its payload. The payload (reason, before and
after, what was entered) lives in its own row, so that it can be erased for privacy: the chain still verifies, and the
erasure is itself recorded. The database refuses any UPDATE, any DELETE of an event, and the DELETE of a payload that
no recorded erasure announces (triggers below, on both engines).

The caller holds the lock of the subject's row, which serialises its chain; the unique key (subject, id, sequence)
refuses a fork all the same.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.db import Base, Instant, Json, Key, one_of
from casework.people import Actor

GENESIS = "0" * 64
SUBJECTS = ("application", "journey", "progress_record", "committee", "organisation", "user", "campaign", "service")
_LABELS: dict[str, str] = {}
_INTERNAL: set[str] = set()


def register(kind: str, label: str, *, internal: bool = False) -> str:
    """Declare a kind of event ("application.deposited") with its French label; a second meaning is refused.

    `internal`: it changes nothing of its subject, and only the services learn of it.
    """
    if _LABELS.setdefault(kind, label) != label:
        raise ValueError(f"event {kind} is already registered with another label")
    if internal:
        _INTERNAL.add(kind)
    return kind


def label_of(kind: str) -> str:
    return _LABELS.get(kind, kind)


class Event(Base):
    """Something that happened. `before` and `after` are states when the event changed one."""

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("subject", "subject_id", "sequence"),
        sa.CheckConstraint(one_of("subject", SUBJECTS), name="subject"),
        sa.CheckConstraint("length(actor_name) > 0", name="actor"),
        sa.Index("ix_event_at", "at", "id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(20))
    subject_id: Mapped[int] = mapped_column(Key)
    sequence: Mapped[int] = mapped_column(sa.Integer)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(60))
    before: Mapped[str | None] = mapped_column(sa.String(20))
    after: Mapped[str | None] = mapped_column(sa.String(20))
    payload_digest: Mapped[str] = mapped_column(sa.String(64))
    previous: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
    payload: Mapped[EventPayload | None] = relationship(lazy="joined", innerjoin=False)

    @property
    def label(self) -> str:
        return label_of(self.kind)

    @property
    def reason(self) -> str | None:
        return self.payload.content.get("reason") if self.payload else None

    @property
    def erased(self) -> bool:
        return self.payload is None


class EventPayload(Base):
    __tablename__ = "event_payload"
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(sa.String(32))
    content: Mapped[dict[str, Any]] = mapped_column(Json)


class Erasure(Base):
    """The announced erasure of one payload: who, when, why. It comes before the DELETE and stays for ever."""

    __tablename__ = "event_erasure"
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.String(500))


def _hash(*parts: object) -> str:
    return hashlib.sha256("\x1f".join("" if part is None else str(part) for part in parts).encode()).hexdigest()


def _payload_digest(salt: str, content: dict[str, Any]) -> str:
    return _hash(salt, json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def _digest(event: Event) -> str:
    return _hash(
        event.previous,
        event.subject,
        event.subject_id,
        event.sequence,
        event.at.isoformat(),
        event.actor_id,
        event.actor_name,
        event.kind,
        event.before,
        event.after,
        event.payload_digest,
    )


def record(
    session: Session,
    subject: str,
    subject_id: int,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    before: str | None = None,
    after: str | None = None,
    reason: str | None = None,
    **details: Any,
) -> Event:
    """Append one event to the subject's chain, in the caller's transaction. `details` go into the erasable payload."""
    if kind not in _LABELS:
        raise LookupError(f"event {kind} is not registered")
    last = session.execute(
        sa.select(Event.sequence, Event.digest)
        .where(Event.subject == subject, Event.subject_id == subject_id)
        .order_by(Event.sequence.desc())
        .limit(1)
    ).one_or_none()
    content = {"reason": reason, **details} if reason else dict(details)
    salt = secrets.token_hex(16)
    event = Event(
        subject=subject,
        subject_id=subject_id,
        sequence=last.sequence + 1 if last else 1,
        at=at.astimezone(UTC),
        actor_id=actor.user_id,
        actor_name=actor.name,
        kind=kind,
        before=before,
        after=after,
        payload_digest=_payload_digest(salt, content),
        previous=last.digest if last else GENESIS,
    )
    event.digest = _digest(event)
    event.payload = EventPayload(salt=salt, content=content)
    session.add(event)
    session.flush()
    return event


def timeline(
    session: Session,
    subject: str,
    subject_id: int,
    *,
    limit: int = 200,
    before: int | None = None,
    internal: bool = True,
) -> list[Event]:
    """The events of one subject, newest first; `before` is a sequence number to page on from.

    `internal` False: without those that only the services know.
    """
    query = sa.select(Event).where(Event.subject == subject, Event.subject_id == subject_id)
    if not internal:
        query = query.where(Event.kind.not_in(_INTERNAL))
    if before is not None:
        query = query.where(Event.sequence < before)
    return list(session.scalars(query.order_by(Event.sequence.desc()).limit(limit)))


def passages(session: Session, subject: str, subject_id: int) -> list[Event]:
    """The events that changed the state of one subject, the oldest first."""
    query = sa.select(Event).where(Event.subject == subject, Event.subject_id == subject_id, Event.after.is_not(None))
    changed = sa.or_(Event.before.is_(None), Event.before != Event.after)
    return list(session.scalars(query.where(changed).order_by(Event.sequence)))


def last_event(session: Session, subject: str, subject_id: int) -> Event | None:
    return next(iter(timeline(session, subject, subject_id, limit=1)), None)


def erase(session: Session, event: Event, *, actor: Actor, at: datetime, reason: str) -> None:
    """Erase one payload for privacy; the event and the chain stay, and the erasure is recorded before it is done."""
    session.add(Erasure(event_id=event.id, at=at, actor_name=actor.name, reason=reason))
    session.flush()
    session.execute(sa.delete(EventPayload).where(EventPayload.event_id == event.id))
    session.expire(event, ["payload"])


@dataclass(frozen=True)
class Broken:
    """The first broken entry of a chain, and what is wrong with it, in French."""

    event_id: int
    subject: str
    subject_id: int
    sequence: int
    fault: str


def verify(session: Session, *, subject: str | None = None, subject_id: int | None = None) -> tuple[int, Broken | None]:
    """Read the whole journal (or the chain of one subject): how many events were read, and the first broken one."""
    erased = set(session.scalars(sa.select(Erasure.event_id)))
    read = 0
    chain: tuple[str, int] | None = None
    previous, sequence = GENESIS, 0
    for event in _every_event(session, subject, subject_id):
        read += 1
        if (event.subject, event.subject_id) != chain:
            chain, previous, sequence = (event.subject, event.subject_id), GENESIS, 0
        fault = _fault(event, previous, sequence + 1, erased)
        if fault:
            return read, Broken(event.id, event.subject, event.subject_id, event.sequence, fault)
        previous, sequence = event.digest, event.sequence
    return read, None


def _every_event(session: Session, subject: str | None, subject_id: int | None) -> Iterator[Event]:
    query = sa.select(Event).order_by(Event.subject, Event.subject_id, Event.sequence)
    if subject is not None:
        query = query.where(Event.subject == subject, Event.subject_id == subject_id)
    return iter(session.scalars(query.execution_options(yield_per=1000)))


def _fault(event: Event, previous: str, sequence: int, erased: set[int]) -> str | None:
    if event.sequence != sequence:
        return f"il manque l’entrée n° {sequence} de la chaîne"
    if event.previous != previous:
        return "elle ne suit pas l’entrée précédente"
    if event.digest != _digest(event):
        return "son contenu a été modifié"
    if event.payload is None:
        return None if event.id in erased else "son détail a disparu sans effacement enregistré"
    if event.payload_digest != _payload_digest(event.payload.salt, event.payload.content):
        return "son détail a été modifié"
    return None


def guard_ddl(dialect: str) -> list[str]:
    """The triggers that make the journal append-only, for `sqlite` or `postgresql`."""
    forbidden = [
        ("event", "UPDATE", None),
        ("event", "DELETE", None),
        ("event_payload", "UPDATE", None),
        ("event_erasure", "UPDATE", None),
        ("event_erasure", "DELETE", None),
        ("event_payload", "DELETE", "NOT EXISTS (SELECT 1 FROM event_erasure e WHERE e.event_id = OLD.event_id)"),
    ]
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
            + (f"WHEN {condition} " if condition else "")
            + "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            for table, verb, condition in forbidden
        ]
    function = (
        "CREATE FUNCTION journal_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
    )
    erasure = (
        "CREATE FUNCTION journal_refuses_unannounced() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF NOT EXISTS (SELECT 1 FROM event_erasure e WHERE e.event_id = OLD.event_id) THEN "
        "RAISE EXCEPTION 'the journal is append-only'; END IF; RETURN OLD; END $$"
    )
    triggers = [
        f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION "
        + ("journal_refuses_unannounced()" if condition else "journal_refuses()")
        for table, verb, condition in forbidden
    ]
    truncate = "CREATE TRIGGER event_refuses_truncate BEFORE TRUNCATE ON event EXECUTE FUNCTION journal_refuses()"
    return [function, erasure, *triggers, truncate]
