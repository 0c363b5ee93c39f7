"""What the moves of an application ask: each list of inputs, with proposed values taken from the case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from casework import envelopes
from casework.amounts import euros
from casework.applications import VERDICTS, Opinion
from casework.clock import paris_day
from casework.documents import Document
from casework.french import long_date
from casework.people import members
from workflows.application import reading
from workflows.application.files import SIGNED
from workflows.application.form import documents_of
from workflows.application.guards import difference_due, payments
from workflows.engine import Context
from workflows.inputs import REASON, REFERENCE_MAX, Input

DECISION = (
    Input(
        "decision_reference",
        "Référence de la décision",
        help="Par exemple le numéro de la délibération.",
        limit=REFERENCE_MAX,
    ),
    Input("decided_on", "Date de la décision", "date"),
)
ORDER_REFERENCE = Input("order_reference", "Référence de l’ordre de paiement", required=False, limit=REFERENCE_MAX)
PAID = (
    Input("paid_on", "Date du paiement", "date"),
    Input("paid_reference", "Référence du paiement", help="Numéro de mandat ou de titre.", limit=REFERENCE_MAX),
)


def correction(context: Context) -> tuple[Input, ...]:
    due_on = context.day + timedelta(days=context.act.settings.correction_days)
    return (
        Input("reason", "Ce qui est à corriger", "long_text", help="Le porteur reçoit ce texte."),
        Input("due_on", "Réponse attendue pour le", "date", value=due_on),
    )


def warning(context: Context) -> tuple[Input, ...]:
    choices = tuple((w.code, w.full_sentence) for w in reading.warnings_to_accept(context.case))
    return (
        Input("warning", "Alerte", "choice", choices=choices),
        Input("reason", "Commentaire", "long_text", required=False),
    )


def own_opinions(context: Context) -> list[Opinion]:
    """The opinions still waiting that this very actor may give: its territories, its body."""
    actor = context.act.actor
    return [
        opinion
        for opinion in context.case.opinions
        if opinion.waiting
        and (opinion.territory_id in actor.territories if opinion.body == "slai" else opinion.body in actor.partners)
    ]


def opinion(context: Context) -> tuple[Input, ...]:
    mine = own_opinions(context)
    return (
        _which(mine),
        Input("verdict", "Avis", "choice", choices=tuple(VERDICTS.items())),
        Input(
            "text",
            "Observations",
            "long_text",
            required=False,
            help="Obligatoires pour un avis défavorable ou avec réserves. N’écrivez aucun nom de participant.",
        ),
    )


def _which(opinions: list[Opinion]) -> Input:
    choices = tuple((str(opinion.id), opinion.title) for opinion in opinions)
    return Input(
        "opinion", "Avis concerné", "choice", choices=choices, value=choices[0][0] if len(choices) == 1 else None
    )


def skippable(context: Context) -> list[Opinion]:
    return [opinion for opinion in context.case.opinions if opinion.waiting and not opinion.blocking]


def skip(context: Context) -> tuple[Input, ...]:
    return (_which(skippable(context)), REASON)


def to_ask_again(context: Context) -> list[Opinion]:
    return [opinion for opinion in context.case.opinions if opinion.verdict == "unfavourable"]


def again(context: Context) -> tuple[Input, ...]:
    return (_which(to_ask_again(context)), REASON)


def officers(context: Context) -> tuple[Input, ...]:
    known = members(context.session, "officer", scheme_code=context.case.scheme_code)
    choices = tuple((str(user.id), user.name) for user in known)
    return (Input("officer", "Chargé de mission", "choice", choices=choices, value=str(context.case.officer_id or "")),)


def proposal(context: Context) -> tuple[Input, ...]:
    case, loaded = context.case, context.loaded
    grant = reading.grant_from(case, loaded.retained) if loaded else reading.grant_of(context.session, case)
    return (
        Input(
            "proposed",
            "Montant proposé",
            "money",
            value=grant.maximum_cents if case.proposed_cents is None else case.proposed_cents,
            help="Le calcul du montant maximal figure dans l’onglet Instruction. Écrivez 0 pour proposer un refus.",
        ),
        Input(
            "report",
            "Rapport d’instruction",
            "long_text",
            value=case.instruction_report,
            help="Recevabilité, intérêt du projet, budget retenu.",
        ),
    )


BEYOND = Input(
    "envelope_reason",
    "Motif du dépassement de l’enveloppe",
    "long_text",
    required=False,
    help="Obligatoire si le montant accordé dépasse ce qui reste de l’enveloppe votée.",
)


def grant(context: Context) -> tuple[Input, ...]:
    remaining = envelopes.remaining_for(context.session, context.case)
    left = "" if remaining is None else f"Reste de l’enveloppe du {context.case.scheme_code} : {euros(remaining)}."
    return (
        Input(
            "granted",
            "Montant accordé",
            "money",
            value=context.case.proposed_cents,
            help=left,
        ),
        *DECISION,
        Input(
            "reason",
            "Motif",
            "long_text",
            required=False,
            help="Obligatoire si vous accordez plus que le montant proposé par l’instruction.",
        ),
        *(() if remaining is None else (BEYOND,)),
    )


def signature(context: Context) -> tuple[Input, ...]:
    """The day and, where one was joined to the case, the signed file: the last one is proposed."""
    return signed_with(context, [document for document in documents(context) if document.slot == SIGNED])


def documents(context: Context) -> Sequence[Document]:
    """The files of the case that stand: those already read, else those of the database now."""
    if context.loaded is not None:
        known: Sequence[Document] = context.loaded.documents
        return known
    return documents_of(context.session, context.case.id)


def signed_with(context: Context, found: Sequence[Document]) -> tuple[Input, ...]:
    day = Input("signed_on", "Date de signature", "date", value=context.day)
    files = tuple((str(document.id), document.name) for document in found)
    if not files:
        return (day,)
    return (day, Input("signed_file", "Fichier signé", "choice", required=False, choices=files, value=files[-1][0]))


def advance(context: Context) -> tuple[Input, ...]:
    rule = reading.advance_of(context.case)
    return (
        Input(
            "amount",
            "Montant de l’avance",
            "money",
            value=rule.proposed_cents,
            help=rule.steps[0].label + " : " + rule.steps[0].formula,
        ),
        ORDER_REFERENCE,
    )


def early_end(context: Context) -> tuple[Input, ...]:
    return (Input("ended_on", "Fin effective de l’opération", "date", value=context.day), REASON)


def reversible(context: Context) -> tuple[Input, ...]:
    standing = [p for p in payments(context) if p.live and p.kind != "advance"]
    if context.case.state == "advance":
        standing = [p for p in payments(context) if p.live and p.paid_on is None]
    choices = tuple((str(p.id), f"{p.ordered_label} le {long_date(paris_day(p.ordered_at))}") for p in standing)
    return (Input("payment", "Paiement à annuler", "choice", choices=choices), REASON)


def has_choice(inputs: Callable[[Context], tuple[Input, ...]]) -> Callable[[Context], bool]:
    """A move is worth showing only when its first list offers something."""
    return lambda context: bool(inputs(context)[0].choices)


def owes(context: Context) -> bool:
    return difference_due(context) > 0


def owed(context: Context) -> bool:
    return difference_due(context) < 0


def quits(context: Context) -> bool:
    return difference_due(context) == 0
