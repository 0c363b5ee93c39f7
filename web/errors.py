"""The only place where what went wrong becomes an HTTP status and a page in French. Never a trace, never a name."""

from __future__ import annotations

import secrets
import traceback
from typing import Any

import structlog
from flask import Flask, current_app, flash, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from casework import registration
from casework.errors import CaseworkError, Forbidden, InvalidInput, NotFound, Refused, Stale, TooLarge
from web.access import SignedOut
from web.identity import identify
from web.problems import for_machine, problem
from web.session import READING, open_session, services, settings, undo
from web.typed import address_above, form_address, referrer_address, typed_again, typed_in

DRAINED_BYTES = 200 * 1024 * 1024
RETURNED_BYTES = 16 * 1024 * 1024
logger = structlog.get_logger("web")


class Gone(CaseworkError):
    """A link that was used, replaced or has expired."""


class TooMany(CaseworkError):
    """Too many attempts: `retry_after` is in seconds."""

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


STATUSES: tuple[tuple[type[CaseworkError], int, str], ...] = (
    (NotFound, 404, "Page introuvable"),
    (Forbidden, 403, "Cela ne vous est pas ouvert"),
    (Refused, 409, "Ce n’est pas possible pour l’instant"),
    (Stale, 409, "Quelqu’un est passé avant vous"),
    (InvalidInput, 422, "Des réponses sont à corriger"),
    (TooLarge, 413, "C’est trop volumineux"),
    (Gone, 410, "Ce lien ne sert plus"),
    (TooMany, 429, "Trop d’essais"),
    (CaseworkError, 400, "Ce n’est pas possible"),
)
HTTP_SENTENCES = {
    400: ("Demande incomprise", "Votre navigateur a envoyé une demande que le service ne comprend pas."),
    404: ("Page introuvable", "Cette page n’existe pas, ou elle ne vous est pas ouverte."),
    405: ("Demande incomprise", "Cette adresse ne s’ouvre pas de cette façon : revenez à la page précédente."),
    413: ("C’est trop volumineux", ""),
}
KEPT = "Rien n’a été enregistré par cette demande. Ce qui l’était déjà n’a pas changé."


def install(app: Flask) -> None:
    app.register_error_handler(CaseworkError, _of_domain)
    app.register_error_handler(SignedOut, _of_nobody)
    app.register_error_handler(CSRFError, _of_token)
    app.register_error_handler(RequestEntityTooLarge, _of_size)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(StaleDataError, _of_race)
    app.register_error_handler(IntegrityError, _of_race)
    app.register_error_handler(OperationalError, _of_database)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: CaseworkError) -> int:
    """The HTTP status of a domain error, for a view that draws its own page again."""
    return next(status for kind, status, _ in STATUSES if isinstance(error, kind))


def _of_domain(error: CaseworkError) -> Response:
    title = next(title for kind, _, title in STATUSES if isinstance(error, kind))
    reasons: list[str] = []
    sentence = error.sentence
    if isinstance(error, Refused):
        reasons, sentence = list(error.reasons), "Voici pourquoi :"
    if isinstance(error, InvalidInput):
        reasons = [text for sentences in error.errors.values() for text in sentences]
    response = _of_machine(error) if for_machine() else _page(status_of(error), title, sentence, reasons)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _of_machine(error: CaseworkError) -> Response:
    undo()
    reasons = list(error.reasons) if isinstance(error, Refused) else []
    wrong = {name: list(texts) for name, texts in error.errors.items()} if isinstance(error, InvalidInput) else {}
    return problem(status_of(error), error.sentence, reasons=reasons, errors=wrong)


def _of_nobody(_error: SignedOut) -> Response:
    """The sign-in page, with what was typed: a session that ends loses nobody's text."""
    undo()
    if for_machine():
        return problem(401, "Connectez-vous : personne n’est connecté dans cette demande.")
    typed, suite = typed_again(), form_address()
    flash("Vous n’êtes plus connecté : ce que vous venez d’envoyer n’a pas été enregistré.", "warning")
    if not typed:
        return _redirected(url_for("auth.sign_in", suite=suite))
    people = registration.demonstration_people(g.db) if settings().demo else []
    html = render_template("auth/sign_in.html", form={}, errors={}, suite=suite, typed=typed, demo_people=people)
    return _whole_page(html, 401)


def _redirected(target: str) -> Response:
    if request.headers.get("HX-Request"):
        return Response("", 204, {"HX-Redirect": target})
    return redirect(target, 303)


