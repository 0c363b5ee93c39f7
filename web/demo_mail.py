"""The demonstration's mailbox: every message that the service sent, read from the mail server's folder."""

from __future__ import annotations

import os
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, request, url_for

from casework.errors import NotFound
from web.access import public
from web.admin_letters import POLICY
from web.render import page
from web.session import settings, without_database

pages = Blueprint("demo_mail", __name__, url_prefix="/demo/courrier")
PAGE = 50
_NAME = re.compile(r"[0-9a-f]{32}\Z")


@pages.get("")
@public
def index() -> Any:
    """The newest first, 50 a page; only those of the page are read."""
    number = max(request.args.get("page", 1, type=int) or 1, 1)
    keys = _keys()
    shown = keys[(number - 1) * PAGE : number * PAGE]
    return page(
        "demo/mailbox.html",
        messages=[_summary(key) for key in shown],
        total=len(keys),
        prev=url_for("demo_mail.index", page=number - 1) if number > 1 else None,
        next=url_for("demo_mail.index", page=number + 1) if len(keys) > number * PAGE else None,
    )


@pages.get("/<key>")
@public
def show(key: str) -> Any:
    mail = _mail(key)
    text = mail.get_body(("plain",))
    return page(
        "demo/message.html",
        message=_summary(key, mail),
        text=text.get_content() if text else "",
        frame=url_for("demo_mail.html", key=key) if mail.get_body(("html",)) else None,
        attachments=[part.get_filename() for part in mail.iter_attachments()],
        ics=next((str(part.get_content()) for part in mail.iter_attachments()), ""),
    )


@pages.get("/<key>/html")
@public
@without_database
def html(key: str) -> Response:
    body = _mail(key).get_body(("html",))
    answer = Response(body.get_content() if body else "", content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _folder() -> Path:
    return Path(settings().demo_mail_dir)


def _keys() -> list[str]:
    if not _folder().is_dir():
        return []
    with os.scandir(_folder()) as entries:
        found = [(entry.stat().st_mtime_ns, entry.name) for entry in entries if entry.name.endswith(".eml")]
    keys = [name.removesuffix(".eml") for _, name in sorted(found, reverse=True)]
    return [key for key in keys if _NAME.match(key)]


def _mail(key: str) -> EmailMessage:
    if not _NAME.match(key):
        raise NotFound("Ce message n’existe pas.")
    try:
        content = (_folder() / f"{key}.eml").read_bytes()
    except FileNotFoundError:
        raise NotFound("Ce message n’existe pas.") from None
    return cast(EmailMessage, message_from_bytes(content, policy=policy.default))


def _summary(key: str, mail: EmailMessage | None = None) -> dict[str, Any]:
    read = mail or _mail(key)
    return {
        "href": url_for("demo_mail.show", key=key),
        "subject": str(read["Subject"] or "sans objet"),
        "to": str(read["To"] or ""),
        "at": parsedate_to_datetime(str(read["Date"])) if read["Date"] else None,
    }
