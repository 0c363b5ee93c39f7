"""The pages: one line for each module. A module holds a blueprint named `pages`; its name is the module's."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

MODULES = (
    "health",
    "legal",
    "auth",
    "home",
    "schemes",
    "notices",
    "applications",
    "documents",
    "budget_sheet",
    "budget_years",
    "cases",
    "instruction_sheet",
    "actions",
    "api",
    "participants",
    "orienting",
    "months",
    "activities",
    "activity_sheet",
    "records",
    "record_lists",
    "journeys",
    "assessments",
    "exits",
    "tracks",
    "report_sections",
    "households",
    "annual_documents",
    "orientations",
    "rights",
    "duplicates",
    "retention",
    "case_files",
    "account",
    "organisation",
    "bank",
    "case_bank",
    "admin",
    "admin_places",
    "admin_directory",
    "admin_service",
    "admin_messages",
    "admin_letters",
    "admin_conventions",
    "cases_list",
    "cases_batch",
    "decisions",
    "inbox",
    "opinions",
    "money",
    "payment_orders",
    "payment_batches",
    "payment_imports",
    "envelopes",
    "opendata",
    "calendar",
    "calendar_tools",
    "extensions",
    "case_deadlines",
    "committees",
    "committee_lists",
    "case_convention",
    "indicators",
    "campaign_indicators",
    "dashboards",
    "network_actions",
    "clauses",
    "tracking_table",
    "report_form",
    "report_control",
    "report_sheet",
    "campaigns",
)
DEMO_MODULES = ("demo", "demo_mail")


def register(app: Flask) -> None:
    """Register every page; those of the demonstration exist only in a demonstration."""
    modules = MODULES + (DEMO_MODULES if app.extensions["casework"].settings.demo else ())
    for name in modules:
        app.register_blueprint(import_module(f"web.{name}").pages)
