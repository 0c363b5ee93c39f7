"""Send the messages that transactions have left: claim one, close the session, send, stamp.

A crash between sending and stamping may send one mail twice, with the same Message-ID; none is ever lost. A claim
moves `next_try_at` forward, so that another worker leaves the message alone meanwhile.
"""

from __future__ import annotations

import smtplib
import ssl
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import sqlalchemy as sa

from casework.db import transaction
from casework.outbox import Message
from jobs.work import Means, Outcome, log

NAME = "Envoi des messages"
CLAIM = timedelta(minutes=5)
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
TIMEOUT_SECONDS = 20


def run(means: Means) -> Outcome:
    """Send everything that waits; without an SMTP server in the settings, messages stay where they are."""
    if not means.settings.smtp_host:
        return Outcome()
    done, failed, error = 0, 0, ""
    server: smtplib.SMTP | None = None
    while (message := _claim(means)) is not None:
        try:
            server = server or connect(means)
            server.send_message(compose(means, message))
        except (OSError, smtplib.SMTPException) as fault:
            server = _drop(server)
            failed, error = failed + 1, error or type(fault).__name__
            _stamp_failure(means, message.id, fault)
            continue
        _stamp_sent(means, message.id)
        done += 1
    _drop(server)
    return Outcome(done, failed, error)


def connect(means: Means) -> smtplib.SMTP:
    settings = means.settings
    server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS)
    if settings.smtp_starttls:
        server.starttls(context=ssl.create_default_context())
    if settings.smtp_user:
        server.login(settings.smtp_user, settings.smtp_password)
    return server


def compose(means: Means, message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = means.settings.mail_from
    mail["To"] = message.recipient
    mail["Subject"] = " ".join(message.subject.split())
    mail["Message-ID"] = message.message_id
    mail["Date"] = format_datetime(message.created_at)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


def _claim(means: Means) -> Message | None:
    with transaction(means.sessions) as session:
        waiting = (
            sa.select(Message)
            .where(Message.sent_at.is_(None), Message.failed_at.is_(None), Message.next_try_at <= means.now)
            .order_by(Message.next_try_at, Message.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        message = session.scalars(waiting).one_or_none()
        if message is not None:
            message.attempts += 1
            message.next_try_at = means.now + CLAIM
        return message


def _stamp_sent(means: Means, message_id: int) -> None:
    with transaction(means.sessions) as session:
        message = session.get_one(Message, message_id)
        message.sent_at, message.error = means.now, ""


def _stamp_failure(means: Means, message_id: int, fault: Exception) -> None:
    with transaction(means.sessions) as session:
        message = session.get_one(Message, message_id)
        message.error = str(fault)[:500]
        if is_permanent(fault) or message.attempts > len(DELAYS):
            message.failed_at = means.now
        else:
            message.next_try_at = means.now + DELAYS[message.attempts - 1]
    log.warning("message not sent", message_id=message_id, fault=type(fault).__name__)


def is_permanent(fault: Exception) -> bool:
    """A 5xx answer about this very message or recipient will not change; anything else is tried again."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in fault.recipients.values())
    return isinstance(fault, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and fault.smtp_code >= 500


def _drop(server: smtplib.SMTP | None) -> None:
    if server is not None:
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()
