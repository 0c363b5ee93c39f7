"""The catalogue of schemes: what is read, kept and compared, and the critical figures of the sixteen sheets."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workflows import catalogue
from workflows.catalogue import Difference
from workflows.scheme import Scheme
from workflows.scheme_schema import lines_of

SHEETS = catalogue.SCHEMES_DIRECTORY / "2024"
SCHEMES = catalogue.read_dir(SHEETS)
CODES = [f"3.{number}" for number in range(1, 17)]
PHONE = re.compile(r"\b0\d(?:[ .]?\d{2}){4}\b")
PERSON = re.compile(r"\b(?:Mme|Mr|M\.)")
LINE_QUOTED = re.compile(r"\bl\.(\d[\d, -]*)")

FIRST = (date(2023, 12, 14), date(2024, 1, 31), date(2024, 1, 1), date(2024, 8, 1))
SECOND = (date(2024, 4, 1), date(2024, 5, 31), date(2024, 9, 1), date(2024, 12, 1))
THIRD = (date(2024, 7, 1), date(2024, 9, 30), date(2024, 12, 1), date(2024, 12, 1))
WINTER_ONLY = (date(2023, 12, 14), date(2024, 1, 31), None, None)
WINDOWS = {
    "3.1": [FIRST],
    "3.2": [
        (date(2023, 12, 14), date(2024, 1, 31), date(2024, 3, 1), date(2025, 2, 28)),
        (date(2024, 4, 1), date(2024, 5, 31), date(2024, 9, 1), date(2025, 8, 31)),
    ],
    "3.3": [FIRST, SECOND, THIRD],
    "3.4": [FIRST, SECOND, THIRD],
    "3.5": [FIRST, SECOND],
    "3.6": [(date(2023, 12, 14), date(2024, 9, 30), None, None)],
    "3.7": [FIRST, SECOND, THIRD],
    "3.8": [WINTER_ONLY],
    "3.9": [(date(2024, 4, 1), date(2024, 5, 31), None, None)],
    "3.10": [FIRST, SECOND],
    "3.11": [FIRST, SECOND],
    "3.12": [FIRST, SECOND, THIRD],
    "3.13": [WINTER_ONLY],
    "3.14": [FIRST, SECOND, THIRD],
    "3.15": [FIRST, SECOND, THIRD],
    "3.16": [FIRST, SECOND, THIRD],
}
SERVICES = {"personnel", "operating", "external_services"}
# code: rate, flat or ceiling, base, categories, advance ceiling, months to report, youth share, age
FIGURES: dict[str, tuple[int, str, str | None, set[str], int | None, int, int | None, int]] = {
    "3.1": (20, "unclear", None, SERVICES, None, 3, None, 26),
    "3.2": (20, "flat", "direct_excl_external", SERVICES, None, 3, None, 26),
    "3.3": (20, "unclear", None, SERVICES, None, 3, None, 26),
    "3.4": (20, "unclear", None, SERVICES, None, 3, None, 26),
    "3.5": (20, "ceiling", "total_excl_services", SERVICES, 80, 1, 20, 26),
    "3.6": (20, "ceiling", "total_excl_services", {"personnel", "operating"}, 80, 1, 20, 26),
    "3.7": (20, "flat", "direct_excl_external", SERVICES, None, 1, None, 25),
    "3.8": (20, "ceiling", "total_excl_services", SERVICES, 80, 1, None, 26),
    "3.9": (20, "ceiling", "total_excl_services", {"personnel", "operating"}, None, 3, 20, 26),
    "3.10": (20, "flat", "personnel", {"personnel"}, None, 3, 20, 26),
    "3.11": (20, "flat", "personnel", {"personnel"}, None, 3, 20, 26),
    "3.12": (15, "flat", "personnel", {"personnel"}, None, 3, 20, 26),
    "3.13": (20, "ceiling", "personnel", {"personnel", "other_direct"}, None, 3, None, 26),
    "3.14": (20, "flat", "direct_excl_external", SERVICES, None, 3, 20, 26),
    "3.15": (20, "flat", "direct_excl_external", SERVICES, None, 3, 20, 26),
    "3.16": (20, "flat", "direct_excl_external", SERVICES, None, 3, 20, 26),
}


def those_where(condition: Any) -> set[str]:
    return {code for code, scheme in SCHEMES.items() if condition(scheme)}


def content_of(code: str = "3.10") -> dict[str, Any]:
    return catalogue.to_dict(SCHEMES[code])


def test_the_sixteen_sheets_read_in_their_order() -> None:
    assert list(SCHEMES) == CODES
    assert all(scheme.campaign == "2024" and not scheme.invented for scheme in SCHEMES.values())


@pytest.mark.parametrize("code", CODES)
def test_windows_are_those_of_the_call(code: str) -> None:
    windows = [(w.opens, w.closes, w.operations_from, w.operations_to) for w in SCHEMES[code].application_windows]
    assert windows == WINDOWS[code]


@pytest.mark.parametrize("code", CODES)
def test_figures_are_those_of_the_call(code: str) -> None:
    scheme = SCHEMES[code]
    indirect = scheme.funding.indirect
    assert FIGURES[code] == (
        indirect.rate_pct,
        indirect.flat_or_ceiling,
        indirect.base_kind,
        set(scheme.funding.accepted_categories),
        scheme.payment.advance_max_pct,
        scheme.final_report.due_months_after_end,
        scheme.youth_cap_pct,
        scheme.youth_age,
    )
    assert scheme.convention.max_months == 12
    assert scheme.payment.advance_default_pct == 80


def test_caps_are_those_of_the_call() -> None:
    assert {c: s.funding.cap_per_project_eur for c, s in SCHEMES.items() if s.funding.cap_per_project_eur} == {
        "3.7": 50_000
    }
    monthly = {c: s.funding.cap_per_participant_month_eur for c, s in SCHEMES.items()}
    assert {c: cap for c, cap in monthly.items() if cap} == {"3.10": 195, "3.11": 200, "3.12": 375}
    assert SCHEMES["3.7"].funding.capacity_participants_per_year == 15
    assert SCHEMES["3.6"].child_age_limit == 3
    assert those_where(lambda s: s.child_age_limit) == {"3.6"}


def test_conditional_shares_are_those_of_the_call() -> None:
    shares = {c: [(s.share_pct, s.measure) for s in x.funding.conditional_split] for c, x in SCHEMES.items()}
    assert {c: split for c, split in shares.items() if split} == {
        "3.10": [(90, "months_and_hours"), (5, "exits"), (5, "quality")],
        "3.11": [(90, "months"), (5, "exits"), (5, "quality")],
        "3.12": [(90, "months"), (5, "exits"), (5, "quality")],
    }
    objectives = {c: s.funding.exit_objective_per_post for c, s in SCHEMES.items() if s.funding.exit_objective_per_post}
    assert objectives == {"3.10": "0.45", "3.11": "0.55", "3.12": "0.45"}
    hours = SCHEMES["3.10"].funding.hours_objective
    assert hours is not None
    assert (hours.urban, hours.rural) == (10, 8)
    assert those_where(lambda s: s.funding.hours_objective) == {"3.10"}
    assert those_where(lambda s: s.funding.staffing_participants_per_fte == 15) == {"3.10", "3.11"}


def test_conventions_are_those_of_the_call() -> None:
    year = (date(2024, 1, 1), date(2024, 12, 31))
    fixed = those_where(lambda s: (s.convention.fixed_from, s.convention.fixed_to) == year)
    assert fixed == {"3.8", "3.10", "3.11", "3.13"}
    assert those_where(lambda s: s.convention.tacit_renewal_forbidden) == {"3.5", "3.6", "3.7", "3.12"}
    annual = {"3.5", "3.6", "3.7", "3.8", "3.10", "3.11", "3.13"}
    assert those_where(lambda s: s.payment.annual_balance) == annual
    assert those_where(lambda s: s.payment.balance_report_months is None) == annual
    assert those_where(lambda s: s.final_report.due_fixed == date(2025, 3, 31)) == {"3.10", "3.11", "3.12"}


def test_opinions_and_orientations_are_those_of_the_call() -> None:
    bodies = {code: [o.body for o in scheme.prior_opinions] for code, scheme in SCHEMES.items()}
    asked = {code: found for code, found in bodies.items() if found}
    slai = {code: ["slai"] for code in ("3.5", "3.8", "3.9", "3.14", "3.15", "3.16")}
    assert asked == {**slai, "3.6": ["caf"], "3.7": ["convergence"]}
    assert those_where(lambda s: any(o.blocking for o in s.prior_opinions)) == {"3.7"}
    assert SCHEMES["3.6"].prior_opinions[0].only_for == "avip_creche"
    by_slai = {"3.2", "3.3", "3.4", "3.5", "3.6", "3.10", "3.11", "3.12"}
    assert those_where(lambda s: s.orientation_validated_by_slai) == by_slai


def test_followup_is_that_of_the_call() -> None:
    quarterly = {"3.5", "3.6", "3.8", "3.9", "3.14", "3.15", "3.16"}
    assert those_where(lambda s: s.followup.committee == "quarterly") == quarterly
    assert those_where(lambda s: s.followup.dashboard_before_committee) == quarterly - {"3.6"}
    assert those_where(lambda s: s.followup.cre_per_participant) == {"3.10", "3.11", "3.12"}
    assert those_where(lambda s: s.followup.participant_tracking_table) == {"3.7"}
    assert SCHEMES["3.5"].followup.attendee_codes == ("slai", "mamobilite62")
    assert SCHEMES["3.6"].followup.attendee_codes == ("slai", "caf")
    evidence = {"3.7", "3.9", "3.10", "3.11", "3.12", "3.14", "3.15", "3.16"}
    assert those_where(lambda s: s.final_report.evidence_required) == evidence


def test_forms_ask_what_the_rules_need() -> None:
    accredited = {"3.7", "3.10", "3.11", "3.12"}
    assert those_where(lambda s: s.required_accreditation) == accredited
    assert those_where(lambda s: s.form.accreditation_document) == accredited
    assert those_where(lambda s: s.form.co_bearers) == {"3.7"}
    keys = {code: {question.key for question in scheme.form.questions} for code, scheme in SCHEMES.items()}
    assert {code for code, asked in keys.items() if "posts" in asked} == {"3.10", "3.11", "3.12"}
    assert {code for code, asked in keys.items() if "setting" in asked} == {"3.10"}
    assert those_where(lambda s: s.youth_cap_pct) == {c for c, asked in keys.items() if "young_participants" in asked}
    assert all(5 <= len(asked) <= 12 for asked in keys.values())
    for scheme in SCHEMES.values():
        asked_of_all = {"statutes", "officers_list", "rib", "last_accounts"}
        assert asked_of_all <= {document.key for document in scheme.form.documents}


@pytest.mark.parametrize("code", CODES)
def test_every_line_lies_inside_the_sheet(code: str) -> None:
    scheme = SCHEMES[code]
    first, last = scheme.line_range
    file = SHEETS / f"3_{int(code.partition('.')[2]):02}.toml"
    quoted = [int(n) for group in LINE_QUOTED.findall(file.read_text("utf-8")) for n in re.findall(r"\d+", group)]
    declared = [line for _, line in lines_of(scheme)]
    assert len(quoted) > 20
    assert len(declared) > 15
    assert [line for line in [*quoted, *declared] if not first <= line <= last] == []


@pytest.mark.parametrize("code", CODES)
def test_defects_and_decided_points_are_carried(code: str) -> None:
    scheme = SCHEMES[code]
    assert scheme.anomalies
    assert all(anomaly.lines.startswith("l.") for anomaly in scheme.anomalies)
    assert {"Heure de clôture", "Dépôt tardif", "Échéance du bilan"} <= {setting.point for setting in scheme.settings}


@pytest.mark.parametrize("file", sorted(SHEETS.glob("*.toml")), ids=lambda file: file.stem)
def test_no_person_and_no_phone_number_is_shipped(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not PHONE.search(text)
    assert not PERSON.search(text)


@pytest.mark.parametrize("code", CODES)
def test_a_scheme_survives_json_and_toml(code: str, tmp_path: Path) -> None:
    scheme = SCHEMES[code]
    assert catalogue.from_dict(json.loads(json.dumps(catalogue.to_dict(scheme)))) == scheme
    file = tmp_path / "copie.toml"
    file.write_text(catalogue.dump_toml(scheme), encoding="utf-8")
    assert catalogue.read_file(file) == scheme


def test_the_digest_is_stable_and_feels_every_change() -> None:
    scheme = SCHEMES["3.10"]
    read_again = catalogue.from_dict(dict(reversed(content_of().items())))
    assert catalogue.digest(read_again) == catalogue.digest(scheme)
    assert re.fullmatch(r"[0-9a-f]{64}", catalogue.digest(scheme))
    changed = dataclasses.replace(scheme, funding=dataclasses.replace(scheme.funding, cap_line=2533))
    assert catalogue.digest(changed) != catalogue.digest(scheme)
    assert len({catalogue.digest(each) for each in SCHEMES.values()}) == 16


def test_describe_uses_the_names_and_types_of_the_reference() -> None:
    described = catalogue.describe(SCHEMES["3.10"])
    assert described["funding"]["exit_objective_per_post"] == 0.45
    assert described["application_windows"][1]["operations_to"] == "2024-12-01"
    assert described["final_report"]["due_fixed"] == "2025-03-31"
    assert described["dynamic_exits"]["durable"][0] == "CDI"
    assert described["child_age_limit"] is None
    assert catalogue.describe(SCHEMES["3.13"])["dynamic_exits"] is None
    json.dumps(described)


def test_compare_names_what_changed() -> None:
    scheme = SCHEMES["3.10"]
    assert catalogue.compare(scheme, scheme) == []
    content = content_of()
    content["funding"]["indirect"]["rate_pct"] = 15
    content["application_windows"][1]["closes"] = "2024-06-15"
    content["form"]["questions"].reverse()
    content["form"]["questions"][0]["label"] = "Autre libellé"
    content["indicators"].append("Un de plus")
    label = scheme.form.questions[-1].label
    assert catalogue.compare(scheme, catalogue.from_dict(content)) == [
        Difference("application_windows[1].closes", "2024-05-31", "2024-06-15"),
        Difference("funding.indirect.rate_pct", 20, 15),
        Difference("indicators[3]", None, "Un de plus"),
        Difference("form.questions[exit_evidence].label", label, "Autre libellé"),
    ]


def test_compare_shows_what_appears_and_what_goes() -> None:
    content = content_of("3.13")
    removed = content["settings"].pop(0)
    content["youth_cap_pct"] = 20
    assert catalogue.compare(SCHEMES["3.13"], catalogue.from_dict(content)) == [
        Difference("youth_cap_pct", None, 20),
        Difference("settings[Heure de clôture]", removed, None),
    ]


@pytest.mark.parametrize("code", CODES)
def test_shift_moves_dates_and_nothing_else(code: str) -> None:
    scheme = SCHEMES[code]
    later = catalogue.shift(scheme, 1)
    assert (later.campaign, later.invented) == ("2025", True)
    assert list(lines_of(later)) == list(lines_of(scheme))
    changed = [d for d in catalogue.compare(scheme, later) if d.path not in ("campaign", "invented")]
    assert changed
    for difference in changed:
        assert date.fromisoformat(difference.after).year == date.fromisoformat(difference.before).year + 1
        assert difference.after[5:] == difference.before[5:]


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        ("2024-02-29", 1, "2025-02-28"),
        ("2025-02-28", 1, "2026-02-28"),
        ("2023-02-28", 1, "2024-02-29"),
        ("2024-02-28", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2024-01-31", 1, "2025-01-31"),
    ],
)
def test_shift_keeps_the_end_of_february(day: str, years: int, expected: str) -> None:
    content = content_of()
    content["application_windows"] = [{"opens": "2020-01-01", "closes": day, "line": 2486}]
    moved = catalogue.shift(catalogue.from_dict(content), years)
    assert moved.application_windows[0].closes == date.fromisoformat(expected)


def test_sources_can_be_taken_out_of_a_text() -> None:
    assert catalogue.without_lines("Solde annuel (l.1091)") == "Solde annuel"
    assert catalogue.without_lines("Avant le comité (l.1011-1012, 1097).") == "Avant le comité."
    assert catalogue.without_lines("CDD (hors contrat aidé)") == "CDD (hors contrat aidé)"


def test_files_are_plain_toml() -> None:
    for file in SHEETS.glob("*.toml"):
        assert isinstance(tomllib.loads(file.read_text(encoding="utf-8"))["code"], str)


def test_a_day_finds_its_window() -> None:
    scheme: Scheme = SCHEMES["3.3"]
    assert scheme.open_window(date(2024, 5, 31)) == scheme.application_windows[1]
    assert scheme.open_window(date(2024, 6, 1)) is None
    assert scheme.next_window(date(2024, 6, 1)) == scheme.application_windows[2]
