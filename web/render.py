"""How a view answers: a page, or a way back with a sentence."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response


def page(template: str, status: int = 200, *, failed: bool = False, **data: Any) -> tuple[str, int]:
    """A page with ready data: a template runs no query. Its title says when what was sent is refused, were it in part
    only (`failed`)."""
    return render_template(template, failed=failed or status >= 400, **data), status


def back_to(endpoint: str, sentence: str | None = None, *, kind: str = "success", **values: Any) -> Response:
    """After a change: 303 to a page, with a sentence shown there. `kind`: success, info, warning or danger."""
    if sentence:
        flash(sentence, kind)
    return redirect(url_for(endpoint, **values), 303)
