"""What somebody had typed in a form that could not be saved: shown to be copied, never stored, never logged."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from flask import current_app, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from web.access import safe_address
from workflows.application.history import LABELS

UNTYPED = frozenset({"csrf_token", "version", "suite", "retour", "user_id", "link_id"})
SECRETS = frozenset({"password", "again", "current", "username"})
OWN_LABELS = {
    "name": "Nom",
    "email": "Adresse électronique",
    "siret": "Numéro SIRET",
    "organisation_name": "Nom de l’organisme",
    "legal_form": "Forme juridique",
    "address": "Adresse",
    "postcode": "Code postal",
    "town": "Commune",
    "phone": "Téléphone",
}
LONGEST_LINE = 80
MOST_FIELDS = 1000


@dataclass(frozen=True)
class Typed:
    """One answer: its label, else the name of its field; `rows` is how high its box is drawn."""

    label: str
    text: str
    rows: int


def typed_again() -> list[Typed]:
    """Every answer of this form but secrets and what the page itself had put there, then the names of its files."""
    files = [("Fichier à joindre de nouveau", file.filename or "") for _, file in request.files.items(multi=True)]
    return _drawn([*_said(request.form), *files])


def typed_in(body: bytes) -> list[Typed]:
    """The same, of a plain form that was too long to be read as one; nothing when it is not one."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return []
    return _drawn(_said(MultiDict(pairs)))


def _said(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    return [
        (OWN_LABELS.get(name) or LABELS.get(name) or name, "\n".join(text for text in texts if text.strip()))
        for name, texts in form.lists()
        if name not in UNTYPED and not _secret(name)
    ]


def _drawn(said: list[tuple[str, str]]) -> list[Typed]:
    return [Typed(label, text, _rows(text)) for label, text in said if text.strip()]


def _secret(name: str) -> bool:
    return name in SECRETS or "password" in name


def _rows(text: str) -> int:
    return min(12, sum(1 + len(line) // LONGEST_LINE for line in text.splitlines()))


def form_address() -> str | None:
    """The page of the form just sent: where the browser says it comes from, else the address it was sent to."""
    return referrer_address() or (safe_address(request.path) if _opens(request.path) else None)


def address_above() -> str | None:
    """The nearest page above this address, which is only for what a form sends; None when there is but the first."""
    above = request.path.rpartition("/")[0]
    while above and not _opens(above):
        above = above.rpartition("/")[0]
    return safe_address(above) if above else None


def referrer_address() -> str | None:
    """The page of this very service that the browser comes from."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host:
        return None
    return safe_address(referrer.path + (f"?{referrer.query}" if referrer.query else ""))


def _opens(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return False
    try:
        return bool(adapter.match(path, method="GET"))
    except HTTPException:
        return False
