"""The calls as visitors see them: each scheme of each campaign with where its deposit windows stand on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.people import Contact, Territory
from casework.schemes import SchemeVersion
from workflows.catalogue import without_lines
from workflows.scheme import Scheme, Window
from workflows.versions import current_versions, read_versions

STATE_LABELS = {"open": "Ouvert", "coming": "À venir", "closed": "Clos"}


@dataclass(frozen=True)
class Sitting:
    """One deposit window on a day: open, coming or closed, and how many days it still lasts, or waits."""

    window: Window
    state: str
    days: int

    @property
    def label(self) -> str:
        return STATE_LABELS[self.state]


@dataclass(frozen=True)
class Call:
    """A scheme with the window that matters today: the open one, else the next, else the last."""

    version: SchemeVersion
    scheme: Scheme
    current: Sitting

    @property
    def state(self) -> str:
        return self.current.state

    @property
    def address(self) -> dict[str, str]:
        return {"campaign": self.version.campaign, "code": self.version.code}

    @property
    def public(self) -> list[str]:
        return [without_lines(text) for text in self.scheme.target_public]


@dataclass(frozen=True)
class Campaign:
    """A year's calls. `invented` when it was made for the demonstration."""

    name: str
    invented: bool
    calls: tuple[Call, ...]

    def of(self, state: str) -> list[Call]:
        """The calls of this state, those that change first at the top."""
        found = [call for call in self.calls if call.state == state]
        return sorted(found, key=lambda call: call.current.days) if state != "closed" else found

    @property
    def has_session(self) -> bool:
        return any(call.state != "closed" for call in self.calls)


def sessions_on(scheme: Scheme, day: date) -> list[Sitting]:
    """Every deposit window of a scheme as it stands on this day (Europe/Paris), in order."""
    return [_session(window, day) for window in scheme.application_windows]


def _session(window: Window, day: date) -> Sitting:
    if day < window.opens:
        return Sitting(window, "coming", (window.opens - day).days)
    if day > window.closes:
        return Sitting(window, "closed", 0)
    return Sitting(window, "open", (window.closes - day).days)


def call_of(version: SchemeVersion, scheme: Scheme, day: date) -> Call:
    sessions = sessions_on(scheme, day)
    current = next((s for s in sessions if s.state == "open"), None)
    current = current or next((s for s in sessions if s.state == "coming"), sessions[-1])
    return Call(version, scheme, current)


def campaigns_on(session: Session, day: date) -> list[Campaign]:
    """Every campaign with its calls on this day: those with an open or coming window first, then the newest."""
    versions = current_versions(session)
    calls = [call_of(v, s, day) for v, s in zip(versions, read_versions(session, versions), strict=True)]
    names = list(dict.fromkeys(version.campaign for version in versions))
    found = [_campaign(name, [call for call in calls if call.version.campaign == name]) for name in names]
    return sorted(found, key=lambda campaign: not campaign.has_session)


def _campaign(name: str, calls: Sequence[Call]) -> Campaign:
    return Campaign(name, any(call.version.invented for call in calls), tuple(calls))


@dataclass(frozen=True)
class Line:
    """A line of the directory, with the name of its territory."""

    contact: Contact
    territory: str


def directory(session: Session, *, codes: Iterable[str] = ()) -> list[Line]:
    """Whom to ask: the lines for every scheme and those of these schemes, the general ones before the territories."""
    query = (
        sa.select(Contact, Territory.name)
        .outerjoin(Territory, Territory.id == Contact.territory_id)
        .where(sa.or_(Contact.scheme_code.is_(None), Contact.scheme_code.in_(list(codes))))
        .order_by(Contact.territory_id.is_not(None), Contact.scheme_code.is_(None), Territory.name, Contact.id)
    )
    return [Line(contact, territory or "") for contact, territory in session.execute(query)]
