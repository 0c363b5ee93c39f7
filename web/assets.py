"""Addresses of static files carry a digest of their content: a browser may keep them, and never keeps an old one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for

STATIC = Path(__file__).parent / "static"


def install(app: Flask) -> None:
    @app.url_defaults
    def _version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            version = _digest(values["filename"])
            if version:
                values["v"] = version

    app.jinja_env.globals["url_for"] = _remembering()


def _remembering() -> Callable[..., str]:
    """`url_for` for templates: the address of a static file is made once, since a list draws a hundred icons."""
    made: dict[tuple[str, str], str] = {}

    def address(endpoint: str, **values: Any) -> str:
        if endpoint != "static" or values.keys() != {"filename"} or not request:
            return url_for(endpoint, **values)
        key = (request.script_root, values["filename"])
        if key not in made:
            made[key] = url_for(endpoint, **values)
        return made[key]

    return address


@cache
def _digest(filename: str) -> str:
    path = STATIC / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
