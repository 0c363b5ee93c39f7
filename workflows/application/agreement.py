"""The convention as a document: what it says, written once when the grant is decided, printed as PDF and as DOCX.

What the text names (amounts in cents become French words, dates are Europe/Paris days) is kept with the convention:
the document stays the same whatever changes afterwards on the case, the organisation or the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from casework import docx, pdf
from casework.agreements import Article, Block, filled, parse, provided_text, template_of, template_with_text
from casework.amendments import Amendment, Terms, terms_in_force
from casework.amounts import euros
from casework.applications import Application, Convention
from casework.clock import paris_instant
from casework.errors import Refused
from casework.french import euros_in_words, grouped_siret, listed, long_date, short_date
from casework.people import Organisation
from casework.settings import Settings
from workflows.catalogue import without_lines
from workflows.operation_calendar import computed_for
from workflows.rules.advance import proposed_advance
from workflows.rules.calendar import final_report_day
from workflows.rules.explanation import percent
from workflows.scheme import Scheme
from workflows.versions import scheme_of

TITLE = "Convention de subvention"
_NOT_SAID = "non précisée"
_HEADS = {
    "calendrier": ["Échéance", "Date", "Comment elle est calculée"],
    "modifications": ["Ce qui change", "Avant", "Après"],
}


@dataclass(frozen=True)
class Document:
    """A convention ready to print: its data are plain French texts."""

    name: str
    data: dict[str, Any]
    at: datetime

    def as_pdf(self) -> bytes:
        return pdf.render("convention", self.data, at=self.at)

    def as_docx(self) -> bytes:
        return docx.convention(self.data, at=self.at)


def write_terms(session: Session, case: Application, settings: Settings, *, at: datetime) -> None:
    """Give the convention that was just made its text and all that the text names."""
    convention = convention_of(case)
    convention.template_id = template_of(session, at).id
    convention.terms = terms_of(case, settings)


def keep_terms(case: Application, settings: Settings) -> None:
    """A convention made before the service wrote them keeps what it says, before an amendment changes its terms."""
    convention = convention_of(case)
    convention.terms = convention.terms or terms_of(case, settings)


def document_of(session: Session, case: Application, settings: Settings) -> Document:
    """The convention of this case as it was first made, dated of its sending. Raises Refused while there is none."""
    convention = convention_of(case)
    terms = convention.terms or terms_of(case, settings)
    return _document(case, convention, text_of(session, convention.template_id), terms)


def preview_of(case: Application, settings: Settings, text: str) -> Document:
    """What this text would give on a real convention. Raises Refused without one, TemplateError on a broken text."""
    return _document(case, convention_of(case), text, terms_of(case, settings))


def text_of(session: Session, template_id: int | None, kind: str = "convention") -> str:
    """The text of this version, the provided one when none is known."""
    template = template_with_text(session, template_id)
    return template.text if template else provided_text(kind)


def articles_of(text: str, terms: dict[str, Any], kind: str = "convention") -> list[dict[str, Any]]:
    """The articles with their fields filled: blocks are {"kind": text | list | table, …}; an empty list is left out."""
    return [
        {
            "title": f"Article {number} – {filled(article.title, terms['values'])}",
            "blocks": list(_blocks(article, terms)),
        }
        for number, article in enumerate(parse(text, kind), start=1)
    ]


def terms_of(case: Application, settings: Settings, terms: Terms | None = None) -> dict[str, Any]:
    """All that a text may name, in French: `values` by field, `lists` by name, `parties`.

    `terms`: those that an amendment brings; by default those in force.
    """
    convention, scheme = convention_of(case), scheme_of(case)
    terms = terms or terms_in_force(case)
    advance = proposed_advance(scheme, terms.grant_cents)
    return {
        "values": {
            "numero": convention.number,
            "reference": case.reference,
            "campagne": case.campaign,
            "dispositif": f"{scheme.code} {scheme.title}",
            "projet": case.called,
            "financeur": settings.funder,
            "signataire": settings.funder_signatory,
            "porteur": case.organisation.name,
            "co_porteurs": listed([bearer.name for bearer in terms.co_bearers]) or "aucun",
            "territoires": listed([territory.name for territory in case.territories]),
            "debut": long_date(terms.starts_on),
            "fin": long_date(terms.ends_on),
            "montant": euros(terms.grant_cents),
            "montant_lettres": euros_in_words(terms.grant_cents),
            "avance": euros(advance.proposed_cents),
            "avance_lettres": euros_in_words(advance.proposed_cents),
            "avance_taux": percent(min(scheme.payment.advance_default_pct, scheme.payment.advance_ceiling_pct)),
            "decision_reference": case.decision_reference or _NOT_SAID,
            "decision_date": long_date(case.decided_on) if case.decided_on else _NOT_SAID,
            "remise_bilan": long_date(final_report_day(scheme, *terms.period)),
        },
        "lists": {
            "obligations": _obligations(scheme),
            "bilan": [without_lines(part) for part in scheme.final_report.parts],
            "versements": [
                f"{percent(share.share_pct)} de la subvention : {without_lines(share.condition)}"
                for share in scheme.funding.conditional_split
            ],
            "calendrier": _calendar(case, terms),
        },
        "parties": [
            _party("Le financeur", settings.funder, settings.funder_siret, settings.funder_address)
            | {"signatory": settings.funder_signatory},
            *(_bearer("Le porteur", case.organisation), *(_bearer("Avec", bearer) for bearer in terms.co_bearers)),
        ],
    }


def convention_of(case: Application) -> Convention:
    if case.convention is None:
        raise Refused(["La convention existe une fois la subvention accordée."])
    return case.convention


def _document(case: Application, convention: Convention, text: str, terms: dict[str, Any]) -> Document:
    data = {
        "title": TITLE,
        "reference": f"Convention n° {convention.number}",
        "footer": f"{TITLE} n° {convention.number}",
        "articles": articles_of(text, terms),
        "signatures": signatures(convention, terms),
    }
    return Document(f"convention-{case.reference}", data | named_in(terms), paris_instant(convention.sent_on, time(12)))


def named_in(terms: dict[str, Any]) -> dict[str, Any]:
    """What every document between the parties says of them."""
    return {
        "funder": terms["values"]["financeur"],
        "summary": f"{terms['values']['porteur']} – {terms['values']['projet']}",
        "parties": terms["parties"],
    }


def _blocks(article: Article, terms: dict[str, Any]) -> Iterable[dict[str, Any]]:
    items: list[str] = []
    for block in article.blocks:
        if block.kind == "item":
            items.append(filled(block.text, terms["values"]))
            continue
        if items:
            yield {"kind": "list", "items": items}
            items = []
        yield from _block(block, terms)
    if items:
        yield {"kind": "list", "items": items}


def _block(block: Block, terms: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if block.kind not in terms["lists"]:
        yield {"kind": "text", "text": filled(block.text, terms["values"])}
    elif rows := terms["lists"][block.kind]:
        head = _HEADS.get(block.kind)
        yield {"kind": "table", "head": head, "rows": rows} if head else {"kind": "list", "items": rows}


def _obligations(scheme: Scheme) -> list[str]:
    """What the sheet asks during the operation: means, public, committees, other documents, rules of expenditure."""
    followup = scheme.followup
    asked = [*scheme.applicant_means_required]
    if scheme.orientation_validated_by_slai:
        asked.append("Faire valider chaque positionnement par le SLAI avant l’entrée")
    if scheme.youth_cap_pct is not None:
        asked.append(f"Accueillir au plus {percent(scheme.youth_cap_pct)} de jeunes de moins de {scheme.youth_age} ans")
    if followup.mandatory_attendees:
        present = [who.partition(" (")[0] for who in followup.mandatory_attendees]
        asked.append(f"Inviter au comité de suivi : {listed(present)}")
    asked += [f"{document.name} : {document.due}" for document in scheme.other_documents]
    asked += scheme.final_report.financial_rules
    return [without_lines(sentence) for sentence in asked]


def _calendar(case: Application, terms: Terms) -> list[list[str]]:
    planned = sorted(computed_for(case, terms.period), key=lambda one: (one.due_on, one.kind, one.rank))
    return [[one.title, short_date(one.due_on), one.computed] for one in planned if one.owed_by == "applicant"]


def _party(label: str, name: str, siret: str, address: str) -> dict[str, Any]:
    return {"label": label, "name": name, "lines": [f"SIRET {grouped_siret(siret)}", address], "signatory": ""}


def _bearer(label: str, bearer: Organisation) -> dict[str, Any]:
    town = f"{bearer.postcode} {bearer.town}".strip()
    address = ", ".join(part for part in (bearer.address, town) if part) or "adresse à compléter"
    return _party(label, bearer.name, bearer.siret, address)


def signatures(agreed: Convention | Amendment, terms: dict[str, Any], signed: str = "Signée") -> list[dict[str, str]]:
    """Who signs, and when each did: the applicant, its co-bearers, the funder."""

    def said(day: date | None) -> str:
        return f"{signed} le {long_date(day)}" if day else "Date et signature :"

    funder, *bearers = _named(terms["parties"])
    return [
        {"who": bearers[0], "said": said(agreed.applicant_signed_on)},
        *({"who": bearer, "said": "Date et signature :"} for bearer in bearers[1:]),
        {"who": funder, "said": said(agreed.funder_signed_on)},
    ]


def _named(parties: Sequence[dict[str, Any]]) -> list[str]:
    return [f"{party['name']}, {party['signatory']}" if party["signatory"] else str(party["name"]) for party in parties]
