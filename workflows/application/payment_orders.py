"""The payment order of a verified payment: whom to pay, how much and why, who proposed it and who verified it.

The computation is the one the rules gave (the advance) or the one the control kept (the balance, the recovery), in the
same words as on screen.
"""

from __future__ import annotations

from typing import Any

from casework import pdf
from casework.amounts import euros
from casework.applications import Application, Convention
from casework.errors import Refused
from casework.french import euros_in_words, grouped_siret, long_date, moment
from casework.money import Payment
from casework.settings import Settings
from workflows.application.printed import STEP_HEAD, document, facts, table, text
from workflows.application.reading import advance_of
from workflows.application.statements import day, kept_steps, parties
from workflows.versions import scheme_of

PAYMENT_ORDER = "Ordre de paiement"
RECOVERY_ORDER = "Ordre de reversement"
_UNKNOWN_ACCOUNT = "Ordonné avant que les comptes bancaires soient tenus ici."


def order_pdf(application: Application, payment: Payment, *, funder: str = Settings.funder) -> bytes:
    """The order as a tagged PDF, dated of its verification. Raises Refused while nobody has verified it."""
    data = order_data(application, payment, funder=funder)
    return pdf.render("statement", data, at=payment.verified_at or payment.ordered_at)


def order_data(application: Application, payment: Payment, *, funder: str = Settings.funder) -> dict[str, Any]:
    """What the order says, in French, ready to print. Raises Refused before its verification, or for a reversal."""
    convention = application.convention
    if payment.kind == "reversal" or convention is None:
        raise Refused(["Une écriture contraire n’a pas d’ordre de paiement."])
    if payment.verified_at is None:
        raise Refused(["L’ordre de paiement existe une fois le versement vérifié par une seconde personne."])
    back = payment.kind == "recovery"
    cancelled = "Ce versement est annulé : cet ordre ne vaut plus. " if payment.reversed_by_id else ""
    return document(
        application,
        RECOVERY_ORDER if back else PAYMENT_ORDER,
        funder,
        f"{cancelled}Versement {payment.number} : {payment.label.lower()} de {euros(payment.amount_cents)}.",
        [
            facts("Montant", _amount(payment)),
            facts("Débiteur" if back else "Créancier", _party(application, payment, back=back)),
            facts("Opération", _operation(application, convention)),
            _computation(application, payment),
            facts("Ordre et vérification", _acts(payment)),
            text("Annulation", cancelled.strip()),
        ],
    )


def _amount(payment: Payment) -> list[tuple[str, str]]:
    rows = [
        ("Nature", payment.label),
        ("En chiffres", euros(payment.amount_cents)),
        ("En lettres", euros_in_words(payment.amount_cents)),
    ]
    return [*rows, ("Référence de l’ordre", payment.order_reference)] if payment.order_reference else rows


def _party(application: Application, payment: Payment, *, back: bool) -> list[tuple[str, str]]:
    """The organisation and, for what leaves, the very account on which it was ordered."""
    organisation, account = application.organisation, payment.bank_details
    place = " ".join(filter(None, (organisation.postcode, organisation.town)))
    rows = [
        ("Organisme", organisation.name),
        ("SIRET", grouped_siret(organisation.siret)),
        ("Adresse", ", ".join(filter(None, (organisation.address, place)))),
    ]
    if back:
        return rows
    if account is None:
        return [*rows, ("Compte", _UNKNOWN_ACCOUNT)]
    rows += [("Titulaire du compte", account.holder), ("IBAN", account.whole)]
    return [*rows, ("BIC", account.bic)] if account.bic else rows


def _operation(application: Application, convention: Convention) -> list[tuple[str, str]]:
    decided_on = f" du {long_date(application.decided_on)}" if application.decided_on else ""
    return [
        ("Objet", application.title),
        *parties(application, convention)[1:],
        ("Décision", f"{application.decision_reference}{decided_on}"),
    ]


def _computation(application: Application, payment: Payment) -> dict[str, Any]:
    title = f"Calcul selon la fiche {scheme_of(application).code}"
    if payment.kind == "advance":
        rule = advance_of(application)
        return table(title, STEP_HEAD, [[s.label, s.formula, euros(s.amount_cents), s.source] for s in rule.steps])
    report = application.report
    if report is not None and report.explanation:
        return table(title, STEP_HEAD, kept_steps(report.explanation))
    return text("Calcul", "Reversement demandé après la résiliation de la convention, sur l’avance payée.")


def _acts(payment: Payment) -> list[tuple[str, str]]:
    rows = [("Proposé par", f"{payment.ordered_by.name}, {moment(payment.ordered_at)}")]
    if payment.verified_by is not None and payment.verified_at is not None:
        rows.append(("Vérifié par", f"{payment.verified_by.name}, {moment(payment.verified_at)}"))
    if payment.bank_details is not None:
        known = payment.bank_details
        rows.append(
            ("Compte confirmé par", f"{known.decided_by.name if known.decided_by else ''}, le {day(known.decided_at)}")
        )
    return rows
