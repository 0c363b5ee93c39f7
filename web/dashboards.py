"""The dashboard of an operation: as it is now, as it was sent, and the sending of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, g, request, url_for

from casework import spreadsheets
from casework.applications import Application
from casework.dashboards import DashboardSnapshot, snapshots_of
from casework.deadlines import Deadline, deadlines_of
from casework.errors import InvalidInput, NotFound, Refused, Stale
from casework.permissions import may
from web.access import application_in_scope, on_application
from web.actions import typed_in, version_in
from web.case_convention import download
from web.case_layout import FUNDED_ON, case_page, view_of
from web.case_offers import not_done
from web.dashboard_tables import compared, drawn_tables
from web.errors import status_of
from web.fields import drawn
from web.identities import undo_to_read
from web.render import back_to
from web.session import settings
from workflows import engine
from workflows.application import APPLICATION
from workflows.application.dashboard import Facts, facts_of, reads_all, reads_counts_only, tables_of
from workflows.application.dashboard_documents import Printed, document, printed_snapshot, workbook
from workflows.application.dashboard_sending import asks_for_dashboards
from workflows.engine import Act, offered
from workflows.rules.dashboard import Table, discreet, table_of
from workflows.versions import scheme_of

pages = Blueprint("dashboards", __name__)
SEND, ASK = "transmit_dashboard", "ask_dashboard"
EVERYWHERE = "Toute l’opération"


@pages.get("/dossiers/<int:application_id>/tableau-de-bord")
@on_application("dashboard.read")
def show(application: Application) -> Any:
    view = view_of(application, outline=True)
    _followed(application)
    facts = _facts(application, view.loaded.deadlines)
    return case_page(
        view,
        "dashboard",
        "dashboards/show.html",
        **drawn_tables(_shown(application, _tables(application, facts))),
        place=_place(application, facts),
        places=_places(application, facts.territories, "dashboards.show"),
        counts_only=reads_counts_only(g.actor, application),
        snapshots=snapshots_of(g.db, application.id),
        asks=asks_for_dashboards(scheme_of(application)),
        send_href=_if_may(application, SEND, url_for("dashboards.preview", application_id=application.id)),
        ask_href=_if_may(application, ASK, _form_of(application, ASK)),
        sheet_href=url_for("dashboards.sheet", application_id=application.id, territoire=_asked() or None),
        pdf_href=url_for("dashboards.printed", application_id=application.id, territoire=_asked() or None),
    )


@pages.get("/dossiers/<int:application_id>/tableau-de-bord.xlsx")
@on_application("dashboard.read")
def sheet(application: Application) -> Response:
    made = _now(application)
    return download(workbook(made), f"{made.stem}.xlsx", spreadsheets.MEDIA_TYPE)


@pages.get("/dossiers/<int:application_id>/tableau-de-bord.pdf")
@on_application("dashboard.read")
def printed(application: Application) -> Response:
    made = _now(application)
    return download(document(made, at=g.now, funder=settings().funder), f"{made.stem}.pdf", "application/pdf")


@pages.get("/dossiers/<int:application_id>/tableau-de-bord/transmettre")
@on_application("dashboard.transmit")
def preview(application: Application) -> Any:
    return _preview(application)


@pages.post("/dossiers/<int:application_id>/tableau-de-bord/transmettre")
@on_application("dashboard.transmit")
def send(application: Application) -> Any:
    """Freeze and send what was just read. What is refused comes back with the comment kept."""
    key, typed = application.id, typed_in(request.form)
    act = Act(g.actor, g.now, settings(), data=typed, version=version_in(request.form))
    try:
        engine.fire(g.db, application, SEND, act)
    except (Refused, Stale, InvalidInput) as error:
        undo_to_read()
        again = application_in_scope(key)
        return _preview(
            again,
            status_of(error),
            typed=typed,
            reopened=not_done("application", key, APPLICATION.moves[SEND], typed, error),
        )
    number = snapshots_of(g.db, key)[0].number
    sentence = "Tableau de bord transmis : ses chiffres sont figés, et ses lecteurs prévenus par courriel."
    return back_to("dashboards.frozen", sentence, application_id=key, number=number)


@pages.get("/dossiers/<int:application_id>/tableau-de-bord/<int:number>")
@on_application("dashboard.read")
def frozen(application: Application, number: int) -> Any:
    """What was sent, beside what is true today."""
    view = view_of(application, outline=True)
    _followed(application)
    found = snapshots_of(g.db, application.id)
    snapshot = _numbered(found, number)
    facts = _facts(application, view.loaded.deadlines)
    part, places = _part(application, snapshot)
    then = _shown(application, _kept(snapshot, part))
    now = _shown(application, _tables_of_part(application, facts, part))
    return case_page(
        view,
        "dashboard",
        "dashboards/snapshot.html",
        snapshot=snapshot,
        tables=compared(then, now),
        place=part or EVERYWHERE,
        places=_places(application, places, "dashboards.frozen", number=number, current=part),
        counts_only=reads_counts_only(g.actor, application),
        others=[one for one in found if one.id != snapshot.id],
        sheet_href=_frozen_address("dashboards.frozen_sheet", application, number, part),
        pdf_href=_frozen_address("dashboards.frozen_pdf", application, number, part),
    )


@pages.get("/dossiers/<int:application_id>/tableau-de-bord/<int:number>.xlsx")
@on_application("dashboard.read")
def frozen_sheet(application: Application, number: int) -> Response:
    _, made = _frozen(application, number)
    return download(workbook(made), f"{made.stem}.xlsx", spreadsheets.MEDIA_TYPE)


@pages.get("/dossiers/<int:application_id>/tableau-de-bord/<int:number>.pdf")
@on_application("dashboard.read")
def frozen_pdf(application: Application, number: int) -> Response:
    snapshot, made = _frozen(application, number)
    content = document(made, at=snapshot.taken_at, funder=settings().funder)
    return download(content, f"{made.stem}.pdf", "application/pdf")


def _followed(application: Application) -> None:
    """Raises NotFound before the convention is signed. Called once the case is read, which spares a query."""
    if application.state not in FUNDED_ON or application.convention is None:
        raise NotFound("Le tableau de bord existe une fois la convention signée.")


def _asked() -> str:
    return request.args.get("territoire", "")


def _facts(application: Application, known: Sequence[Deadline]) -> Facts:
    return facts_of(g.db, application, g.today, known, g.actor)


def _tables(application: Application, facts: Facts) -> list[Table]:
    """The figures of now, of the territory that the address names where somebody is followed there."""
    part = _asked() if _asked() in facts.territories else ""
    if _asked() and not part:
        flash("Personne n’est suivi sur le territoire que nommait l’adresse : tout est montré.", "info")
    return _tables_of_part(application, facts, part)


def _tables_of_part(application: Application, facts: Facts, part: str) -> list[Table]:
    partial = bool(part) or not reads_all(g.actor, application)
    return tables_of(g.db, application, facts.within(part) if part else facts, g.today, partial=partial)


def _shown(application: Application, tables: Sequence[Table]) -> list[Table]:
    """The figures on screen; the documents that leave the service hide the small ones from everybody."""
    return [discreet(one) for one in tables] if reads_counts_only(g.actor, application) else list(tables)


def _place(application: Application, facts: Facts) -> str:
    if _asked() in facts.territories:
        return _asked()
    return EVERYWHERE if reads_all(g.actor, application) else ", ".join(facts.territories) or "Vos territoires"


def _places(
    application: Application, names: Sequence[str], endpoint: str, *, current: str | None = None, **values: Any
) -> list[dict[str, Any]]:
    """The ways to read one territory alone; none where there is only one."""
    chosen = current if current is not None else _asked() if _asked() in names else ""
    whole = [("", EVERYWHERE)] if reads_all(g.actor, application) else [("", "Vos territoires")]
    if endpoint == "dashboards.frozen" and not reads_all(g.actor, application):
        whole = []
    options = [*whole, *((name, name) for name in names)]
    return [
        {
            "label": label,
            "href": url_for(endpoint, application_id=application.id, territoire=code or None, **values),
            "current": code == chosen,
        }
        for code, label in options
        if len(names) > 1
    ]


def _now(application: Application) -> Printed:
    _followed(application)
    facts = _facts(application, deadlines_of(g.db, application.id))
    return Printed(application, _tables(application, facts), g.today, _place(application, facts))


def _numbered(found: Sequence[DashboardSnapshot], number: int) -> DashboardSnapshot:
    snapshot = next((one for one in found if one.number == number), None)
    if snapshot is None:
        raise NotFound("Ce tableau de bord n’existe pas.")
    return snapshot


def _part(application: Application, snapshot: DashboardSnapshot) -> tuple[str, list[str]]:
    """Which part of a frozen dashboard is read, among those that this person may read; "" is the whole."""
    names = sorted(name for name in snapshot.figures or {} if name)
    whole = reads_all(g.actor, application)
    if not whole:
        own = {place.name for place in application.territories if place.id in g.actor.territories}
        names = [name for name in names if name in own]
    asked = _asked() if _asked() in names else ""
    return asked or ("" if whole else next(iter(names), "–")), names


def _kept(snapshot: DashboardSnapshot, part: str) -> list[Table]:
    return [table_of(kept) for kept in snapshot.tables(part)]


def _frozen(application: Application, number: int) -> tuple[DashboardSnapshot, Printed]:
    _followed(application)
    snapshot = _numbered(snapshots_of(g.db, application.id), number)
    part, _ = _part(application, snapshot)
    return snapshot, printed_snapshot(application, snapshot, _kept(snapshot, part), part or EVERYWHERE)


def _frozen_address(endpoint: str, application: Application, number: int, part: str) -> str:
    return url_for(endpoint, application_id=application.id, number=number, territoire=part or None)


def _if_may(application: Application, trigger: str, address: str) -> str | None:
    """This address for who may do that now."""
    move = APPLICATION.moves[trigger]
    allowed = move.power is not None and move.power(g.actor, application) and application.state in move.sources
    return address if allowed and asks_for_dashboards(scheme_of(application)) else None


def _form_of(application: Application, trigger: str) -> str:
    return url_for("cases.show", application_id=application.id, action=trigger, _anchor=f"action-{trigger}")


def _preview(application: Application, status: int = 200, *, typed: Any = None, reopened: Any = None) -> Any:
    """What will be frozen, as its readers outside the service will find it, and the button that sends it."""
    view = view_of(application)
    _followed(application)
    facts = _facts(application, view.loaded.deadlines)
    tables = [discreet(one) for one in tables_of(g.db, application, facts, g.today)]
    offers = offered(g.db, application, g.actor, at=g.now, settings=settings(), loaded=view.loaded)
    offer = next((one for one in offers if one.move.trigger == SEND), None)
    return case_page(
        view,
        "dashboard",
        "dashboards/preview.html",
        status=status,
        **drawn_tables(tables),
        offer=offer,
        fields=[drawn(item, typed) for item in offer.inputs] if offer else [],
        labels={item.name: item.label for item in offer.inputs} if offer else {},
        errors=reopened.errors if reopened else {},
        reasons=[*reopened.reasons, *([reopened.stale] if reopened.stale else [])] if reopened else [],
        may_send=may(g.actor, "dashboard.transmit", application),
    )
