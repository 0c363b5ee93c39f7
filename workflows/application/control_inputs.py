"""What the moves of the final report ask, their conditions, and the checks on what is entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casework.amounts import euros
from casework.documents import Document
from casework.expenses import ExpenseLine, ReportDraft, draft_of, expenses_of
from casework.french import counted, listed, long_date
from casework.money import BudgetLine
from casework.progress_records import THEMES
from workflows.application.control import undecided, why_to_wait
from workflows.application.form import documents_of
from workflows.application.guards import open_correction
from workflows.application.obligations import known_deadlines
from workflows.application.reading import retained_of
from workflows.application.reporting import (
    RESULTS,
    exit_lacks,
    oddities,
    partial_lacks,
    result_inputs,
    unproven,
    unsigned,
    unwritten,
)
from workflows.engine import Context
from workflows.inputs import Input
from workflows.journey.proofs import Proofs, proofs_of
from workflows.journey.record_deadlines import has_records
from workflows.progress.reading import themes_worked, validated_results
from workflows.versions import scheme_of

RESULT_FIELDS = (*RESULTS, "quality_pct")
STANCES = {"agrees": "J’accepte ce résultat", "contests": "Je présente des observations"}
VERIFIED = (("verified", "J’ai vérifié : c’est bien ce que je déclare"),)
Errors = dict[str, str]
_LINE = "line_"


def lines(context: Context) -> Sequence[ExpenseLine]:
    """The expense lines of the case: those already read, else those of the database now."""
    if context.loaded is not None:
        known: Sequence[ExpenseLine] = context.loaded.expenses
        return known
    return expenses_of(context.session, context.case.id)


def draft(context: Context) -> ReportDraft | None:
    if context.loaded is not None:
        known: ReportDraft | None = context.loaded.draft
        return known
    return draft_of(context.session, context.case.id)


def _documents(context: Context) -> Sequence[Document]:
    return context.loaded.documents if context.loaded else documents_of(context.session, context.case.id)


def report_is_signed(context: Context) -> str | None:
    return unsigned(_documents(context))


def report_is_written(context: Context) -> str | None:
    return unwritten(context.case, draft(context), lines(context))


def exits_are_proven(context: Context) -> str | None:
    return unproven(context.case, draft(context), _documents(context), _proofs(context))


def _proofs(context: Context) -> Proofs:
    return proofs_of(context.session, context.case)


def submission(context: Context) -> tuple[Input, ...]:
    """Nothing when the report is whole; else what was corrected, why it is incomplete, what is strange in it."""
    asked = []
    if open_correction(context) is not None:
        asked.append(Input("answer", "Ce qui a été corrigé", "long_text", required=False))
    expenses, exits = partial_lacks(lines(context), _documents(context)), exit_lacks(_proofs(context))
    if expenses or exits:
        said = f"Il manque encore : {listed(expenses + exits)}."
        said += " Ces dépenses seront refusées si rien ne les justifie." if expenses else ""
        said += " Ces sorties ne seront pas retenues au contrôle sans justificatif." if exits else ""
        asked.append(Input("partial", "Pourquoi le bilan est remis incomplet", "long_text", help=said))
    odd = oddities(context.case, lines(context), _budget(context))
    if odd:
        asked.append(Input("strange", "À vérifier avant l’envoi", "choices", choices=VERIFIED, help=" ".join(odd)))
    return tuple(asked)


def _budget(context: Context) -> Sequence[BudgetLine]:
    return context.loaded.retained if context.loaded else retained_of(context.session, context.case.id)


def lateness(context: Context) -> str | None:
    """What being late means, None while the report is not due yet."""
    due = next((one for one in known_deadlines(context) if one.kind == "final_report" and one.status == "open"), None)
    if due is None or context.day <= due.due_on:
        return None
    return (
        f"Ce bilan était dû le {long_date(due.due_on)}. Vous pouvez encore le remettre, mais le solde restera bloqué "
        "tant qu’un responsable du Département n’aura pas accepté ce retard."
    )


def _themes(context: Context) -> str:
    """What the records show of the four themes that the score is about (l.2395-2403, 2736-2744, 3054-3060)."""
    records, worked = themes_worked(context.session, context.case)
    asked = "Moyenne de vos notes sur les quatre thèmes : " + listed([one.lower() for one in THEMES.values()]) + "."
    if not records:
        return asked
    shown = [f"{label.lower()} {worked[code]}" for code, label in THEMES.items()]
    return f"{asked} Sur {counted(records, 'CRE validé', 'CRE validés')}, thèmes travaillés : {listed(shown)}."


def control(context: Context) -> tuple[Input, ...]:
    """The results and funding that are kept: declared, or as the intended result said them."""
    report = context.case.report
    if report is None:
        return ()
    said = report.intended or {"accepted": report.accepted or report.declared, "results": report.results}
    others = said["accepted"].get("other_funding", 0)
    asked = [Input("other_funding", "Autres financements reçus", "money", value=others)]
    asked += result_inputs(context.case, _proposed(context, said["results"]))
    if any(part.measure == "quality" for part in scheme_of(context.case).funding.conditional_split):
        label = "Respect du référentiel qualité, sur 100"
        known, themes = said["results"].get("quality_pct"), _themes(context)
        asked.append(Input("quality_pct", label, "percent", value=known, help=themes))
    observations = "Obligatoires dès qu’un résultat est réduit : dites ce qui est écarté et pourquoi."
    return (
        *asked,
        Input(
            "reason",
            "Observations du contrôle",
            "long_text",
            required=False,
            value=report.observations,
            help=observations,
        ),
    )


def _proposed(context: Context, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The results to keep: as declared, but nothing beyond what the validated records and the evidence show."""
    if context.case.report.intended:
        return said
    computed = _shown(context)
    return {name: min(value, computed.get(name, value)) for name, value in said.items() if value is not None}


