"""What the moves of a journey ask."""

from __future__ import annotations

import sqlalchemy as sa

from casework.documents import Document
from casework.identities import SEXES
from casework.participants import FAMILIES, NEXT_STEPS, PRESCRIBERS, WORKING_TIMES, Journey
from workflows.engine import Context
from workflows.inputs import Input
from workflows.journey.departures import entry_confirmation
from workflows.journey.publics import publics_of, situations
from workflows.rules.exits import exit_kinds
from workflows.rules.explanation import line_source
from workflows.scheme import Scheme
from workflows.versions import scheme_of

NO_HEALTH = "N’écrivez ni nom, ni donnée de santé."
WHY = Input("reason", "Motif", "long_text", help=f"Il est conservé dans l’historique du parcours. {NO_HEALTH}")
DECLINED = (
    Input(
        "cause",
        "Ce qui s’est passé",
        "choice",
        choices=(
            ("absent", "La personne n’est pas venue"),
            ("refused", "La personne ne souhaite pas s’engager"),
            ("unfit", "L’action ne répond pas à son besoin"),
        ),
    ),
    WHY,
)
EVIDENCE_SLOT = "exit_evidence"


def identity() -> tuple[Input, ...]:
    """Who is oriented: what recognises a person, where she lives, and how to reach her where she wants to say it."""
    return (
        Input("family_name", "Nom de famille", limit=80),
        Input("given_name", "Prénom", limit=80),
        Input("birth_date", "Date de naissance", "birth_date"),
        Input("sex", "Sexe", "choice", choices=tuple(SEXES.items())),
        Input("postcode", "Code postal"),
        Input("town", "Commune", limit=120),
        Input("phone", "Téléphone", required=False, limit=20),
        Input("email", "Adresse électronique", required=False, limit=254),
    )


def origin() -> tuple[Input, ...]:
    """Who sent the person: a kind of service and its name, never somebody's."""
    return (
        Input("prescriber", "Orientée par", "choice", required=False, choices=tuple(PRESCRIBERS.items())),
        Input(
            "prescriber_body",
            "Organisme qui oriente",
            required=False,
            limit=120,
            help="Par exemple « Mission locale de l’Artois ». N’écrivez pas le nom d’une personne.",
        ),
    )


def child(scheme: Scheme) -> tuple[Input, ...]:
    """3.6: the youngest child, whose age the entry checks (l.1210)."""
    if scheme.child_age_limit is None:
        return ()
    label = "Mois de naissance du plus jeune enfant"
    help_ = "Par exemple 05/2023. Ni prénom ni jour ; les autres enfants s’ajoutent ensuite."
    return (Input("born", label, required=False, limit=10, help=help_),)


def orientation(scheme: Scheme, territories: tuple[tuple[str, str], ...]) -> tuple[Input, ...]:
    only = territories[0][0] if len(territories) == 1 else None
    return (
        *identity(),
        *situations(publics_of(scheme), scheme),
        *origin(),
        *child(scheme),
        Input("territory", "Territoire", "choice", choices=territories, value=only),
    )


def admission(context: Context) -> tuple[Input, ...]:
    return (Input("entered_on", "Date d’entrée", "date", value=context.day),)


def entry_correction(context: Context) -> tuple[Input, ...]:
    day = Input("entered_on", "Date d’entrée", "date", value=context.case.entered_on)
    return (day, *entry_confirmation(context), WHY)


def suspension(context: Context) -> tuple[Input, ...]:
    return (Input("started_on", "Suspendu à partir du", "date", value=context.day), WHY)


def resumption(context: Context) -> tuple[Input, ...]:
    return (Input("resumed_on", "Repris le", "date", value=context.day),)


def leaving(context: Context) -> tuple[Input, ...]:
    """The type of exit in the words of the scheme's own list, its family said beside each."""
    case = context.case
    kinds = exit_kinds(scheme_of(case.application))
    listed = scheme_of(case.application).dynamic_exits is not None
    choices = tuple((k.code, f"{k.label} – {FAMILIES[k.family].lower()}" if listed else k.label) for k in kinds)
    known = next((k.code for k in kinds if k.label == case.exit_kind), None)
    return (
        Input("exited_on", "Date de sortie", "date", value=case.exited_on or context.day),
        Input("exit_kind", "Type de sortie", "choice", choices=choices, value=known),
        Input("contract_starts_on", "Début du contrat", "date", required=False, value=case.contract_starts_on),
        Input(
            "contract_ends_on",
            "Fin du contrat",
            "date",
            required=False,
            value=case.contract_ends_on,
            help="Laissez vide pour un contrat sans terme.",
        ),
        *_employment(case),
        *_next_steps(case),
    )


def _employment(case: Journey) -> tuple[Input, ...]:
    """Where and how much the person works: asked of any exit, answered for a job."""
    hours = f"{case.weekly_minutes / 60:.2f}".replace(".", ",") if case.weekly_minutes else None
    return (
        Input(
            "employer_name",
            "Employeur",
            required=False,
            value=case.employer_name or None,
            limit=Journey.employer_name.type.length,
            help="Le nom de l’entreprise ou de l’organisme, jamais d’une personne.",
        ),
        Input(
            "employer_town",
            "Commune de l’employeur",
            required=False,
            value=case.employer_town or None,
            limit=Journey.employer_town.type.length,
        ),
        Input(
            "working_time",
            "Temps de travail",
            "choice",
            required=False,
            choices=(("", "Non précisé"), *WORKING_TIMES.items()),
            value=case.working_time or "",
        ),
        Input(
            "weekly_hours",
            "Heures par semaine",
            "decimal",
            required=False,
            value=hours,
            help="Par exemple 24 ou 17,5.",
        ),
    )


def _next_steps(case: Journey) -> tuple[Input, ...]:
    """Where the sheet values them (3.7, 3.9, 3.14–3.16); obstacles are said with the person's situation."""
    line = scheme_of(case.application).next_steps_line
    if line is None:
        return ()
    source = (
        f"La fiche valorise les suites de parcours ({line_source(line)}). Les freins levés se disent dans « Dire la "
        "situation de la personne »."
    )
    return (
        Input(
            "next_step",
            "Suite du parcours",
            "choice",
            required=False,
            choices=(("", "Non précisé"), *NEXT_STEPS.items()),
            value=case.next_step or "",
            help=source,
        ),
    )


def leaving_correction(context: Context) -> tuple[Input, ...]:
    return (*leaving(context), WHY)


def evidence_files(context: Context) -> list[Document]:
    """The evidence joined to the case, among which an exit finds its own."""
    query = sa.select(Document).where(
        Document.application_id == context.case.application_id,
        Document.slot == EVIDENCE_SLOT,
        Document.removed_at.is_(None),
    )
    return list(context.session.scalars(query.order_by(Document.id)))


def evidence(context: Context) -> tuple[Input, ...]:
    choices = tuple((str(document.id), document.name) for document in evidence_files(context))
    return (Input("evidence", "Justificatif", "choice", choices=choices, value=str(context.case.evidence_id or "")),)


def acceptance(context: Context) -> tuple[Input, ...]:
    waiting = [warning for warning in context.case.warnings if warning.waiting]
    choices = tuple((warning.code, warning.sentence) for warning in waiting)
    return (
        Input("warning", "Alerte", "choice", choices=choices, value=choices[0][0] if len(choices) == 1 else None),
        Input("reason", "Commentaire", "long_text", required=False, help=NO_HEALTH),
    )
