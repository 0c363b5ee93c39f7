"""The mail server, seen from here: one connection kept for many messages, and what each of its refusals means."""

from __future__ import annotations

import smtplib
import socket
import ssl
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
        context = ssl.create_default_context(cafile=settings.smtp_ca_file or None)
        if settings.smtp_tls == "implicit":
            self._server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=timeout, context=context)
        else:
            self._server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=timeout)
        if settings.smtp_tls == "starttls":
            self._server.starttls(context=context)
        if settings.smtp_user:
            self._server.login(settings.smtp_user, settings.smtp_password)

    def give(self, mail: bytes, *, sender: str, recipient: str) -> None:
        """Hand one message over, from one address to one other. Raises OSError or SMTPException."""
        if self._server is None:
            raise smtplib.SMTPServerDisconnected("not open")
        self._given += 1
        self._server.sendmail(sender, [recipient], mail)

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


def unreachable(fault: Exception) -> str:
    """Why nothing can be given to the server, and which setting to look at, for the person who watches."""
    for kind, sentence in _UNREACHABLE:
        if isinstance(fault, kind):
            return f"Serveur d’envoi injoignable : {sentence} ({in_words(fault)})"
    return f"Serveur d’envoi injoignable : {in_words(fault)}"


# The first kind that fits: the narrower ones come first.
_UNREACHABLE: tuple[tuple[type[Exception], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "son certificat n’est pas accepté, rien ne lui est confié ; vérifiez smtp_host, ou donnez par smtp_ca_file "
        "l’autorité qui l’a signé",
    ),
    (ssl.SSLError, "la liaison chiffrée ne s’établit pas ; smtp_tls et smtp_port vont-ils ensemble ?"),
    (smtplib.SMTPNotSupportedError, "il n’offre pas ce que demandent les réglages smtp_tls et smtp_user"),
    (smtplib.SMTPAuthenticationError, "il refuse notre compte ; vérifiez smtp_user et smtp_password"),
    (socket.gaierror, "son nom est inconnu ; vérifiez smtp_host"),
    (TimeoutError, "il ne répond pas"),
    (ConnectionRefusedError, "rien n’écoute à cette adresse ; vérifiez smtp_host et smtp_port"),
)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