def _shown_by_records(context: Context) -> dict[str, int]:
    """Months and hours that the SLAI validated, where the sheet wants progress records and some are kept here."""
    if not has_records(context.case):
        return {}
    return validated_results(context.session, context.case)


def _shown(context: Context) -> dict[str, int]:
    """What is shown by records that the SLAI validated (3.10–3.12), and by the evidence of exits followed here."""
    proofs = _proofs(context)
    proven = {"dynamic_exits": proofs.proven} if proofs.followed else {}
    return _shown_by_records(context) | proven


_BY_RECORDS = "d’après les CRE validés"
_SHOWN_BY = {"dynamic_exits": "prouvées par un justificatif"}


def overrides(context: Context) -> list[str]:
    """What is kept beside what the validated records or the evidence show, one sentence each."""
    computed, labels = _shown(context), {item.name: item.label for item in result_inputs(context.case, {})}
    return [
        f"{labels[name]} : {context.answers[name]} retenus, {computed[name]} {_SHOWN_BY.get(name, _BY_RECORDS)}."
        for name in computed
        if name in labels and context.answers.get(name) not in (None, computed[name])
    ]


def override_is_explained(context: Context) -> Errors:
    """Months, hours and exits come from what is proven; keeping another figure takes a word of explanation."""
    found = overrides(context)
    if not found or context.answers.get("reason"):
        return {}
    return {"reason": f"{' '.join(found)} Dites pourquoi."}


def kept_results(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answers[name] for name in RESULT_FIELDS if answers.get(name) is not None}


def answer(context: Context) -> tuple[Input, ...]:
    """One box for each line that would not be wholly accepted, one for the whole."""
    contested = [line for line in lines(context) if line.lowered]
    boxes = tuple(
        Input(
            f"{_LINE}{line.id}",
            f"Vos observations sur « {line.label} »",
            "long_text",
            required=False,
            help=f"Déclaré {euros(line.spent_cents)}, retenu {euros(line.accepted_cents or 0)} : {line.why}.",
        )
        for line in contested
    )
    return (
        Input("stance", "Votre réponse", "choice", choices=tuple(STANCES.items())),
        *boxes,
        Input("answer", "Vos observations sur l’ensemble", "long_text", required=False),
    )


def answers_by_line(answers: Mapping[str, Any]) -> dict[int, str]:
    return {int(name.removeprefix(_LINE)): text for name, text in answers.items() if name.startswith(_LINE) and text}


def contest_is_explained(context: Context) -> Errors:
    said = [text for name, text in context.answers.items() if name != "stance" and text]
    if context.answers["stance"] == "contests" and not said:
        return {"answer": "Dites ce que vous contestez, ligne par ligne ou dans l’ensemble."}
    if context.answers["stance"] == "agrees" and said:
        return {"stance": "Vous avez écrit des observations : choisissez « Je présente des observations »."}
    return {}


def every_line_is_decided(context: Context) -> str | None:
    """Nothing is to be controlled of a report that is still being written."""
    return None if context.case.report is None else undecided(lines(context))


def answer_is_no_longer_awaited(context: Context) -> str | None:
    return why_to_wait(context.case, context.day)


def contradiction_was_held(context: Context) -> str | None:
    """What is reduced or refused is first announced to the applicant, and never made worse after its answer."""
    report, lowered = context.case.report, [line for line in lines(context) if line.lowered]
    if report is None or not lowered:
        return None
    if report.intended_at is None:
        return "Des dépenses sont réduites ou refusées : envoyez d’abord le résultat envisagé au porteur."
    if any(line.intended_cents is None or (line.accepted_cents or 0) < line.intended_cents for line in lowered):
        return "Une dépense est moins acceptée que ce qui a été annoncé au porteur : envoyez-lui le nouveau résultat."
    return None


def results_are_announced(context: Context) -> Errors:
    """A result kept below what was declared, or below what was announced, is announced (again) first."""
    report = context.case.report
    known = report.intended["results"] if report.intended else {**report.results, "quality_pct": 100}
    funding = (report.intended["accepted"] if report.intended else report.declared).get("other_funding", 0)
    sentence = "Envoyez d’abord ce résultat au porteur : il doit pouvoir y répondre avant qu’il soit définitif."
    wrong = {
        name: sentence
        for name in RESULT_FIELDS
        if context.answers.get(name) is not None and context.answers[name] < known.get(name, 0)
    }
    if context.answers["other_funding"] > funding:
        wrong["other_funding"] = sentence
    return wrong
