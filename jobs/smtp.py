"""The mail server, seen from here: one connection kept for many messages, and what each of its refusals means."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from enum import Enum

from casework.settings import Settings

PER_CONNECTION = 100
"""Many servers close the door after some messages on one connection: open another one before they do."""


class Verdict(Enum):
    """What a failure says: of the recipient's address, of this message, of this attempt, or of the server itself."""

    ADDRESS = "the address is refused for good"
    MESSAGE = "this message is refused for good"
    LATER = "not now: try this message again later"
    BROKEN = "the connection broke: nobody knows whether the message left"
    SERVER = "the server refuses whatever we send: no other message would pass either"


class Post:
    """A mail server that messages are given to. Opened at the first one, opened again when it closes the door."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._given = 0

    def open(self) -> None:
        """Reach the server, encrypted and signed in as the settings say. Raises OSError or SMTPException."""
        if self._server is not None and self._given < PER_CONNECTION:
            return
        self.close()
        settings, timeout = self._settings, self._settings.smtp_timeout_seconds
        if settings.smtp_tls == "implicit":
            context = ssl.create_default_context()
            self._server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=timeout, context=context)
        else:
            self._server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=timeout)
        if settings.smtp_tls == "starttls":
            self._server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            self._server.login(settings.smtp_user, settings.smtp_password)

    def give(self, mail: EmailMessage) -> None:
        """Hand one message over. Raises OSError, SMTPException, or ValueError for a mail that cannot be written.

        Written and addressed once here: `send_message` would parse the addresses and write the mail again.
        """
        if self._server is None:
            raise smtplib.SMTPServerDisconnected("not open")
        self._given += 1
        sender, recipient = mail["From"].addresses[0].addr_spec, mail["To"].addresses[0].addr_spec
        self._server.sendmail(sender, [recipient], mail.as_bytes(policy=SMTP))

    def close(self) -> None:
        """Say goodbye; a server that does not answer any more is left without waiting."""
        server, self._server, self._given = self._server, None, 0
        if server is None:
            return
        try:
            if server.sock is not None:
                server.sock.settimeout(2)
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()


def verdict_on(fault: Exception) -> Verdict:
    """What a failure means for the message and for those that follow."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in fault.recipients.values()]
        if 421 in codes:
            return Verdict.BROKEN
        return Verdict.ADDRESS if all(code >= 500 for code in codes) else Verdict.LATER
    if isinstance(fault, smtplib.SMTPNotSupportedError | ValueError):
        return Verdict.MESSAGE
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return Verdict.SERVER
    if isinstance(fault, smtplib.SMTPResponseException):
        return _verdict_on_answer(fault)
    return Verdict.BROKEN


def _verdict_on_answer(fault: smtplib.SMTPResponseException) -> Verdict:
    if fault.smtp_code == 421 or fault.smtp_code < 0:
        return Verdict.BROKEN
    if isinstance(fault, smtplib.SMTPSenderRefused):
        return Verdict.SERVER if fault.smtp_code >= 500 else Verdict.LATER
    return Verdict.MESSAGE if fault.smtp_code >= 500 else Verdict.LATER


def in_words(fault: Exception) -> str:
    """The server's own answer where there is one, for the person who watches."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        answers = [(code, text) for code, text in fault.recipients.values()]
    elif isinstance(fault, smtplib.SMTPResponseException):
        answers = [(fault.smtp_code, fault.smtp_error)]
    else:
        return f"{type(fault).__name__} : {fault}".removesuffix(" : ")[:400]
    return " ; ".join(f"{code} {_text(text)}" for code, text in answers)[:400]


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
