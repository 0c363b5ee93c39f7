"""Real SMTP servers on this machine: one that keeps what it receives, and some that behave badly."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller

Answer = Callable[[str], str | None]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Inbox:
    """An aiosmtpd handler. `rcpt` and `data` may answer something else than yes to a recipient."""

    rcpt: Answer = lambda recipient: None
    data: Answer = lambda recipient: None
    received: list[EmailMessage] = field(default_factory=list)
    identifiers: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        answer = self.rcpt(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        answer = self.data(envelope.rcpt_tos[0])
        if answer is None:
            mail = cast(EmailMessage, message_from_bytes(envelope.content, policy=policy.default))
            self.received.append(mail)
            self.identifiers[str(mail["Message-ID"])] += 1
        return answer or "250 OK"

    @property
    def recipients(self) -> list[str]:
        return [str(mail["To"]) for mail in self.received]

    @property
    def repeated(self) -> int:
        """How many mails came once more than they had to."""
        return len(self.received) - len(self.identifiers)


@contextmanager
def mail_server(inbox: Any, port: int | None = None, **options: Any) -> Iterator[int]:
    """A server that gives its mail to this handler (an Inbox, or another); its port. `options`: those of aiosmtpd."""
    controller = Controller(inbox, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that accepts a connection and never says a word; its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(20)
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    kept.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in kept:
                connection.close()
