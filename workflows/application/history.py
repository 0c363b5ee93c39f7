"""What a journal entry of an application says to a person: French labels, amounts in euros, dates in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casework.amendments import Amendment
from casework.amounts import euros
from casework.applications import CHANNELS, VERDICTS, Application
from casework.casefile import CaseFile
from casework.clauses import CLAUSES, CONTRACTS
from casework.documents import CONFIDENTIAL_SLOTS
from casework.durations import said_hours
from casework.expenses import DECISIONS
from casework.french import counted, listed, long_date, moment, short_date
from casework.journal import Event
from casework.money import CATEGORIES, INCOMES
from casework.people import TERRITORIES
from workflows.application.control_inputs import STANCES
from workflows.application.editing import SHEET_EDITED
from workflows.application.files import slots_of
from workflows.application.form import SECTIONS, goals_of
from workflows.application.sheet import SHEET
from workflows.application.waiting import opinion_of
from workflows.scheme import Scheme
from workflows.versions import scheme_of

LONGEST_SHOWN = 300
OWN_CHANNEL = "casework"
CONFIDENTIAL = frozenset(
    {
        "application.instructed",
        "application.warning_accepted",
        "application.reassigned",
        "application.lines_controlled",
        SHEET_EDITED,
        "application.amendment_proposed",
    }
)
"""What was entered then is the services' own work: the applicant sees that it happened, not its content."""

LABELS: Mapping[str, str] = {
    "reason": "Motif",
    "due_on": "Réponse attendue pour le",
    "answer": "Réponse",
    "warning": "Alerte",
    "officer": "Chargé de mission",
    "opinion": "Avis concerné",
    "verdict": "Avis",
    "text": "Observations",
    "proposed": "Montant proposé",
    "report": "Rapport d’instruction",
    "granted": "Montant accordé",
    "envelope_reason": "Motif du dépassement de l’enveloppe",
    "decision_reference": "Référence de la décision",
    "decided_on": "Date de la décision",
    "signed_on": "Date de signature",
    "signed_file": "Fichier signé",
    "amount": "Montant",
    "order_reference": "Référence de l’ordre de paiement",
    "paid_on": "Date du paiement",
    "paid_reference": "Référence du paiement",
    "payment": "Paiement annulé",
    "exported": "Versement",
    "batch": "Lot",
    "ended_on": "Fin effective",
    "deadline": "Échéance",
    "dashboard_for": "Échéance honorée",
    "new_on": "Nouvelle date",
    "deliverables": "Ce qui est fait",
    "committee": "Comité",
    "done_on": "Tenu, transmis ou validé le",
    "comment": "Observations",
    "evidence": "Pièce",
    "narrative": "Bilan pédagogique",
    "partial": "Pourquoi le bilan est incomplet",
    "stance": "Réponse au contrôle",
    "lines": "Lignes",
    "month": "Mois",
    "sections": "Rubriques",
    "contracts": "Contrats",
    "actions": "Actions",
    "activity": "Activité",
    "minutes": "Durée en minutes",
    "participants": "Participants",
    "spent_cents": "Dépensé",
    "accepted_cents": "Retenu",
    "decisions": "Décisions",
    **CATEGORIES,
    "other_funding": "Autres financements reçus",
    "months_done": "Mois d’accompagnement réalisés",
    "hours_done": "Heures de mise à disposition réalisées",
    "dynamic_exits": "Sorties dynamiques",
    "quality_pct": "Respect du référentiel qualité, sur 100",
    "channel": "Canal",
    "external_reference": "Référence du canal",
    "received_at": "Reçu",
    "section": "Rubrique",
    "slot": "Pièce",
    "name": "Fichier",
    "title": "Titre du projet",
    "starts_on": "Début de l’opération",
    "ends_on": "Fin de l’opération",
    "territories": "Territoires",
    "co_bearers": "Porteurs associés (SIRET)",
    "co_bearer": "Porteur à associer (SIRET)",
    "left": "Porteurs qui se retirent",
    "derogation_reason": "Motif de la dérogation aux dates de la fiche",
}
MONEY = frozenset({"proposed", "granted", "amount", "other_funding", "spent_cents", "accepted_cents", *CATEGORIES})
_ORDER = {name: rank for rank, name in enumerate(LABELS)}
_SHEET = {f"sheet_{part}": label for part, label in SHEET.items()}
_UNSAID = frozenset({"document", "size", "digest", "version", "note", "months", "activities"})
"""What the journal keeps for proof and a person reads elsewhere. Nor is a name shown that has no label: a test looks
for one."""
OPINIONS = frozenset({"application.opinion_given", "application.opinion_skipped", "application.opinion_asked_again"})


