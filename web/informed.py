"""Whether a participant was informed of what is recorded of her, and which notice says it."""

from __future__ import annotations

from typing import Any

from flask import g, url_for

from casework.applications import Application
from casework.french import long_date
from casework.information import INFORMED_STATES, WAYS, last_information
from casework.participants import Journey


def informed(journey: Journey) -> dict[str, Any]:
    """What the page of a journey says of it: the last time it was done, or that it is missing, and the notice."""
    last = last_information(g.db, journey.id)
    said = ""
    if last is not None:
        by = f", enregistrée par {last.recorded_by.name}" if last.recorded_by is not None else ""
        said = f"{WAYS[last.way]} le {long_date(last.given_on)}{by}."
    return {"sentence": said, "missing": journey.state in INFORMED_STATES, **notices(journey.application)}


def notices(application: Application) -> dict[str, str]:
    """The addresses of the notice of the scheme of a case."""
    version = application.scheme_version
    of = {"campaign": version.campaign, "code": version.code}
    return {"notice": url_for("notices.show", **of), "pdf": url_for("notices.document", **of)}
