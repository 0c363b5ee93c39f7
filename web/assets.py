"""Addresses of static files carry a digest of their content: a browser may keep them, and never keeps an old one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for

STATIC = Path(__file__).parent / "static"
_ANY = 2**63 - 1
"""A number that stands for any other in an address."""


def install(app: Flask) -> None:
    @app.url_defaults
    def _version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            version = _digest(values["filename"])
            if version:
                values["v"] = version

    app.jinja_env.globals["url_for"] = _remembering()


def _remembering() -> Callable[..., str]:
    """`url_for` for templates: a list draws a hundred icons, and as many addresses that differ by a number."""
    files: dict[tuple[str, str], str] = {}
    numbered: dict[tuple[str, str, str], tuple[str, str]] = {}

    def address(endpoint: str, **values: Any) -> str:
        if len(values) != 1 or not request or endpoint.startswith("."):
            return url_for(endpoint, **values)
        [(name, value)] = values.items()
        if type(value) is int and value > 0:
            place = (request.script_root, endpoint, name)
            if place not in numbered:
                before, _, after = url_for(endpoint, **{name: _ANY}).partition(str(_ANY))
                numbered[place] = before, after
            before, after = numbered[place]
            return f"{before}{value}{after}"
        if endpoint != "static":
            return url_for(endpoint, **values)
        key = (request.script_root, value)
        if key not in files:
            files[key] = url_for(endpoint, **values)
        return files[key]

    return address


@cache
def _digest(filename: str) -> str:
    path = STATIC / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
