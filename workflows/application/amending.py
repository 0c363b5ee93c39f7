"""Amending a convention: what is asked, and which terms it brings. What it may do: `amendment_rules`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework import envelopes
from casework.amendments import Amendment, Terms, amendments_of, terms_brought, terms_in_force
from casework.amounts import euros
from casework.applications import Application
from casework.clock import paris_day
from casework.french import listed, long_date
from casework.people import Organisation
from casework.sirets import possible_siret
from workflows.application.files import SIGNED_AMENDMENT
from workflows.application.inputs import BEYOND, DECISION, documents, signed_with
from workflows.engine import Context
from workflows.inputs import Input
from workflows.versions import scheme_of

DEROGATION = Input(
    "derogation_reason",
    "Motif de la dérogation aux dates de la fiche",
    "long_text",
    required=False,
    help="Obligatoire si les nouvelles dates sortent de ce que la fiche prévoit.",
)
WHY = Input(
    "reason",
    "Motif de l’avenant",
    "long_text",
    help="Il figure dans l’avenant. N’écrivez aucun nom de participant.",
)


def amendments(context: Context) -> Sequence[Amendment]:
    """The amendments of the case: those already read, else those of the database now."""
    if context.loaded is not None:
        known: Sequence[Amendment] = context.loaded.amendments
        return known
    return amendments_of(context.session, context.case.id)


def open_amendment(context: Context) -> Amendment | None:
    return next((amendment for amendment in amendments(context) if amendment.is_open), None)


def waits(status: str, context: Context) -> Amendment | None:
    """The open amendment, when it is at this status."""
    found = open_amendment(context)
    return found if found is not None and found.status == status else None


def differences(before: Terms, after: Terms) -> list[list[str]]:
    """[what changes, before, after] in French, only what does change."""
    return _compared(before.kept(), after.kept())


def changes_of(case: Application, amendment: Amendment) -> list[list[str]]:
    """The same for an amendment: against what it replaced or, while it is only asked, against the terms in force."""
    brought = {
        "starts_on": amendment.starts_on.isoformat(),
        "ends_on": amendment.ends_on.isoformat(),
        "grant_cents": amendment.grant_cents,
        "co_bearers": amendment.co_bearers,
    }
    return _compared(amendment.replaced or terms_in_force(case).kept(), brought)


def _compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[list[str]]:
    rows = [[label, said(before[name]), said(after[name])] for name, (label, said) in _TERMS.items()]
    return [row for row in rows if row[1] != row[2]]


def _day(text: str) -> str:
    return long_date(date.fromisoformat(text))


def _names(bearers: Sequence[Sequence[Any]]) -> str:
    return listed([str(name) for _, name, _ in bearers]) or "aucun"


_TERMS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "starts_on": ("Début de l’opération", _day),
    "ends_on": ("Fin de l’opération", _day),
    "grant_cents": ("Montant de la subvention", euros),
    "co_bearers": ("Porteurs associés", _names),
}


def changes_dates(case: Application, amendment: Amendment) -> bool:
    return (amendment.starts_on, amendment.ends_on) != terms_in_force(case).period


def changes_amount(case: Application, amendment: Amendment) -> bool:
    return amendment.grant_cents != terms_in_force(case).grant_cents


# What is asked


def _dates_may_change(context: Context) -> bool:
    """Until the operation is over; its first day only while it is to come."""
    return context.case.convention.ended_on is None


def changes(context: Context) -> tuple[Input, ...]:
    """The terms, each with its value now (in the open request when there is one)."""
    shown = open_amendment(context) or terms_in_force(context.case)
    asked = []
    if _dates_may_change(context):
        if context.day < context.case.convention.starts_on:
            asked.append(Input("starts_on", "Premier jour de l’opération", "date", value=shown.starts_on))
        asked.append(Input("ends_on", "Dernier jour de l’opération", "date", value=shown.ends_on))
    asked.append(Input("amount", "Montant de la subvention", "money", value=shown.grant_cents))
    return (*asked, *_bearers(context))


def _bearers(context: Context) -> list[Input]:
    case, request = context.case, open_amendment(context)
    if not scheme_of(case).form.co_bearers:
        return []
    standing = {bearer.id for bearer in case.co_bearers}
    brought = {key: siret for key, _, siret in request.co_bearers} if request else dict.fromkeys(standing, "")
    added = next((siret for key, siret in brought.items() if key not in standing), "")
    asked = [
        Input(
            "co_bearer",
            "SIRET d’un porteur à associer",
            required=False,
            value=added,
            help="Il doit être inscrit dans ce service. Laissez vide si les porteurs ne changent pas.",
            limit=20,
        )
    ]
    if standing:
        choices = tuple((str(bearer.id), bearer.name) for bearer in case.co_bearers)
        gone = [str(key) for key in sorted(standing - set(brought))]
        asked.append(Input("left", "Porteurs qui se retirent", "choices", required=False, choices=choices, value=gone))
    return asked


def requested(context: Context) -> tuple[Input, ...]:
    return (*changes(context), WHY)


def proposed(context: Context) -> tuple[Input, ...]:
    return (*changes(context), WHY, *_derogation(context))


def accepted(context: Context) -> tuple[Input, ...]:
    """The dates and the bearers as asked, which the services may still adjust; the amount does not change."""
    return (*(item for item in changes(context) if item.name != "amount"), *_derogation(context))


def granted(context: Context) -> tuple[Input, ...]:
    """All the terms, and the decision that changes the amount."""
    remaining = envelopes.remaining_for(context.session, context.case)
    beyond = () if remaining is None else (BEYOND,)
    return (*changes(context), *DECISION, *_derogation(context), *beyond)


def signature(context: Context) -> tuple[Input, ...]:
    """The day and, where one was joined since the amendment was sent, the signed file: the last one is proposed."""
    found = waits("accepted", context)
    sent_on = found.sent_on if found is not None else None
    joined = [one for one in documents(context) if one.slot == SIGNED_AMENDMENT]
    return signed_with(context, [one for one in joined if sent_on is None or paris_day(one.added_at) >= sent_on])


def _derogation(context: Context) -> tuple[Input, ...]:
    return (DEROGATION,) if _dates_may_change(context) else ()


def wanted(context: Context) -> Terms:
    """The terms that the answers give; what was not asked stays as the request says it, else as it is in force."""
    case, answers, request = context.case, context.answers, open_amendment(context)
    shown = terms_brought(context.session, request) if request else terms_in_force(case)
    return Terms(
        starts_on=answers.get("starts_on") or shown.starts_on,
        ends_on=answers.get("ends_on") or shown.ends_on,
        grant_cents=shown.grant_cents if answers.get("amount") is None else answers["amount"],
        co_bearers=_wanted_bearers(context),
    )


def _wanted_bearers(context: Context) -> tuple[Organisation, ...]:
    left, added = set(context.answers.get("left") or ()), added_bearer(context)
    staying = [bearer for bearer in context.case.co_bearers if str(bearer.id) not in left]
    both = [*staying, added] if added is not None and added not in staying else staying
    return tuple(sorted(both, key=lambda bearer: bearer.name))


def added_bearer(context: Context) -> Organisation | None:
    """The organisation of the SIRET that was typed, when it is a registered one."""
    digits = possible_siret(context.answers.get("co_bearer") or "")
    if digits is None:
        return None
    return context.session.scalars(sa.select(Organisation).where(Organisation.siret == digits)).one_or_none()
