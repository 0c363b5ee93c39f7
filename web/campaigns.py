"""Administration of the schemes: their versions by campaign, a new file checked, compared, and only then imported."""

from __future__ import annotations

import hashlib
import tomllib
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request

from casework.errors import InvalidInput, NotFound, Stale, TooLarge
from casework.schemes import SchemeVersion
from web.access import needs
from web.admin import sections
from web.forms import FormSchema, Number, Text, read
from web.render import back_to, page
from workflows.catalogue import CatalogueError, Difference, compare, digest, from_dict
from workflows.scheme import Scheme
from workflows.versions import current_version, import_schemes, read_version

pages = Blueprint("campaigns", __name__, url_prefix="/admin/dispositifs")

LARGEST_BYTES = 512 * 1024


class CompareForm(FormSchema):
    avant = Number(low=1, required=True)
    apres = Number(low=1, required=True)


class ConfirmForm(FormSchema):
    content = Text(required=True, limit=LARGEST_BYTES)
    sha256 = Text(required=True, limit=64)
    current = Text(limit=64)


@pages.get("")
@needs("admin")
def index() -> Any:
    return _list_page()


@pages.post("")
@needs("admin")
def check() -> Any:
    """First step: read the file and say what it would change. Nothing is stored."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _list_page(["Choisissez d’abord un fichier TOML."], 422)
    raw = upload.stream.read(LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES:
        raise TooLarge("Une fiche tient en quelques dizaines de kilo-octets : ce fichier est bien trop gros.")
    name = upload.filename.rpartition("/")[2][:80]
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").strip()
        scheme = _read(text, name)
    except UnicodeDecodeError:
        return _list_page([f"{name} : le fichier n’est pas en UTF-8"], 422)
    except CatalogueError as error:
        return _list_page(list(error.problems), 422)
    current = current_version(g.db, scheme.campaign, scheme.code)
    return page(
        "campaigns/preview.html",
        scheme=scheme,
        content=text,
        sha256=_fingerprint(text),
        current=current,
        same=current is not None and current.digest == digest(scheme),
        differences=_shown(compare(read_version(current), scheme)) if current else [],
    )


@pages.post("/importer")
@needs("admin")
def confirm() -> Any:
    """Second step: store the very text that was previewed, unless another version came in between."""
    answers = read(ConfirmForm(), request.form)
    if _fingerprint(answers["content"]) != answers["sha256"]:
        raise InvalidInput({"content": ["Le texte a changé depuis l’aperçu : recommencez par le choix du fichier."]})
    scheme = _read(answers["content"], "fiche")
    current = current_version(g.db, scheme.campaign, scheme.code)
    if (current.digest if current else "") != answers["current"]:
        raise Stale("Une autre version de cette fiche a été importée depuis votre aperçu : recommencez.")
    (imported,) = import_schemes(g.db, [scheme], actor=g.actor, at=g.now)
    if not imported.new:
        return back_to("campaigns.index", "Cette version était déjà la version en cours.", kind="info")
    sentence = f"La fiche {imported.code} de la campagne {scheme.campaign} est à sa version {imported.number}."
    return back_to("campaigns.index", f"{sentence} Les dossiers déjà ouverts gardent la leur.")


@pages.get("/comparer")
@needs("admin")
def compare_versions() -> Any:
    try:
        keys = read(CompareForm(), request.args)
    except InvalidInput:
        raise NotFound("Choisissez deux versions à comparer dans la liste des dispositifs.") from None
    before, after = (g.db.get(SchemeVersion, keys[name]) for name in ("avant", "apres"))
    if before is None or after is None:
        raise NotFound("Une de ces versions n’existe pas.")
    differences = compare(read_version(before), read_version(after))
    return page("campaigns/compare.html", before=before, after=after, differences=_shown(differences))


def _list_page(problems: list[str] | None = None, status: int = 200) -> tuple[str, int]:
    order = (SchemeVersion.campaign.desc(), SchemeVersion.position, SchemeVersion.number.desc())
    campaigns: dict[str, list[dict[str, Any]]] = {}
    following: SchemeVersion | None = None
    for version in g.db.scalars(sa.select(SchemeVersion).order_by(*order)):
        lines = campaigns.setdefault(version.campaign, [])
        is_newest = following is None or (following.campaign, following.code) != (version.campaign, version.code)
        lines.append({"version": version, "newest": is_newest, "previous": None})
        if not is_newest:
            lines[-2]["previous"] = version.id
        following = version
    return page(
        "campaigns/index.html",
        status,
        campaigns=campaigns,
        problems=problems or [],
        sections=sections("campaigns.index"),
    )


def _read(text: str, source: str) -> Scheme:
    try:
        return from_dict(tomllib.loads(text), source=source)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError([f"{source} : TOML mal formé ({error})"]) from error


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(differences: list[Difference]) -> list[tuple[str, str, str]]:
    return [(change.path, _value(change.before), _value(change.after)) for change in differences]


def _value(value: Any) -> str:
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)
