"""A meeting in a calendar (RFC 5545): an invitation that later ones replace, or an entry of somebody's own feed.

The key of a meeting never changes; its sequence grows each time it is changed or called off, so that every calendar
keeps one entry and the last word. Nothing here is said of a participant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from icalendar import Calendar, Event, vCalAddress, vText


@dataclass(frozen=True)
class Meeting:
    """`lasts`: minutes. `href`: its page. `cancelled`: it was called off."""

    key: str
    starts_at: datetime
    lasts: int
    title: str
    place: str
    href: str
    sequence: int
    cancelled: bool = False


def event_of(meeting: Meeting, *, at: datetime) -> Event:
    """The entry of a calendar. Its hours are written in UTC, so that no calendar needs a time zone to read them."""
    starts_at = meeting.starts_at.astimezone(UTC)
    event = Event()
    event.add("uid", f"{meeting.key}@casework")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=meeting.lasts))
    event.add("summary", meeting.title)
    event.add("location", meeting.place)
    event.add("description", f"{meeting.title}. {meeting.href}")
    event.add("url", meeting.href)
    event.add("sequence", meeting.sequence)
    event.add("status", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    return event


def as_invitation(meeting: Meeting, *, organizer: str, attendee: str, name: str, at: datetime) -> str:
    """The calendar file joined to one person's mail: METHOD:REQUEST, or CANCEL once it is called off.

    `organizer` is an address, alone or as « Nom <adresse> ».
    """
    calendar = Calendar()
    calendar.add("prodid", "-//casework//comites//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if meeting.cancelled else "REQUEST")
    event = event_of(meeting, at=at)
    sender = vCalAddress(f"mailto:{parseaddr(organizer)[1] or organizer}")
    event.add("organizer", sender)
    invited = vCalAddress(f"mailto:{attendee}")
    invited.params["CN"] = vText(name)
    invited.params["ROLE"] = vText("REQ-PARTICIPANT")
    invited.params["RSVP"] = vText("FALSE")
    event.add("attendee", invited, encode=False)
    calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")