@dataclass(frozen=True)
class Reader:
    """Who reads the history, and the names it needs.

    `inside`: may see what the services entered for themselves. `opinions`: what the bodies wrote. `named`: the files
    that name a participant.
    """

    application: Application
    loaded: CaseFile
    inside: bool
    opinions: bool
    named: bool
    officers: Mapping[str, str] = field(default_factory=dict)

    def may_know(self, event: Event) -> bool:
        if event.kind in OPINIONS:
            return self.opinions
        return self.inside or event.kind not in CONFIDENTIAL


def entered(event: Event, reader: Reader) -> list[tuple[str, str]]:
    """What was entered with this event: (French label, value), the reason first, when the reader may know it."""
    if event.payload is None or not reader.may_know(event):
        return []
    content = dict(event.payload.content)
    if content.get("slot") in CONFIDENTIAL_SLOTS and not reader.named:
        content.pop("name", None)
    said = [(LABELS["reason"], content.pop("reason"))] if content.get("reason") else []
    changes = content.pop("changes", None) or {}
    if content.get("channel") == OWN_CHANNEL:
        del content["channel"]
    for name in sorted(content, key=_rank):
        value = content[name]
        if name in LABELS and value not in (None, "", []):
            said.append((LABELS[name], _value(name, value, reader)))
        elif name.startswith("line_") and value:
            said.append((f"Ligne « {_line(name, reader)} »", shortened(value)))
    return said + list(_changed(changes, reader))


def _rank(name: str) -> int:
    """The order in which a form asks; a payload keeps none."""
    return _ORDER.get(name, len(_ORDER))


def shortened(value: Any) -> str:
    text = listed([str(one) for one in value]) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN].rstrip() + "…"


def _value(name: str, value: Any, reader: Reader) -> str:
    if name in MONEY and isinstance(value, int):
        return euros(value)
    if name.endswith("_on"):
        return long_date(date.fromisoformat(value))
    if name.endswith("_at"):
        return moment(datetime.fromisoformat(value))
    return _named(name, value, reader) or shortened(value)


def _named(name: str, value: Any, reader: Reader) -> str | None:
    """What a code or an id stands for, None when it is plain text already."""
    application = reader.application
    match name:
        case "verdict" | "stance":
            return (VERDICTS | STANCES).get(value)
        case "decisions" | "contracts" | "actions":
            return " ; ".join(_each(name, value, scheme_of(application)))
        case "channel" | "section":
            return (CHANNELS | SECTIONS | _SHEET).get(value)
        case "slot":
            return slots_of(application).get(value, value or "Autre pièce")
        case "officer":
            return reader.officers.get(str(value))
        case "opinion":
            asked = next((o for o in application.opinions if str(o.id) == str(value)), None)
            return "A" + opinion_of(asked).removeprefix("l’a") if asked else None
        case "payment":
            paid = next((p for p in reader.loaded.payments if str(p.id) == str(value)), None)
            return f"{paid.label} de {euros(paid.amount_cents)}" if paid else None
        case "left":
            names = {str(key): name for one in reader.loaded.amendments for key, name, _ in _bearers(one)}
            return listed([names.get(str(key), str(key)) for key in value])
        case "deadline" | "deliverables" | "dashboard_for":
            chosen = {str(one) for one in (value if isinstance(value, list) else [value])}
            return listed([one.label for one in reader.loaded.deadlines if str(one.id) in chosen]) or None
        case "evidence" | "signed_file":
            return next((one.name for one in reader.loaded.documents if str(one.id) == str(value)), "pièce retirée")
        case "warning":
            accepted = next((w for w in application.accepted_warnings if w.code == value), None)
            return accepted.sentence if accepted else None
    return None


