"""Addresses of static files carry a digest of their content: a browser may keep them, and never keeps an old one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, lru_cache
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

    @lru_cache(maxsize=4096)
    def pieces(root: str, endpoint: str, number: str, words: tuple[tuple[str, str], ...]) -> list[str]:
        """The address that these words and any number make, cut where the number stands."""
        return url_for(endpoint, **dict(words), **({number: _ANY} if number else {})).split(str(_ANY))

    def address(endpoint: str, **values: Any) -> str:
        numbers = [name for name, value in values.items() if type(value) is int and value > 0]
        words = tuple((name, value) for name, value in values.items() if type(value) is str)
        alike = len(numbers) < 2 and len(numbers) + len(words) == len(values)
        if not (alike and request) or endpoint.startswith(".") or "_external" in values:
            return url_for(endpoint, **values)
        number = numbers[0] if numbers else ""
        found = pieces(request.script_root, endpoint, number, words)
        return str(values.get(number)).join(found) if len(found) == 1 + len(numbers) else url_for(endpoint, **values)

    return address


@cache
def _digest(filename: str) -> str:
    path = STATIC / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
