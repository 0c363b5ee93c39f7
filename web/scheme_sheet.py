"""What a scheme says, arranged as a person reads it: a few headings, each with terms and answers in French.

Texts of the catalogue quote their line of the call, "(l.33)": the services see it, applicants do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casework.amounts import euros
from casework.french import counted, listed, long_date
from casework.money import CATEGORIES
from workflows.application.form import questions_of, sections_of
from workflows.catalogue import without_lines
from workflows.rules.funded import funded_categories
from workflows.scheme import ConventionTerms, Followup, Funding, IndirectCosts, RequiredOpinion, Scheme

Answer = str | list[str]
COMMITTEES = {
    "none_stated": "Aucun rythme imposé",
    "regular": "Réguliers",
    "quarterly": "Au moins un par trimestre",
    "several_per_year": "Plusieurs fois par an",
    "on_department_initiative": "À l’initiative du Département",
}
_OPINION_KINDS = {
    "opportunity_and_feasibility": "avis d’opportunité et de faisabilité",
    "favourable_required": "avis favorable, condition du financement",
}
_ADVANCE_ASKED = "80 % proposés par défaut ; la fiche ne fixe pas de plafond"


@dataclass(frozen=True)
class Part:
    """One heading of the sheet. `rows`: (term, answer); an answer is a sentence or a list of them."""

    anchor: str
    title: str
    rows: tuple[tuple[str, Answer], ...]


class _Writer:
    """Writes lines of the call, or leaves them out, everywhere the same way."""

    def __init__(self, with_lines: bool) -> None:
        self.with_lines = with_lines

    def text(self, text: str, line: int | None = None) -> str:
        if not self.with_lines:
            return without_lines(text)
        return f"{text} (l.{line})" if line is not None and "(l." not in text else text

    def texts(self, texts: Iterable[str]) -> list[str]:
        return [self.text(text) for text in texts]


def sheet(scheme: Scheme, *, with_lines: bool) -> list[Part]:
    """Every heading of the page of a scheme, in the order an association asks them; empty answers are left out."""
    write = _Writer(with_lines)
    parts = (
        Part("public", "Pour qui", tuple(_public(scheme, write))),
        Part("porteurs", "Qui peut déposer", tuple(_applicants(scheme, write))),
        Part("action", "L’action attendue", tuple(_action(scheme, write))),
        Part("financement", "Ce qui est financé", tuple(_funding(scheme, write))),
        Part("versements", "Les versements", tuple(_payment(scheme, write))),
        Part("suivi", "Le suivi", tuple(_followup(scheme, write))),
        Part("bilan", "Le bilan final", tuple(_final_report(scheme, write))),
        Part("dossier", "Le dossier à préparer", tuple(_file(scheme, write))),
    )
    return [Part(part.anchor, part.title, tuple(row for row in part.rows if row[1])) for part in parts]


def _public(scheme: Scheme, write: _Writer) -> Iterable[tuple[str, Answer]]:
    yield "Personnes concernées", write.texts(scheme.target_public)
    if scheme.youth_cap_pct is not None:
        yield "Jeunes", f"{scheme.youth_cap_pct} % au plus de personnes de moins de {scheme.youth_age} ans à l’entrée"
    if scheme.child_age_limit is not None:
        yield "Enfants", f"Moins de {scheme.child_age_limit} ans"
    if scheme.orientation_validated_by_slai:
        yield "Entrée", write.text("Chaque entrée est validée par le SLAI du territoire", scheme.orientation_line)


def _applicants(scheme: Scheme, write: _Writer) -> Iterable[tuple[str, Answer]]:
    yield "Organismes", write.texts(scheme.eligible_applicants)
    yield "Agrément exigé", _sentence(write.text(scheme.required_accreditation or ""))
    if scheme.form.co_bearers:
        yield "Dossier commun", "Possible à plusieurs porteurs"
    yield "Moyens attendus", write.texts(scheme.applicant_means_required)
    yield "Territoires", _territories(scheme, write)
    yield "Avis demandés avant la décision", [_opinion(opinion, write) for opinion in scheme.prior_opinions]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _territories(scheme: Scheme, write: _Writer) -> str:
    if scheme.territories.scope == "whole_department":
        return write.text("Tout le département", scheme.territories.line)
    if scheme.territories.scope == "priority":
        return write.text(f"En priorité {listed(list(scheme.territories.priority))}", scheme.territories.line)
    first = "Un ou plusieurs des neuf territoires, à votre choix"
    favoured = f", de préférence {listed(list(scheme.territories.priority))}" if scheme.territories.priority else ""
    return write.text(first + favoured, scheme.territories.line)


def _opinion(opinion: RequiredOpinion, write: _Writer) -> str:
    kind = _OPINION_KINDS.get(opinion.kind, "instruction commune, pour les crèches AVIP")
    return write.text(f"{opinion.by} : {kind}", opinion.line)


def _action(scheme: Scheme, write: _Writer) -> Iterable[tuple[str, Answer]]:
    yield "Étapes", write.texts(scheme.phases)
    yield "Durée", _duration(scheme.convention, write)
    yield "Règles propres à ce dispositif", write.texts(scheme.special_rules)


def _duration(convention: ConventionTerms, write: _Writer) -> str:
    text = f"{convention.max_months} mois au plus"
    if convention.fixed_from and convention.fixed_to:
        text += f", du {long_date(convention.fixed_from)} au {long_date(convention.fixed_to)}"
    if convention.tacit_renewal_forbidden:
        text += ", sans tacite reconduction"
    return write.text(text, convention.line)


def _funding(scheme: Scheme, write: _Writer) -> Iterable[tuple[str, Answer]]:
    funding = scheme.funding
    yield "Dépenses acceptées", write.texts(funding.direct_costs)
    accepted = [CATEGORIES[name] for name in funded_categories(scheme) if name != "indirect"]
    yield "Catégories du budget", f"{listed(accepted)}, et charges indirectes"
    yield "Charges indirectes", _indirect(funding.indirect, write)
    yield "Plafond", _caps(funding, write)
    yield "Encadrement", write.text(funding.staffing or "")
    if funding.capacity_participants_per_year is not None:
        yield "Capacité", f"{funding.capacity_participants_per_year} participants par an"
    shares = [write.text(f"{s.share_pct} % : {s.condition}", s.line) for s in funding.conditional_split]
    yield "Part selon les résultats", shares


def _indirect(rule: IndirectCosts, write: _Writer) -> str:
    if rule.base_kind is None:
        return write.text(f"Jusqu’à {rule.rate_pct} % des dépenses directes (base à confirmer)", rule.line)
    return write.text(rule.base, rule.line)


def _caps(funding: Funding, write: _Writer) -> Answer:
    found = []
    if funding.cap_per_project_eur is not None:
        found.append(f"{euros(funding.cap_per_project_eur * 100)} par projet")
    if funding.cap_per_participant_month_eur is not None:
        found.append(f"{euros(funding.cap_per_participant_month_eur * 100)} par participant et par mois")
    return write.text(listed(found), funding.cap_line) if found else ""


def _payment(scheme: Scheme, write: _Writer) -> Iterable[tuple[str, Answer]]:
    terms = scheme.payment
    ceiling = f"{terms.advance_max_pct} % au plus de la subvention" if terms.advance_max_pct else _ADVANCE_ASKED
    yield "Avance", write.text(ceiling, terms.line)
    yield "Solde", write.text(terms.balance, terms.line)


def _followup(scheme: Scheme, write: _Writer) -> Iterable[tuple[str, Answer]]:
    followup = scheme.followup
    yield "Comités", write.text(COMMITTEES[followup.committee], followup.line)
    yield "Présents aux comités", write.texts(followup.mandatory_attendees)
    yield "Tableaux de bord", _dashboards(followup)
    if followup.cre_per_participant:
        validated = ", validé par le SLAI" if followup.cre_validated_by_slai else ""
        yield "Comptes rendus d’exécution (CRE)", f"Un par participant, chaque mois{validated}"
    if followup.participant_tracking_table:
        yield "Suivi des participants", "Un tableau de suivi, tenu pendant toute l’opération"
    yield "Autres documents", [write.text(f"{d.name} – {d.due}", d.line) for d in scheme.other_documents]


def _dashboards(followup: Followup) -> str:
    wanted = ["avant chaque comité"] if followup.dashboard_before_committee else []
    if followup.dashboard_requested_by:
        wanted.append(f"à la demande ({followup.dashboard_requested_by})")
    return f"À remettre {listed(wanted)}" if wanted else ""


def _final_report(scheme: Scheme, write: _Writer) -> Iterable[tuple[str, Answer]]:
    report = scheme.final_report
    due = f"{report.due_months_after_end} mois après la fin de l’opération"
    if report.due_fixed:
        due += f" ; le {long_date(report.due_fixed)} pour une opération sur l’année civile"
    yield "À remettre", write.text(due, report.line)
    yield "Contenu", write.texts(report.parts)
    if report.evidence_required:
        yield "Justificatifs", "Les justificatifs de sortie sont exigés : sans eux, une sortie ne compte pas"
    yield "Règles financières", write.texts(report.financial_rules)
    yield "Indicateurs", write.texts(scheme.indicators)
    exits = scheme.dynamic_exits
    if exits is not None:
        yield "Sorties vers l’emploi durable", list(exits.durable)
        yield "Sorties vers l’emploi de transition", list(exits.transition)
        yield "Sorties positives", list(exits.positive)


def _file(scheme: Scheme, write: _Writer) -> Iterable[tuple[str, Answer]]:
    documents = [_document(d.label, d.required, d.help) for d in scheme.form.documents]
    yield "Pièces à joindre", documents
    asked = [
        f"{label} : {counted(len(questions_of(scheme, code)), 'question')}"
        for code, label in sections_of(scheme).items()
        if questions_of(scheme, code)
    ]
    yield "Questions posées", asked


def _document(label: str, required: bool, note: str | None) -> str:
    text = label if required else f"{label} (facultatif)"
    return f"{text}. {note}" if note else text
