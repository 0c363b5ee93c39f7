"""A mail server that keeps what it receives in a folder: the demonstration's post office."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4


class Mailbox:
    """An aiosmtpd handler: each accepted message becomes one .eml file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{uuid4().hex}.eml").write_bytes(envelope.original_content)
        return "250 OK"
