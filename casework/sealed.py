"""What a stolen database must not tell: values encrypted with keys that are only in the settings (`data_keys`).

AES-256 in GCM, a new nonce for each value, bound to the place it was written for: a value moved to another column no
longer opens. The first key seals, every key opens, so that keys are renewed without a pause (`casework keys renew`).
What is to be found again without being read is marked: a keyed digest that only equals itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from casework.errors import CaseworkError

FORMAT, NAME_BYTES, NONCE_BYTES, KEY_BYTES, MARK_BYTES = b"\x01", 4, 12, 32, 16


class BadKey(Exception):
    """A key of the settings is not one; the message never repeats it."""


class Unreadable(CaseworkError):
    """A sealed value cannot be opened: its key is not in the settings, or it was changed."""

    def __init__(self) -> None:
        super().__init__(
            "Une donnée protégée ne peut pas être lue : la clé de chiffrement du service manque ou n’est pas la bonne. "
            "Prévenez l’administrateur ; rien n’est perdu tant que la clé existe."
        )


class Vault:
    """The keys of a service. Without any, nothing is sealed nor opened: both raise Unreadable."""

    def __init__(self, keys: str = "") -> None:
        read = [_key(text) for text in keys.split()]
        self._ciphers = {_name(key): AESGCM(key) for key in read}
        self._marking = [hmac.digest(key, b"casework marks", "sha256") for key in read]
        self._first = _name(read[0]) if read else b""

    def seal(self, text: str, place: str) -> bytes:
        """This text for this place ("person.identity"), encrypted."""
        if not self._first:
            raise Unreadable
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + self._first + nonce + self._ciphers[self._first].encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The text that was sealed for this place. Raises Unreadable."""
        start = 1 + NAME_BYTES
        cipher = self._ciphers.get(sealed[1:start]) if sealed[:1] == FORMAT else None
        if cipher is None:
            raise Unreadable
        try:
            return cipher.decrypt(
                sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :], place.encode()
            ).decode()
        except InvalidTag:
            raise Unreadable from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether the first key sealed it."""
        return sealed[1 : 1 + NAME_BYTES] == self._first

    def mark(self, text: str) -> str:
        """The mark to write for this text."""
        return self.marks(text)[0]

    def marks(self, text: str) -> list[str]:
        """The marks under which this text may have been written, one for each key, the newest first."""
        if not self._marking:
            raise Unreadable
        return [hmac.digest(key, text.encode(), "sha256")[:MARK_BYTES].hex() for key in self._marking]


class Sealed(TypeDecorator[Any]):
    """A column whose JSON value is sealed for one place. It is read and written whole: assign a new value."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return vault_of(dialect).seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")), self.place)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(vault_of(dialect).open(bytes(value), self.place))


def give(engine: sa.Engine, keys: str) -> None:
    """Give an engine the keys of its service. Raises BadKey."""
    engine.dialect.casework_vault = Vault(keys)  # type: ignore[attr-defined]


def vault_of(dialect: Dialect) -> Vault:
    vault = getattr(dialect, "casework_vault", None)
    if not isinstance(vault, Vault):
        raise Unreadable
    return vault


def vault_in(session: Session) -> Vault:
    """The keys of the database of this session."""
    return vault_of(session.get_bind().dialect)


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")


def _key(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadKey("« data_keys » : une clé n’est pas comprise. `casework secret --data` en fabrique une.")
    return key


def _name(key: bytes) -> bytes:
    """What tells a key from another in what it sealed, without telling the key."""
    return hashlib.sha256(b"casework key name" + key).digest()[:NAME_BYTES]
