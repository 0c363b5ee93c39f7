"""What the finance system says was paid, line by line, compared with what is ordered here. Nothing is written.

A line names a payment by its number (« V000042 ») or, failing that, by the reference of its order; it says the day, the
bank reference and the amount.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.amounts import AmountError, euros, parse_euros
from casework.applications import Application
from casework.csvfiles import Line
from casework.french import short_date
from casework.money import Payment
from casework.people import Actor
from casework.permissions import visible
from casework.queries import whole_number

COLUMNS = ("numero_versement", "paye_le", "reference_paiement", "montant")
MOST = 500
LONGEST_REFERENCE = 80
MATCHED = "matched"
STATUSES = {
    MATCHED: "À enregistrer",
    "already": "Déjà enregistré",
    "paid": "Déjà payé autrement",
    "unknown": "Versement inconnu",
    "amount": "Montant différent",
    "future": "Date à venir",
    "unverified": "Pas encore vérifié",
    "cancelled": "Annulé",
    "repeated": "Répété dans le fichier",
    "unreadable": "Illisible",
    "refused": "Non enregistré",
}


@dataclass(frozen=True)
class Checked:
    """One line and what it comes to. `status`: a key of STATUSES; `payment` and its case once they are found."""

    line: Line
    status: str
    why: str = ""
    payment: Payment | None = None
    case: Application | None = None
    paid_on: date | None = None

    @property
    def label(self) -> str:
        return STATUSES[self.status]

    @property
    def matched(self) -> bool:
        return self.status == MATCHED

    @property
    def reference(self) -> str:
        return self.line.cells["reference_paiement"]


def check(session: Session, actor: Actor, lines: Sequence[Line], *, today: date) -> list[Checked]:
    """Each line with its status, in the order of the file; what is out of the actor's scope is unknown."""
    known = _known(session, actor, lines)
    named = Counter(found[0].id for line in lines if (found := _found(known, line)))
    return [_checked(line, _found(known, line), named, today) for line in lines]


def _known(session: Session, actor: Actor, lines: Sequence[Line]) -> dict[Any, list[tuple[Payment, Application]]]:
    """The payments named, by their id and by the reference of their order, in one query."""
    names = {line.cells["numero_versement"] for line in lines}
    numbers = {number for name in names if (number := payment_number(name)) is not None}
    query: Any = sa.select(Payment, Application).join(Application, Application.id == Payment.application_id)
    query = query.where(
        Payment.kind != "reversal",
        sa.or_(Payment.id.in_(numbers), Payment.order_reference.in_({name for name in names if name})),
    )
    found: dict[Any, list[tuple[Payment, Application]]] = {}
    for payment, case in session.execute(visible(query, actor)).all():
        found.setdefault(payment.id, []).append((payment, case))
        found.setdefault(payment.order_reference, []).append((payment, case))
    return found


def payment_number(text: str) -> int | None:
    """The id in « V000042 »; None for anything else."""
    with suppress(ValueError):
        return whole_number(text[1:]) if text[:1] in "Vv" else None
    return None


def _found(known: dict[Any, list[tuple[Payment, Application]]], line: Line) -> tuple[Payment, Application] | None:
    name = line.cells["numero_versement"]
    rows = known.get(payment_number(name)) or known.get(name) or []
    standing = [row for row in rows if row[0].live] or rows
    return standing[0] if name and len(standing) == 1 else None


def _checked(line: Line, found: tuple[Payment, Application] | None, named: Counter[int], today: date) -> Checked:
    if found is None:
        return Checked(line, "unknown", "Ce n’est ni le numéro d’un versement, ni la référence d’un seul ordre.")
    payment, case = found
    if named[payment.id] > 1:
        return Checked(line, "repeated", "Plusieurs lignes parlent de ce versement.", payment, case)
    try:
        paid_on, cents = _day(line.cells["paye_le"]), parse_euros(line.cells["montant"])
        _check_reference(line.cells["reference_paiement"])
    except AmountError as error:
        return Checked(line, "unreadable", error.sentence, payment, case)
    except ValueError as error:
        return Checked(line, "unreadable", str(error), payment, case)
    status, why = _status(payment, paid_on, cents, line.cells["reference_paiement"], today)
    return Checked(line, status, why, payment, case, paid_on)


def _status(payment: Payment, paid_on: date, cents: int, reference: str, today: date) -> tuple[str, str]:
    if not payment.live:
        return "cancelled", "Ce versement a été annulé ici : voyez le dossier avant de le payer."
    if cents != payment.amount_cents:
        return "amount", f"{euros(cents)} dans le fichier, {euros(payment.amount_cents)} ordonnés."
    if payment.paid_on is not None:
        if (payment.paid_on, payment.paid_reference) == (paid_on, reference):
            return "already", "Rien à faire : cette date et cette référence sont déjà enregistrées."
        return "paid", f"Payé le {short_date(payment.paid_on)}, réf. {payment.paid_reference}."
    if payment.verified_at is None:
        return "unverified", "Une seconde personne doit d’abord vérifier ce versement."
    if paid_on > today:
        return "future", f"Le {short_date(paid_on)} n’est pas encore passé."
    return MATCHED, ""


def _day(text: str) -> date:
    """« 31/03/2024 » or 2024-03-31. Raises ValueError with a sentence."""
    with suppress(ValueError):
        if "/" in text:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    raise ValueError("La date n’est pas comprise : écrivez-la sous la forme 31/03/2024.")


def _check_reference(text: str) -> None:
    if not text:
        raise ValueError("La référence du paiement manque.")
    if len(text) > LONGEST_REFERENCE:
        raise ValueError(f"La référence du paiement est trop longue : {LONGEST_REFERENCE} caractères au plus.")
