"""The essential data of subsidies: what would be published for a year, what prevents it, and the file."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, g, request, url_for

from casework import opendata
from casework.amounts import AmountError, euros, from_decimal_string, parse_euros
from web.access import needs
from web.render import page
from web.session import settings

pages = Blueprint("opendata", __name__)


@pages.get("/donnees-essentielles")
@needs("opendata.export")
def index() -> Any:
    return _page()


@pages.get("/donnees-essentielles.csv")
@needs("opendata.export")
def download() -> Any:
    """The file, when nothing in it is wrong; else the page that says what is."""
    year, minimum = _asked(opendata.years(g.db))
    found = opendata.entries(g.db, settings(), year, minimum=minimum)
    if opendata.faults(found):
        flash("Le fichier n’est pas fait : corrigez d’abord ce qui est signalé.", "warning")
        return _page(status=409)
    name = f"subventions-{settings().funder_siret}-{year}.csv"
    return Response(
        opendata.as_csv(found),
        mimetype="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(status: int = 200) -> tuple[str, int]:
    known = opendata.years(g.db)
    year, minimum = _asked(known)
    found = opendata.entries(g.db, settings(), year, minimum=minimum)
    wrong = opendata.faults(found)
    return page(
        "opendata/index.html",
        status,
        year=year,
        years=known or [year],
        minimum=euros(minimum),
        typed=request.args.get("minimum", ""),
        faults=[(fault, url_for("cases.show", application_id=fault.application_id)) for fault in wrong],
        rows=[
            {
                "href": url_for("cases.show", application_id=entry.application_id),
                "reference": entry.reference,
                "signed_on": date.fromisoformat(entry.row["dateConvention"]),
                "beneficiary": entry.row["nomBeneficiaire"],
                "object": entry.row["objet"],
                "cents": from_decimal_string(entry.row["montant"]),
                "paid": [date.fromisoformat(day) for day in entry.row["datesPeriodeVersement"].split("/")],
            }
            for entry in found
        ],
        file_href=None
        if wrong or not found
        else url_for("opendata.download", annee=year, minimum=request.args.get("minimum") or None),
    )


def _asked(known: list[int]) -> tuple[int, int]:
    """The year and the least grant (cents) of the address; what is not understood is left aside, and said."""
    year = known[0] if known else g.today.year
    minimum = opendata.THRESHOLD
    wanted = request.args.get("annee", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) == 4 and int(wanted) > 0:
        year = int(wanted)
    elif wanted:
        flash(f"L’année « {wanted[:20]} » n’est pas comprise.", "warning")
    if request.args.get("minimum", "").strip():
        try:
            minimum = parse_euros(request.args["minimum"])
        except AmountError as error:
            flash(error.sentence, "warning")
    return year, minimum
