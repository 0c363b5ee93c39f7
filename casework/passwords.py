"""Passwords: argon2 with the costs of the settings; what is refused when one is chosen."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from casework.search import folded
from casework.settings import Settings

LONGEST = 200
_SHORTEST_NAME = 4
_COMMON = [
    "password",
    "azerty",
    "qwerty",
    "motdepasse",
    "bonjour",
    "soleil",
    "marseille",
    "doudou",
    "loulou",
    "chouchou",
    "jetaime",
    "administrateur",
    "departement",
    "pasdecalais",
    "pas-de-calais",
    "insertion",
    "association",
    "bienvenue",
    "changeme",
    "letmein",
    "welcome",
    "iloveyou",
    "azertyuiop",
    "qwertyuiop",
    "123456789",
    "1234567890",
    "0123456789",
    "987654321",
]


def _hasher(settings: Settings) -> PasswordHasher:
    return PasswordHasher(
        time_cost=settings.password_time_cost, memory_cost=settings.password_memory_kib, parallelism=1
    )


def hashed(settings: Settings, password: str) -> str:
    return _hasher(settings).hash(password)


def matches(settings: Settings, stored: str | None, password: str) -> bool:
    """True when it is the right password. Without a stored one, as much work is done and the answer is False."""
    hasher = _hasher(settings)
    if stored is None:
        hasher.hash(password)
        return False
    try:
        return hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def outdated(settings: Settings, stored: str) -> bool:
    """True when the costs have changed since this hash was made: it is to be made again at the next sign-in."""
    return _hasher(settings).check_needs_rehash(stored)


def faults(settings: Settings, password: str, *, email: str, name: str) -> list[str]:
    """Why this password is refused, in French; nothing when it is accepted."""
    found = []
    if len(password) < settings.password_min_length:
        found.append(
            f"Choisissez au moins {settings.password_min_length} caractères : une phrase est facile à retenir."
        )
    if len(password) > LONGEST:
        found.append(f"Un mot de passe a {LONGEST} caractères au plus.")
    plain = folded(password)
    if len(set(plain)) < min(5, settings.password_min_length) or _only_common(plain):
        found.append("Ce mot de passe est trop courant : il serait vite deviné.")
    if _mostly_own(plain, _own_words(email, name), settings.password_min_length):
        found.append("Sans votre nom ni votre adresse électronique, il est trop court : choisissez d’autres mots.")
    return found


def _only_common(plain: str) -> bool:
    """True when nothing much is left once the most common words, digits and signs are taken away."""
    rest = plain
    for word in sorted(_COMMON, key=len, reverse=True):
        rest = rest.replace(word, "")
    return sum(letter.isalpha() for letter in rest) < _SHORTEST_NAME and rest != plain


def _mostly_own(plain: str, own: set[str], shortest: int) -> bool:
    """True when the password holds the person's own words and is too short without them."""
    rest = plain
    for word in sorted(own, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != plain and len(rest.replace(" ", "")) < shortest


def _own_words(email: str, name: str) -> set[str]:
    local = folded(email).partition("@")[0]
    words = {folded(email), local, *folded(name).split()}
    return {word for word in words if len(word) >= _SHORTEST_NAME}