def _of_token(_error: CSRFError) -> Response:
    typed = typed_again()
    sentence = (
        "Ce formulaire n’est plus valable : vous vous êtes connecté ou déconnecté depuis que vous l’avez ouvert. "
        f"{'Copiez ce que vous aviez saisi, puis rouvrez' if typed else 'Rouvrez'} le formulaire pour le renvoyer."
    )
    return _page(400, "Formulaire périmé", sentence, typed=typed)


def _of_size(_error: RequestEntityTooLarge) -> Response:
    """Somebody known is given back the texts of a plain form, even too long; the rest is dropped unread."""
    body = _rest_of_body()
    _recognise()
    typed = typed_in(body) if g.get("actor") is not None else []
    limit = services().settings.upload_max_mb
    sentence = f"Un fichier ne peut pas dépasser {limit} Mo, ni un texte quelques centaines de pages."
    return _page(413, "C’est trop volumineux", sentence, typed=typed)


def _rest_of_body() -> bytes:
    """What was sent, read to its end since a browser shows no answer before; kept only of a form that can be shown."""
    left = min(request.content_length or 0, DRAINED_BYTES)
    kept = request.mimetype == "application/x-www-form-urlencoded" and left <= RETURNED_BYTES
    found = bytearray()
    stream = request.environ["wsgi.input"]
    while left > 0 and (chunk := stream.read(min(left, 65_536))):
        left -= len(chunk)
        found += chunk if kept else b""
    return bytes(found)


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:
        return error.get_response()  # type: ignore[return-value]
    if status == 405 and request.method in READING and not for_machine() and (form := address_above()):
        return redirect(form, 303)
    title, sentence = HTTP_SENTENCES.get(status, HTTP_SENTENCES[400] if status < 500 else ("Panne", _SORRY))
    response = _page(status, title, sentence)
    if status == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def _of_race(error: Exception) -> Response:
    logger.warning("refused by the database", error=type(error).__name__, endpoint=request.endpoint)
    sentence = "Quelqu’un a enregistré autre chose au même instant. Rechargez la page pour voir où elle en est."
    return _page(409, "Quelqu’un est passé avant vous", sentence)


def _of_database(error: OperationalError) -> Response:
    reference = _log(error)
    sentence = "Le service est momentanément débordé ou en maintenance. Réessayez dans une minute."
    response = _page(503, "Service indisponible", sentence, reference=reference)
    response.headers["Retry-After"] = "60"
    return response


_SORRY = "Le service a rencontré un problème inattendu. L’équipe technique en est informée par son journal."


def _unexpected(error: Exception) -> Response:
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        undo()
        raise error
    return _page(500, "Une panne est survenue", _SORRY, reference=_log(error))


def _log(error: Exception) -> str:
    """Where it broke, never with which values: messages of the database repeat what people typed."""
    reference = secrets.token_hex(4)
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    logger.error(
        "unexpected", reference=reference, error=type(error).__name__, endpoint=request.endpoint, frames=frames[-12:]
    )
    return reference


def _page(
    status: int,
    title: str,
    sentence: str,
    reasons: list[str] | None = None,
    *,
    reference: str | None = None,
    typed: Any = (),
) -> Response:
    undo()
    if for_machine():
        return problem(status, f"{title}. {sentence}".strip(), reasons=reasons, reference=reference)
    _recognise()
    href, label = _way_out(status)
    html = render_template(
        "errors/error.html",
        failed=True,
        code=status,
        title=title,
        sentence=sentence,
        reasons=reasons,
        kept=KEPT if request.method not in READING else None,
        next_href=href,
        next_label=label,
        reference=reference,
        typed=typed,
    )
    return _whole_page(html, status)


def _whole_page(html: str, status: int) -> Response:
    """A page that takes the place of the one shown, even when only a part of it was asked."""
    response = current_app.make_response((html, status))
    if request.headers.get("HX-Request"):
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _recognise() -> None:
    """Refused before the session was open (token, size): the page still knows whose it is."""
    view = current_app.view_functions.get(request.endpoint or "")
    if "db" in g or request.endpoint == "static" or getattr(view, "without_database", False):
        return
    try:
        open_session(reading_only=True)
        identify()
    except SQLAlchemyError:
        g.actor = None


def _way_out(status: int) -> tuple[str, str]:
    if status in (400, 413) and request.method not in READING and (form := form_address()):
        return form, "Rouvrir le formulaire"
    if (address := referrer_address()) and address.partition("?")[0] != request.path:
        return address, "Revenir à la page précédente"
    if g.get("actor") is not None and "inbox.index" in current_app.view_functions:
        return "/a-faire", "Revenir à ce que j’ai à faire"
    return "/", "Revenir à l’accueil"
