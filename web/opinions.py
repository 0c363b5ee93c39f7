"""Opinions: those that are expected from me, and the page where one is formed and given in two clicks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, g, request, url_for
from werkzeug.datastructures import MultiDict

from casework.applications import STATES, VERDICTS, Application
from casework.errors import InvalidInput, Refused, Stale
from casework.money import CATEGORIES, INCOMES, totals
from casework.opinion_lists import WaitingOpinion, given_opinions, waiting_opinions
from casework.permissions import may
from casework.queries import whole_number
from web.access import application_in_scope, needs, on_application
from web.actions import version_in
from web.case_layout import case_page, view_of
from web.errors import status_of
from web.render import back_to, page
from web.session import settings, undo
from workflows.application.form import SECTIONS
from workflows.application.inputs import own_opinions
from workflows.application.reading import youth_sentence
from workflows.engine import Act, Context, fire
from workflows.scheme import Question, Scheme
from workflows.versions import scheme_of, schemes_of

pages = Blueprint("opinions", __name__)

SOON = timedelta(days=7)
EXCERPTS = 3
EXCERPT_LENGTH = 400
_SHOWN = ("long_text", "text")


@pages.get("/avis")
@needs("opinion.give")
def index() -> Any:
    after = _place(request.args)
    waiting, following = waiting_opinions(g.db, g.actor, after=after)
    schemes = schemes_of(g.db, {opinion.scheme_version_id for opinion in waiting})
    return page(
        "opinions/index.html",
        waiting=[_card(opinion, schemes[opinion.scheme_version_id]) for opinion in waiting],
        given=given_opinions(g.db, g.actor) if after is None else [],
        verdicts=VERDICTS,
        states=STATES,
        next=url_for("opinions.index", apres=f"{following[1]}~{following[0]}") if following else None,
        prev=url_for("opinions.index") if after else None,
    )


@pages.get("/dossiers/<int:application_id>/avis")
@on_application("application.read")
def show(application: Application) -> Any:
    return _opinion_page(application, MultiDict())


@pages.post("/dossiers/<int:application_id>/avis")
@on_application("opinion.give")
def give(application: Application) -> Any:
    """Give the opinion through the engine. Whatever is refused comes back here with everything that was typed."""
    key = application.id
    data = {name: request.form.get(name) for name in ("opinion", "verdict", "text") if request.form.get(name)}
    try:
        fire(g.db, application, "give_opinion", Act(g.actor, g.now, settings(), data, version_in(request.form)))
    except (InvalidInput, Refused, Stale) as error:
        undo()
        return _opinion_page(application_in_scope(key), request.form, error)
    return back_to("opinions.index", f"Votre avis sur le dossier {application.reference} est rendu.")


def _opinion_page(application: Application, typed: Any, error: Any = None) -> tuple[str, int]:
    view = view_of(application)
    mine = _mine(application)
    scheme = scheme_of(application)
    return case_page(
        view,
        "opinions",
        "opinions/show.html",
        status=status_of(error) if error else 200,
        scheme=scheme,
        mine=mine,
        others=[opinion for opinion in application.opinions if opinion not in mine],
        discloses=may(g.actor, "opinion.read", application),
        verdicts=VERDICTS,
        typed=typed,
        errors=error.errors if isinstance(error, InvalidInput) else {},
        refusal=None if error is None or isinstance(error, InvalidInput) else error.sentence,
        sections=_answers(scheme, application.answers),
        budget=_budget(view.loaded.budget),
        youth=youth_sentence(application),
        due_on=min((opinion.due_on for opinion in mine), default=None),
        today=g.today,
        soon=g.today + SOON,
    )


def _mine(application: Application) -> list[Any]:
    """The opinions this person may give here, now."""
    if application.state != "slai_opinion" or not may(g.actor, "opinion.give", application):
        return []
    return own_opinions(Context(g.db, application, Act(g.actor, g.now, settings())))


def _card(opinion: WaitingOpinion, scheme: Scheme) -> dict[str, Any]:
    excerpts = [
        (question.label, _shortened(answer))
        for question in scheme.form.questions
        if question.kind in _SHOWN and isinstance(answer := opinion.answers.get(question.key), str) and answer
    ]
    return {
        "opinion": opinion,
        "scheme": scheme.title,
        "excerpts": excerpts[:EXCERPTS],
        "late": opinion.due_on < g.today,
        "soon": g.today <= opinion.due_on <= g.today + SOON,
    }


def _shortened(text: str) -> str:
    return text if len(text) <= EXCERPT_LENGTH else text[:EXCERPT_LENGTH].rsplit(" ", 1)[0] + "…"


def _answers(scheme: Scheme, answers: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the applicant answered, by section of the form; what has no answer is left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    for question in scheme.form.questions:
        if (text := _written(question, answers.get(question.key))) is not None:
            found.setdefault(question.section, []).append((question.label, text))
    return [(SECTIONS[section], pairs) for section, pairs in found.items()]


def _written(question: Question, answer: Any) -> str | None:
    if answer is None or answer in ("", []):
        return None
    if question.kind == "yes_no":
        return "Oui" if answer is True else "Non"
    return ", ".join(answer) if isinstance(answer, list) else str(answer)


def _budget(lines: Any) -> dict[str, Any]:
    expenses, incomes = totals(lines, "expense"), totals(lines, "income")
    return {
        "expenses": [(CATEGORIES[name], cents) for name, cents in expenses.items() if cents],
        "incomes": [(INCOMES[name], cents) for name, cents in incomes.items() if cents],
        "total": sum(expenses.values()),
    }


def _place(args: Any) -> tuple[date, int] | None:
    """The key of a page in the address; what is not one starts from the beginning."""
    number, _, day = args.get("apres", "").partition("~")
    try:
        return date.fromisoformat(day), whole_number(number)
    except ValueError:
        return None
