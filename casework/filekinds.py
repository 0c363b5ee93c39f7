"""What a stored file is, read in its content: its name is only believed when the content agrees.

Accepted: PDF, JPEG, PNG, Word and Excel (2007 and later, without macros), OpenDocument text and sheet, text in UTF-8.
Nothing is ever unpacked: an archive is known by the list of its members, and that list itself is bounded.
"""

from __future__ import annotations

import codecs
import os
import re
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import filetype

from casework.errors import InvalidInput

FIELD = "file"
NAME_MAX = 200
ACCEPTED = "PDF, JPEG, PNG, Word (.docx), Excel (.xlsx), OpenDocument (.odt, .ods), texte ou CSV en UTF-8"
_HEAD = 8192
_CHUNK = 1 << 18
_ENDING_MAX = 12
_MEMBER_LIST_MAX = 1 << 20


@dataclass(frozen=True)
class FileKind:
    """A kind of file. Names ending otherwise than by `extensions` are completed, unless they claim another `family`."""

    label: str
    media_type: str
    extensions: tuple[str, ...]
    family: str


PDF = FileKind("un document PDF", "application/pdf", (".pdf",), "pdf")
JPEG = FileKind("une image JPEG", "image/jpeg", (".jpg", ".jpeg"), "image")
PNG = FileKind("une image PNG", "image/png", (".png",), "image")
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = FileKind("un document Word", _OFFICE + "wordprocessingml.document", (".docx",), "docx")
XLSX = FileKind("un classeur Excel", _OFFICE + "spreadsheetml.sheet", (".xlsx",), "xlsx")
ODT = FileKind("un texte OpenDocument", "application/vnd.oasis.opendocument.text", (".odt",), "odt")
ODS = FileKind("une feuille OpenDocument", "application/vnd.oasis.opendocument.spreadsheet", (".ods",), "ods")
TEXT = FileKind("du texte simple", "text/plain", (".txt",), "text")
CSV = FileKind("une feuille CSV", "text/csv", (".csv",), "text")
KINDS = (PDF, JPEG, PNG, DOCX, XLSX, ODT, ODS, TEXT, CSV)
_CLAIMS = {extension: kind for kind in KINDS for extension in kind.extensions}

_EXECUTABLE = "un programme"
_NAMED = {
    "exe": _EXECUTABLE,
    "elf": _EXECUTABLE,
    "swf": _EXECUTABLE,
    "wasm": _EXECUTABLE,
    "rtf": "un texte RTF",
    "ps": "un document PostScript",
    "zip": "une archive ZIP",
    "rar": "une archive RAR",
    "7z": "une archive 7-Zip",
    "gz": "une archive GZIP",
    "heic": "une photo HEIC",
    "pptx": "un diaporama PowerPoint",
    "odp": "un diaporama OpenDocument",
}
_NEVER_TEXT = ("exe", "elf", "swf", "rtf", "ps")
_MARKUP = re.compile(rb"\s*<[a-z!?]|.{0,2000}<(?:html|head|body|script|svg|iframe)\b", re.IGNORECASE | re.DOTALL)
_NOT_PRINTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_OFFICE_MEMBERS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_OPEN_DOCUMENT = {ODT.media_type.encode(): ODT, ODS.media_type.encode(): ODS}


