"""A mail server that keeps what it receives in a folder: the demonstration's post office."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4


class Mailbox:
    """An aiosmtpd handler: each accepted message becomes one .eml file, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        key = uuid4().hex
        part, kept = self._folder / f"{key}.part", self._folder / f"{key}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(envelope.original_content)
            part.replace(kept)
        except OSError:
            return "452 4.3.1 no room: try again later"
        return "250 OK"
