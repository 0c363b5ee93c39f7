"""Attempts open to anybody are counted by network address, so that nobody tries SIRETs or e-mails by thousands."""

from __future__ import annotations

from datetime import timedelta

from flask import g, request
from sqlalchemy.orm import Session

from casework import signin
from casework.french import counted
from web.errors import TooMany
from web.session import settings


def count_attempt(database: Session, purpose: str) -> None:
    """Count one attempt of this kind; `database` is a writing session. Raises TooMany beyond the limit of sign-ins."""
    address = address_key(purpose)
    wait = signin.retry_at(database, address=address, at=g.wall_now, settings=settings())
    if wait is not None:
        raise TooMany(*wait_for(wait - g.wall_now))
    signin.record_failure(database, account=address, address=address, at=g.wall_now)


def address_key(purpose: str) -> str:
    """What is stored of where the request comes from."""
    return signin.keyed_digest(settings(), f"{purpose}:{request.remote_addr or ''}")


def wait_for(time: timedelta) -> tuple[str, int]:
    """The sentence that says how long to wait, and after how many seconds to come back."""
    seconds = int(time.total_seconds())
    sentence = f"Trop d’essais : vous pourrez réessayer dans {counted(max(1, -(-seconds // 60)), 'minute')}."
    return sentence, seconds + 1
