"""How a scheme written as data is checked, and becomes the dataclasses of `workflows.scheme` (marshmallow)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from casework.activities import KINDS as ACTIVITIES
from casework.participants import PUBLICS
from workflows import scheme as model
from workflows import scheme_reported as reported
from workflows.form_schema import ApplicationFormSchema
from workflows.rules.figures import MEASURES
from workflows.scheme_fields import (
    SNAKE_CASE,
    Record,
    call_line,
    call_lines,
    day,
    flag,
    lines,
    table,
    tables,
    text,
    texts,
    whole,
)
from workflows.scheme_schema_followup import AssessmentGridSchema, NetworkActionsSchema
from workflows.track_schema import TrackSchema, fault_of

TERRITORY_SCOPES = ("nine", "priority", "whole_department")
OPINION_BODIES = ("slai", "convergence", "caf")
OPINION_KINDS = ("opportunity_and_feasibility", "favourable_required", "joint_instruction (crèches AVIP only)")
COST_CATEGORIES = ("personnel", "operating", "external_services", "other_direct")
OPERATING_PARTS = ("travel", "rent")
INDIRECT_RULES = ("flat", "ceiling", "unclear")
INDIRECT_BASES = ("personnel", "direct_excl_external", "total_excl_services")
SHARE_MEASURES = ("months", "months_and_hours", "exits", "quality")
COMMITTEES = ("none_stated", "regular", "quarterly", "several_per_year", "on_department_initiative")
ATTENDEES = ("slai", "mamobilite62", "caf", "departement")
MILESTONES = ("trial_end", "six_months", "midway", "college_limit")
REPORT_FACTS = ("figures", "exits", "committees", "activities", "attendance", "grids", "next_steps")


def _in_order(data: Mapping[str, Any], first: str, last: str, sentence: str) -> None:
    if data.get(first) and data.get(last) and data[last] < data[first]:
        raise ValidationError(sentence, last)


class WindowSchema(Record):
    record = model.Window
    opens = day()
    closes = day()
    operations_from = day(optional=True)
    operations_to = day(optional=True)
    line = call_line()
    note = text(optional=True)

    @validates_schema(skip_on_field_errors=False)
    def closes_after_opening(self, data: dict[str, Any], **_: Any) -> None:
        _in_order(data, "opens", "closes", "la clôture précède l’ouverture")

    @validates_schema(skip_on_field_errors=False)
    def operations_in_order(self, data: dict[str, Any], **_: Any) -> None:
        _in_order(data, "operations_from", "operations_to", "la fin de la période précède son début")


class ConventionSchema(Record):
    record = model.ConventionTerms
    max_months = whole(least=1, most=60)
    fixed_from = day(optional=True)
    fixed_to = day(optional=True)
    tacit_renewal_forbidden = flag()
    line = call_line()

    @validates_schema(skip_on_field_errors=False)
    def fixed_dates_in_order(self, data: dict[str, Any], **_: Any) -> None:
        _in_order(data, "fixed_from", "fixed_to", "la fin de la convention précède son début")


class TerritoriesSchema(Record):
    record = model.Territories
    scope = text(one_of=TERRITORY_SCOPES)
    priority = texts()
    line = call_line()


class RequiredOpinionSchema(Record):
    record = model.RequiredOpinion
    by = text()
    kind = text(one_of=OPINION_KINDS)
    line = call_line()
    body = text(one_of=OPINION_BODIES)
    blocking = flag(default=False)
    only_for = text(optional=True, pattern=SNAKE_CASE)


class IndirectCostsSchema(Record):
    record = model.IndirectCosts
    rate_pct = whole(most=100)
    flat_or_ceiling = text(one_of=INDIRECT_RULES)
    base_kind = text(optional=True, one_of=INDIRECT_BASES)
    base = text()
    line = call_line()


class ConditionalShareSchema(Record):
    record = model.ConditionalShare
    share_pct = whole(least=1, most=100)
    condition = text()
    measure = text(one_of=SHARE_MEASURES)
    line = call_line()


class HoursObjectiveSchema(Record):
    record = model.HoursObjective
    urban = whole(least=1)
    rural = whole(least=1)
    line = call_line()


class FundingSchema(Record):
    record = model.Funding
    direct_costs = texts()
    accepted_categories = texts(one_of=COST_CATEGORIES)
    indirect = table(IndirectCostsSchema)
    cap_per_project_eur = whole(least=1, optional=True)
    cap_per_participant_month_eur = whole(least=1, optional=True)
    cap_line = call_line(optional=True)
    staffing = text(optional=True)
    staffing_participants_per_fte = whole(least=1, optional=True)
    conditional_split = tables(ConditionalShareSchema)
    exit_objective_per_post = text(optional=True, pattern=re.compile(r"\d+(\.\d+)?"))
    hours_objective = table(HoursObjectiveSchema, optional=True)
    capacity_participants_per_year = whole(least=1, optional=True)
    operating_only = texts(one_of=OPERATING_PARTS, optional=True)

    @validates_schema
    def shares_make_the_whole(self, data: dict[str, Any], **_: Any) -> None:
        shares = data["conditional_split"]
        if shares and sum(share.share_pct for share in shares) != 100:
            raise ValidationError("le total des parts n’est pas 100", "conditional_split")


class PaymentSchema(Record):
    record = model.PaymentTerms
    advance = text(one_of=("yes", "no"))
    advance_max_pct = whole(most=100, optional=True)
    advance_default_pct = whole(most=100)
    balance = text()
    balance_report_months = whole(least=1, most=24, optional=True)
    annual_balance = flag()
    line = call_line()


class FollowupSchema(Record):
    record = model.Followup
    committee = text(one_of=COMMITTEES)
    mandatory_attendees = texts()
    attendee_codes = texts(one_of=ATTENDEES)
    dashboard_before_committee = flag()
    dashboard_requested_by = text(optional=True)
    cre_per_participant = flag()
    cre_validated_by_slai = flag()
    participant_tracking_table = flag()
    line = call_line(optional=True)
    clauses_line = call_line(optional=True)
    attendee_lines = lines()
    attendance_expected = flag(default=False)
    proposed_line = call_line(optional=True)

    @validates_schema(skip_on_field_errors=True)
    def has_a_line_for_each(self, data: dict[str, Any], **_: Any) -> None:
        if data["attendee_lines"] and len(data["attendee_lines"]) != len(data["attendee_codes"]):
            raise ValidationError("une ligne par présence obligatoire", "attendee_lines")


class MilestoneSchema(Record):
    record = model.Milestone
    code = text(one_of=MILESTONES)
    line = call_line()


class InterviewPaceSchema(Record):
    record = model.InterviewPace
    months = whole(least=1, most=24)
    trial_days = whole(least=1, most=366)
    later_days = whole(least=1, most=366)
    line = call_line()


class NamedActivitySchema(Record):
    record = model.NamedActivity
    code = text(one_of=tuple(ACTIVITIES))
    line = call_line()


class FigureSchema(Record):
    record = model.Figure
    key = text(pattern=SNAKE_CASE)
    label = text()
    measure = text(one_of=MEASURES)
    line = call_line()
    public = text(one_of=tuple(PUBLICS), optional=True)
    young = flag(default=False)
    kinds = texts(optional=True)
    foreseen = flag(default=True)


class ReportSectionSchema(Record):
    record = reported.ReportSection
    key = text(pattern=SNAKE_CASE)
    label = text()
    help = text()
    line = call_line()
    facts = texts(one_of=REPORT_FACTS, optional=True)


class FinalReportSchema(Record):
    record = model.FinalReport
    due_months_after_end = whole(least=1, most=24)
    due_fixed = day(optional=True)
    parts = texts()
    evidence_required = flag()
    financial_rules = texts()
    line = call_line()
    sections = tables(ReportSectionSchema)

    @validates_schema
    def sections_have_one_name_each(self, data: dict[str, Any], **_: Any) -> None:
        keys = [section.key for section in data["sections"]]
        if len(set(keys)) != len(keys):
            raise ValidationError("une rubrique est déclarée deux fois", "sections")


class AnnualDocumentSchema(Record):
    record = reported.AnnualDocument
    key = text(pattern=SNAKE_CASE)
    label = text()
    line = call_line()
    spreadsheet = flag(default=False)


class OtherDocumentSchema(Record):
    record = model.OtherDocument
    name = text()
    due = text()
    line = call_line()


class DynamicExitsSchema(Record):
    record = model.DynamicExits
    durable = texts()
    transition = texts()
    positive = texts()
    line = call_line(optional=True)


class AnomalySchema(Record):
    record = model.Anomaly
    lines = text()
    defect = text()
    reading = text()


class SettingSchema(Record):
    record = model.Setting
    point = text()
    choice = text()


class SchemeSchema(Record):
    record = model.Scheme
    code = text(pattern=re.compile(r"\d+\.\d+"))
    campaign = text(pattern=re.compile(r"\d{4}"))
    invented = flag()
    title = text()
    summary = text()
    line_range = call_lines()
    application_windows = tables(WindowSchema, least=1)
    sessions_announced = whole(least=1, optional=True)
    deposit_channels = texts()
    convention = table(ConventionSchema)
    target_public = texts()
    publics = texts(one_of=PUBLICS, optional=True)
    residence_line = call_line(optional=True)
    child_line = call_line(optional=True)
    orientation_act = text(one_of=("selection", "validation"), optional=True)
    youth_cap_pct = whole(most=100, optional=True)
    youth_age = whole(least=16, most=30)
    child_age_limit = whole(least=1, most=18, optional=True)
    territories = table(TerritoriesSchema)
    prior_opinions = tables(RequiredOpinionSchema)
    orientation_validated_by_slai = flag()
    orientation_line = call_line(optional=True)
    eligible_applicants = texts()
    required_accreditation = text(optional=True)
    applicant_means_required = texts()
    funding = table(FundingSchema)
    payment = table(PaymentSchema)
    followup = table(FollowupSchema)
    final_report = table(FinalReportSchema)
    other_documents = tables(OtherDocumentSchema)
    phases = texts()
    special_rules = texts()
    indicators = texts()
    dynamic_exits = table(DynamicExitsSchema, optional=True)
    form = table(ApplicationFormSchema)
    settings = tables(SettingSchema)
    anomalies = tables(AnomalySchema)
    deadlines_move_to_working_day = flag(default=False)
    milestones = tables(MilestoneSchema)
    interview_pace = table(InterviewPaceSchema, optional=True)
    activities = tables(NamedActivitySchema)
    figures = tables(FigureSchema)
    assessments = table(AssessmentGridSchema, optional=True)
    next_steps_line = call_line(optional=True)
    annual_documents = tables(AnnualDocumentSchema)
    tracks = tables(TrackSchema)
    network = table(NetworkActionsSchema, optional=True)

    @validates_schema
    def lines_belong_to_the_sheet(self, data: dict[str, Any], **_: Any) -> None:
        first, last = data["line_range"]
        wrong = {path: line for path, line in lines_of(data) if not first <= line <= last}
        if wrong:
            reason = "ligne {} hors de la fiche (l.{}-{})"
            raise ValidationError({path: [reason.format(line, first, last)] for path, line in wrong.items()})

    @validates_schema
    def figures_have_one_name_each(self, data: dict[str, Any], **_: Any) -> None:
        keys = [figure.key for figure in data["figures"]]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValidationError(f"« {twice[0]} » est déclaré deux fois", "figures")

    @validates_schema
    def tracks_are_known(self, data: dict[str, Any], **_: Any) -> None:
        if fault := fault_of(data["tracks"]):
            raise ValidationError(fault, "tracks")

    @validates_schema
    def accreditation_has_its_document(self, data: dict[str, Any], **_: Any) -> None:
        if data["required_accreditation"] and not data["form"].accreditation_document:
            raise ValidationError("un agrément est exigé sans pièce pour le prouver", "required_accreditation")

    @validates_schema
    def opinions_name_a_question(self, data: dict[str, Any], **_: Any) -> None:
        yes_no = {question.key for question in data["form"].questions if question.kind == "yes_no"}
        for opinion in data["prior_opinions"]:
            if opinion.only_for and opinion.only_for not in yes_no:
                raise ValidationError(f"« {opinion.only_for} » n’est pas une question par oui ou non", "prior_opinions")


def lines_of(value: Any, path: str = "") -> Iterator[tuple[str, int]]:
    """Every line number of the call that a scheme (or a part of it) holds, with its key path."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        for key, item in value.items():
            inner = f"{path}.{key}" if path else str(key)
            if key == "line" or key.endswith("_line"):
                yield from [(inner, item)] if item is not None else []
            else:
                yield from lines_of(item, inner)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from lines_of(item, f"{path}[{index}]")
