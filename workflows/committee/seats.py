"""Who is invited to a committee: the operator, the SLAI of each territory, the officer, the partners, others besides.

Seats are those of bodies, not of people: whoever has an account for a body receives its invitation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.committees import Committee, CommitteeSeat
from casework.emails import EmailError, normal_email
from casework.people import PARTNERS, Contact, Territory, User, members
from workflows.rules.attendance import Sitting, mandatory_line, missing
from workflows.versions import scheme_of

MOST_CONTACTS = 40
MOST_OTHERS = 20


def own_seats(session: Session, application: Application) -> list[CommitteeSeat]:
    """The seats that this operation gives by itself, not yet in the session."""
    places = list(application.territories) or list(session.scalars(sa.select(Territory).order_by(Territory.name)))
    officer = application.officer
    found = [_seat("operator", "operator", application.organisation.name)]
    found += [_seat(f"operator-{one.id}", "operator", one.name) for one in application.co_bearers]
    for place in places:
        seat = _seat(f"slai-{place.id}", "slai", f"SLAI {place.name}")
        seat.territory_id = place.id
        found.append(seat)
    found.append(_seat("officer", "officer", f"Chargé de mission ({officer.name})" if officer else "Chargé de mission"))
    found += [_seat(share.partner, share.partner, PARTNERS[share.partner]) for share in application.partners]
    followup = scheme_of(application).followup
    for seat in found:
        seat.line = mandatory_line(followup, seat.body)
        seat.mandatory = seat.line is not None
    return found


def _seat(key: str, body: str, label: str, *, email: str = "") -> CommitteeSeat:
    return CommitteeSeat(key=key, body=body, label=label[:200], email=email, mandatory=False, invited=True)


def seats_of(session: Session, committee: Committee) -> list[CommitteeSeat]:
    """The seats of a committee: those kept with it, else those that its operation gives."""
    return list(committee.seats) or own_seats(session, committee.application)


def contacts_for(session: Session, application: Application) -> list[Contact]:
    """The lines of the directory that this operation may invite: its sheet's, its territories', with an address."""
    places = [territory.id for territory in application.territories]
    here = Contact.territory_id.is_(None) | Contact.territory_id.in_(places) if places else sa.true()
    query = sa.select(Contact).where(
        Contact.email != "", Contact.scheme_code.is_(None) | (Contact.scheme_code == application.scheme_code), here
    )
    return list(session.scalars(query.order_by(Contact.label, Contact.id).limit(MOST_CONTACTS)))


def contact_seats(contacts: Iterable[Contact], chosen: Iterable[str]) -> list[CommitteeSeat]:
    keys = set(chosen)
    return [
        _seat(f"contact-{one.id}", "contact", ", ".join(filter(None, (one.label, one.name))), email=one.email)
        for one in contacts
        if f"contact-{one.id}" in keys
    ]


def other_seats(text: str, *, sat: bool = False) -> list[CommitteeSeat]:
    """One seat for each line typed: « Nom, fonction, adresse », the address being left out or not."""
    found = []
    for rank, (label, email) in enumerate(_others(text), start=1):
        seat = _seat(f"other-{rank}" if not sat else f"came-{rank}", "other", label, email=email)
        seat.invited, seat.presence = not sat, "present" if sat else None
        found.append(seat)
    return found


def wrong_others(text: str, *, invited: bool) -> str | None:
    """Why these lines cannot be read, line by line; None when they can. Whoever is invited is told at an address."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_OTHERS:
        return f"{MOST_OTHERS} personnes au plus."
    wrong = [
        f"Ligne {rank}, « {line[:60]} » : {sentence}"
        for rank, line in enumerate(lines, start=1)
        if (sentence := _wrong_line(line, invited=invited)) is not None
    ]
    return " ".join(wrong) or None


def _wrong_line(line: str, *, invited: bool) -> str | None:
    if len(line) > 200:
        return "plus de 200 caractères, pour un nom, une fonction, une adresse."
    address = _address(line)
    if not address:
        return "sans adresse électronique, cette personne ne serait pas convoquée." if invited else None
    return None if _normal(address) is not None else f"l’adresse « {address[:60]} » n’est pas valable."


def _others(text: str) -> list[tuple[str, str]]:
    found = []
    for line in text.splitlines():
        address = _address(line)
        label = ", ".join(part.strip() for part in line.split(",") if part.strip() and part.strip() != address)
        if label or address:
            found.append((label or address, _normal(address) or ""))
    return found


def _address(line: str) -> str:
    return next((part.strip() for part in line.split(",") if "@" in part), "")


def _normal(address: str) -> str | None:
    try:
        return normal_email(address) if address else ""
    except EmailError:
        return None


def absences(application: Application, seats: Iterable[CommitteeSeat]) -> str:
    """The mandatory bodies that nobody sat for, with their lines; empty when they all sat."""
    sittings = [Sitting(seat.body, seat.label, seat.sat) for seat in seats]
    return ", ".join(missing(scheme_of(application).followup, sittings))[:500]


def people_of(session: Session, application: Application, seats: Sequence[CommitteeSeat]) -> list[User]:
    """The accounts that hold these seats, each once."""
    found: dict[int, User] = {}
    for seat in seats:
        for user in _holders(session, application, seat):
            found.setdefault(user.id, user)
    return list(found.values())


def _holders(session: Session, application: Application, seat: CommitteeSeat) -> list[User]:
    match seat.body:
        case "operator":
            _, _, key = seat.key.partition("-")
            bearer = int(key) if key else application.organisation_id
            return members(session, "applicant", organisation_ids=frozenset({bearer}))
        case "slai":
            return members(session, "slai", territory_id=seat.territory_id)
        case "officer":
            if application.officer is not None:
                return [application.officer]
            return members(session, "officer", scheme_code=application.scheme_code)
        case "caf" | "convergence" | "mamobilite62":
            return members(session, "partner", partner=seat.body)
    return []
