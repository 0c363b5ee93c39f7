"""Dates, hours and counts as French people write them. Instants are shown in Europe/Paris."""

from __future__ import annotations

import re
from datetime import date, datetime
from unicodedata import normalize

from num2words import num2words

from casework.amounts import NARROW_NO_BREAK_SPACE
from casework.clock import PARIS

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def short_date(day: date) -> str:
    """31/03/2026"""
    return f"{day:%d/%m/%Y}"


def long_date(day: date, *, weekday: bool = False) -> str:
    """31 mars 2026, or mardi 31 mars 2026; the first of a month is « 1er »."""
    number = "1er" if day.day == 1 else str(day.day)
    text = f"{number} {_MONTHS[day.month - 1]} {day.year}"
    return f"{_DAYS[day.weekday()]} {text}" if weekday else text


def month_name(month: int) -> str:
    """« mars » for 3"""
    return _MONTHS[month - 1]


_SHORT_MONTHS = {
    "janvier": "janv.",
    "février": "févr.",
    "avril": "avr.",
    "juillet": "juil.",
    "septembre": "sept.",
    "octobre": "oct.",
    "novembre": "nov.",
    "décembre": "déc.",
}


def short_month(name: str) -> str:
    """« janv. » for « janvier »; what is short already, « mars », stays."""
    return _SHORT_MONTHS.get(name, name)


def day_of_year(text: str) -> tuple[int, int] | None:
    """The (month, day) of « 31/12 » or "12-31", 29 February too; None when it is no day."""
    french = re.fullmatch(r"([0-9]{1,2}) ?/ ?([0-9]{1,2})", text.strip())
    coded = re.fullmatch(r"([0-9]{2})-([0-9]{2})", text.strip())
    day, month = (french[1], french[2]) if french else (coded[2], coded[1]) if coded else ("0", "0")
    try:
        found = date(2024, int(month), int(day))
    except ValueError:
        return None
    return found.month, found.day


def month_of(day: date) -> str:
    """« mars 2024 » for a day of it"""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def of_month(day: date) -> str:
    """« de mars 2024 », « d’avril 2024 »"""
    return of_name(month_of(day))


def of_name(name: str) -> str:
    """« de Dupont », « d’Ibéride »: before a vowel, whatever its accent; an « h » is left to « de »."""
    first = normalize("NFD", name[:1]).casefold()[:1]
    return f"d’{name}" if first and first in "aeiouyœ" else f"de {name}"


def moment(instant: datetime) -> str:
    """le 31 mars 2026 à 14 h 05 (Europe/Paris)"""
    return f"le {long_date(instant.astimezone(PARIS).date())} à {clock_time(instant)}"


def clock_time(instant: datetime) -> str:
    """14 h 05 (Europe/Paris)"""
    local = instant.astimezone(PARIS)
    return f"{local.hour} h {local.minute:02d}"


def said_moment(instant: datetime) -> str:
    """le mardi 31 mars 2026 à 14 h 05 (Europe/Paris)"""
    return f"le {long_date(instant.astimezone(PARIS).date(), weekday=True)} à {clock_time(instant)}"


def short_moment(instant: datetime) -> str:
    """31/03/2026 14:05 (Europe/Paris)"""
    return f"{instant.astimezone(PARIS):%d/%m/%Y %H:%M}"


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """1 dossier, 2 dossiers, 1 000 dossiers (narrow no-break space); zero is singular in French."""
    grouped = f"{number:,}".replace(",", NARROW_NO_BREAK_SPACE)
    return f"{grouped} {singular if abs(number) < 2 else plural or singular + 's'}"


def distance(day: date, today: date) -> str:
    """aujourd’hui, demain, hier, dans 3 jours, en retard de 4 jours"""
    days = (day - today).days
    if days == 0:
        return "aujourd’hui"
    if days == 1:
        return "demain"
    return f"dans {days} jours" if days > 0 else f"en retard de {counted(-days, 'jour')}"


def listed(items: list[str]) -> str:
    """« a », « a et b », « a, b et c »"""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} et {items[-1]}" if items else ""


def grouped_siret(siret: str) -> str:
    """Fourteen digits in groups of three and five, that no line break separates."""
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"


def euros_in_words(cents: int) -> str:
    """« mille deux cents euros et un centime », « un million d’euros ». Raises ValueError below zero."""
    if cents < 0:
        raise ValueError("an amount in words is never negative")
    whole, rest = divmod(cents, 100)
    coins = f"{num2words(rest, lang='fr')} centime{'s' if rest > 1 else ''}"
    if not whole and rest:
        return coins
    words = num2words(whole, lang="fr")
    link = " d’" if words.endswith(("million", "millions", "milliard", "milliards")) else " "
    notes = f"{words}{link}euro{'s' if whole > 1 else ''}"
    return f"{notes} et {coins}" if rest else notes
