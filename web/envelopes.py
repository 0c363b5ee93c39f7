"""Envelopes of a campaign: voted, engaged, paid, remaining by scheme; each figure opens the list behind it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for

from casework.envelopes import Figures, figures, vote, votes_of
from casework.errors import InvalidInput
from casework.permissions import holds
from casework.schemes import SchemeVersion
from web.access import needs
from web.fields import drawn
from web.render import back_to, page
from workflows.inputs import REFERENCE_MAX, Input, read
from workflows.scheme import Scheme
from workflows.versions import current_versions, read_version

pages = Blueprint("envelopes", __name__)

ENGAGED = ("convention", "advance", "execution", "bilan", "balance", "closed", "terminated")
SIGNS = (("more", "Ajouter à l’enveloppe"), ("less", "Retirer de l’enveloppe"))


@pages.get("/enveloppes")
@needs("envelope.read")
def index() -> Any:
    return _page({})


@pages.post("/enveloppes")
@needs("envelope.vote")
def record() -> Any:
    """Record a vote. What is refused comes back as it was typed."""
    campaign = request.form.get("campaign", "")
    schemes = _schemes(campaign)
    try:
        answers = read(_asked(schemes), request.form)
        _record(campaign, answers)
    except InvalidInput as error:
        g.db.rollback()
        return _page(request.form, error.errors, 422)
    return back_to("envelopes.index", "Le vote est enregistré.", campagne=campaign)


def _record(campaign: str, answers: dict[str, Any]) -> None:
    wrong = {}
    if answers["voted_on"] > g.today:
        wrong["voted_on"] = ["Cette date est dans le futur."]
    if answers["amount"] == 0:
        wrong["amount"] = ["Ce montant doit être supérieur à zéro."]
    if wrong:
        raise InvalidInput(wrong)
    cents = answers["amount"] if answers["sign"] == "more" else -answers["amount"]
    vote(
        g.db,
        campaign,
        answers["scheme"],
        amount_cents=cents,
        voted_on=answers["voted_on"],
        reference=answers["reference"],
        actor=g.actor,
        at=g.now,
    )


def _asked(schemes: list[Scheme]) -> tuple[Input, ...]:
    choices = tuple((scheme.code, f"{scheme.code} – {scheme.title}") for scheme in schemes)
    return (
        Input("scheme", "Dispositif", "choice", choices=choices),
        Input("sign", "Ce que dit le vote", "choice", choices=SIGNS, value="more"),
        Input("amount", "Montant", "money"),
        Input("voted_on", "Date du vote", "date"),
        Input(
            "reference",
            "Référence de la délibération",
            help=f"{REFERENCE_MAX} caractères au plus.",
            limit=REFERENCE_MAX,
        ),
    )


def _campaigns() -> list[str]:
    found = g.db.scalars(sa.select(SchemeVersion.campaign).distinct())
    return sorted(found, reverse=True)


def _schemes(campaign: str) -> list[Scheme]:
    versions = [version for version in current_versions(g.db) if version.campaign == campaign]
    schemes = [read_version(version) for version in versions]
    return sorted(schemes, key=lambda scheme: [int(part) for part in scheme.code.split(".")])


def _page(typed: Any, errors: Any = None, status: int = 200) -> tuple[str, int]:
    campaigns = _campaigns()
    wanted = typed.get("campaign") or request.args.get("campagne", "")
    campaign = wanted if wanted in campaigns else next(iter(campaigns), "")
    schemes = _schemes(campaign)
    asked = _asked(schemes)
    known, votes = figures(g.db, campaign), votes_of(g.db, campaign)
    rows = [_row(campaign, scheme, known.get(scheme.code, Figures())) for scheme in schemes]
    return page(
        "envelopes/index.html",
        status,
        campaign=campaign,
        campaigns=[
            {"label": f"Campagne {one}", "href": url_for("envelopes.index", campagne=one), "current": one == campaign}
            for one in campaigns
        ],
        rows=rows,
        total=_total(known),
        votes=[(scheme, votes[scheme.code]) for scheme in schemes if scheme.code in votes],
        fields=[drawn(item, typed if typed else None) for item in asked] if holds(g.actor, "envelope.vote") else [],
        labels={item.name: item.label for item in asked},
        errors=errors or {},
        opendata_href=url_for("opendata.index") if holds(g.actor, "opendata.export") else None,
    )


def _row(campaign: str, scheme: Scheme, found: Figures) -> dict[str, Any]:
    cases = url_for("cases_list.index", campagne=campaign, dispositif=scheme.code, etat=list(ENGAGED))
    return {
        "scheme": scheme,
        "figures": found,
        "voted_href": f"#votes-{scheme.code}" if found.voted is not None else None,
        "engaged_href": cases if found.cases else None,
        "paid_href": url_for("money.index", etat="payes", campagne=campaign, dispositif=scheme.code)
        if found.paid
        else None,
        "over": found.remaining is not None and found.remaining < 0,
    }


def _total(known: Any) -> Figures:
    """Of the whole campaign; what has no envelope counts as nothing voted."""
    every = list(known.values())
    return Figures(
        sum(one.voted or 0 for one in every),
        sum(one.engaged for one in every),
        sum(one.paid for one in every),
        sum(one.cases for one in every),
    )