def accepted_name(name: str) -> str:
    """A name fit for display and for Content-Disposition: no path, no control or bidirectional mark, 200 at most."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    text = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    text = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*]', "-", text)).strip(" .")
    ending = text[-_ENDING_MAX:].rpartition(".")
    suffix = ending[1] + ending[2] if ending[1] else ""
    return (text.removesuffix(suffix)[: NAME_MAX - len(suffix)] + suffix) or "document"


def name_and_kind(stream: BinaryIO, name: str) -> tuple[str, FileKind]:
    """The name to show and the kind of this file, from its content (`stream` is seekable, read from its start).

    Raises InvalidInput, saying what was found and what is accepted, when the content is not an accepted kind or the
    name claims another one.
    """
    shown = accepted_name(name)
    suffix = PurePosixPath(shown).suffix.lower()
    found = _recognised(stream)
    if isinstance(found, str):
        raise refusal(f"« {shown} » n’est pas accepté : son contenu est {found}. Formats acceptés : {ACCEPTED}.")
    claimed = _CLAIMS.get(suffix)
    if claimed is not None and claimed.family != found.family:
        raise refusal(
            f"« {shown} » n’est pas accepté : d’après son nom ce serait {claimed.label}, "
            f"mais son contenu est {found.label}. Donnez-lui son vrai format. Formats acceptés : {ACCEPTED}."
        )
    if found is TEXT and claimed is CSV:
        found = CSV
    return _completed(shown, suffix, found, replace=claimed is not None), found


def refusal(sentence: str) -> InvalidInput:
    return InvalidInput({FIELD: [sentence]})


def _completed(name: str, suffix: str, kind: FileKind, *, replace: bool) -> str:
    if suffix in kind.extensions:
        return name
    ending = kind.extensions[0]
    stem = name[: -len(suffix)] if replace and suffix else name
    return stem[: NAME_MAX - len(ending)] + ending


def _recognised(stream: BinaryIO) -> FileKind | str:
    """The accepted kind, or what else it is, in French."""
    stream.seek(0)
    head = stream.read(_HEAD)
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK"):
        return _archive(stream, head)
    guess = filetype.guess(head)
    if guess is not None and guess.mime in (JPEG.media_type, PNG.media_type):
        return JPEG if guess.mime == JPEG.media_type else PNG
    if guess is not None and guess.extension in _NEVER_TEXT:
        return _NAMED[guess.extension]
    return _text(stream, head) or _other(head, guess.extension if guess else "")


def _other(head: bytes, extension: str) -> str:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "un ancien document Office (.doc, .xls) ou un document protégé par un mot de passe"
    if extension:
        return _NAMED.get(extension, f"un fichier de type « {extension} »")
    return "d’un type inconnu"


def _text(stream: BinaryIO, head: bytes) -> FileKind | str | None:
    """Text when the whole file is printable UTF-8; None when it is something binary."""
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        return "une page HTML ou un fichier XML"
    if head.startswith(b"#!"):
        return _EXECUTABLE
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "un texte qui n’est pas en UTF-8 (enregistrez-le en « CSV UTF-8 » ou « texte UTF-8 »)"
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(_CHUNK):
            if _NOT_PRINTED.search(decoder.decode(chunk)):
                return None
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _badly_encoded(head)
    return TEXT


def _badly_encoded(head: bytes) -> str | None:
    if _NOT_PRINTED.search(head.decode("latin-1")):
        return None
    return "un texte qui n’est pas en UTF-8 (enregistrez-le en « CSV UTF-8 » ou « texte UTF-8 »)"


def _archive(stream: BinaryIO, head: bytes) -> FileKind | str:
    if head[30:38] == b"mimetype":
        declared = next((kind for text, kind in _OPEN_DOCUMENT.items() if head[38:].startswith(text + b"PK")), None)
        if declared is None:
            return "un document OpenDocument d’un autre type"
    else:
        declared = None
    members = _members(stream)
    if members is None:
        return "une archive ZIP abîmée ou trop chargée"
    if any(member.endswith("vbaProject.bin") for member in members):
        return "un document Office avec des macros"
    if declared is not None:
        return declared if "content.xml" in members else "une archive ZIP"
    found = [kind for member, kind in _OFFICE_MEMBERS.items() if member in members]
    if len(found) == 1 and "[Content_Types].xml" in members:
        return found[0]
    return _NAMED["pptx"] if "ppt/presentation.xml" in members else _NAMED["zip"]


def _members(stream: BinaryIO) -> frozenset[str] | None:
    """The names in a ZIP archive, from its central directory alone; None when it is damaged, huge or in ZIP64."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 66_000))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22 or b"PK\x06\x07" in tail[max(0, at - 20) : at]:
        return None
    if struct.unpack_from("<I", tail, at + 12)[0] > _MEMBER_LIST_MAX:
        return None
    try:
        with zipfile.ZipFile(stream) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
