"""The pedagogical part of a final report: each section of the sheet beside the facts known of it, and its document."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request, url_for

from casework import pdf
from casework.applications import Application
from casework.clock import paris_day
from casework.errors import CaseworkError, InvalidInput, NotFound, Refused
from casework.french import counted, long_date
from casework.statement_pages import facts as fact_table
from casework.statement_pages import statement, text
from web.access import application_in_scope, on_application
from web.actions import typed_in
from web.case_convention import download
from web.case_layout import case_page, view_of
from web.errors import status_of
from web.fields import drawn
from web.indicators import table_of
from web.render import back_to
from web.session import settings, undo
from workflows.application.figures import indicators_of
from workflows.application.report_facts import facts_of
from workflows.application.report_sections import as_seen, save_sections, section_inputs
from workflows.application.reporting import unwritten_sections, why_not_writable
from workflows.engine import Act
from workflows.versions import scheme_of

pages = Blueprint("report_sections", __name__)


@pages.get("/dossiers/<int:application_id>/bilan/pedagogique")
@on_application("application.report")
def show(application: Application) -> Any:
    return _page(application)


@pages.post("/dossiers/<int:application_id>/bilan/pedagogique")
@on_application("application.report")
def save(application: Application) -> Any:
    """Keep every section that changed, and go back to the one whose button was pressed."""
    key, typed = application.id, typed_in(request.form)
    seen = {name.removeprefix("seen-"): value for name, value in typed.items() if name.startswith("seen-")}
    try:
        number = save_sections(g.db, application, seen, Act(g.actor, g.now, settings(), typed))
    except (InvalidInput, Refused) as error:
        undo()
        return _page(application_in_scope(key), typed=typed, error=error)
    said = counted(number, "rubrique enregistrée", "rubriques enregistrées") if number else "Rien n’a changé"
    anchor = f"rubrique-{typed['section']}" if typed.get("section") else None
    return back_to("report_sections.show", f"{said}.", application_id=key, _anchor=anchor)


@pages.get("/dossiers/<int:application_id>/bilan/pedagogique.pdf")
@on_application("application.report", "application.edit", "payment.read")
def document(application: Application) -> Response:
    """The pedagogical part as it was sent, with the figures that stood beside it."""
    report = application.report
    if report is None or not report.sections:
        raise NotFound("Le bilan pédagogique se télécharge une fois remis.")
    sections: list[dict[str, Any]] = []
    for section in report.sections:
        sections.append(text(section["label"], section["text"]))
        if section.get("facts"):
            rows = [(str(fact[0]), str(fact[2])) for fact in section["facts"]]
            sections.append(fact_table(f"{section['label']} : ce que montre le suivi", rows))
    sections.append(text("Autres éléments", report.narrative))
    summary = f"Remis le {long_date(paris_day(report.submitted_at))} par {application.organisation.name}."
    data = statement("Bilan pédagogique", application.reference, settings().funder, summary, sections)
    content = pdf.render("statement", data, at=report.submitted_at)
    return download(content, f"bilan-pedagogique-{application.reference}.pdf", "application/pdf")


def _page(application: Application, *, typed: dict[str, Any] | None = None, error: CaseworkError | None = None) -> Any:
    scheme, view = scheme_of(application), view_of(application)
    if not scheme.final_report.sections:
        raise NotFound("Cette fiche n’a pas de rubriques : le bilan pédagogique s’écrit dans « Préparer le bilan ».")
    draft, beside = view.loaded.draft, facts_of(g.db, application, g.today, sparing=("figures",))
    inputs = section_inputs(scheme, draft)
    sections = {section.key: section for section in scheme.final_report.sections}
    counted_by = {key for key, section in sections.items() if "figures" in section.facts}
    missing = unwritten_sections(scheme, draft)
    return case_page(
        view,
        "report",
        "cases/report_sections.html",
        status=status_of(error) if error else 200,
        reason=why_not_writable(g.actor, application),
        written=[
            {
                "field": drawn(item, typed),
                "seen": as_seen(item.value),
                "line": sections[item.name].line,
                "counted": item.name in counted_by,
                "facts": [fact[:2] for fact in beside[item.name]],
                "stored": item.value or "",
                "done": item.label not in missing,
            }
            for item in inputs
        ],
        errors=error.errors if isinstance(error, InvalidInput) else {},
        reasons=list(error.reasons) if isinstance(error, Refused) else [],
        labels={item.name: item.label for item in inputs},
        missing=len(missing),
        draft_href=url_for("report_form.show", application_id=application.id),
        figures_href=url_for("indicators.show", application_id=application.id),
        **(table_of(application, indicators_of(g.db, application, g.today), {}) if counted_by else {}),
    )
