"""A scheme ("dispositif"): one sheet of the call, as frozen data.

Every attribute keeps the name it has in the TOML files of `workflows/schemes/` and in `casework schemes show --json`.
Amounts of a scheme are whole euros (`_eur`), rates are per cent (`_pct`), dates are days in Europe/Paris. `line` is
the line of the call for projects (campaign 2024) that a value comes from.

Nothing here reads or decides: `catalogue` reads and validates, `rules` decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workflows.scheme_followup import NetworkActions
from workflows.scheme_reported import AnnualDocument, AssessmentGrid, ReportSection


@dataclass(frozen=True)
class Window:
    """A deposit session: open from `opens` to `closes`, both days included, for operations starting in the range."""

    opens: date
    closes: date
    operations_from: date | None
    operations_to: date | None
    line: int
    note: str | None = None

    def is_open(self, day: date) -> bool:
        """True from the first minute of `opens` to 23:59:59 of `closes` (Europe/Paris)."""
        return self.opens <= day <= self.closes


@dataclass(frozen=True)
class ConventionTerms:
    max_months: int
    fixed_from: date | None
    fixed_to: date | None
    tacit_renewal_forbidden: bool
    line: int


@dataclass(frozen=True)
class Territories:
    """`scope`: nine (the applicant chooses among the nine), priority, or whole_department."""

    scope: str
    priority: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class RequiredOpinion:
    """An opinion asked before the decision.

    `body`: slai (one per territory), convergence or caf. `blocking`: must be favourable before a grant.
    `only_for`: the key of the yes/no question of the form that makes it required (AVIP crèches of 3.6).
    """

    by: str
    kind: str
    line: int
    body: str
    blocking: bool = False
    only_for: str | None = None


@dataclass(frozen=True)
class IndirectCosts:
    """`flat_or_ceiling`: flat | ceiling | unclear (read as a ceiling, "base à confirmer").

    `base_kind`: personnel | direct_excl_external | total_excl_services | None (all direct costs, to be confirmed).
    """

    rate_pct: int
    flat_or_ceiling: str
    base_kind: str | None
    base: str
    line: int


@dataclass(frozen=True)
class ConditionalShare:
    """A share of the grant that depends on a result. `measure`: months | months_and_hours | exits | quality."""

    share_pct: int
    condition: str
    measure: str
    line: int


@dataclass(frozen=True)
class HoursObjective:
    urban: int
    rural: int
    line: int


@dataclass(frozen=True)
class Funding:
    """`accepted_categories`: the cost categories that the sheet funds, among personnel, operating,
    external_services, other_direct (indirect costs follow their own rule).

    `operating_only`: where the sheet names them, the only operating costs it funds, among travel and rent."""

    direct_costs: tuple[str, ...]
    accepted_categories: tuple[str, ...]
    indirect: IndirectCosts
    cap_per_project_eur: int | None
    cap_per_participant_month_eur: int | None
    cap_line: int | None
    staffing: str | None
    staffing_participants_per_fte: int | None
    conditional_split: tuple[ConditionalShare, ...]
    exit_objective_per_post: str | None
    hours_objective: HoursObjective | None
    capacity_participants_per_year: int | None
    operating_only: tuple[str, ...] = ()


@dataclass(frozen=True)
class PaymentTerms:
    """`advance_max_pct`: the ceiling of the sheet, None where it gives none; `advance_default_pct` is proposed."""

    advance: str
    advance_max_pct: int | None
    advance_default_pct: int
    balance: str
    balance_report_months: int | None
    annual_balance: bool
    line: int

    @property
    def advance_ceiling_pct(self) -> int:
        """The most that may be advanced, per cent of the grant: the sheet's ceiling, else the whole grant."""
        return self.advance_max_pct if self.advance_max_pct is not None else 100


@dataclass(frozen=True)
class Followup:
    """`committee`: none_stated | regular | quarterly | several_per_year | on_department_initiative.
    `attendee_codes`: who must attend, among slai, mamobilite62, caf, departement, each at its line in
    `attendee_lines`. `attendance_expected`: the sheet counts on them without saying that they must be there.
    `proposed_line`: where it asks the operator to propose committees besides. `clauses_line`: where it
    asks for the hours of social clauses (3.1 alone)."""

    committee: str
    mandatory_attendees: tuple[str, ...]
    attendee_codes: tuple[str, ...]
    dashboard_before_committee: bool
    dashboard_requested_by: str | None
    cre_per_participant: bool
    cre_validated_by_slai: bool
    participant_tracking_table: bool
    line: int | None
    attendee_lines: tuple[int, ...] = ()
    attendance_expected: bool = False
    proposed_line: int | None = None
    clauses_line: int | None = None


@dataclass(frozen=True)
class Milestone:
    """A dated step of each participant's journey. `code`: trial_end | six_months | midway | college_limit."""

    code: str
    line: int


@dataclass(frozen=True)
class InterviewPace:
    """How often a person who was hired is met, for so many `months` of contract (3.2).

    The text gives no number: at most `trial_days` between two interviews during the trial period, `later_days` after
    it, are choices of this service, which only remind.
    """

    months: int
    trial_days: int
    later_days: int
    line: int


@dataclass(frozen=True)
class NamedActivity:
    """Something that the sheet says is done with participants. `code`: a kind of `casework.activities.KINDS`."""

    code: str
    line: int


@dataclass(frozen=True)
class TrackChoice:
    """One thing that may be noted. `needs`: « track.choice » that must be the newest one noted before it."""

    code: str
    label: str
    line: int
    needs: str | None = None


