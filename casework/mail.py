"""Letters: what a message says, written once, then set as text and as accessible HTML, with a calendar if it has days.

Words are in French; dates come written in full. The HTML uses plain headings, paragraphs, lists and one link, its CSS
inlined; the text says the same. No participant is ever named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache

import css_inline
from icalendar import Calendar, Event
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from casework.french import long_date
from casework.outbox import Message
from casework.settings import Settings

FOOTER = "Message automatique : merci de ne pas y répondre."


@dataclass(frozen=True)
class Item:
    """A line of a list: a text, an address to open (or none), a detail."""

    text: str
    href: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Section:
    """A titled list; `group` is the case it is about, when a list is cut by case."""

    title: str
    groups: tuple[tuple[str, tuple[Item, ...]], ...]


@dataclass(frozen=True)
class Letter:
    """What one message says. `facts`: (term, value); `link`: (label, address) of the exact screen."""

    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    link: tuple[str, str] | None = None
    closing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Day:
    """A day for a calendar: `key` never changes for one obligation, so that a new date moves the same entry."""

    key: str
    on: date
    title: str
    href: str


def as_text(letter: Letter, settings: Settings) -> str:
    return _set("letter.txt", letter, settings).strip() + "\n"


def as_html(letter: Letter, settings: Settings) -> str:
    """A whole page, its CSS inlined: mail readers keep nothing else."""
    return css_inline.inline(_set("letter.html", letter, settings))


def _set(name: str, letter: Letter, settings: Settings) -> str:
    return _template(name).render(letter=letter, funder=settings.funder, footer=FOOTER)


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("casework", "templates/mail"),
        autoescape=name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{name}.jinja")


def as_calendar(days: tuple[Day, ...], *, at: datetime) -> str | None:
    """An iCalendar of whole days; None without any day."""
    if not days:
        return None
    calendar = Calendar()
    calendar.add("prodid", "-//casework//echeances//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for day in days:
        event = Event()
        event.add("uid", f"{day.key}@casework")
        event.add("dtstamp", at)
        event.add("dtstart", day.on)
        event.add("dtend", day.on + timedelta(days=1))
        event.add("summary", day.title)
        event.add("description", f"{day.title} : {long_date(day.on, weekday=True)}. {day.href}")
        event.add("url", day.href)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")


def as_email(message: Message, *, sender: str) -> EmailMessage:
    """The mail as it is handed to the server. Raises ValueError when an address or a header cannot be written."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.recipient
    mail["Subject"] = " ".join(message.subject.split())
    mail["Message-ID"] = message.message_id
    mail["Date"] = format_datetime(message.created_at)
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = "fr"
    mail.set_content(message.body)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    if message.ics is not None:
        mail.add_attachment(
            message.ics.encode("utf-8"),
            maintype="text",
            subtype="calendar",
            filename="echeances.ics",
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    return mail
