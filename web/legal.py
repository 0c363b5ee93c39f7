"""The pages the law asks of a public service: accessibility, legal notice, register of what is held on participants."""

from __future__ import annotations

from flask import Blueprint

from casework.published_register import published
from web.access import public
from web.render import page
from web.session import settings

pages = Blueprint("legal", __name__)


@pages.get("/accessibilite")
@public
def accessibility() -> tuple[str, int]:
    return page("legal/accessibility.html", owner=settings().funder)


@pages.get("/registre-des-traitements")
@public
def register() -> tuple[str, int]:
    return page("legal/register.html", register=published(settings()))


@pages.get("/mentions-legales")
@public
def notice() -> tuple[str, int]:
    return page("legal/notice.html", owner=settings().funder, siret=settings().funder_siret, settings=settings())
