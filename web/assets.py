"""Addresses of static files carry a digest of their content: a browser may keep them, and never keeps an old one."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

STATIC = Path(__file__).parent / "static"


def install(app: Flask) -> None:
    @app.url_defaults
    def _version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            version = _digest(values["filename"])
            if version:
                values["v"] = version


@cache
def _digest(filename: str) -> str:
    path = STATIC / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
