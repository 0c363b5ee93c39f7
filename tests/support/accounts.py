"""Registering and joining an organisation, as the pages ask it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.outbox import Message
from tests.support import people
from tests.support.browser import Browser

SIRET = people.siret(77)
FORM = {
    "siret": SIRET,
    "organisation_name": "Les Jardins de la Gohelle",
    "legal_form": "association",
    "postcode": "62300",
    "town": "Lens",
    "name": "Basile Fontgrise",
    "email": "Basile@exemple.fr",
    "password": "quatre saisons sous la pluie",
    "again": "quatre saisons sous la pluie",
}
SignedIn = Callable[[Any], Browser]


def register(browser: Browser, **changes: str) -> Any:
    return browser.post("/inscription", {**FORM, **changes})


def count(sessions: sessionmaker[Session], model: Any) -> int:
    with sessions() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def last_link(sessions: sessionmaker[Session], path: str) -> str:
    with sessions() as session:
        body = session.scalars(sa.select(Message.body).order_by(Message.id.desc()).limit(1)).one()
    found = re.search(rf"(/{path}/\S+)", body)
    assert found, body
    return found[1]
