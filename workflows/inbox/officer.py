"""What waits for an officer: on its own cases, on those nobody has taken, and what it expects from others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.amendments import Amendment
from casework.applications import BODIES, Application, Correction, FinalReport, Opinion
from casework.bank import BankDetails
from casework.people import Actor
from workflows.application.relaunching import RELAUNCHED_OPINION, RELAUNCHED_REPORT
from workflows.bank import CONCERNED
from workflows.inbox.kind import (
    AMENDABLE,
    Condition,
    Find,
    Kind,
    Where,
    amended,
    amended_amount,
    awaits_answer,
    cases,
    correction_of_case,
    corrections,
    joined,
    last_of_organisation,
    open_correction,
    per_opinion,
    relaunched,
    report_given,
    waiting_opinion,
)


def officer(group: str) -> tuple[Kind, ...]:
    """What an officer does: on its own cases ("mine"), on those that nobody has taken ("service")."""

    def held(condition: Where) -> Where:
        def both(actor: Actor, today: date) -> Condition:
            taken = Application.officer_id == actor.user_id if group == "mine" else Application.officer_id.is_(None)
            return taken & condition(actor, today)

        return both

    def kind(code: str, find: Find, verb: str, trigger: str | None, why: str, *states: str, **more: Any) -> Kind:
        acts: Mapping[str, tuple[str, str | None]] = {"": (verb, trigger)}
        chosen = "mine" if group == "mine" else "none"
        return Kind(
            f"officer.{group}.{code}", "officer", group, find, acts, {"": why}, states=states, officer=chosen, **more
        )

    def uncorrected(actor: Actor, today: date) -> Condition:
        return ~open_correction()

    def other_channel(actor: Actor, today: date) -> Condition:
        return Application.channel != sa.literal_column("'casework'")  # as ix_application_received says it

    def correction_late(actor: Actor, today: date) -> Condition:
        return Correction.due_on < today

    def opinion_late(actor: Actor, today: date) -> Condition:
        return (Opinion.due_on < today) & ~relaunched(RELAUNCHED_OPINION)

    def opposed(actor: Actor, today: date) -> Condition:
        return ~waiting_opinion()

    def reported(actor: Actor, today: date) -> Condition:
        return report_given() & ~open_correction() & ~awaits_answer(FinalReport.answer_due_on >= today)

    def report_late(actor: Actor, today: date) -> Condition:
        return ~report_given() & (Application.due_on < today) & ~relaunched(RELAUNCHED_REPORT)

    def amendment_asked(actor: Actor, today: date) -> Condition:
        return amended(Amendment.status == "asked", ~amended_amount())

    looped = ("submitted", "instruction", "bilan")
    return (
        kind(
            "received",
            cases("officer", ("draft", "deposited"), held(other_channel), due=sa.null().cast(sa.Date)),
            "Compléter et valider le dossier reçu",
            None,
            "Arrivé par un autre canal",
            "draft",
            "deposited",
        ),
        kind(
            "correction_late",
            corrections("officer", looped, held(correction_late)),
            "Relancer le porteur ou lever la correction",
            "lift_correction",
            "La correction demandée n’est pas arrivée",
            *looped,
        ),
        kind(
            "admit",
            cases("officer", ("submitted",), held(uncorrected)),
            "Examiner la recevabilité",
            "admit",
            "Dossier validé par le porteur",
            "submitted",
        ),
        kind(
            "opinion_late",
            per_opinion("officer", held(opinion_late)),
            "Relancer l’avis",
            "relaunch_opinion",
            "Avis attendu : {detail}",
            "slai_opinion",
            names=BODIES,
        ),
        kind(
            "opposed",
            cases("officer", ("slai_opinion",), held(opposed)),
            "Traiter un avis défavorable",
            "ask_opinion_again",
            "Un avis défavorable empêche le financement",
            "slai_opinion",
        ),
        kind(
            "instruct",
            cases("officer", ("instruction",), held(uncorrected)),
            "Instruire la demande",
            "finish_instruction",
            "En instruction",
            "instruction",
        ),
        kind(
            "amendment",
            cases("officer", AMENDABLE, held(amendment_asked), due=sa.null().cast(sa.Date)),
            "Examiner une demande d’avenant",
            "accept_amendment",
            "Le porteur demande un avenant",
            *AMENDABLE,
        ),
        kind(
            "control",
            cases("officer", ("bilan",), held(reported)),
            "Contrôler le bilan final",
            "validate_report",
            "Bilan final remis",
            "bilan",
        ),
        kind(
            "report_late",
            cases("officer", ("bilan",), held(report_late)),
            "Relancer le bilan final",
            "relaunch_report",
            "Le bilan final n’est pas arrivé",
            "bilan",
        ),
    )


def officer_accounts() -> Kind:
    """A bank account to compare with its proof: said once for an organisation, whoever follows its cases."""

    def given(actor: Actor, today: date) -> Condition:
        return last_of_organisation(CONCERNED, actor.schemes)

    def waiting() -> tuple[Condition, ...]:
        """One at most for an organisation: the few that wait are where the search begins."""
        return (BankDetails.organisation_id == Application.organisation_id, BankDetails.decided_at.is_(None))

    return Kind(
        "officer.service.bank",
        "officer",
        "service",
        joined(
            cases("officer", CONCERNED, given, due=sa.null().cast(sa.Date), since=BankDetails.entered_at),
            BankDetails,
            waiting,
        ),
        {"": ("Vérifier des coordonnées bancaires", None)},
        {"": "Le porteur a donné un compte bancaire"},
        page="bank",
        states=CONCERNED,
    )


def officer_others() -> Kind:
    waited = ("submitted", "slai_opinion", "instruction", "instructed", "convention", "advance", "bilan", "balance")

    def punctual_opinions(today: date) -> Condition:
        return sa.or_(~waiting_opinion(Opinion.due_on < today), relaunched(RELAUNCHED_OPINION))

    def elsewhere(actor: Actor, today: date) -> Condition:
        state = Application.state
        punctual = sa.exists().where(*correction_of_case(), Correction.due_on >= today)
        return (Application.officer_id == actor.user_id) & (
            (state.in_(("submitted", "instruction", "bilan")) & punctual)
            | ((state == "slai_opinion") & waiting_opinion() & punctual_opinions(today))
            | state.in_(("instructed", "convention", "advance", "balance"))
            | ((state == "bilan") & ~open_correction() & awaits_answer(FinalReport.answer_due_on >= today))
            | (
                (state == "bilan")
                & ~report_given()
                & ~open_correction()
                & sa.or_(Application.due_on >= today, Application.due_on.is_(None), relaunched(RELAUNCHED_REPORT))
            )
        )

    return Kind(
        "officer.others",
        "officer",
        "others",
        cases("officer", waited, elsewhere, detail=Application.state),
        {"": ("Suivre le dossier", None)},
        {
            "submitted": "Correction attendue du porteur",
            "slai_opinion": "Avis attendus",
            "instruction": "Correction attendue du porteur",
            "instructed": "Décision attendue d’un responsable",
            "convention": "Signatures attendues",
            "advance": "Avance attendue de la finance",
            "bilan": "Bilan, ou réponse au contrôle, attendus du porteur",
            "balance": "Solde attendu de la finance",
        },
        states=waited,
        officer="mine",
    )
