"""The information notice of a scheme for its participants: a page anybody may read, and a PDF to print."""

from __future__ import annotations

from flask import Blueprint, g
from werkzeug.wrappers import Response

from casework.errors import NotFound
from web.access import public
from web.render import page
from web.session import settings
from workflows.journey.reading import WITHOUT_PARTICIPANTS
from workflows.rights.notice import notice, notice_pdf
from workflows.scheme import Scheme
from workflows.versions import read_versions, versions_of

pages = Blueprint("notices", __name__)


@pages.get("/dispositifs/<campaign>/<code>/information")
@public
def show(campaign: str, code: str) -> tuple[str, int]:
    scheme = _scheme(campaign, code)
    return page("notices/show.html", notice=notice(scheme, settings()), scheme=scheme)


@pages.get("/dispositifs/<campaign>/<code>/information.pdf")
@public
def document(campaign: str, code: str) -> Response:
    content = notice_pdf(_scheme(campaign, code), settings(), at=g.now)
    name = f"information-participants-{code}.pdf"
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def _scheme(campaign: str, code: str) -> Scheme:
    """The sheet, when people take part in what it funds."""
    versions = versions_of(g.db, campaign, code)
    if not versions or code in WITHOUT_PARTICIPANTS:
        raise NotFound("Ce dispositif n’existe pas dans cette campagne, ou il n’a pas de participants.")
    return read_versions(g.db, versions[:1])[0]
