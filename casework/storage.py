"""Where the bytes of the files are: a folder, under generated keys, on two levels of subfolders.

A file is written to `incoming/`, measured, hashed and recognised there, flushed to the disk, then renamed to its key:
a key either holds a whole accepted file or does not exist. The name a person gave never becomes part of a path.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from casework.errors import NotFound, TooLarge
from casework.filekinds import name_and_kind, refusal

CHUNK = 1 << 18
_KEY = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{36})\Z")
_INCOMING = "incoming"


@dataclass(frozen=True)
class Stored:
    """A file that has been kept: its key, the name to show, its media type, its size in bytes, its SHA-256 (hex)."""

    key: str
    name: str
    media_type: str
    size: int
    digest: str


class Storage:
    """The files under `root`. Several processes may share it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, stream: BinaryIO, *, name: str, limit: int, at: datetime) -> Stored:
        """Keep this file (`limit` in bytes), dated `at`, and say what it is.

        Raises TooLarge, or InvalidInput (field « file ») when it is empty or not of an accepted kind; nothing is kept
        then.
        """
        part = self._incoming(at)
        try:
            with part.open("xb+") as kept:
                size, digest = _copy(stream, kept, limit)
                if size == 0:
                    raise refusal("Ce fichier est vide : choisissez-en un autre.")
                shown, kind = name_and_kind(kept, name)
                os.fsync(kept.fileno())
            key = self._settle(part, at)
        finally:
            part.unlink(missing_ok=True)
        return Stored(key, shown, kind.media_type, size, digest)

    def open(self, key: str) -> BinaryIO:
        """The bytes of this key, to read and close. Raises NotFound."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound("Ce fichier n’est plus disponible.") from None

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Delete the bytes of this key; nothing happens when they are already gone."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, *, before: datetime) -> Iterator[str]:
        """Every key kept before this instant."""
        for path in self.root.glob("??/??/*"):
            key = path.relative_to(self.root).as_posix()
            if _KEY.match(key) and _age(path) < before.timestamp():
                yield key

    def clean_incoming(self, *, before: datetime) -> int:
        """Delete what an interrupted upload begun before this instant left behind; how many there were."""
        left = [part for part in (self.root / _INCOMING).glob("*-*") if _begun(part) < before.timestamp()]
        for part in left:
            part.unlink(missing_ok=True)
        return len(left)

    def _incoming(self, at: datetime) -> Path:
        folder = self.root / _INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{int(at.timestamp())}-{secrets.token_hex(16)}"

    def _settle(self, part: Path, at: datetime) -> str:
        """Rename to a new key. The file's own date is `at`, so that its age is told by the service's clock."""
        token = secrets.token_hex(20)
        key = f"{token[:2]}/{token[2:4]}/{token}"
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.utime(part, (at.timestamp(), at.timestamp()))
        part.replace(path)
        _flush_folder(path.parent)
        return key

    def _path(self, key: str) -> Path:
        if not _KEY.match(key):
            raise NotFound("Ce fichier n’est plus disponible.")
        return self.root / key


def _copy(stream: BinaryIO, kept: BinaryIO, limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"Ce fichier est trop lourd : {limit // (1024 * 1024)} Mo au plus.")
        digest.update(chunk)
        kept.write(chunk)
    kept.flush()
    return size, digest.hexdigest()


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _age(path: Path) -> float:
    """When it was kept, in seconds; a file deleted meanwhile counts as just kept."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _begun(part: Path) -> float:
    return float(part.name.partition("-")[0])
