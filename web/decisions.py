"""Decisions: what awaits one, window by window, decided one by one or all at once; what each sitting settled; papers.

Several decisions at once share their reference and their day. Each goes through the gate in its own transaction: one
that is refused stays on the page with its reason and what was typed, the others are done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, request, url_for

from casework.applications import Application
from casework.decision_lists import (
    LONGEST,
    LONGEST_FILE,
    DecisionRow,
    Sitting,
    Window,
    awaiting,
    by_scheme,
    decided,
    opinions_of,
    sittings,
    windows,
)
from casework.envelopes import Figures, figures
from casework.errors import InvalidInput, NotFound, Refused
from casework.french import counted
from casework.permissions import holds, visible
from casework.queries import filter_choices, whole_number
from casework.spreadsheets import MEDIA_TYPE
from web.access import needs, on_application
from web.batch import Outcome, fire_one
from web.case_convention import download
from web.fields import drawn
from web.render import page
from web.session import own_transaction, settings
from workflows.application import sitting
from workflows.application.inputs import DECISION
from workflows.application.notification import letters_pdf
from workflows.inputs import read

pages = Blueprint("decisions", __name__)

CHOICES = {"grant": "Accorder", "reject": "Refuser"}
PDF = "application/pdf"
LETTERS_AT_ONCE = 200


@dataclass(frozen=True)
class Asked:
    """The part of the list that the address asks: a campaign, and one deposit window of it or all."""

    campaign: str
    window: Window | None

    @property
    def named(self) -> str:
        one = self.window
        return sitting.window_name(one and one.scheme_code, one and one.closes_on, self.campaign)

    def rows(self, most: int) -> list[DecisionRow]:
        one = self.window
        scheme, closes_on = (one.scheme_code, one.closes_on) if one else (None, None)
        return awaiting(g.db, g.actor, self.campaign, scheme=scheme, closes_on=closes_on, most=most)

    def address(self, endpoint: str, **more: Any) -> str:
        return url_for(endpoint, campagne=self.campaign or None, session=_code(self.window), **more)


@pages.get("/decisions")
@needs("application.decide", "application.instruct")
def index() -> Any:
    return _page({}, {}, 200)


@pages.post("/decisions")
@needs("application.decide")
@own_transaction
def decide() -> Any:
    """Each case for which something was chosen; the page then shows what was done, and what was not with its why."""
    chosen = {key: request.form[f"decision-{key}"] for key in _keys() if request.form.get(f"decision-{key}")}
    try:
        read(DECISION, request.form)
        wrong = {f"decision-{key}": ["Choisissez."] for key, trigger in chosen.items() if trigger not in CHOICES}
        if wrong or not chosen:
            raise InvalidInput(
                wrong or {"decision": ["Choisissez d’abord ce qui est décidé pour au moins un dossier."]}
            )
    except InvalidInput as error:
        return _page(request.form, error.errors, 422)
    outcomes = [fire_one(trigger, key, _version(key), _answers(key, trigger)) for key, trigger in chosen.items()]
    g.db.rollback()
    errors = {name: said for one in outcomes if not one.done for name, said in _by_field(one).items()}
    return _page(request.form, errors, 200 if any(one.done for one in outcomes) else 422, outcomes=outcomes)


def _keys() -> list[int]:
    """The cases of the form that was sent."""
    names = [name.removeprefix("version-") for name in request.form if name.startswith("version-")]
    return [int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 19][:LONGEST]


def _version(key: int) -> int:
    text = request.form.get(f"version-{key}", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _answers(key: int, trigger: str) -> dict[str, str]:
    """What the move asks; one reason serves a refusal, a grant above what was proposed, and one beyond the envelope."""
    reason = request.form.get(f"reason-{key}", "")
    common = {item.name: request.form.get(item.name, "") for item in DECISION} | {"reason": reason}
    if trigger == "reject":
        return common
    return common | {"granted": request.form.get(f"granted-{key}", ""), "envelope_reason": reason}


def _by_field(outcome: Outcome) -> dict[str, Sequence[str]]:
    """The sentences of one case that was not decided, at the control where they are to be answered."""
    key, places = outcome.case_id, {"granted": "granted", "reason": "reason", "envelope_reason": "reason"}
    if not outcome.errors:
        return {f"decision-{key}": outcome.reasons}
    found: dict[str, Sequence[str]] = {}
    for name, said in outcome.errors.items():
        place = f"{places.get(name, 'decision')}-{key}"
        found[place] = [*found.get(place, ()), *said]
    return found


def _page(
    typed: Mapping[str, Any], errors: Mapping[str, Sequence[str]], status: int, *, outcomes: Sequence[Outcome] = ()
) -> tuple[str, int]:
    known = windows(g.db, g.actor)
    asked = _asked(known)
    rows = asked.rows(LONGEST)
    done = [one for one in outcomes if one.done]
    titles = dict(filter_choices(g.db, g.actor).schemes)
    opinions = opinions_of(g.db, [row.id for row in rows])
    acts = holds(g.actor, "application.decide")
    as_proposed = request.args.get("proposition") == "1"
    return page(
        "decisions/index.html",
        status,
        failed=bool(errors),
        campaigns=[
            {
                "label": f"Campagne {one}",
                "href": url_for("decisions.index", campagne=one),
                "current": one == asked.campaign,
            }
            for one in dict.fromkeys(window.campaign for window in known)
        ],
        asked=asked,
        windows=[(_code(one), _label(one)) for one in known if one.campaign == asked.campaign],
        chosen_window=_code(asked.window),
        groups=_groups(rows, titles, figures(g.db, asked.campaign) if rows else {}),
        cells={row.id: _cell(row, typed, as_proposed=as_proposed) for row in rows},
        summaries={row.id: sitting.opinion_summary(opinions.get(row.id, ())) for row in rows},
        choices=tuple(CHOICES.items()),
        fields=[drawn(item, typed or None) for item in DECISION] if acts and rows else [],
        labels={**_labels(rows), **{f"decision-{one.case_id}": one.reference for one in outcomes}},
        errors=errors,
        acts=acts,
        total=counted(len(rows), "dossier attend une décision", "dossiers attendent une décision"),
        full=len(rows) == LONGEST,
        proposed_href=asked.address("decisions.index", proposition=1),
        sheet_href=asked.address("decisions.awaiting_sheet"),
        paper_href=asked.address("decisions.awaiting_paper"),
        sittings=[(one, _sitting_links(one)) for one in sittings(g.db, g.actor)],
        done=done,
        done_label=counted(len(done), "décision enregistrée", "décisions enregistrées"),
    )


def _asked(known: Sequence[Window]) -> Asked:
    """What is not understood in the address is left aside: the newest campaign, every window."""
    campaigns = [one.campaign for one in known]
    wanted, code = request.args.get("campagne", ""), request.args.get("session", "")
    campaign = wanted if wanted in campaigns else next(iter(campaigns), "")
    own = (one for one in known if one.campaign == campaign)
    return Asked(campaign, next((one for one in own if _code(one) == code), None))


def _code(window: Window | None) -> str | None:
    """A window in an address: « 3.10_2024-01-31 »."""
    return f"{window.scheme_code}_{window.closes_on.isoformat()}" if window else None


def _label(window: Window) -> str:
    cases = counted(window.cases, "dossier")
    return f"{window.scheme_code}, session close le {window.closes_on:%d/%m/%Y} ({cases})"


def _groups(
    rows: Sequence[DecisionRow], titles: Mapping[str, str], known: Mapping[str, Figures]
) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "title": titles.get(code, ""),
            "rows": found,
            "proposed": sum(row.proposed_cents or 0 for row in found),
            "remaining": known[code].remaining if code in known else None,
        }
        for code, found in by_scheme(rows).items()
    ]


def _cell(row: DecisionRow, typed: Mapping[str, Any], *, as_proposed: bool) -> dict[str, Any]:
    """What the controls of one line hold: what was typed, else the proposal when the person asked for it."""
    if f"version-{row.id}" in typed:
        return {name: typed.get(f"{name}-{row.id}", "") for name in ("decision", "granted", "reason")}
    proposed = "grant" if row.proposed_cents else "reject"
    return {"decision": proposed if as_proposed else "", "granted": row.proposed_cents or None, "reason": ""}


def _labels(rows: Sequence[DecisionRow]) -> dict[str, str]:
    found = {item.name: item.label for item in DECISION} | {"decision": "Décision"}
    for row in rows:
        found |= {
            f"decision-{row.id}": f"{row.reference}, décision",
            f"granted-{row.id}": f"{row.reference}, montant accordé",
            f"reason-{row.id}": f"{row.reference}, motif",
        }
    return found


@pages.get("/decisions/a-decider.xlsx")
@needs("application.decide", "application.instruct")
def awaiting_sheet() -> Response:
    _, rows = _listed()
    return download(sitting.as_xlsx(rows, _opinions(rows)), "dossiers-a-decider.xlsx", MEDIA_TYPE)


@pages.get("/decisions/a-decider.pdf")
@needs("application.decide", "application.instruct")
def awaiting_paper() -> Response:
    named, rows = _listed()
    return _paper(rows, "Dossiers proposés à la décision", named, "dossiers-a-decider.pdf")


def _listed() -> tuple[str, list[DecisionRow]]:
    """How the part asked is called, and its cases. Raises Refused when there is none."""
    asked = _asked(windows(g.db, g.actor))
    rows = asked.rows(LONGEST_FILE)
    if not rows:
        raise Refused(["Aucun dossier n’attend de décision : il n’y a rien à imprimer."])
    return asked.named, rows


@pages.get("/decisions/releve.xlsx")
@needs("application.decide", "application.instruct")
def decided_sheet() -> Response:
    _, rows = _sitting()
    return download(sitting.as_xlsx(rows, _opinions(rows)), "releve-de-decisions.xlsx", MEDIA_TYPE)


@pages.get("/decisions/releve.pdf")
@needs("application.decide", "application.instruct")
def decided_paper() -> Response:
    named, rows = _sitting()
    return _paper(rows, "Relevé de décisions", named, "releve-de-decisions.pdf")


@pages.get("/decisions/lettres.pdf")
@needs("application.decide", "application.instruct")
def letters() -> Response:
    """The notification letters of one decision, to print and post; LETTERS_AT_ONCE at a time."""
    _, rows = _sitting()
    first = _rank(request.args.get("depuis", ""))
    keys = [row.id for row in rows if row.decided_on][first : first + LETTERS_AT_ONCE]
    query = visible(sa.select(Application).where(Application.id.in_(keys)), g.actor).order_by(Application.id)
    return download(letters_pdf(g.db, g.db.scalars(query).all(), settings()), "lettres-de-notification.pdf", PDF)


@pages.get("/dossiers/<int:application_id>/decision.pdf")
@on_application("application.edit", "payment.read")
def letter(application: Application) -> Response:
    """The letter that notifies the decision of this case. Raises Refused (409) before it is taken."""
    content = letters_pdf(g.db, [application], settings())
    return download(content, f"notification-{application.reference}.pdf", PDF)


def _sitting() -> tuple[str, list[DecisionRow]]:
    """How the decision of this address is called, and the cases it settled. Raises NotFound when it settled none."""
    reference = request.args.get("reference", "")
    try:
        decided_on = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        raise NotFound("Cette décision n’existe pas.") from None
    rows = decided(g.db, g.actor, reference, decided_on, most=LONGEST_FILE)
    if not rows:
        raise NotFound("Cette décision n’existe pas, ou aucun de ses dossiers ne vous est ouvert.")
    return f"{reference}, {decided_on:%d/%m/%Y}", rows


def _sitting_links(one: Sitting) -> list[tuple[str, str]]:
    where = {"reference": one.reference, "date": one.decided_on.isoformat()}
    papers = [
        ("Relevé (PDF)", url_for("decisions.decided_paper", **where)),
        ("Relevé (XLSX)", url_for("decisions.decided_sheet", **where)),
    ]
    if one.cases <= LETTERS_AT_ONCE:
        return [*papers, ("Lettres (PDF)", url_for("decisions.letters", **where))]
    return papers + [
        (
            f"Lettres {first + 1} à {min(first + LETTERS_AT_ONCE, one.cases)} (PDF)",
            url_for("decisions.letters", **where, depuis=first),
        )
        for first in range(0, one.cases, LETTERS_AT_ONCE)
    ]


def _rank(text: str) -> int:
    try:
        return whole_number(text) if text else 0
    except ValueError:
        raise NotFound("Cette page n’existe pas.") from None


def _paper(rows: Sequence[DecisionRow], title: str, named: str, name: str) -> Response:
    content = sitting.as_pdf(
        rows,
        _opinions(rows),
        title=title,
        named=named,
        schemes=dict(filter_choices(g.db, g.actor).schemes),
        funder=settings().funder,
        at=g.now,
    )
    return download(content, name, PDF)


def _opinions(rows: Sequence[DecisionRow]) -> Any:
    return opinions_of(g.db, [row.id for row in rows])
