"""Times worked or accompanied, kept as whole minutes: reading them as people write them, and writing them back."""

from __future__ import annotations

import re

from casework.errors import CaseworkError

_DECIMAL = re.compile(r"(?P<hours>[0-9]{1,4})(?:[.,](?P<part>[0-9]{1,2}))? ?(?:h(?:eures?)?)?", re.IGNORECASE)
_CLOCK = re.compile(r"(?P<hours>[0-9]{1,4}) ?(?:h|:) ?(?P<minutes>[0-9]{2})(?: ?min)?", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\u00a0\u202f]+")


class DurationError(CaseworkError):
    """The text is not a number of hours; `sentence` says in French what was expected."""


def parse_hours(text: str) -> int:
    """Minutes of a number of hours: "12,5", "12.5", "12 h 30", "12:30", "12h". Raises `DurationError`."""
    written = _SPACES.sub(" ", text[:40]).strip()
    clock = _CLOCK.fullmatch(written)
    if clock is not None:
        if int(clock["minutes"]) > 59:
            raise DurationError("Les minutes vont de 0 à 59.")
        return int(clock["hours"]) * 60 + int(clock["minutes"])
    decimal = _DECIMAL.fullmatch(written)
    if decimal is not None:
        hundredths = int((decimal["part"] or "0").ljust(2, "0"))
        return int(decimal["hours"]) * 60 + (hundredths * 60 + 50) // 100
    if re.match(r"[-−]", written):
        raise DurationError("Un nombre d’heures ne peut pas être négatif.")
    raise DurationError("Écrivez des heures, par exemple 12,5 ou 12 h 30.")


def typed_hours(minutes: int) -> str:
    """As a form or a spreadsheet holds it and `parse_hours` reads it back: "12,5", or "0:20" if not exact."""
    hundredths = minutes * 100
    if hundredths % 60:
        return f"{minutes // 60}:{minutes % 60:02d}"
    whole, part = divmod(hundredths // 60, 100)
    return f"{whole},{part:02d}".rstrip("0").rstrip(",")


def said_hours(minutes: int) -> str:
    """For a person: « 12 h 30 », « 12 h », « 45 min »."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}\u00a0min" if rest else "0\u00a0h"
    return f"{hours}\u00a0h\u00a0{rest:02d}" if rest else f"{hours}\u00a0h"
