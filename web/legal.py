"""The two pages the law asks of a public service."""

from __future__ import annotations

from flask import Blueprint

from web.access import public
from web.render import page
from web.session import settings

pages = Blueprint("legal", __name__)


@pages.get("/accessibilite")
@public
def accessibility() -> tuple[str, int]:
    return page("legal/accessibility.html", owner=settings().funder)


@pages.get("/mentions-legales")
@public
def notice() -> tuple[str, int]:
    return page("legal/notice.html", owner=settings().funder, siret=settings().funder_siret, settings=settings())
