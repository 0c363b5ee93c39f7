"""The conditions of the moves: each is None when it is met, else the French sentence that says why not."""

from __future__ import annotations

from casework.applications import Application, Correction
from casework.bank import confirmed, details_of, pending
from casework.clock import paris_day
from casework.french import counted, listed, long_date
from casework.money import Payment, budget_of, live, payments_of
from casework.reviews import points_of, reviews_of
from workflows import bank
from workflows.application.form import documents_of, missing, missing_from
from workflows.application.reading import advance_paid_from, blocking_opinion, required_opinions
from workflows.application.sheet import lacking, why_incomplete
from workflows.engine import Context, Reason
from workflows.versions import scheme_of

SHOWN_MISSING = 4
_ACCOUNT = "Voir les coordonnées bancaires"


def open_correction(context: Context) -> Correction | None:
    return next((correction for correction in context.case.corrections if correction.waiting), None)


def payments(context: Context) -> list[Payment]:
    """The payments of the case: those already read, else those of the database now."""
    if context.loaded is not None:
        known: list[Payment] = context.loaded.payments
        return known
    return payments_of(context.session, context.case.id)


def payment(context: Context, kind: str) -> Payment | None:
    return live(payments(context), kind)


def is_paid(context: Context, kind: str) -> bool:
    """True when the standing payment of this kind was really paid (or received)."""
    found = payment(context, kind)
    return found is not None and found.paid_on is not None


def a_window_is_coming(context: Context) -> str | None:
    """A lapsed file can be carried only where the campaign still has a deposit window of this scheme."""
    scheme = scheme_of(context.case)
    if scheme.open_window(context.day) or scheme.next_window(context.day):
        return None
    return f"Le dispositif {scheme.code} n’a plus de session de dépôt à venir dans cette campagne."


def window_is_open(context: Context) -> str | None:
    """Both acts take place inside the window, closing day included until 23:59:59 (l.124-126 and equivalents)."""
    case = context.case
    day = paris_day(case.received_at) if case.received_at else context.day
    if day < case.opens_on:
        return f"La session de dépôt ouvre le {long_date(case.opens_on)}."
    if day > case.closes_on:
        return (
            f"La session de dépôt s’est terminée le {long_date(case.closes_on)} à 23 h 59. "
            "Rien n’est perdu : le dossier reste lisible et peut être repris pour une session suivante."
        )
    return None


def window_is_closed(context: Context) -> str | None:
    case = context.case
    if case.channel == "casework" and context.day > case.closes_on:
        return None
    return "La session de dépôt n’est pas terminée."


def file_is_complete(context: Context) -> str | None:
    case, loaded = context.case, context.loaded
    lacking = missing_from(case, loaded.budget, loaded.documents) if loaded else missing(context.session, case)
    if not lacking:
        return None
    names = [f"« {item.label} »" for item in lacking[:SHOWN_MISSING]]
    shown = listed(names) if len(lacking) <= SHOWN_MISSING else ", ".join(names)
    more = (
        f" et {counted(len(lacking) - SHOWN_MISSING, 'autre élément', 'autres éléments')}"
        if len(lacking) > SHOWN_MISSING
        else ""
    )
    return f"Le dossier n’est pas complet. Il manque : {shown}{more}."


def no_correction_is_open(context: Context) -> str | None:
    correction = open_correction(context)
    if correction is None:
        return None
    return f"Une correction est attendue du porteur pour le {long_date(correction.due_on)}."


def sheet_is_complete(context: Context) -> str | None:
    """Every criterion and document has a verdict that holds, every expense was examined: else what lacks, by name."""
    session, case, loaded = context.session, context.case, context.loaded
    lacks = lacking(
        case,
        lines=loaded.budget if loaded else budget_of(session, case.id),
        documents=loaded.documents if loaded else documents_of(session, case.id),
        points=loaded.points if loaded else points_of(session, case.id),
        reviews=loaded.reviews if loaded else reviews_of(session, case.id),
    )
    return why_incomplete(lacks)


def correction_is_overdue_or_absent(context: Context) -> str | None:
    correction = open_correction(context)
    if correction is None or context.day > correction.due_on:
        return None
    return f"Le porteur a jusqu’au {long_date(correction.due_on)} pour répondre à la demande de correction."


def every_opinion_is_given(context: Context) -> str | None:
    waiting = [opinion.title for opinion in context.case.opinions if opinion.waiting]
    return f"Avis attendu : {listed(waiting)}." if waiting else None