def _each(name: str, value: Sequence[Any], scheme: Scheme) -> Iterator[str]:
    """The lines that one act entered, one by one."""
    for one in value:
        yield (
            _decided(*one) if name == "decisions" else _contract(*one) if name == "contracts" else _action(one, scheme)
        )


def _contract(
    key: int, journey: int, clause: str, contract: str, starts_on: str, ends_on: str | None, minutes: int
) -> str:
    first = short_date(date.fromisoformat(starts_on))
    period = f"du {first} au {short_date(date.fromisoformat(ends_on))}" if ends_on else f"depuis le {first}"
    return f"n° {key}, parcours n° {journey}, {CLAUSES[clause]}, {CONTRACTS[contract]}, {period}, {said_hours(minutes)}"


def _action(told: Mapping[str, Any], scheme: Scheme) -> str:
    known = {one.code: one.label for one in scheme.network.kinds} if scheme.network else {}
    what, day = known.get(told["kind"], "Action"), short_date(date.fromisoformat(told["done_on"]))
    reached = f", {counted(told['reached'], 'personne touchée', 'personnes touchées')}" if told["reached"] else ""
    return f"{what} du {day}{reached}" + (f", {said_hours(told['minutes'])}" if told["minutes"] else "")


def _bearers(amendment: Amendment) -> list[list[Any]]:
    """Those that it brings, and those that it replaces once it is accepted: [id, name, SIRET]."""
    return [*amendment.co_bearers, *(amendment.replaced or {}).get("co_bearers", ())]


def _line(name: str, reader: Reader) -> str:
    return next((line.label for line in reader.loaded.expenses if f"line_{line.id}" == name), "ligne retirée")


def _decided(key: int, label: str, decision: str, accepted_cents: int, why: str) -> str:
    said = DECISIONS[decision].lower()
    amount = f" à {euros(accepted_cents)}" if decision == "reduced" else ""
    return f"« {label} » {said}{amount}" + (f" ({why})" if why else "")


def _changed(changes: Mapping[str, Any], reader: Reader) -> Iterator[tuple[str, str]]:
    scheme = scheme_of(reader.application)
    questions = {question.key: question.label for question in (*scheme.form.questions, *goals_of(scheme))}
    questions |= {figure.key: figure.label for figure in scheme.figures}
    for name, (before, after) in changes.items():
        if name == "budget":
            yield "Budget", f"{_budget(before)} → {_budget(after)}" if before else _budget(after)
            continue
        empty = before in (None, "", [])
        now = _side(name, after)
        yield questions.get(name) or LABELS.get(name, name), now if empty else f"{_side(name, before)} → {now}"


def _side(name: str, value: Any) -> str:
    if value in (None, "", []):
        return "vide"
    if value is True or value is False:
        return "oui" if value else "non"
    if name in ("starts_on", "ends_on"):
        return long_date(date.fromisoformat(value))
    if name == "territories":
        return listed([TERRITORIES.get(code, code) for code in value])
    return f"« {shortened(value)} »" if isinstance(value, str) else shortened(value)


def _budget(rows: list[list[Any]]) -> str:
    if not rows:
        return "vide"
    expenses = sum(row[3] for row in rows if row[0] == "expense")
    requested = sum(row[3] for row in rows if row[1] == next(iter(INCOMES)))
    return f"{euros(expenses)} de dépenses, {euros(requested)} demandés"
