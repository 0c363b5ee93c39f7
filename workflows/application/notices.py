"""The messages that moves leave in the outbox: who is told, and in which words. No participant is ever named."""

from __future__ import annotations

from casework.applications import Application, Opinion
from casework.outbox import enqueue
from casework.people import User, members
from workflows.engine import Context, Effect

AUDIENCES = ("applicant", "officer", "manager", "finance", "opinions")


def tell(audience: str, subject: str, sentence: str) -> Effect:
    """An effect that writes a message to an audience; `sentence` may use {reference} and {title}."""
    if audience not in AUDIENCES:
        raise ValueError(f"unknown audience {audience}")

    def send(context: Context) -> None:
        case = context.case
        enqueue(
            context.session,
            recipients(context, audience),
            subject=f"{case.reference} – {subject}",
            body=letter(context, sentence),
            at=context.act.at,
            application_id=case.id,
        )

    return send


def letter(context: Context, sentence: str) -> str:
    """The body of a message: what happened, which case, where to see it."""
    case, settings = context.case, context.act.settings
    reason = context.answers.get("reason")
    lines = ["Bonjour,", "", sentence.format(reference=case.reference, title=case.title)]
    if reason:
        lines += ["", f"Motif : {reason}"]
    lines += [
        "",
        f"Dossier : {case.reference} – {case.title or 'sans titre'}",
        f"Dispositif : {case.scheme_code} {case.scheme_version.title}",
        f"Porteur : {case.organisation.name}",
        "",
        f"Voir le dossier : {settings.public_url}/dossiers/{case.id}",
        "",
        settings.funder,
        "Message automatique : merci de ne pas y répondre.",
    ]
    return "\n".join(lines)


def recipients(context: Context, audience: str) -> list[User]:
    """The people of an audience for this case: the assigned officer first, else all the officers of the scheme."""
    session, case = context.session, context.case
    match audience:
        case "applicant":
            return members(session, "applicant", organisation_ids=_bearers(case))
        case "officer":
            return [case.officer] if case.officer else members(session, "officer", scheme_code=case.scheme_code)
        case "opinions":
            return [user for opinion in case.opinions if opinion.waiting for user in _opinion_givers(context, opinion)]
    return members(session, audience)


def _bearers(case: Application) -> frozenset[int]:
    return frozenset({case.organisation_id, *(organisation.id for organisation in case.co_bearers)})


def _opinion_givers(context: Context, opinion: Opinion) -> list[User]:
    if opinion.territory_id is not None:
        return members(context.session, "slai", territory_id=opinion.territory_id)
    return members(context.session, "partner", partner=opinion.body)
