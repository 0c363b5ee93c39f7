"""The documents that amendments give: each amendment, and the convention as they have left it.

As for a convention, all that a text names is kept with the amendment: neither document changes afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from sqlalchemy.orm import Session

from casework.agreements import template_of
from casework.amendments import Amendment, Terms, terms_in_force
from casework.amounts import euros
from casework.applications import Application
from casework.clock import paris_instant
from casework.errors import Refused
from casework.french import euros_in_words, long_date
from casework.money import live
from casework.settings import Settings
from workflows.application import agreement
from workflows.application.agreement import TITLE, Document
from workflows.application.amending import differences
from workflows.application.guards import payments
from workflows.engine import Context
from workflows.rules.calendar import add_months

KIND = "amendment"


def write(context: Context, amendment: Amendment, terms: Terms) -> None:
    """Give the amendment that was just accepted its text and all that the text names."""
    agreement.keep_terms(context.case, context.act.settings)
    amendment.template_id = template_of(context.session, context.act.at, KIND).id
    advance = live(payments(context), "advance")
    amendment.terms = _terms(
        context.case,
        amendment,
        terms,
        context.act.settings,
        advance_cents=advance.amount_cents if advance is not None else None,
    )


def _terms(
    case: Application, amendment: Amendment, terms: Terms, settings: Settings, *, advance_cents: int | None
) -> dict[str, Any]:
    """What a convention names, as amended, and what only an amendment names. An advance already ordered stays."""
    convention, before = agreement.convention_of(case), terms_in_force(case)
    said = agreement.terms_of(case, settings, terms)
    values = {
        "avenant": str(amendment.number or 1),
        "convention_date": long_date(convention.signed_on or convention.sent_on),
        "motif": amendment.reason,
        "ancien_debut": long_date(before.starts_on),
        "ancienne_fin": long_date(before.ends_on),
        "ancien_montant": euros(before.grant_cents),
    }
    if amendment.decided_on is not None:
        values["decision_reference"] = amendment.decision_reference
        values["decision_date"] = long_date(amendment.decided_on)
    if advance_cents is not None:
        values |= {"avance": euros(advance_cents), "avance_lettres": euros_in_words(advance_cents)}
    said["values"] |= values
    said["lists"]["modifications"] = differences(before, terms)
    return said


def document_of(session: Session, case: Application, amendment: Amendment) -> Document:
    """The amendment, dated of its sending. Raises Refused before it is accepted."""
    if amendment.terms is None or amendment.sent_on is None:
        raise Refused(["Le texte de l’avenant est établi une fois la demande acceptée."])
    convention = agreement.convention_of(case)
    text = agreement.text_of(session, amendment.template_id, KIND)
    data = {
        "title": f"Avenant n° {amendment.number}",
        "reference": f"à la convention n° {convention.number}",
        "footer": f"Avenant n° {amendment.number} à la convention n° {convention.number}",
        "articles": agreement.articles_of(text, amendment.terms, KIND),
        "signatures": agreement.signatures(amendment, amendment.terms, signed="Signé"),
    }
    at = paris_instant(amendment.sent_on, time(12))
    name = f"avenant-{amendment.number}-{case.reference}"
    return Document(name, data | agreement.named_in(amendment.terms), at)


def in_force(session: Session, case: Application, amendments: Sequence[Amendment], settings: Settings) -> Document:
    """The convention as its amendments have left it, to be read; the convention itself while there is none."""
    convention = agreement.convention_of(case)
    last = next((one for one in reversed(amendments) if one.status == "in_force"), None)
    if last is None or last.terms is None or last.closed_at is None:
        return agreement.document_of(session, case, settings)
    text = agreement.text_of(session, convention.template_id)
    signed = [
        (f"Convention n° {convention.number}", f"Signée le {long_date(convention.signed_on or convention.sent_on)}")
    ]
    signed += [
        (one.label, f"Signé le {long_date(one.signed_on)}")
        for one in amendments
        if one.status == "in_force" and one.signed_on is not None
    ]
    data = {
        "title": TITLE,
        "reference": f"Convention n° {convention.number}, modifiée par l’avenant n° {last.number}",
        "footer": f"{TITLE} n° {convention.number}, texte consolidé",
        "articles": agreement.articles_of(text, last.terms),
        "signatures": [{"who": who, "said": said} for who, said in signed],
    }
    return Document(f"convention-consolidee-{case.reference}", data | agreement.named_in(last.terms), last.closed_at)


def preview_of(case: Application, settings: Settings, text: str) -> Document:
    """What this text of an amendment would give on a real convention, made two months longer for the example.

    Raises Refused without one, TemplateError on a broken text.
    """
    convention, before = agreement.convention_of(case), terms_in_force(case)
    after = Terms(before.starts_on, add_months(before.ends_on, 2), before.grant_cents, before.co_bearers)
    example = Amendment(number=1, reason="Démarrage retardé (exemple).", decision_reference="")
    terms = _terms(case, example, after, settings, advance_cents=None)
    data = {
        "title": "Avenant n° 1",
        "reference": f"à la convention n° {convention.number}",
        "footer": "Aperçu",
        "articles": agreement.articles_of(text, terms, KIND),
        "signatures": agreement.signatures(example, terms, signed="Signé"),
    }
    return Document("apercu-avenant", data | agreement.named_in(terms), paris_instant(convention.sent_on, time(12)))
