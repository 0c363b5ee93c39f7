"""What every page of a case shares: its header, its tabs in groups, what has been loaded of it once.

return case_page(view_of(application), "documents", "cases/documents.html", files=…)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app, g, url_for

from casework import permissions
from casework.applications import CHANNELS, Application
from casework.casefile import CaseFile, load_case
from casework.deadlines import Deadline
from casework.documents import Document
from casework.participants import Journey
from web.render import page
from workflows.application import MAIN_PATH
from workflows.application.obligations import flags_of
from workflows.committee.reading import has_committees
from workflows.journey.reading import has_participants
from workflows.versions import scheme_of

SERVICES = ("officer", "manager", "auditor", "finance")
FUNDED_ON = ("convention", "advance", "execution", "bilan", "balance", "closed", "terminated")
REPORTED_ON = ("bilan", "balance", "closed")

GROUPS = (
    (
        "Dossier",
        (
            ("show", "Synthèse", "cases.show", ("application.read",)),
            ("form", "Demande", "applications.overview", ("application.read",)),
            ("documents", "Pièces", "case_files.show", ("document.read",)),
            ("opinions", "Avis", "opinions.show", ("opinion.read",)),
            ("instruction", "Instruction", "cases.instruction", ("application.edit", "payment.read")),
            ("deadlines", "Échéances", "case_deadlines.show", ("application.read",)),
        ),
    ),
    (
        "Suivi de l’opération",
        (
            ("participants", "Participants", "participants.index", ("journey.read",)),
            ("network", "Actions du réseau", "network_actions.index", ("network.read",)),
            ("committees", "Comités", "committee_lists.index", ("committee.read",)),
            ("dashboard", "Tableau de bord", "dashboards.show", ("dashboard.read",)),
            ("figures", "Indicateurs", "indicators.show", ("journey.read",)),
            ("annual", "Documents annuels", "annual_documents.show", ("document.read",)),
        ),
    ),
    (
        "Convention et argent",
        (
            ("convention", "Convention", "case_convention.show", ("application.edit", "payment.read")),
            ("payments", "Versements", "cases.payments", ("application.edit", "payment.read")),
            ("report", "Bilan", "cases.report", ("application.edit", "payment.read")),
        ),
    ),
    (
        "Échanges et historique",
        (
            ("messages", "Messages", "cases.messages", ("message.read",)),
            ("notes", "Notes", "cases.notes", ("note.read",)),
            ("history", "Historique", "cases.history", ("journal.read",)),
        ),
    ),
)
"""What each group is called, then its tabs: code, label, endpoint, permissions (one of them is enough). A tab whose
page does not exist is left out, and so is a group without a tab."""

FEW_TABS = 6
"""Up to that many tabs stand in one row and need no groups."""


@dataclass(frozen=True)
class CaseView:
    """A case as this person sees it. `inside`: somebody of the services that fund and control it."""

    application: Application
    loaded: CaseFile
    inside: bool

    @property
    def documents(self) -> list[Document]:
        """The files that stand, without those that name a participant to somebody who may not know."""
        named = permissions.names_all(g.actor, self.application)
        return [document for document in self.loaded.documents if named or not document.confidential]

    @property
    def deadlines(self) -> list[Deadline]:
        """The deadlines of the case, without the steps of journeys that this person does not follow."""
        every = self.loaded.deadlines
        about = {one.journey_id for one in every if one.journey_id is not None}
        if not about or permissions.follows_all(g.actor, self.application):
            return list(every)
        query = permissions.visible_journeys(sa.select(Journey.id).where(Journey.id.in_(about)), g.actor)
        seen = set(g.db.scalars(query))
        return [one for one in every if one.journey_id is None or one.journey_id in seen]

    def may(self, *wanted: str) -> bool:
        return any(permissions.may(g.actor, permission, self.application) for permission in wanted)


def view_of(application: Application, *, outline: bool = False) -> CaseView:
    """The case with all that belongs to it, in one query; or what its header needs, for a page on something else."""
    loaded = load_case(g.db, application, outline=outline)
    inside = any(permissions.covers(role, g.actor, application) for role in g.actor.roles & set(SERVICES))
    return CaseView(application, loaded, inside)


def case_page(view: CaseView, tab: str, template: str, *, status: int = 200, **data: Any) -> tuple[str, int]:
    """A page of the case under its header, with this tab marked."""
    application = view.application
    return page(
        template,
        status,
        case=application,
        view=view,
        rubrics=groups_of(view, tab),
        few_tabs=FEW_TABS,
        cases_href=_address("cases_list.index"),
        form_href=_address("applications.overview", application_id=application.id),
        files_href=_address("case_files.show", application_id=application.id),
        receipt_href=_address("documents.receipt", application_id=application.id),
        channel=CHANNELS[application.channel],
        case_flags=_flags(view),
        case_href=url_for("cases.show", application_id=application.id),
        **data,
    )


def _flags(view: CaseView) -> list[tuple[str, str | None]]:
    """What must be seen of the case, each with the page that tells more, for whoever may open it."""
    base = url_for("cases.show", application_id=view.application.id)
    found = flags_of(view.loaded.deadlines, g.today, view.loaded.committees)
    return [(flag.sentence, base + flag.page if view.may(flag.permission) else None) for flag in found]


def groups_of(view: CaseView, current: str) -> list[dict[str, Any]]:
    """The tabs that this person may open and that have something to show at this point of the case, by group."""
    groups = [{"label": label, "tabs": _tabs(view, tabs, current)} for label, tabs in GROUPS]
    return [group for group in groups if group["tabs"]]


def _tabs(view: CaseView, tabs: Iterable[tuple[str, str, str, tuple[str, ...]]], current: str) -> list[dict[str, Any]]:
    counts = {"documents": len(view.documents), "payments": len(view.loaded.payments)}
    return [
        {"label": label, "href": href, "current": code == current, "count": counts.get(code)}
        for code, label, endpoint, wanted in tabs
        if (code == current or _worth(code, view.application))
        and view.may(*wanted)
        and (href := _address(endpoint, application_id=view.application.id))
    ]


def _worth(code: str, application: Application) -> bool:
    state = application.state
    if code in ("payments", "convention"):
        return application.convention is not None
    if code == "deadlines":
        return state not in ("draft", "deposited")
    if code == "participants":
        return has_participants(application)
    if code == "committees":
        return state in FUNDED_ON and state != "convention" and has_committees(scheme_of(application))
    if code == "network":
        return state in FUNDED_ON and scheme_of(application).network is not None
    if code in ("figures", "dashboard"):
        return state in FUNDED_ON and state != "convention"
    if code == "report":
        return application.report is not None or state in REPORTED_ON
    if code == "annual":
        return state in FUNDED_ON and bool(scheme_of(application).annual_documents)
    if code == "opinions":
        return bool(application.opinions)
    return code != "instruction" or state not in MAIN_PATH[:2]


def _address(endpoint: str, **values: Any) -> str | None:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
