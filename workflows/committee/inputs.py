"""What the moves of a committee ask. No participant is ever named: it is said beside each free text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from casework.clock import PARIS, paris_day
from casework.committees import DECISIONS, PRESENCES, Committee, CommitteeSeat
from casework.workdays import working_day_on_or_before
from workflows.application.form import documents_of
from workflows.committee.agenda import agenda_of, said
from workflows.committee.seats import contacts_for, own_seats, seats_of
from workflows.engine import Context
from workflows.inputs import Input
from workflows.versions import scheme_of

NO_NAME = "N’écrivez le nom d’aucun participant, ni rien qui le fasse reconnaître."
WHY = Input("reason", "Motif", "long_text", help=f"Il est communiqué aux invités. {NO_NAME}")
WHY_RETURNED = Input(
    "reason", "Ce qui est à corriger", "long_text", help=f"Il est communiqué à qui l’a rédigé. {NO_NAME}"
)
USUAL_HOUR = "10:00"
LENGTHS = (15, 600)
"""Minutes."""
SETTLED = tuple((code, label) for code, label in DECISIONS.items() if code != "open")


def proposal() -> tuple[Input, ...]:
    return (
        Input("title", "Objet du comité", limit=160, value="Comité de suivi de l’opération", help=NO_NAME),
        Input("day", "Jour envisagé", "date"),
    )


def convocation(context: Context) -> tuple[Input, ...]:
    committee: Committee = context.case
    application = committee.application
    seats = own_seats(context.session, application)
    optional = [(seat.key, seat.label) for seat in seats if not seat.mandatory]
    known = [
        (f"contact-{one.id}", ", ".join(filter(None, (one.label, one.name))) + " (annuaire)")
        for one in contacts_for(context.session, application)
    ]
    asked = [
        *_moment(committee, context.day),
        Input(
            "invited",
            "Invités",
            "choices",
            required=False,
            choices=(*optional, *known),
            value=[key for key, _ in optional],
            help=_always(seats),
        ),
        Input(
            "others",
            "Autres invités",
            "long_text",
            required=False,
            help="Un par ligne : nom, fonction, adresse électronique. Des professionnels seulement.",
        ),
        Input(
            "agenda",
            "Ordre du jour",
            "long_text",
            value=agenda_of(context.session, application, context.day),
            help=f"Proposé d’après l’opération, à reprendre ; il n’est pas recopié dans les courriels. {NO_NAME}",
        ),
    ]
    return tuple(asked)


def _always(seats: Iterable[CommitteeSeat]) -> str:
    """Who is invited whatever is ticked, because the sheet wants them there."""
    named = [f"{seat.label} (l.{seat.line})" for seat in seats if seat.mandatory]
    return f"Toujours convoqués, leur présence étant obligatoire : {', '.join(named)}." if named else ""


def another_moment(context: Context) -> tuple[Input, ...]:
    why = Input("reason", "Motif", "long_text", required=False, help=f"Il est communiqué aux invités. {NO_NAME}")
    return (*_moment(context.case, context.day), why)


def _moment(committee: Committee, today: date) -> tuple[Input, ...]:
    starts_at: datetime | None = committee.starts_at
    local = starts_at.astimezone(PARIS) if starts_at is not None else None
    day = paris_day(starts_at) if starts_at is not None else max(working_day_on_or_before(committee.day), today)
    return (
        Input("day", "Jour", "date", value=day),
        Input(
            "hour", "Heure de début", "time", value=f"{local:%H:%M}" if local else USUAL_HOUR, help="Heure de Paris."
        ),
        Input("lasts", "Durée en minutes", "integer", value=committee.lasts or 120, bounds=LENGTHS),
        Input("place", "Lieu, ou lien de la visioconférence", value=committee.place or None, help=NO_NAME),
    )


def holding(context: Context) -> tuple[Input, ...]:
    committee: Committee = context.case
    held_on = committee.day if committee.state == "convened" else min(committee.day, context.day)
    files = _sheets(context, committee)
    asked = (Input("held_on", "Tenu le", "date", value=held_on), *attendance(context))
    if not files:
        return asked
    sheet = Input(
        "evidence", "Feuille d’émargement", "choice", required=False, choices=files, help="Déjà jointe au dossier."
    )
    return (*asked, sheet)


def _sheets(context: Context, committee: Committee) -> tuple[tuple[str, str], ...]:
    """The files that may be an attendance sheet: none of those that the application asked for, nor a participant's."""
    asked = {document.key for document in scheme_of(committee.application).form.documents}
    return tuple(
        (str(document.id), document.name)
        for document in documents_of(context.session, committee.application_id)
        if not document.confidential and document.slot not in asked
    )


def attendance(context: Context) -> tuple[Input, ...]:
    committee: Committee = context.case
    asked = [
        Input(
            f"presence_{seat.key}",
            seat.label,
            "choice",
            choices=tuple(PRESENCES.items()),
            value=seat.presence or ("present" if seat.key == "operator" else None),
            help=f"Présence obligatoire (l.{seat.line})." if seat.mandatory else "",
        )
        for seat in seats_of(context.session, committee)
        if not seat.key.startswith("came-")
    ]
    came = "\n".join(seat.label for seat in committee.seats if seat.key.startswith("came-"))
    others = Input(
        "came",
        "Autres personnes présentes",
        "long_text",
        required=False,
        value=came or None,
        help="Une par ligne : nom, fonction. Des professionnels seulement, aucun participant.",
    )
    return (*asked, others)


def minutes(context: Context) -> tuple[Input, ...]:
    committee: Committee = context.case
    return (
        Input(
            "minutes",
            "Compte rendu",
            "long_text",
            value=committee.minutes or committee.agenda or None,
            help=f"Point par point. {NO_NAME}",
        ),
    )


def decision(context: Context) -> tuple[Input, ...]:
    return (
        Input("text", "Décision", "long_text", help=NO_NAME),
        Input(
            "responsible", "Qui s’en charge", help="Une fonction ou un service, par exemple « porteur » ou « SLAI »."
        ),
        Input("due_on", "Pour le", "date", required=False),
    )


def settlement(context: Context) -> tuple[Input, ...]:
    still = [one for one in context.case.decisions if one.status == "open"]
    return (
        Input("decision", "Décision", "choice", choices=tuple((str(one.id), said(one)[:160]) for one in still)),
        Input("status", "Ce qu’elle est devenue", "choice", choices=SETTLED),
        Input("outcome", "Précision", "long_text", required=False, help=NO_NAME),
    )


def has_open_decisions(context: Context) -> bool:
    return any(one.status == "open" for one in context.case.decisions)