def blocking_opinion_is_favourable(context: Context) -> str | None:
    """3.7: the favourable opinion of Convergence conditions the funding (l.1638)."""
    opinion = blocking_opinion(context.case)
    if opinion is None:
        if any(o.blocking for o in required_opinions(context.case)) and not any(
            o.blocking for o in context.case.opinions
        ):
            return "L’avis favorable exigé par la fiche n’a pas été demandé."
        return None
    return f"L’avis favorable de {opinion.title} est une condition du financement (l.1638)."


def blocking_opinion_is_unfavourable(context: Context) -> str | None:
    opinion = blocking_opinion(context.case)
    if opinion is not None and opinion.verdict == "unfavourable":
        return None
    return "Un refus à cette étape suppose un avis défavorable qui empêche le financement."


def both_have_signed(context: Context) -> str | None:
    convention = context.case.convention
    if convention is not None and convention.signed_on is not None:
        return None
    return "Les deux signatures ne sont pas encore enregistrées."


def bank_details_are_confirmed(context: Context) -> str | None:
    """Money goes to an account that the organisation gave and an officer confirmed."""
    known = details_of(context.session, context.case.organisation_id)
    if confirmed(known) is not None:
        return None
    if pending(known) is not None:
        waits = "Les coordonnées bancaires du porteur attendent d’être confirmées par un chargé de mission."
        return Reason(waits, page=bank.PAGE, label=_ACCOUNT)
    return Reason(
        "Le porteur n’a pas de coordonnées bancaires confirmées : il les donne dans « Mon organisme », avec son RIB, "
        "et un chargé de mission les confirme.",
        page=bank.PAGE,
        label=_ACCOUNT,
    )


def advance_is_ordered(context: Context) -> str | None:
    return None if payment(context, "advance") else "L’avance n’est pas encore ordonnée."


def awaiting_verification(context: Context) -> Payment | None:
    """The order that a second person has still to verify."""
    return next((found for found in payments(context) if found.awaits_verification), None)


def payment_is_verified(context: Context) -> str | None:
    if awaiting_verification(context) is None:
        return None
    return "Ce versement doit d’abord être vérifié par une autre personne que celle qui l’a ordonné."


def somebody_else_ordered_it(context: Context) -> str | None:
    """Four eyes: whoever orders a payment does not verify it."""
    ordered = awaiting_verification(context)
    if ordered is None or ordered.ordered_by_id != context.act.actor.user_id:
        return None
    return "Vous avez ordonné ce versement : une autre personne doit le vérifier."


def somebody_else_ordered_the_advance(context: Context) -> str | None:
    """Four eyes, for what changes an advance already paid."""
    advance = payment(context, "advance")
    if advance is None or advance.ordered_by_id != context.act.actor.user_id:
        return None
    return "Vous avez ordonné cette avance : une autre personne doit la rectifier."


def no_advance_is_ordered(context: Context) -> str | None:
    return "L’avance est déjà ordonnée." if payment(context, "advance") else None


def operation_has_ended(context: Context) -> str | None:
    convention = context.case.convention
    if convention is not None and context.day > convention.ends_on:
        return None
    end = long_date(convention.ends_on) if convention else "une date inconnue"
    return f"L’opération se termine le {end}."


def report_is_submitted(context: Context) -> str | None:
    return None if context.case.report else "Le bilan final n’a pas encore été remis."


def balance_is_ordered(context: Context) -> str | None:
    return None if payment(context, "balance") else "Le solde n’est pas encore ordonné."


def recovery_is_ordered(context: Context) -> str | None:
    return None if payment(context, "recovery") else "Le reversement n’est pas encore demandé."


def nothing_is_ordered_after_control(context: Context) -> str | None:
    if payment(context, "balance") or payment(context, "recovery"):
        return "Un solde ou un reversement est déjà ordonné : annulez-le d’abord."
    return None


def difference_due(context: Context) -> int:
    """Cents still due to the applicant (negative: to be recovered) once the report is validated."""
    return balance_due(context.case, payments(context))


def balance_due(case: Application, paid: list[Payment]) -> int:
    """The same as `difference_due`, from payments already loaded."""
    report = case.report
    due = report.due_cents if report is not None and report.due_cents is not None else 0
    return due - advance_paid_from(paid)
