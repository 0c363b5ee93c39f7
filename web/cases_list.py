"""The list of cases: searched, filtered and sorted in the address itself, so that a view can be kept and shared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, g, request, url_for
from werkzeug.datastructures import MultiDict

from casework.amounts import AmountError, euros, parse_euros
from casework.applications import STATES
from casework.people import Organisation
from casework.permissions import holds
from casework.queries import (
    COUNT_LIMIT,
    SORTS,
    CaseFilter,
    Choices,
    Page,
    PageKey,
    count_cases,
    filter_choices,
    list_cases,
    read_key,
    whole_number,
)
from web.access import needs
from web.cases_batch import TRIGGERS
from web.render import page
from workflows.application import APPLICATION, MAIN_PATH
from workflows.application.obligations import flagged

pages = Blueprint("cases_list", __name__)

LONGEST_TEXT = 200
SOON = timedelta(days=7)
SORT_NAMES = {
    "recent": "modification",
    "due": "echeance",
    "requested": "montant",
    "reference": "reference",
    "since": "etape",
}
FILTER_NAMES = (
    "q",
    "etat",
    "dispositif",
    "campagne",
    "territoire",
    "charge",
    "retard",
    "organisme",
    "min",
    "max",
    "vue",
)
_SORTS = {name: code for code, name in SORT_NAMES.items()}
_ORDERS = {"croissant": False, "decroissant": True}
ONGOING = MAIN_PATH[MAIN_PATH.index("submitted") : MAIN_PATH.index("closed")]
"""What an officer works on: its list shows only that until a step, a search, or everything (« vue=tout ») is asked."""
_OFFICERS = {"moi": "mine", "personne": "none"}


@dataclass(frozen=True)
class Asked:
    """What the address asks. `refused`: the parts of it not understood, in French. `ongoing`: ONGOING by default."""

    wanted: CaseFilter
    after: PageKey | None
    before: PageKey | None
    refused: tuple[str, ...]
    ongoing: bool = False


@pages.get("/dossiers")
@needs("list.read")
def index() -> Any:
    choices = filter_choices(g.db, g.actor)
    asked = read_address(request.args, choices)
    found = list_cases(g.db, g.actor, asked.wanted, after=asked.after, before=asked.before)
    if not found.rows and (asked.after or asked.before):
        asked = replace(asked, after=None, before=None)
        found = list_cases(g.db, g.actor, asked.wanted)
    if asked.refused:
        flash(f"L’adresse contenait des critères inconnus, laissés de côté : {', '.join(asked.refused)}.", "warning")
    return page(
        "cases_list/index.html",
        title="Mes dossiers" if _only_applicant() else "Dossiers",
        rows=found.rows,
        flags=flagged(g.db, [row.id for row in found.rows], g.today),
        states=STATES,
        head=_head(asked.wanted),
        wanted=asked.wanted,
        typed=request.args,
        choices=choices,
        options=_options(choices),
        schemes=dict(choices.schemes),
        today=g.today,
        soon=g.today + SOON,
        chosen=_chosen(asked, choices),
        total=_total(asked, found),
        links=_links(found),
        batch=_batch(),
        may_create=holds(g.actor, "application.create"),
        may_record=holds(g.actor, "application.record"),
        inside=not _only_applicant(),
        ticked=() if asked.ongoing else asked.wanted.states,
        clear=url_for("cases_list.index", vue="tout" if _works_on_cases() else None),
        reset=url_for("cases_list.index"),
    )


def read_address(args: MultiDict[str, str], choices: Choices) -> Asked:
    """The filter of this address; whatever is not understood is left out and named."""
    refused: list[str] = []

    def known(name: str, label: str, codes: Any) -> str | None:
        value = args.get(name, "")
        if value and value not in codes:
            refused.append(label)
        return value if value in codes else None

    def amount(name: str, label: str) -> int | None:
        try:
            return parse_euros(args[name]) if args.get(name, "").strip() else None
        except AmountError:
            refused.append(label)
            return None

    states = tuple(dict.fromkeys(state for state in args.getlist("etat") if state in STATES))
    everything = known("vue", "la vue", ("tout",)) or not _works_on_cases()
    ongoing = not (states or everything or args.get("q", "").strip())
    if any(state and state not in STATES for state in args.getlist("etat")):
        refused.append("l’étape")
    territory = known("territoire", "le territoire", dict(choices.territories))
    sort = _SORTS[known("tri", "le tri", _SORTS) or "modification"]
    order = known("sens", "le sens du tri", _ORDERS)
    wanted = CaseFilter(
        text=args.get("q", "").strip()[:LONGEST_TEXT],
        states=ONGOING if ongoing else states,
        campaign=known("campagne", "la campagne", choices.campaigns),
        scheme=known("dispositif", "le dispositif", dict(choices.schemes)),
        territory_id=int(territory) if territory else None,
        officer=_officer(known("charge", "le chargé de mission", {*_OFFICERS, *dict(choices.officers)})),
        overdue_on=g.today if known("retard", "le retard", ("1",)) else None,
        organisation_id=_number(args.get("organisme", ""), refused),
        min_requested=amount("min", "le montant minimal"),
        max_requested=amount("max", "le montant maximal"),
        sort=sort,
        descending=_ORDERS[order] if order else None,
    )
    after, before = _key(args, "apres", sort, refused), _key(args, "avant", sort, refused)
    return Asked(wanted, after, before, tuple(refused), ongoing)


def _officer(code: str | None) -> int | str | None:
    if code is None:
        return None
    return _OFFICERS.get(code) or int(code)


def _number(text: str, refused: list[str]) -> int | None:
    try:
        return whole_number(text) if text else None
    except ValueError:
        refused.append("l’organisme")
        return None


def _key(args: MultiDict[str, str], name: str, sort: str, refused: list[str]) -> PageKey | None:
    try:
        return read_key(sort, args[name]) if args.get(name) else None
    except ValueError:
        refused.append("la page")
        return None


def _only_applicant() -> bool:
    return bool(g.actor.roles == {"applicant"})


def _works_on_cases() -> bool:
    return "officer" in g.actor.roles


def _batch() -> list[dict[str, str]]:
    moves = (APPLICATION.moves[trigger] for trigger, permission in TRIGGERS.items() if holds(g.actor, permission))
    return [{"trigger": move.trigger, "label": move.label} for move in moves]


def _options(choices: Choices) -> dict[str, Any]:
    return {
        "schemes": [(code, f"{code} – {title}") for code, title in choices.schemes],
        "campaigns": [(campaign, campaign) for campaign in choices.campaigns],
        "officers": [("moi", "Moi"), ("personne", "Personne"), *choices.officers],
    }


def _address(**changes: str | None) -> str:
    """This very list, with other values; a change starts again from the first page. What is empty is left out."""
    kept = _kept(*changes)
    return url_for("cases_list.index", **kept, **{name: value for name, value in changes.items() if value})


def _links(found: Page) -> dict[str, str | None]:
    return {
        "next": _address(apres=str(found.next)) if found.next else None,
        "prev": _address(avant=str(found.prev)) if found.prev else None,
    }


def _total(asked: Asked, found: Page) -> str:
    """How many cases there are, counted no further than is useful to know."""
    whole = found.next is None and asked.after is None and asked.before is None
    number = len(found.rows) if whole else count_cases(g.db, g.actor, asked.wanted, matched=found.matched)
    if number > COUNT_LIMIT:
        return "plus de 1\u202f000 dossiers"
    return "aucun dossier" if not number else "1 dossier" if number == 1 else f"{number} dossiers"


def _head(wanted: CaseFilter) -> list[dict[str, Any]]:
    """The titles of the columns; those that sort carry their link, and the one in use its direction."""
    columns: list[tuple[str, str | None]] = [
        ("Référence", "reference"),
        ("Projet", None),
        ("Étape", "since"),
        ("Chargé de mission", None),
        ("Demandé", "requested"),
        ("Échéance", "due"),
        ("Modifié", "recent"),
    ]
    return [
        {
            "label": label,
            "num": code == "requested",
            "href": _sort_link(code, wanted) if code else None,
            "sort": ("descending" if wanted.is_descending else "ascending") if code == wanted.sort else None,
        }
        for label, code in columns
        if label != "Chargé de mission" or not _only_applicant()
    ]


def _sort_link(code: str, wanted: CaseFilter) -> str:
    falling = not wanted.is_descending if code == wanted.sort else SORTS[code].descending
    return _address(tri=SORT_NAMES[code], sens="decroissant" if falling else "croissant")


def _chosen(asked: Asked, choices: Choices) -> list[dict[str, str]]:
    """The filters in use, each with the address of the same list without it."""
    wanted = asked.wanted
    officers = {"mine": "à moi", "none": "personne", **{int(key): name for key, name in choices.officers}}
    territories = {int(key): name for key, name in choices.territories}
    found = [
        ("q", "Recherche", wanted.text),
        ("campagne", "Campagne", wanted.campaign),
        ("dispositif", "Dispositif", wanted.scheme),
        ("territoire", "Territoire", territories.get(wanted.territory_id) if wanted.territory_id else None),
        ("charge", "Chargé de mission", officers.get(wanted.officer) if wanted.officer else None),
        ("retard", "En retard", "oui" if wanted.overdue_on else None),
        ("organisme", "Organisme", _organisation(wanted.organisation_id)),
        ("min", "Au moins", euros(wanted.min_requested) if wanted.min_requested is not None else None),
        ("max", "Au plus", euros(wanted.max_requested) if wanted.max_requested is not None else None),
    ]
    each = [
        {"label": label, "value": str(value), "href": _address(**{name: None})} for name, label, value in found if value
    ]
    if asked.ongoing:
        shown = {"label": "Affichés", "value": "en cours d’instruction ou d’exécution", "href": _address(vue="tout")}
        return [*each, shown]
    return each + [{"label": "Étape", "value": STATES[state], "href": _without_state(state)} for state in wanted.states]


def _without_state(state: str) -> str:
    others = [other for other in request.args.getlist("etat") if other != state]
    return url_for("cases_list.index", **_kept("etat"), etat=others)


def _kept(*changed: str) -> dict[str, Any]:
    names = (*FILTER_NAMES, "tri", "sens")
    found = {name: [value for value in request.args.getlist(name) if value] for name in names if name not in changed}
    return {name: values for name, values in found.items() if values}


def _organisation(key: int | None) -> str | None:
    if key is None:
        return None
    found = g.db.get(Organisation, key)
    return found.name if found is not None and not _only_applicant() else "choisi"
