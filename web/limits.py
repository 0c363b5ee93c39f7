"""What is refused before anything is read: texts without end, characters that no database can hold."""

from __future__ import annotations

from flask import Flask, abort, request

FORM_MEMORY_BYTES = 2 * 1024 * 1024
FORM_MARGIN_BYTES = 1024 * 1024


def install(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = app.extensions["casework"].settings.upload_max_bytes + FORM_MARGIN_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_MEMORY_BYTES
    app.before_request(_check)


def _check() -> None:
    """Werkzeug limits the texts of a form with files; a form without files is limited here."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = FORM_MEMORY_BYTES
    if "\x00" in "".join((request.path, *request.args.values())):
        abort(400)
