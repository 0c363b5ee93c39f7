"""A browser without a screen: Flask's test client, which signs in and gives the token of forms."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from casework import signin
from casework.db import transaction
from casework.people import Actor, User


class Browser:
    """One person's browser. `post` sends the form's token, as a page would have done."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def sign_in(self, who: Actor | User) -> Browser:
        """Open a session of this person without the sign-in page; returns itself."""
        services = self.app.extensions["casework"]
        user_id = who.user_id if isinstance(who, Actor) else who.id
        with transaction(services.sessions) as session:
            user = session.get_one(User, user_id)
            token = signin.open_session(session, user, at=services.clock.now(), device="Navigateur d’essai")
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = token
        return self

    def get(self, url: str, **options: Any) -> TestResponse:
        return self.client.get(url, **options)

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        answer = self.client.post(url, data={**(data or {}), "csrf_token": self.token()}, **options)
        if answer.mimetype == "text/html" and 'class="error-message"' in answer.text and "<title>" in answer.text:
            assert title_of(answer).startswith("Erreur : "), "a page with an error says so in its title"
        return answer

    def token(self) -> str:
        with self.client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        return URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw)


def title_of(response: TestResponse) -> str:
    return " ".join(response.text.partition("<title>")[2].partition("</title>")[0].split())


def errors_in(response: TestResponse) -> list[str]:
    """The sentences shown beside the fields."""
    found = re.findall(r"Erreur :</span>\s*(.*?)</span>", response.text, flags=re.DOTALL)
    return [" ".join(sentence.split()) for sentence in found]
