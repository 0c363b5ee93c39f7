"""The directory of contacts: read, and replaced by a CSV file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from casework import administration, directory
from casework.errors import Refused
from casework.french import counted
from web.access import needs
from web.admin import sections
from web.render import back_to, page

pages = Blueprint("admin_directory", __name__, url_prefix="/admin/annuaire")


@pages.get("")
@needs("admin")
def show() -> Any:
    return _directory_page()


@pages.post("")
@needs("admin")
def replace() -> Any:
    """The whole file is refused when one of its lines is wrong; the former directory stays."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Refused(["Choisissez un fichier CSV."])
        count = directory.import_csv(g.db, sent.read(), actor=g.actor, at=g.now)
    except Refused as refusal:
        g.db.rollback()
        return _directory_page(refusal.reasons, 422)
    return back_to("admin_directory.show", f"L’annuaire contient maintenant {counted(count, 'ligne')}.")


def _directory_page(reasons: tuple[str, ...] = (), status: int = 200) -> Any:
    places = {place.id: place.name for place in administration.territories(g.db)}
    return page(
        "admin/directory.html",
        status,
        sections=sections("admin_directory.show"),
        contacts=[
            (
                line.label,
                line.name,
                line.scheme_code or "Tous",
                places.get(line.territory_id, "Tous"),
                line.phone,
                line.email,
            )
            for line in directory.contacts(g.db)
        ],
        columns=directory.COLUMNS,
        reasons=reasons,
    )
