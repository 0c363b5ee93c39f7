"""Letters: what a message says, written once, then set as text and as accessible HTML, with a calendar if it has days.

Words are in French; dates come written in full. The HTML uses plain headings, paragraphs, lists and one link, its CSS
inlined; the text says the same. No participant is ever named.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache

import css_inline
from icalendar import Calendar, Event
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from casework.french import long_date
from casework.meetings import Meeting, event_of
from casework.outbox import Message
from casework.settings import Settings

_ADDRESS = re.compile(r"[!-~]+@[!-~]+")
_METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)
_ON_THE_WIRE = compat32.clone(linesep="\r\n")
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


def as_calendar(days: tuple[Day, ...], *, at: datetime, meetings: tuple[Meeting, ...] = ()) -> str | None:
    """An iCalendar of whole days and of meetings; None without any."""
    if not days and not meetings:
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
    for meeting in meetings:
        calendar.add_component(event_of(meeting, at=at))
    return str(calendar.to_ical(), "utf-8")


def as_email(message: Message, *, sender: str) -> bytes:
    """The mail as it is handed to the server. Raises ValueError when an address cannot be written.

    Made with the plain classes of `email`: the newer ones parse each header that they are given, which costs several
    times what it takes to send a mail. Hence what they would check is checked here: an address holds no line break.
    """
    mail = _content(message)
    mail["From"] = formataddr(parseaddr(sender))
    mail["To"] = plain_address(message.recipient)
    mail["Subject"] = Header(" ".join(message.subject.split()), "utf-8", header_name="Subject").encode()
    mail["Message-ID"] = message.message_id
    mail["Date"] = format_datetime(message.created_at)
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = "fr"
    return mail.as_bytes(policy=_ON_THE_WIRE)


def plain_address(text: str) -> str:
    """The address of « Nom <adresse> », or of an address alone. Raises ValueError for what no envelope can carry."""
    address = parseaddr(text)[1] if "<" in text else text
    if not _ADDRESS.fullmatch(address):
        raise ValueError("this address cannot be written in a mail")
    return address


def _content(message: Message) -> MIMEBase:
    """The text; with its HTML, as alternatives; with its calendar, beside it."""
    mark = message.message_id.strip("<>").partition("@")[0]
    content: MIMEBase = _text(message.body, "plain")
    if message.html is not None:
        alternatives = (content, _text(message.html, "html"))
        content = MIMEMultipart("alternative", f"=_a{mark}", alternatives)
    if message.ics is not None:
        method = _method(message.ics)
        calendar = MIMENonMultipart("text", "calendar", charset="utf-8", method=method)
        name = "echeances.ics" if method == "PUBLISH" else "invitation.ics"
        calendar["Content-Disposition"] = f'attachment; filename="{name}"'
        calendar.set_payload(message.ics.encode("utf-8"))
        encode_base64(calendar)
        content = MIMEMultipart("mixed", f"=_m{mark}", (content, calendar))
    return content


def _method(ics: str) -> str:
    """What a calendar asks of who receives it: to look at days, to come to a meeting, to forget it."""
    found = _METHOD.search(ics)
    return found[1] if found else "PUBLISH"


def _text(text: str, kind: str) -> MIMENonMultipart:
    """Quoted-printable, which suits French and in which no boundary (« =_ ») can ever appear."""
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    written = "\n".join(text.splitlines()) + "\n"
    part.set_payload(b2a_qp(written.encode("utf-8")).decode("ascii"))
    return part
