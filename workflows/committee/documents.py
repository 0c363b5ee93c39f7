"""A committee on paper: its convocation with the agenda, and its minutes with who sat and what was decided."""

from __future__ import annotations

from collections.abc import Sequence

from casework import pdf
from casework.clock import paris_day
from casework.committees import PRESENCES, Committee, CommitteeSeat
from casework.french import long_date, moment, said_moment
from casework.settings import Settings
from casework.statement_pages import facts, statement, table, text


def convocation_pdf(committee: Committee, seats: Sequence[CommitteeSeat], *, funder: str = Settings.funder) -> bytes:
    case = committee.application
    data = statement(
        "Convocation à un comité",
        case.reference,
        funder,
        f"{committee.title}, {when(committee)}.",
        [
            facts("Le comité", [*committee_facts(committee), *_case_facts(committee)]),
            table(
                "Invités", [("Invité", False), ("Présence", False)], [_invited(seat) for seat in seats if seat.invited]
            ),
            text("Ordre du jour", committee.agenda),
        ],
    )
    return pdf.render("statement", data, at=committee.updated_at)


def minutes_pdf(committee: Committee, *, funder: str = Settings.funder) -> bytes:
    case = committee.application
    decisions = [
        [one.text, one.responsible, long_date(one.due_on) if one.due_on else "", one.status_label]
        for one in committee.decisions
    ]
    head = [("Décision", False), ("Qui", False), ("Pour le", False), ("Suite", False)]
    data = statement(
        "Compte rendu de comité",
        case.reference,
        funder,
        f"{committee.title}, {when(committee)} : {committee.state_label.lower()}.",
        [
            facts("Le comité", [*committee_facts(committee), *_case_facts(committee)]),
            table("Présences", [("Membre", False), ("Présence", False)], [_sat(seat) for seat in committee.seats]),
            text("Présence obligatoire", f"Tenu sans {committee.absent}." if committee.absent else ""),
            text("Compte rendu", committee.minutes),
            table("Décisions", head, decisions),
            text("Validation", _validation(committee)),
        ],
    )
    return pdf.render("statement", data, at=committee.updated_at)


def when(committee: Committee) -> str:
    if committee.starts_at is not None and paris_day(committee.starts_at) == committee.day:
        return said_moment(committee.starts_at)
    return f"le {long_date(committee.day, weekday=True)}"


def committee_facts(committee: Committee) -> list[tuple[str, str]]:
    """When and where, for the screen and for the documents."""
    said = when(committee)
    found = [("Quand", said[0].upper() + said[1:])]
    if committee.starts_at is not None:
        found += [("Durée prévue", f"{committee.lasts} minutes"), ("Lieu ou lien", committee.place)]
    return found


def _case_facts(committee: Committee) -> list[tuple[str, str]]:
    case = committee.application
    return [
        ("Porteur", case.organisation.name),
        ("Opération", case.title),
        ("Dispositif", f"{case.scheme_code} {case.scheme_version.title}"),
    ]


def _invited(seat: CommitteeSeat) -> list[str]:
    return [seat.label, f"Obligatoire (l.{seat.line})" if seat.mandatory else "Invité"]


def _sat(seat: CommitteeSeat) -> list[str]:
    presence = PRESENCES[seat.presence] if seat.presence else "Non renseignée"
    return [seat.label, f"{presence}, obligatoire (l.{seat.line})" if seat.mandatory else presence]


def _validation(committee: Committee) -> str:
    found = []
    if committee.minuted_at is not None and committee.minuted_by is not None:
        found.append(f"Validé par {committee.minuted_by.name}, {moment(committee.minuted_at)}.")
    if committee.acknowledged_at is not None and committee.acknowledged_by is not None:
        found.append(f"Accepté par {committee.acknowledged_by.name}, {moment(committee.acknowledged_at)}.")
    return " ".join(found) or "Pas encore validé."