@dataclass(frozen=True)
class Track:
    """Something that the sheet follows for each participant, as dated facts.

    `shape`: stage (one at a time, the newest holds), result (each proposed, then obtained or not) or request (each
    deposited, maybe before the entry; one at least is expected). `hours`: what the number of hours of a fact is, when
    it has one, `least_hours` and `most_hours` a week as the sheet foresees them, `hours_line` where it says so. `mark`:
    a yes/no question on each fact. `on_roster`: shown in the list of people.
    `follows`: the track whose moves make this one be looked at again. `mark_with`: the « track.choice »
    with which the answer to `mark` must be yes, `mark_line` where the sheet says so.
    `sensitive`: the journal keeps that it was noted, not what.
    """

    code: str
    label: str
    shape: str
    line: int
    choices: tuple[TrackChoice, ...] = ()
    hours: str | None = None
    least_hours: int | None = None
    most_hours: int | None = None
    hours_line: int | None = None
    mark: str | None = None
    mark_with: str | None = None
    mark_line: int | None = None
    follows: str | None = None
    on_roster: bool = False
    sensitive: bool = False


@dataclass(frozen=True)
class Figure:
    """One figure of the sheet's indicators. `measure`: how it is obtained, one of `workflows.rules.figures.MEASURES`.

    `public`, `young`: only these people, the latter by the age of the sheet. `kinds`: only these exits (their family or
    their words in the sheet's own list), activities, dated steps, stages (« track.choice ») or kinds of clause.
    `foreseen`: asked with the application.
    """

    key: str
    label: str
    measure: str
    line: int
    public: str | None = None
    young: bool = False
    kinds: tuple[str, ...] = ()
    foreseen: bool = True


@dataclass(frozen=True)
class FinalReport:
    due_months_after_end: int
    due_fixed: date | None
    parts: tuple[str, ...]
    evidence_required: bool
    financial_rules: tuple[str, ...]
    line: int
    sections: tuple[ReportSection, ...] = ()


@dataclass(frozen=True)
class OtherDocument:
    name: str
    due: str
    line: int


@dataclass(frozen=True)
class Question:
    """One question of the application form. `kind`: text | long_text | number | decimal | yes_no | choice | choices."""

    key: str
    section: str
    label: str
    kind: str
    required: bool
    line: int | None
    help: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequiredDocument:
    """A document of the application file. `line` is None for those that any public funder asks (statutes …)."""

    key: str
    label: str
    required: bool
    line: int | None
    help: str | None = None


@dataclass(frozen=True)
class ApplicationForm:
    """What the applicant fills in for this scheme. Sections: projet, public, moyens, suivi, engagements."""

    questions: tuple[Question, ...]
    documents: tuple[RequiredDocument, ...]
    accreditation_document: str | None
    co_bearers: bool


@dataclass(frozen=True)
class DynamicExits:
    durable: tuple[str, ...]
    transition: tuple[str, ...]
    positive: tuple[str, ...]
    line: int | None


@dataclass(frozen=True)
class Anomaly:
    """A defect of the text and the reading chosen."""

    lines: str
    defect: str
    reading: str


@dataclass(frozen=True)
class Setting:
    """What the text leaves open and this Département decided ("choix de paramétrage")."""

    point: str
    choice: str


@dataclass(frozen=True)
class Scheme:
    """`next_steps_line`: where the sheet values what follows an exit and the obstacles that were lifted."""

    code: str
    campaign: str
    invented: bool
    title: str
    summary: str
    line_range: tuple[int, int]
    application_windows: tuple[Window, ...]
    sessions_announced: int | None
    deposit_channels: tuple[str, ...]
    convention: ConventionTerms
    target_public: tuple[str, ...]
    youth_cap_pct: int | None
    youth_age: int
    child_age_limit: int | None
    territories: Territories
    prior_opinions: tuple[RequiredOpinion, ...]
    orientation_validated_by_slai: bool
    orientation_line: int | None
    eligible_applicants: tuple[str, ...]
    required_accreditation: str | None
    applicant_means_required: tuple[str, ...]
    funding: Funding
    payment: PaymentTerms
    followup: Followup
    final_report: FinalReport
    other_documents: tuple[OtherDocument, ...]
    phases: tuple[str, ...]
    special_rules: tuple[str, ...]
    indicators: tuple[str, ...]
    dynamic_exits: DynamicExits | None
    form: ApplicationForm
    settings: tuple[Setting, ...]
    anomalies: tuple[Anomaly, ...]
    deadlines_move_to_working_day: bool = False
    milestones: tuple[Milestone, ...] = ()
    interview_pace: InterviewPace | None = None
    activities: tuple[NamedActivity, ...] = ()
    figures: tuple[Figure, ...] = ()
    publics: tuple[str, ...] = ()
    residence_line: int | None = None
    child_line: int | None = None
    orientation_act: str | None = None
    assessments: AssessmentGrid | None = None
    next_steps_line: int | None = None
    annual_documents: tuple[AnnualDocument, ...] = ()
    tracks: tuple[Track, ...] = ()
    network: NetworkActions | None = None

    def open_window(self, day: date) -> Window | None:
        """The deposit window open on this day (Europe/Paris), None when none is."""
        return next((w for w in self.application_windows if w.is_open(day)), None)

    def next_window(self, day: date) -> Window | None:
        """The first window that opens after this day."""
        coming = [w for w in self.application_windows if w.opens > day]
        return min(coming, key=lambda w: w.opens, default=None)
