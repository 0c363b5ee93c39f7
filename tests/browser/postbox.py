"""What people find in their mail: every message that a real SMTP server received, read as its reader would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from typing import cast

from icalendar import Calendar

from tests.support.mailserver import Inbox


@dataclass(frozen=True)
class Received:
    """One message. `days`: the days of its calendar, by title."""

    mail: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def days(self) -> dict[str, date]:
        files = [part.get_content() for part in self.mail.iter_attachments() if part.get_content_type() == CALENDAR]
        events = [event for file in files for event in Calendar.from_ical(file).walk("VEVENT")]
        return {str(event["summary"]): event.decoded("dtstart") for event in events}

    def link(self, public_url: str, containing: str = "") -> str:
        """The first address of the text that contains this, from the root of the service."""
        paths = re.findall(rf"{re.escape(public_url)}(\S+)", self.text)
        return next(path for path in paths if containing in path)

    def _part(self, kind: str) -> str:
        part = self.mail.get_body((kind,))
        assert part is not None, f"« {self.subject} » a une partie {kind}"
        return " ".join(cast(str, part.get_content()).split())


CALENDAR = "text/calendar"


class Postbox(Inbox):
    """The mail of everybody."""

    def of(self, address: str) -> list[Received]:
        return [Received(mail) for mail in self.received if mail["To"] == address]

    def newest(self, address: str, *words: str) -> Received:
        """The last message of this person whose subject and text hold all these words."""
        mine = self.of(address)
        found = [one for one in mine if all(word in f"{one.subject} {one.text}" for word in words)]
        assert found, f"aucun message ne dit {words}, parmi {[one.subject for one in mine]}"
        return found[-1]
