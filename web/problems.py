"""Errors for machines: under /api/, whatever goes wrong is `application/problem+json` (RFC 9457), in French."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

API = "/api/"


def for_machine() -> bool:
    """Whether this request came to the addresses of machines."""
    return request.path.startswith(API)


def problem(status: int, title: str, **details: Any) -> Response:
    """The answer that says what went wrong; details that hold nothing are left out."""
    said = {"type": "about:blank", "status": status, "title": title} | {k: v for k, v in details.items() if v}
    return Response(json.dumps(said, ensure_ascii=False), status, mimetype="application/problem+json")
