"""The documents of the form: what is asked, what is there, what this person may still join or take off; joining one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import url_for
from werkzeug.datastructures import FileStorage

from casework.applications import Application
from casework.documents import Document
from casework.errors import InvalidInput
from casework.filekinds import ACCEPTED
from casework.storage import Storage
from web.application_form import Filing
from web.filters import size
from web.session import settings, writing
from workflows.application.files import FREE, Attached, join, receive
from workflows.engine import Act


@dataclass(frozen=True)
class Slot:
    """One document asked for (or the free one) with the files that answer it. `reason`: why none may be joined now."""

    key: str
    label: str
    help: str
    required: bool
    files: list[dict[str, Any]]
    reason: str | None

    @property
    def anchor(self) -> str:
        return f"piece-{self.key or 'autre'}"

    @property
    def state(self) -> str:
        if self.files:
            return "Jointe"
        return "À joindre" if self.required else "Facultative"


def storage() -> Storage:
    return Storage(Path(settings().files_dir))


def attach(application: Application, sent: FileStorage | None, *, slot: str, act: Act) -> Attached:
    """Join the file that was sent, if any, in a transaction that begins once its bytes are kept.

    For a view marked `own_transaction`. Raises what `receive` and `join` raise.
    """
    if sent is None or not sent.filename:
        raise InvalidInput({"file": ["Choisissez d’abord un fichier sur votre appareil."]})
    stored = receive(storage(), application, sent.stream, name=sent.filename, slot=slot, act=act)
    with writing() as database:
        return join(database, storage(), application, stored, slot=slot, act=act)


def limits() -> str:
    """What may be joined, in a sentence."""
    return f"Formats acceptés : {ACCEPTED}. {settings().upload_max_mb} Mo au plus par fichier."


def slots(filing: Filing) -> list[Slot]:
    """The documents of the scheme in order, then the free ones."""
    asked = [
        Slot(d.key, d.label, d.help or "", d.required, _files(filing, d.key), filing.reason)
        for d in filing.scheme.form.documents
    ]
    free = Slot(FREE, "Autres pièces", "Tout ce qui éclaire la demande.", False, _files(filing, FREE), filing.reason)
    return [*asked, free]


def _files(filing: Filing, slot: str) -> list[dict[str, Any]]:
    return [_file(filing, document) for document in filing.documents if document.slot == slot]


def _file(filing: Filing, document: Document) -> dict[str, Any]:
    own = {"application_id": filing.application.id, "document_id": document.id}
    return {
        "name": document.name,
        "href": url_for("documents.download", **own),
        "size": size(document.size),
        "at": document.added_at,
        "by": document.added_by.name if document.added_by else "",
        "remove": url_for("documents.take_off", **own) if filing.editable else None,
    }
